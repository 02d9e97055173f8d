"""What a reader of the ledger asked for, out of the address; the whole state of the page lies in it."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import BadRequest
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters.catalogue import catalogue
from linli.core.matters.flow import ENDED, LIVE
from linli.core.places.tree import Node, Tree
from linli.kit import figures
from linli.kit.fields import subtree
from linli.kit.templatetags.linli import STATES

MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
MOST_PLACES = 40  # one word may name that many places; the ones nearest the top of the tree count
SHOWN_STATES = ("live", "resolved", "verified", "contested", "closed", "declined", "merged")
# What figures link with (``stats.case_filter``); anything else in the address is ours.
OF_CASES = ("place", "kind", "state", "channel", "since", "until", "hour", "without")


@dataclass(frozen=True)
class Asked:
    """The filters as typed, already cut to what can be meant."""

    cases: dict[str, str]
    live: bool
    month: str
    q: str
    cursor: str

    @property
    def any(self) -> bool:
        return bool(self.cases or self.live or self.month or self.q)

    @property
    def last_day(self) -> str:
        """The last day counted: an end at midnight is the end of the day before."""
        until = self.cases.get("until", "")
        with contextlib.suppress(ValueError):
            if until[11:16] == "00:00":
                return (date.fromisoformat(until[:10]) - timedelta(days=1)).isoformat()
        return until


def read(params: QueryDict) -> Asked:
    """Read the address. BadRequest for a month that is none."""
    cases = {name: typed[:40] for name in OF_CASES if (typed := params.get(name, "").strip())}
    live = cases.get("state") == "live"
    if live:
        cases.pop("state")
    month = params.get("month", "").strip()
    if month and not MONTH.fullmatch(month):
        raise BadRequest
    return Asked(cases, live, month, params.get("q", "").strip()[:60], params.get("cursor", "")[:64])


def in_month(month: str, letters: str) -> Q:
    """The matters of a month by their numbers, which carry it: a range of the index that keeps numbers unique."""
    start = f"{letters}-{month[2:4]}{month[5:]}-"
    return Q(number__gte=f"{start}0", number__lte=f"{start}Z")


def in_months(since: str, until: str, letters: str) -> Q:
    """The same for a longer time, so that an old week is not looked for from today backwards."""
    found = Q()
    if re.match(r"20\d\d-\d\d", since):
        found &= Q(number__gte=f"{letters}-{since[2:4]}{since[5:7]}-0")
    if re.match(r"20\d\d-\d\d", until):
        found &= Q(number__lte=f"{letters}-{until[2:4]}{until[5:7]}-Z")
    return found


def searched(q: str, known: Tree) -> Q:
    """A number, a place or a category: never the words that somebody said, which nobody may search.

    What hides behind a mask must not be found through the search either; so the search does not look there at all.
    """
    if re.fullmatch(r"[A-Za-z]{1,4}-?\d{4}-?\d{1,9}", q):
        letters, digits = re.match(r"([A-Za-z]+)-?(.*)", q).groups()  # type: ignore[union-attr]
        digits = digits.replace("-", "")
        return Q(number=f"{letters.upper()}-{digits[:4]}-{digits[4:].zfill(4)}")
    found = Q(pk__in=[])
    for node in named(q, known):
        low, high = subtree(node.path)
        found |= Q(scope_path__gte=low, scope_path__lt=high)
    categories = [c.code for c in catalogue(known.district.id).categories.values() if q in c.name]
    for code in _tops(categories):
        found |= Q(category__startswith=code)
    return found


def named(q: str, known: Tree, levels: tuple[str, ...] = ()) -> list[Node]:
    """Places with ``q`` in their name, none inside another: 柳荫 means the community, not each house in it."""
    hits = [n for n in known.by_id.values() if q in n.name and n.level != "unit" and (not levels or n.level in levels)]
    tops: list[Node] = []
    for node in sorted(hits, key=lambda n: (len(n.path), n.path)):
        if not any(node.path.startswith(top.path) for top in tops):
            tops.append(node)
    return tops[:MOST_PLACES]


def _tops(codes: list[str]) -> list[str]:
    found: list[str] = []
    for code in sorted(codes, key=len):
        if not any(code.startswith(top) for top in found):
            found.append(code)
    return found[:MOST_PLACES]


def states_of(asked: Asked) -> Q:
    """Live ones, said in the words of the partial indexes."""
    return Q(state__in=LIVE) & ~Q(state__in=ENDED) if asked.live else Q()


# ── what the page offers ────────────────────────────────────────────────────────────────────────────────────────


def options(known: Tree, kinds: dict[str, str], params: QueryDict) -> dict[str, list[tuple[str, Any]]]:
    """The menus: communities under their streets, kinds, states, the last twelve months."""
    communities = [n for n in known.by_id.values() if n.level == "community"]
    chosen = known.by_code.get(params.get("place", ""))
    places = [(n.code, n.name) for n in sorted(communities, key=lambda n: n.path)]
    if chosen is not None and chosen.level != "community":
        places.insert(0, (chosen.code, chosen.name))
    return {
        "places": places,
        "kinds": list(kinds.items()),
        "states": [(code, _("在办") if code == "live" else STATES[code]) for code in SHOWN_STATES],
        "months": [(f"{m:%Y-%m}", month_name(f"{m:%Y-%m}")) for m in months()],
    }


def months(count: int = 12) -> list[date]:
    """The first days of the last ``count`` months, this one first."""
    day, found = timezone.localdate().replace(day=1), []
    for _n in range(count):
        found.append(day)
        day = day.replace(year=day.year - 1, month=12) if day.month == 1 else day.replace(month=day.month - 1)
    return found


def month_name(month: str) -> str:
    """2026 年 11 月."""
    return figures.month(date(int(month[:4]), int(month[5:]), 1))
