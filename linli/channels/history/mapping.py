"""The mapping file: which column of an older system's table means what. TOML; ``docs/history.md`` explains each key.

Everything wrong in it is told by the name of its table and key before a single row is read.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _

BETWEEN: Final = "|"  # joins the cells of several columns where a value table looks at more than one
TIMES: Final = ("opened", "closed", "due")
VALUED: Final = ("on_time", "state", "channel", "kind", "category", "unit")
UNKNOWN: Final = {
    "on_time": ("none", "reject"),
    "state": ("reject", "open", "closed"),
    "channel": ("create", "default", "reject"),
    "kind": ("default", "reject"),
    "category": ("default", "create", "reject"),
    "unit": ("keep", "reject"),
    "place": ("fallback", "reject"),
}
_KEYS: Final = {
    "": {"source", "name", "zone", "encoding", "delimiter", "empty", "external", "text", "place", *TIMES, *VALUED},
    "external": {"column"},
    "text": {"template"},
    "time": {"column", "format", "zone", "slack"},
    "valued": {"column", "columns", "values", "unknown", "default", "under"},
    "place": {"code", "names", "lon", "lat", "crs", "values", "unknown", "fallback"},
}  # fmt: skip


class MapError(ValueError):
    """The mapping file cannot be used; the message says which key and why."""


@dataclass(frozen=True)
class Time:
    """A column with a time, how it is written, and in which zone."""

    column: str
    format: str
    zone: ZoneInfo
    slack: timedelta = timedelta(0)  # clocks of two programs: a closing so little before the opening is at it


@dataclass(frozen=True)
class Valued:
    """Columns whose cells (joined by ``|``) a table turns into our words, and what becomes of a word not in it."""

    columns: tuple[str, ...]
    values: dict[str, Any]
    unknown: str
    default: str = ""
    under: str = ""

    def key(self, cells: dict[str, str]) -> str:
        return BETWEEN.join(cells[name].strip() for name in self.columns)


@dataclass(frozen=True)
class Where:
    """How a row's place is found: by code, by names from above to below, by coordinates; else the fallback."""

    code: str = ""
    names: tuple[str, ...] = ()
    lon: str = ""
    lat: str = ""
    crs: str = "wgs84"
    values: dict[str, str] = field(default_factory=dict)
    unknown: str = "fallback"
    fallback: str = ""


@dataclass(frozen=True)
class Mapping:
    """One mapping file, read and checked."""

    source: str
    name: str
    encoding: str
    delimiter: str
    empty: frozenset[str]
    external: str
    template: str
    times: dict[str, Time]
    valued: dict[str, Valued]
    place: Where

    def columns(self) -> list[str]:
        """Every column that the file must have."""
        named = [self.external, *fields_of(self.template), *(t.column for t in self.times.values())]
        named += [name for valued in self.valued.values() for name in valued.columns]
        where = self.place
        named += [name for name in (where.code, *where.names, where.lon, where.lat) if name]
        return list(dict.fromkeys(named))


def fields_of(template: str) -> list[str]:
    """The columns that a template names."""
    return [name for _before, name, _spec, _conversion in string.Formatter().parse(template) if name]


def read_map(path: Path) -> Mapping:
    """Read and check a mapping file. Raises MapError."""
    try:
        raw = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise MapError(_("打不开对应表：%s") % (error.strerror or error)) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MapError(_("对应表不是 TOML：%s") % error) from error
    return parse(raw)


def parse(raw: dict[str, Any]) -> Mapping:
    """The mapping of an already read file."""
    _only(raw, "", _KEYS[""])
    zone = _zone(str(raw.get("zone", "Asia/Shanghai")), "zone")
    template = _text(_table(raw, "text"), "text", "template")
    try:
        fields_of(template)
    except ValueError as error:
        raise MapError(_("text.template 写得不对：%s") % error) from error
    valued: dict[str, Valued] = {name: _valued(name, _table(raw, name)) for name in VALUED if name in raw}
    for needed in ("channel", "kind"):
        if needed not in valued:
            raise MapError(_("缺少 [%s]。") % needed)
    return Mapping(
        source=_text(raw, "", "source")[:40], name=str(raw.get("name") or raw["source"])[:80],
        encoding=str(raw.get("encoding", "")), delimiter=str(raw.get("delimiter", ",")),
        empty=frozenset(map(str, raw.get("empty", [""]))) | {""},
        external=_text(_table(raw, "external"), "external", "column"), template=template,
        times=dict(_times(raw, zone)), valued=valued, place=_where(_table(raw, "place")),
    )  # fmt: skip


