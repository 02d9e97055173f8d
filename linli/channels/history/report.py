"""What an import of history did, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _

NAMED: Final = 100  # rejected rows and unknown words that the report names; the rejects file holds them all
_WHAT: Final = {
    "channel": "来源", "kind": "类别", "category": "分类", "place": "地点", "unit": "单位", "state": "状态",
    "on_time": "是否按时",
}  # fmt: skip


@dataclass
class HistoryReport:
    """What an import did."""

    dry_run: bool = False
    read: int = 0
    imported: int = 0
    closed: int = 0
    already: int = 0
    changed: int = 0  # there already, and the row says something else now
    rejected: list[tuple[int, str]] = field(default_factory=list)
    unknown: dict[str, Counter[str]] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)
    seconds: float = 0.0
    failed: str = ""
    rejects: Path | None = None

    @property
    def ok(self) -> bool:
        return not self.failed and not self.rejected

    def lines(self) -> Iterator[str]:
        """The report in words."""
        for number, reason in self.rejected[:NAMED]:
            yield _("第 %(line)d 行：%(reason)s") % {"line": number, "reason": reason}
        if len(self.rejected) > NAMED:
            yield _("…另有 %d 行") % (len(self.rejected) - NAMED)
        yield from self._met()
        if self.failed:
            yield self.failed
        yield from self._sums()
        if self.rejects is not None:
            yield _("不合格的行连同原因在 %s，改好后用同一个命令再导一次。") % self.rejects
        yield self._speed()

    def _met(self) -> Iterator[str]:
        for what, words in self.unknown.items():
            yield _("对应表里没有的%(what)s：%(words)s") % {"what": _WHAT[what], "words": _counted(words)}
        if self.made:
            told = "、".join(self.made[:NAMED])
            yield (_("要新增：%s") if self.dry_run else _("新增了：%s")) % told

    def _sums(self) -> Iterator[str]:
        counted = {
            "read": self.read, "imported": self.imported, "closed": self.closed, "already": self.already,
            "rejected": len(self.rejected),
        }  # fmt: skip
        verb = _(
            "读了 %(read)d 行：可导入 %(imported)d（其中办结 %(closed)d），已有 %(already)d，不合格 %(rejected)d。"
        )
        done = _("读了 %(read)d 行：导入 %(imported)d（其中办结 %(closed)d），已有 %(already)d，不合格 %(rejected)d。")
        yield (verb if self.dry_run else done) % counted
        if self.imported:
            yield self._rate()
        if self.changed:
            yield _("已有的里面有 %d 行和当初导入时不一样，没有动。") % self.changed

    def _rate(self) -> str:
        told = {"rate": f"{100 * self.closed / self.imported:.2f}", "closed": self.closed, "all": self.imported}
        return _("这次的办结率 %(rate)s%%（%(closed)d ÷ %(all)d）。") % told

    def _speed(self) -> str:
        told = {"seconds": self.seconds, "speed": self.read / self.seconds if self.seconds else 0}
        words = _("用时 %(seconds).1f 秒，每秒 %(speed).0f 行。") % told
        return words + (_("这是试运行，什么也没有写。") if self.dry_run else "")


def _counted(words: Counter[str]) -> str:
    told = "、".join(f"{word or _('（空）')} {count}" for word, count in words.most_common(20))
    return told + (_(" …共 %d 种") % len(words) if len(words) > 20 else "")
