"""What an import found: counts, and every fault with its line and its column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from django.utils.translation import gettext as _

from linli.core.places.models import District

TOLD_AT_MOST = 200


class TransferError(Exception):
    """A file that cannot be taken at all; the message says why."""


class Problem(NamedTuple):
    """One fault: the line of the file (0: the file as a whole), the column's heading, what is wrong."""

    line: int
    field: str
    message: str

    def __str__(self) -> str:
        where = _("第 %d 行") % self.line if self.line else _("整个文件")
        return f"{where} {self.field}：{self.message}" if self.field else f"{where}：{self.message}"


@dataclass
class Report:
    """The outcome of one import. Nothing was written unless ``ok``, and nothing at all in a dry run."""

    kind: str
    dry_run: bool = False
    read: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.errors

    def fault(self, line: int, field_name: str, message: str) -> None:
        self.errors.append(Problem(line, field_name, message))

    def count(self, outcome: str) -> None:
        """``added``, ``changed`` or ``unchanged``: one row."""
        setattr(self, outcome, getattr(self, outcome) + 1)

    def sentence(self, what: str, file: str) -> str:
        told = {"what": what, "file": file, "added": self.added, "changed": self.changed}
        return _("导入%(what)s %(file)s：新增 %(added)d 行，改动 %(changed)d 行") % told

    def lines(self) -> Iterator[str]:
        """The report in words, for the command line."""
        for problem in sorted(self.errors)[:TOLD_AT_MOST]:
            yield str(problem)
        if len(self.errors) > TOLD_AT_MOST:
            yield _("…另有 %d 处") % (len(self.errors) - TOLD_AT_MOST)
        for warning in self.warnings[:TOLD_AT_MOST]:
            yield _("注意 %s") % str(warning)
        if self.errors:
            yield _("读了 %(read)d 行，有 %(count)d 处不对，什么也没有导入。") % {
                "read": self.read, "count": len(self.errors),
            }  # fmt: skip
            return
        counted = {"read": self.read, "added": self.added, "changed": self.changed, "same": self.unchanged}
        words = _("读了 %(read)d 行：新增 %(added)d，改动 %(changed)d，没变 %(same)d。") % counted
        yield words + (_("这是试运行，什么也没有写。") if self.dry_run else "")


@dataclass
class Importing:
    """One import under way: for which district, by whom, and the report it fills."""

    district: District
    by: str
    report: Report
