"""How two versions differ: by article first, by character inside an article, and what moved said in words.

Nothing is lost on the way: what both keep and what was taken away is the old text, what both keep and what came is
the new one (``old_text``, ``new_text``; a property-based test holds it to that). Articles are told apart by their
keys, not by their numbers: an article that only has another number because one was put in before it has not moved.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any, Final, Literal

from linli.offices.covenants.text import Article, Text

Op = Literal["keep", "cut", "add"]
Piece = tuple[Op, str]
# What stays between two changes and is this short reads worse alone than with them.
ISLAND: Final = 2
_RUN: Final = re.compile(r"[A-Za-z0-9]+(?:[.:/-][A-Za-z0-9]+)*|\s+|.", re.DOTALL)


@dataclass(frozen=True)
class Change:
    """What became of one article. ``before`` and ``after`` are its numbers, 0 where it does not stand."""

    key: str
    kind: Literal["same", "changed", "added", "removed"]
    before: int
    after: int
    moved: bool
    heading: tuple[Piece, ...]
    text: tuple[Piece, ...]

    @property
    def renumbered(self) -> bool:
        return bool(self.before and self.after and self.before != self.after and not self.moved)

    @property
    def added(self) -> int:
        return _length(self.text, "add") + _length(self.heading, "add")

    @property
    def cut(self) -> int:
        return _length(self.text, "cut") + _length(self.heading, "cut")


@dataclass(frozen=True)
class Comparison:
    """All of it, in the order of the new text; what was removed stands where it stood."""

    preamble: tuple[Piece, ...]
    changes: tuple[Change, ...]
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def differs(self) -> bool:
        return any(self.counts.values())

    @property
    def preamble_changed(self) -> bool:
        return any(op != "keep" for op, _words in self.preamble)


def compare(old: Text, new: Text) -> Comparison:
    """What changed from one version to another."""
    before, after = {a.key: (n, a) for n, a in old.numbered}, {a.key: (n, a) for n, a in new.numbered}
    moved = _moved([k for k in before if k in after], list(after))
    changes = [_change(before.get(a.key), (n, a), a.key in moved) for n, a in new.numbered]
    for n, article in old.numbered:  # a removed one goes behind its old neighbour
        if article.key not in after:
            changes.insert(_slot(changes, old, n), _change((n, article), None, False))
    opening = pieces(old.preamble, new.preamble)
    counts = {kind: sum(c.kind == kind for c in changes) for kind in ("changed", "added", "removed")}
    counts["moved"] = sum(c.moved for c in changes)
    counts["preamble"] = int(any(op != "keep" for op, _words in opening))
    return Comparison(opening, tuple(changes), counts)


def _slot(changes: Sequence[Change], old: Text, number: int) -> int:
    """Behind the nearest earlier article of the old text that is there already."""
    places = {c.key: i for i, c in enumerate(changes)}
    for _n, earlier in reversed(old.numbered[: number - 1]):
        if earlier.key in places:
            return places[earlier.key] + 1
    return 0


def _change(before: tuple[int, Article] | None, after: tuple[int, Article] | None, moved: bool) -> Change:
    n, was = before or (0, Article("", "", ""))
    m, now = after or (0, Article("", "", ""))
    heading, text = pieces(was.heading, now.heading), pieces(was.text, now.text)
    if before and after:
        kind: Any = "same" if (was.heading, was.text) == (now.heading, now.text) else "changed"
    else:
        kind = "added" if after else "removed"
    return Change(now.key or was.key, kind, n, m, moved, heading, text)


def _moved(old: list[str], new: list[str]) -> set[str]:
    """The fewest articles that one has to lift out so that the others stand in their old order."""
    at = {key: n for n, key in enumerate(old)}
    order = [key for key in new if key in at]
    tails: list[int] = []  # longest increasing run, by patience: at each length its smallest last place
    last: list[str] = []
    back: dict[str, str | None] = {}
    for key in order:
        spot = bisect_left(tails, at[key])
        back[key] = last[spot - 1] if spot else None
        tails[spot : spot + 1], last[spot : spot + 1] = [at[key]], [key]
    stays: set[str] = set()
    walk: str | None = last[-1] if last else None
    while walk is not None:
        stays.add(walk)
        walk = back[walk]
    return set(order) - stays


# ── inside an article ───────────────────────────────────────────────────────────────────────────────────────
@lru_cache(maxsize=512)
def pieces(old: str, new: str) -> tuple[Piece, ...]:
    """What stays, what goes and what comes, in order; a cut stands before what takes its place."""
    if old == new:
        return (("keep", old),) if old else ()
    a, b = words_of(old), words_of(new)
    found: list[Piece] = []
    for tag, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(("keep", "".join(a[i:j])))
            continue
        found += [("cut", "".join(a[i:j])), ("add", "".join(b[k:m]))]
    return _smooth([piece for piece in found if piece[1]])


def _smooth(found: list[Piece]) -> tuple[Piece, ...]:
    """Join neighbours, and take an island of a character or two between two changes into both of them."""
    groups: list[list[str]] = []  # [kept] or [cut, added]
    for n, (op, said) in enumerate(found):
        inside = 0 < n < len(found) - 1 and len(said) <= ISLAND and not said.isspace()
        if op == "keep" and not inside:
            groups.append([said])
            continue
        if not groups or len(groups[-1]) == 1:
            groups.append(["", ""])
        groups[-1][0] += said if op in ("keep", "cut") else ""
        groups[-1][1] += said if op in ("keep", "add") else ""
    told: list[Piece] = []
    for group in groups:
        ops: tuple[Op, ...] = ("keep",) if len(group) == 1 else ("cut", "add")
        told += [(op, said) for op, said in zip(ops, group, strict=True) if said]
    return tuple(told)


def words_of(said: str) -> list[str]:
    """Characters; numbers and Latin words stay whole. A dictionary of words would cost a web process 33 MB."""
    return _RUN.findall(said)


# ── back again ──────────────────────────────────────────────────────────────────────────────────────────────
def side(said: Sequence[Piece], *, new: bool) -> str:
    """One of the two texts that a row of pieces stands for."""
    wanted = ("keep", "add") if new else ("keep", "cut")
    return "".join(words for op, words in said if op in wanted)


def old_text(found: Comparison) -> Text:
    return _rebuilt(found, new=False)


def new_text(found: Comparison) -> Text:
    return _rebuilt(found, new=True)


def _rebuilt(found: Comparison, *, new: bool) -> Text:
    rows = [c for c in found.changes if (c.after if new else c.before)]
    rows.sort(key=lambda c: c.after if new else c.before)
    articles = tuple(Article(c.key, side(c.heading, new=new), side(c.text, new=new)) for c in rows)
    return Text(side(found.preamble, new=new), articles)


def _length(said: Sequence[Piece], wanted: Op) -> int:
    return sum(len(words) for op, words in said if op == wanted)
