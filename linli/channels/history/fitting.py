"""One row of the older books in our words, or the reason why it does not fit."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from linli.channels.history.mapping import MapError, Mapping, Time, Valued
from linli.channels.history.placing import Finder
from linli.channels.history.table import Line
from linli.core.matters.actions.history import Past
from linli.core.matters.actions.opening import TEXT_LIMIT
from linli.core.matters.catalogue import catalogue
from linli.core.people.posts import PostRef, roster

SYMBOLS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class UnfitError(ValueError):
    """This row cannot be imported; the message says why."""


@dataclass
class Fitter:
    """Fits rows of one book; collects what it met that the mapping does not know, and what has to be made for it."""

    district_id: int
    mapping: Mapping
    columns: list[str]
    now: datetime
    new_channels: dict[str, str] = field(default_factory=dict)  # code → name
    new_categories: dict[str, tuple[str, str]] = field(default_factory=dict)  # code → (name, parent's code)
    unknown: dict[str, Counter[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        held = catalogue(self.district_id)
        self.kinds = held.kinds
        self.kind_named = {kind.name: code for code, kind in held.kinds.items()}
        self.channels = dict(held.channels)
        self.channel_named = {name: code for code, name in held.channels.items()}
        self.categories = {code: category.name for code, category in held.categories.items()}
        self.category_named: dict[str, str] = {}
        for code in sorted(self.categories, key=len):  # the deepest wins: the same name stands on several levels
            self.category_named[self.categories[code]] = code
        self.finder = Finder(self.district_id, self.mapping.place, self.mapping.empty)
        self.posts = roster(self.district_id)
        self._check()

    def _check(self) -> None:
        """Everything that the mapping names must be there before a row is read."""
        kind = self.mapping.valued["kind"]
        for code in {*kind.values.values(), *([kind.default] if kind.unknown == "default" else [])}:
            if code not in self.kinds:
                raise MapError(_("没有这一类事：%s。") % code)
        category = self.mapping.valued.get("category")
        for code in {*category.values.values(), category.default, category.under} - {""} if category else ():
            if code not in self.categories:
                raise MapError(_("没有这个分类：%s。") % code)

    def fit(self, line: Line) -> Past:
        """Raises UnfitError with the reason."""
        if len(line.cells) != len(self.columns):
            raise UnfitError(_("应有 %(all)d 列，这一行有 %(now)d 列") % {
                "all": len(self.columns), "now": len(line.cells),
            })  # fmt: skip
        if any("\0" in cell for cell in line.cells):
            raise UnfitError(_("有不能保存的字符"))
        raw = dict(zip(self.columns, line.cells, strict=True))
        cells = {name: "" if cell.strip() in self.mapping.empty else cell for name, cell in raw.items()}
        times = {name: self._time(time, cells) for name, time in self.mapping.times.items()}
        self._slack(times)
        closed = self._closed(cells, times)
        lon, lat = self.finder.point(cells)
        unit, unit_name = self._unit(cells)
        return Past(
            external=self._external(cells), line=line.number, cells=line.cells, text=self._text(cells),
            kind=self._kind(cells), channel=self._channel(cells), category=self._category(cells),
            place=self._place(cells), opened_at=self._opened(times), closed=closed, closed_at=times.get("closed"),
            due_at=times.get("due"), on_time=self._on_time(cells), unit=unit, unit_name=unit_name, lon=lon, lat=lat,
        )  # fmt: skip

    # ── one column after the other ──────────────────────────────────────────────────────────────────────────

    def _external(self, cells: dict[str, str]) -> str:
        found = cells[self.mapping.external].strip()
        if not found:
            raise UnfitError(_("没有编号（%s）") % self.mapping.external)
        if len(found) > 64:
            raise UnfitError(_("编号太长，最多 64 个字"))
        return found

    def _text(self, cells: dict[str, str]) -> str:
        words = self.mapping.template.format_map(cells).strip().strip("：:，,；;　 ")
        if not words:
            raise UnfitError(_("没有一句话说是什么事"))
        if len(words) > TEXT_LIMIT:
            raise UnfitError(_("文字太长，最多 %d 字") % TEXT_LIMIT)
        return words

    def _slack(self, times: dict[str, datetime | None]) -> None:
        opened, closed_at = times["opened"], times.get("closed")
        if opened and closed_at and opened - self.mapping.times["closed"].slack <= closed_at < opened:
            times["closed"] = opened

    def _time(self, time: Time, cells: dict[str, str]) -> datetime | None:
        typed = cells[time.column].strip()
        if not typed:
            return None
        try:
            at = datetime.strptime(typed, time.format)  # noqa: DTZ007  the zone is put on below
            return (at if at.tzinfo else at.replace(tzinfo=time.zone)).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            words = {"column": time.column, "typed": typed[:40], "format": time.format}
            raise UnfitError(_("%(column)s 的时间读不懂：“%(typed)s”，应是 %(format)s") % words) from error

    def _opened(self, times: dict[str, datetime | None]) -> datetime:
        opened = times["opened"]
        if opened is None:
            raise UnfitError(_("没有收到时间（%s）") % self.mapping.times["opened"].column)
        if opened.year < 1980 or opened > self.now:
            raise UnfitError(_("收到时间不对：在将来，或早于 1980 年"))
        return opened

    def _closed(self, cells: dict[str, str], times: dict[str, datetime | None]) -> bool:
        """By the state column; without one, by whether there is a time of closing."""
        opened, closed_at = self._opened(times), times.get("closed")
        if closed_at is not None and (closed_at < opened or closed_at > self.now):
            raise UnfitError(_("办结时间早于收到时间，或在将来"))
        table = self.mapping.valued.get("state")
        if table is None:
            return closed_at is not None
        key = table.key(cells)
        state = table.values.get(key)
        if state is None:
            self._met("state", key)
            if table.unknown == "reject":
                raise UnfitError(_("不认识的状态：“%s”") % key[:40])
            state = table.unknown
        if state == "open" and closed_at is not None:
            raise UnfitError(_("状态是没办结，却有办结时间"))
        return bool(state == "closed")

    def _on_time(self, cells: dict[str, str]) -> bool | None:
        table = self.mapping.valued.get("on_time")
        if table is None:
            return None
        key = table.key(cells)
        if key in table.values:
            return bool(table.values[key])
        if key.replace("|", ""):
            self._met("on_time", key)
            if table.unknown == "reject":
                raise UnfitError(_("是否按时读不懂：“%s”") % key[:40])
        return None

    def _kind(self, cells: dict[str, str]) -> str:
        table = self.mapping.valued["kind"]
        key = table.key(cells)
        if key in table.values:
            return str(table.values[key])
        if key in self.kinds or key in self.kind_named:
            return self.kind_named.get(key, key)
        if table.columns:
            self._met("kind", key)
        if table.unknown == "reject":
            raise UnfitError(_("不认识的类别：“%s”") % key[:40])
        return table.default

    def _channel(self, cells: dict[str, str]) -> str:
        table = self.mapping.valued["channel"]
        key = table.key(cells)
        found = table.values.get(key) or (key if key in self.channels else self.channel_named.get(key))
        if found:
            return self._channel_there(str(found), key or self.mapping.name)
        if table.unknown == "create" and key:
            self.channel_named[key] = "h-" + hashlib.sha256(key.encode()).hexdigest()[:8]
            return self._channel_there(self.channel_named[key], key)
        self._met("channel", key)
        if table.unknown == "reject" or not table.default:
            raise UnfitError(_("不认识的来源：“%s”") % key[:40])
        return self._channel_there(table.default, self.mapping.name)

    def _channel_there(self, code: str, name: str) -> str:
        """A channel that the district does not know yet is made with the first row that needs it."""
        if code not in self.channels:
            self.channels[code] = self.new_channels[code] = name[:20]
        return code

    def _category(self, cells: dict[str, str]) -> str:
        table = self.mapping.valued.get("category")
        if table is None:
            return ""
        key = table.key(cells)
        found = table.values.get(key)
        if found is None:
            found = key if key in self.categories else self.category_named.get(key[:40])
        if found is not None or not key:
            return str(found or table.default)
        if table.unknown == "create":
            return self._new_category(key, table)
        self._met("category", key)
        if table.unknown == "reject":
            raise UnfitError(_("不认识的分类：“%s”") % key[:40])
        return table.default

    def _new_category(self, name: str, table: Valued) -> str:
        """The next free two characters below ``under``; below a node of the book's own where none is named."""
        under = table.under or self._root_category()
        taken = {code for code in self.categories if code.startswith(under) and len(code) == len(under) + 2}
        codes = (f"{under}{a}{b}" for a in SYMBOLS for b in SYMBOLS)
        code = next((c for c in codes if c not in taken), None)
        if code is None or len(code) > 8:
            raise UnfitError(_("分类太多，放不下了：“%s”") % name[:40])
        self._add_category(code, name[:40], under)
        return code

    def _root_category(self) -> str:
        name = self.mapping.name[:40]
        found = next((code for code, held in self.categories.items() if held == name and len(code) == 2), None)
        if found is None:
            found = next(f"H{s}" for s in SYMBOLS if f"H{s}" not in self.categories)
            self._add_category(found, name, "")
        return found

    def _add_category(self, code: str, name: str, under: str) -> None:
        self.categories[code] = name
        self.category_named[name] = code
        self.new_categories[code] = (name, under)

    def _place(self, cells: dict[str, str]) -> Any:
        found, asked = self.finder.find(cells)
        if found is not None:
            return found
        self._met("place", asked)
        if self.mapping.place.unknown == "reject":
            raise UnfitError(_("找不到地点：%s") % (asked[:80] or _("没写")))
        return self.finder.fallback

    def _unit(self, cells: dict[str, str]) -> tuple[PostRef | None, str]:
        table = self.mapping.valued.get("unit")
        name = table.key(cells) if table else ""
        if table is None or not name:
            return None, ""
        found = self.posts.find(str(table.values.get(name, name)))
        if found is None:
            self._met("unit", name)
            if table.unknown == "reject":
                raise UnfitError(_("不认识的单位：“%s”") % name[:40])
        return found, name[:80]

    def _met(self, what: str, key: str) -> None:
        self.unknown.setdefault(what, Counter())[key] += 1