# ── Inside ────────────────────────────────────────────────────────────────────────────────────────────────


def _only(table: dict[str, Any], name: str, known: set[str]) -> None:
    strange = sorted(table.keys() - known)
    if strange:
        where = f"{name}." if name else ""
        raise MapError(_("对应表里有不认识的项：%s。") % "、".join(where + key for key in strange))


def _table(raw: dict[str, Any], name: str) -> dict[str, Any]:
    found = raw.get(name)
    if not isinstance(found, dict):
        raise MapError(_("缺少 [%s]。") % name)
    return found


def _text(table: dict[str, Any], name: str, key: str) -> str:
    found = table.get(key)
    if not isinstance(found, str) or not found.strip():
        raise MapError(_("%s 要写。") % (f"{name}.{key}" if name else key))
    return found


def _zone(name: str, key: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise MapError(_("%(key)s：没有这个时区：%(name)s。") % {"key": key, "name": name}) from error


def _times(raw: dict[str, Any], zone: ZoneInfo) -> Iterator[tuple[str, Time]]:
    if "opened" not in raw:
        raise MapError(_("缺少 [%s]。") % "opened")
    for name in TIMES:
        if name in raw:
            table = _table(raw, name)
            _only(table, name, _KEYS["time"])
            own = _zone(str(table["zone"]), f"{name}.zone") if "zone" in table else zone
            slack = table.get("slack", 0)
            if not isinstance(slack, int) or not 0 <= slack <= 1440:
                raise MapError(_("%s.slack 是 0 到 1440 的分钟数。") % name)
            yield name, Time(_text(table, name, "column"), _text(table, name, "format"), own, timedelta(minutes=slack))


def _valued(name: str, table: dict[str, Any]) -> Valued:
    _only(table, name, _KEYS["valued"])
    columns = _columns(name, table)
    values = table.get("values", {})
    if not isinstance(values, dict):
        raise MapError(_("%s.values 要是一张表。") % name)
    wanted: type = bool if name == "on_time" else str
    wrong = [key for key, value in values.items() if not isinstance(value, wanted)]
    wrong += [key for key, value in values.items() if name == "state" and value not in ("open", "closed")]
    if wrong:
        raise MapError(_("%(name)s.values 里“%(key)s”的值不对。") % {"name": name, "key": wrong[0]})
    unknown = str(table.get("unknown", UNKNOWN[name][0]))
    if unknown not in UNKNOWN[name]:
        can = "、".join(UNKNOWN[name])
        raise MapError(_("%(name)s.unknown 只能是：%(can)s。") % {"name": name, "can": can})
    if name == "kind" and unknown == "default":
        _text(table, name, "default")
    return Valued(columns, values, unknown, str(table.get("default", "")), str(table.get("under", "")))


def _columns(name: str, table: dict[str, Any]) -> tuple[str, ...]:
    many: Sequence[Any] = table.get("columns", [])
    one = table.get("column")
    if isinstance(one, str) and one and not many:
        return (one,)
    if one or not isinstance(many, list) or not all(isinstance(c, str) and c for c in many):
        raise MapError(_("%s 要写一个 column 或一组 columns。") % name)
    if not many and name != "kind":
        raise MapError(_("%s 要写一个 column 或一组 columns。") % name)
    return tuple(many)


def _where(table: dict[str, Any]) -> Where:
    _only(table, "place", _KEYS["place"])
    if bool(table.get("lon")) != bool(table.get("lat")):
        raise MapError(_("place 的 lon 和 lat 要一起写。"))
    crs, unknown = str(table.get("crs", "wgs84")), str(table.get("unknown", "fallback"))
    if crs not in ("wgs84", "gcj02"):
        raise MapError(_("place.crs 只能是 wgs84 或 gcj02。"))
    if unknown not in UNKNOWN["place"]:
        raise MapError(_("%(name)s.unknown 只能是：%(can)s。") % {"name": "place", "can": "、".join(UNKNOWN["place"])})
    return Where(
        code=str(table.get("code", "")), names=tuple(table.get("names", ())), lon=str(table.get("lon", "")),
        lat=str(table.get("lat", "")), crs=crs, values={k: str(v) for k, v in table.get("values", {}).items()},
        unknown=unknown, fallback=str(table.get("fallback", "")),
    )  # fmt: skip
