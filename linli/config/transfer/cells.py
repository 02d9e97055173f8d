"""A row's cells as values: each fault is told with line and column, and reading goes on to find the next."""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from linli.config.transfer.report import Report
from linli.config.transfer.sheets import Column, Row

_YES, _NO = ("是", "有", "1", "true", "yes", "y"), ("否", "无", "0", "false", "no", "n")
_DATES = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d")


class Cells:
    """One row being read; ``ok`` says whether everything in it could be."""

    def __init__(self, row: Row, columns: Sequence[Column], report: Report) -> None:
        self.line, self._cells, self._report = row.line, row.cells, report
        self._headings = {column.key: str(column.heading) for column in columns}
        self.ok = True

    def fault(self, key: str, message: str) -> None:
        self.ok = False
        self._report.fault(self.line, self._headings.get(key, key), message)

    def raw(self, key: str) -> Any:
        value = self._cells.get(key)
        return value.strip() if isinstance(value, str) else value

    def given(self, key: str) -> bool:
        return self.raw(key) not in (None, "")

    def text(self, key: str, *, limit: int = 80, needed: bool = False) -> str:
        """Trimmed text. A number typed into a cell (a code, a telephone) is told by its digits."""
        value = self.raw(key)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        found = "" if value is None else str(value).strip()
        if needed and not found:
            self.fault(key, _("不能空着。"))
        if len(found) > limit:
            self.fault(key, _("最多 %(limit)d 个字，现在是 %(now)d 个。") % {"limit": limit, "now": len(found)})
        if "\0" in found:
            self.fault(key, _("里面有不能保存的字符。"))
        return found

    def choice(self, key: str, names: Mapping[str, Any], *, default: str = "", needed: bool = False) -> str:
        """A code out of ``names``, told by the code or by its name."""
        found = self.text(key, needed=needed)
        if not found:
            return default
        by_name = {str(name): code for code, name in names.items()}
        code = found if found in names else by_name.get(found)
        if code is None:
            self.fault(key, _("不认识“%(found)s”。可选：%(all)s。") % {
                "found": found, "all": "、".join(str(name) for name in names.values()),
            })  # fmt: skip
            return default
        return code

    def flag(self, key: str, *, default: bool = False) -> bool:
        value = self.raw(key)
        if isinstance(value, bool):
            return value
        found = self.text(key).lower()
        if found and found not in (*_YES, *_NO):
            self.fault(key, _("只能填“是”或“否”。"))
        return found in _YES if found else default

    def day(self, key: str, *, needed: bool = False) -> date | None:
        value = self.raw(key)
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        found = self.text(key, needed=needed)
        for form in _DATES if found else ():
            try:
                return datetime.strptime(found, form).date()  # noqa: DTZ007 - a day has no time zone
            except ValueError:
                continue
        if found:
            self.fault(key, _("“%s”不是日期，请写成 2026-03-01。") % found)
        return None

    def term(self) -> tuple[date | None, date | None]:
        """``since`` and ``until``, in that order in time."""
        since, until = self.day("since"), self.day("until")
        if since and until and until < since:
            self.fault("until", _("止日不能早于起日。"))
        return since, until

    def degrees(self, key: str, most: float) -> float | None:
        """A longitude or a latitude."""
        found = self.text(key, limit=40)
        if not found:
            return None
        try:
            value = float(found)
        except ValueError:
            value = math.nan
        if not abs(value) <= most:
            self.fault(key, _("“%s”不是经纬度。") % found)
            return None
        return value

    def decimal(self, key: str, *, places: int, most: Decimal) -> Decimal | None:
        """A number above zero, as exact as the database keeps it."""
        found = self.text(key, limit=40)
        if not found:
            return None
        try:
            value = Decimal(found).quantize(Decimal(1).scaleb(-places))
        except InvalidOperation:
            value = Decimal(0)
        if not 0 < value <= most:
            self.fault(key, _("“%(found)s”不对：要大于 0，不超过 %(most)s。") % {"found": found, "most": most})
            return None
        return value

    def json(self, key: str) -> dict[str, Any]:
        """An object: as such out of GeoJSON, as text out of a table."""
        value = self.raw(key)
        if value in (None, ""):
            return {}
        try:
            found = json.loads(value) if isinstance(value, str) else value
        except ValueError:
            found = None
        if not isinstance(found, dict):
            self.fault(key, _("不是 JSON 对象。"))
            return {}
        return found

    def id(self, key: str) -> uuid.UUID | None:
        found = self.text(key)
        if not found:
            return None
        try:
            return uuid.UUID(found)
        except ValueError:
            self.fault(key, _("“%s”不是人员编号。没有就空着。") % found)
            return None


def dumped(value: dict[str, Any]) -> str:
    """An object as a cell; nothing for an empty one."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if value else ""


def assign(row: Any, values: Mapping[str, Any]) -> list[str]:
    """Set what differs; the names of what did."""
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    return changed
