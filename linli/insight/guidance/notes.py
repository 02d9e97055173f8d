"""Written help in memory: which notes a text leads to, by plain words, in well under a millisecond."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from linli.insight import models
from linli.insight.duplicates.words import plain
from linli.kit import memory

Part = tuple[str, ...]


@dataclass(frozen=True)
class Note:
    """A written answer as it is shown."""

    code: str
    sort: str
    title: str
    text: str
    who: str
    phone: str
    where: str
    basis: str

    @cached_property
    def dial(self) -> str:
        """The number behind a call button: the first run of digits that can be dialled, "" where there is none."""
        digits = ""
        for char in f"{self.phone} ":
            if char.isdecimal():
                digits += char
            elif len(digits) >= 3:
                return digits
            else:
                digits = ""
        return ""


@dataclass(frozen=True)
class _Rule:
    note: Note
    ways: tuple[tuple[Part, ...], ...]  # one of these ways: every part of it by one of its spellings
    without: Part

    def weight(self, said: str) -> int:
        """How many characters of the text lead here; 0 where none do, or where it is about something else."""
        if any(word in said for word in self.without):
            return 0
        return max((_way(said, way) for way in self.ways), default=0)


def _way(said: str, way: tuple[Part, ...]) -> int:
    found = [max((len(word) for word in part if word in said), default=0) for part in way]
    return sum(found) if all(found) else 0


def _read(district_id: int) -> list[_Rule]:
    rows = models.Note.objects.filter(district_id=district_id, active=True)
    return [
        _Rule(
            Note(row.code, row.sort, row.title, row.text, row.who, row.phone, row.where, row.basis),
            tuple(_parts(line) for line in row.words), tuple(plain(word) for word in row.without),
        )
        for row in rows
    ]  # fmt: skip


def _parts(line: str) -> tuple[Part, ...]:
    parts = (tuple(word.strip() for word in plain(part).split("|") if word.strip()) for part in line.split("+"))
    return tuple(part for part in parts if part)


_rules: memory.PerDistrict[list[_Rule]] = memory.PerDistrict(_read)


def leading(district_id: int, text: str) -> list[Note]:
    """Notes that the text leads to, the heaviest first; of two that weigh the same the one written first."""
    said = plain(text)
    found = [(rule.weight(said), order, rule.note) for order, rule in enumerate(_rules.get(district_id))]
    return [note for weight, _order, note in sorted(found, key=lambda one: (-one[0], one[1])) if weight]
