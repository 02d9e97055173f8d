"""Six ways to say what one wants, and what is counted of each. All ties are told as ties, never broken in silence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from linli.core.decisions.counting.rule import Weight

Choice = Any  # plain JSON: "yes"; ["a", "c"]; {"a": 3, "b": 1}
YES, NO, ABSTAIN = "yes", "no", "abstain"
CONSENT, OBJECTION = "consent", "objection"
MOST_SCORE: Final = 5


@dataclass(frozen=True)
class Ballot:
    """What was said and how much stands behind it. Who said it is not here."""

    choice: Choice
    weight: Weight


@dataclass
class Tally:
    """Sums by option, the winners in order, and for rankings the rounds. ``tied``: nobody stands alone in front."""

    sums: dict[str, Weight] = field(default_factory=dict)
    winners: list[str] = field(default_factory=list)
    tied: list[str] = field(default_factory=list)
    rounds: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Method:
    """How a choice is checked and how many of them are counted. ``by`` compares heads, or area where weighted."""

    code: str
    check: Callable[[Choice, Sequence[str]], str]  # words about what is wrong, '' if nothing
    tally: Callable[[Iterable[Ballot], Sequence[str], bool, Mapping[str, Any]], Tally]


def check_choice(method: str, choice: Choice, options: Sequence[str]) -> str:
    """What is wrong with this choice, in words for the voter; '' where nothing is."""
    return METHODS[method].check(choice, options)


# ── checking ────────────────────────────────────────────────────────────────────────────────────────────────
def _one_of(choice: Choice, options: Sequence[str]) -> str:
    return "" if isinstance(choice, str) and choice in options else _("请在几项里选一项。")


def _several_of(choice: Choice, options: Sequence[str]) -> str:
    if not isinstance(choice, list) or any(not isinstance(c, str) or c not in options for c in choice):
        return _("选的里面有不在这张票上的。")
    return "" if len(set(choice)) == len(choice) else _("同一项选了两次。")


def _ranked(choice: Choice, options: Sequence[str]) -> str:
    wrong = _several_of(choice, options)
    return wrong or ("" if choice else _("至少排一项。"))


def _scored(choice: Choice, options: Sequence[str]) -> str:
    if not isinstance(choice, dict) or any(name not in options for name in choice):
        return _("打分的里面有不在这张票上的。")
    whole = all(isinstance(v, int) and not isinstance(v, bool) and 0 <= v <= MOST_SCORE for v in choice.values())
    return "" if whole else _("每项打 0 到 %d 分。") % MOST_SCORE


# ── counting ────────────────────────────────────────────────────────────────────────────────────────────────
def _size(weight: Weight, weighted: bool) -> Decimal | int:
    return weight.area if weighted else weight.heads


def _sums(pairs: Iterable[tuple[str, Weight]], options: Sequence[str]) -> dict[str, Weight]:
    heads, area = dict.fromkeys(options, 0), dict.fromkeys(options, Decimal(0))
    for option, weight in pairs:
        heads[option] += weight.heads
        area[option] += weight.area
    return {option: Weight(heads[option], area[option]) for option in options}


def _front(sums: Mapping[str, Weight], weighted: bool, among: Iterable[str]) -> tuple[list[str], list[str]]:
    """The one in front, or those who share the front."""
    names = list(among)
    most = max((_size(sums[name], weighted) for name in names), default=0)
    front = [name for name in names if _size(sums[name], weighted) == most and most > 0]
    return (front, []) if len(front) == 1 else ([], front)


def _choice(ballots: Iterable[Ballot], options: Sequence[str], weighted: bool, more: Mapping[str, Any]) -> Tally:
    sums = _sums(((b.choice, b.weight) for b in ballots), options)
    winners, tied = _front(sums, weighted, [o for o in options if o != ABSTAIN])
    return Tally(sums, winners, tied)


def _approval(ballots: Iterable[Ballot], options: Sequence[str], weighted: bool, more: Mapping[str, Any]) -> Tally:
    sums = _sums(((one, b.weight) for b in ballots for one in b.choice), options)
    seats = int(more.get("seats", 1))
    ordered = sorted(options, key=lambda o: -_size(sums[o], weighted))
    return _seated(sums, ordered, seats, weighted)


def _seated(sums: dict[str, Weight], ordered: list[str], seats: int, weighted: bool) -> Tally:
    """The first ``seats``; where the last seat is shared, all who share it are tied and none of them sits."""
    liked = [o for o in ordered if _size(sums[o], weighted) > 0]
    if len(liked) <= seats:
        return Tally(sums, liked, [])
    last = _size(sums[liked[seats - 1]], weighted)
    if last != _size(sums[liked[seats]], weighted):
        return Tally(sums, liked[:seats], [])
    above = [o for o in liked if _size(sums[o], weighted) > last]
    return Tally(sums, above, [o for o in liked if _size(sums[o], weighted) == last])


def _budget(ballots: Iterable[Ballot], options: Sequence[str], weighted: bool, more: Mapping[str, Any]) -> Tally:
    """Participatory budget: by approvals, each that still fits; of two with equal support neither goes first."""
    sums = _sums(((one, b.weight) for b in ballots for one in b.choice), options)
    costs, left = {o: int(more["costs"][o]) for o in options}, int(more["budget_fen"])
    tally, ordered = Tally(sums), sorted(options, key=lambda o: -_size(sums[o], weighted))
    while ordered and _size(sums[ordered[0]], weighted) > 0:
        level = [o for o in ordered if _size(sums[o], weighted) == _size(sums[ordered[0]], weighted)]
        ordered = ordered[len(level) :]
        fitting = [o for o in level if costs[o] <= left]
        if sum(costs[o] for o in fitting) > left:
            tally.tied = fitting  # people must choose between these; what comes below them waits for that
            return tally
        tally.winners += fitting
        left -= sum(costs[o] for o in fitting)
    return tally


def _ranking(ballots: Iterable[Ballot], options: Sequence[str], weighted: bool, more: Mapping[str, Any]) -> Tally:
    """Instant run-off: the last goes out, its papers go to the next named, until one has more than half.

    All who share the last place go out together, unless that leaves nobody: then they are tied.
    """
    papers = [(b.choice, _size(b.weight, weighted), b.weight) for b in ballots]
    tally = Tally(_sums(((c[0], w) for c, _s, w in papers), options))
    left = set(options)
    while left:
        sums: dict[str, Decimal | int] = {o: 0 for o in options if o in left}
        for ranked, size, _w in papers:
            first = next((o for o in ranked if o in left), None)
            if first is not None:
                sums[first] += size
        tally.rounds.append({o: str(s) for o, s in sums.items()})
        total, most = sum(sums.values()), max(sums.values())
        if total == 0:
            return tally
        if most * 2 > total:
            tally.winners = [o for o, s in sums.items() if s == most]
            return tally
        least = min(sums.values())
        last = {o for o, s in sums.items() if s == least}
        if last == left:
            tally.tied = [o for o in options if o in left]
            return tally
        left -= last
    return tally


def _score(ballots: Iterable[Ballot], options: Sequence[str], weighted: bool, more: Mapping[str, Any]) -> Tally:
    pairs = (
        (name, Weight(b.weight.heads * points, b.weight.area * points))
        for b in ballots
        for name, points in b.choice.items()
    )
    sums = _sums(pairs, options)
    ordered = sorted(options, key=lambda o: -_size(sums[o], weighted))
    return _seated(sums, ordered, int(more.get("seats", 1)), weighted)


METHODS: Final[dict[str, Method]] = {
    "choice": Method("choice", _one_of, _choice),
    "consent": Method("consent", _one_of, _choice),
    "approval": Method("approval", _several_of, _approval),
    "budget": Method("budget", _several_of, _budget),
    "ranking": Method("ranking", _ranked, _ranking),
    "score": Method("score", _scored, _score),
}
