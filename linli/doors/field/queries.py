"""What lies in a field worker's hands, the most pressing first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters import acting, seeing, showing
from linli.core.matters.acting import Button
from linli.core.matters.clocks import shown
from linli.core.matters.flow import ENDED, LIVE, RESOLVED
from linli.core.matters.models import Call, Matter
from linli.core.matters.present import Presenter
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.posts import PostRef, roster
from linli.kit import clockface, paging

# What one can look through on a phone; whoever holds more works at the desk.
MOST, MOST_CHECKS, MOST_CALLS, PAGE = 80, 30, 20, 30
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Card:
    """One matter in the notebook: words, place, clock, and the next act at the thumb."""

    number: str
    title: str
    said: str
    where: str
    kind: str
    state: str
    clock: dict[str, Any] | None
    act: Button | None
    version: int
    households: int
    others: list[Button] = field(default_factory=list)
    mine: bool = False


@dataclass(frozen=True)
class Group:
    """Cards of one urgency."""

    key: str
    title: str
    cards: list[Card]


@dataclass(frozen=True)
class Called:
    """A whistle that calls one of my units."""

    number: str
    title: str
    where: str
    unit: str
    reason: str
    by: str
    state: str
    clock: dict[str, Any] | None


@dataclass(frozen=True)
class Inbox:
    """The first page of the notebook."""

    groups: list[Group] = field(default_factory=list)
    calls: list[Called] = field(default_factory=list)
    checks: list[Card] = field(default_factory=list)
    next: str | None = None

    @property
    def empty(self) -> bool:
        return not (self.groups or self.calls or self.checks)

    @property
    def count(self) -> int:
        return sum(len(group.cards) for group in self.groups)


def inbox(actor: Actor, cursor: str = "") -> Inbox:
    """Mine by urgency, calls to my units, and what I may check: three lists and one reading of what they share.

    Behind the first page only what is mine goes on.
    """
    assert actor.district_id is not None, "the gate lets nobody in without a district"
    held = _held(actor, cursor)
    checks, calls = ([], []) if cursor else (_checks(actor), _calls(actor))
    presenter = Presenter(actor.district_id, actor)
    every = [*held[:MOST], *checks]
    items = dict(zip((m.pk for m in every), presenter.many(every), strict=True))
    now = timezone.now()
    mine = [_card(m, items[m.pk], presenter) for m in held[:MOST]]
    return Inbox(
        groups=_grouped(mine, now),
        calls=[_called(call, presenter, now) for call in calls],
        checks=[_card(m, items[m.pk], presenter) for m in checks],
        next=_cursor(held[MOST - 1]) if len(held) > MOST else None,
    )


def _held(actor: Actor, cursor: str = "") -> list[Matter]:
    """Live ones that my posts or units hold, by the index of live matters by handler; a paused one has no due time."""
    rows = Matter.objects.filter(
        district_id=actor.district_id or 0, handler_id__in=list(actor.post_ids), state__in=LIVE
    )
    rows = rows.exclude(state__in=ENDED)
    if cursor:
        rows = rows.filter(_behind(cursor))
    return list(rows.order_by(F("next_due").asc(nulls_last=True), "pk")[: MOST + 1])


def _cursor(matter: Matter) -> str:
    """Where a page of mine ended: its due time (0 where it has none) and its id."""
    due = matter.next_due
    return f"{(due - EPOCH) // timedelta(microseconds=1) if due else 0}-{matter.pk.hex}"


def _behind(cursor: str) -> Q:
    """What comes after the cursor; BadCursorError for one that we did not hand out."""
    micros, _dash, key = cursor.partition("-")
    try:
        pk, at = UUID(hex=key), EPOCH + timedelta(microseconds=int(micros))
    except (ValueError, OverflowError) as error:
        raise paging.BadCursorError from error
    undated = Q(next_due=None)
    if at == EPOCH:
        return undated & Q(pk__gt=pk)
    return undated | Q(next_due__gt=at) | Q(next_due=at, pk__gt=pk)


def after(actor: Actor, number: str) -> Matter | None:
    """The most pressing one in my hands besides this one: what is pulled up when an act is done."""
    rows = Matter.objects.filter(
        district_id=actor.district_id or 0, handler_id__in=list(actor.post_ids), state__in=LIVE
    )
    rows = rows.exclude(state__in=[*ENDED, "paused"]).exclude(number=number)
    return rows.order_by(F("next_due").asc(nulls_last=True), "pk").first()


# ── the other lists ─────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Found:
    """A list of cards that is not grouped: a tab, or what a word found."""

    cards: list[Card]
    calls: list[Called]
    next: str | None = None


TABS = ("mine", "over", "grid", "check", "called")


def listed(actor: Actor, tab: str, q: str, cursor: str) -> Found:
    """What a tab or a word finds. A word looks through everything that the actor sees, live or not."""
    assert actor.district_id is not None, "the gate lets nobody in without a district"
    presenter = Presenter(actor.district_id, actor)
    if q:
        filters = seeing.Filters(q=q, state="live" if tab == "grid" else "")
        return _page(actor, presenter, filters, cursor)
    if tab == "grid":
        return _page(actor, presenter, seeing.Filters(state="live"), cursor)
    now = timezone.now()
    if tab == "called":
        return Found([], [_called(call, presenter, now) for call in _calls(actor)])
    rows = _checks(actor) if tab == "check" else [m for m in _held(actor) if m.next_due and m.next_due < now][:MOST]
    items = presenter.many(rows)
    return Found([_card(m, item, presenter) for m, item in zip(rows, items, strict=True)], [])


def _page(actor: Actor, presenter: Presenter, filters: seeing.Filters, cursor: str) -> Found:
    page = seeing.list_matters(actor, filters, cursor=cursor, limit=PAGE)
    items = presenter.many(page.rows)
    return Found([_card(m, item, presenter) for m, item in zip(page.rows, items, strict=True)], [], page.next)


def _checks(actor: Actor) -> list[Matter]:
    """Resolved by others, inside what I may verify; the oldest result waits longest."""
    paths = actor.paths(duties.VERIFY)
    if not paths or actor.district_id is None:
        return []
    known = Presenter(actor.district_id, actor).tree
    inside = Q()
    for path in paths:
        inside |= seeing.within(known, path)
    rows = Matter.objects.filter(inside, district_id=actor.district_id, state=RESOLVED).exclude(state__in=ENDED)
    # Unknown resolvers stay in: SQL would drop a NULL from a plain "is not me".
    rows = rows.filter(~Q(resolver_person=actor.person_id) | Q(resolver_person=None))
    return list(rows.order_by("resolved_at", "pk")[:MOST_CHECKS])


def _calls(actor: Actor) -> list[Call]:
    """Open calls to my posts and units that my duty lets me answer."""
    answering = [p for p in actor.post_ids if actor.held(duties.REPORT, p)]
    rows = Call.objects.filter(
        district_id=actor.district_id or 0, post_id__in=answering, state__in=["called", "arrived"]
    )
    return list(rows.select_related("matter", "whistle").order_by("state", "due_at")[:MOST_CALLS])


def _grouped(cards: Iterable[Card], now: datetime) -> list[Group]:
    """Overdue, soon, on time, paused: empty ones are left out."""
    found: dict[str, list[Card]] = {"over": [], "soon": [], "rest": [], "pause": []}
    for card in cards:
        found[_urgency(card.clock, now)].append(card)
    names = {"over": _("已超时"), "soon": _("快到点"), "rest": _("按时"), "pause": _("停着的")}
    return [Group(key, names[key], some) for key, some in found.items() if some]


def _urgency(clock: dict[str, Any] | None, now: datetime) -> str:
    """What the chip of the card says, so that a list and its heading never disagree."""
    tone = clockface.face(clock, style="staff", now=now).tone if clock else "ok"
    return tone if tone in ("over", "soon", "pause") else "rest"


def _card(matter: Matter, item: dict[str, Any], presenter: Presenter) -> Card:
    bar = acting.bar(matter, item["allowed"])
    return Card(
        number=matter.number, title=matter.title, said=_rest(matter), where=where(presenter, matter.place_id),
        kind=item["kind_name"], state=matter.state, clock=showing.leading(matter, item["clocks"]),
        act=bar.primary, version=matter.version, households=matter.households, others=bar.others,
        mine=matter.handler_id in presenter.actor.post_ids,
    )  # fmt: skip


def _rest(matter: Matter) -> str:
    """What was said beyond the title, short."""
    said = " ".join(matter.text.split())
    rest = said.removeprefix(matter.title).lstrip("。！？!?；;. ") if not matter.title.endswith("…") else said
    return rest if len(rest) <= 60 else f"{rest[:59]}…"


def where(presenter: Presenter, place_id: UUID) -> str:
    """The place from the quarter down: a worker knows the community he serves."""
    node = presenter.tree.by_id.get(place_id)
    return presenter.tree.full_name(node, below="quarter") if node else ""


def _called(call: Call, presenter: Presenter, now: datetime) -> Called:
    unit = presenter.roster.by_id.get(call.post_id)
    clock = {"state": "running", "due_at": call.due_at} if call.state == "called" else None
    return Called(
        number=call.matter.number, title=call.matter.title, where=where(presenter, call.matter.place_id),
        unit=unit.name if unit else "", reason=call.whistle.reason, by=call.whistle.actor,
        state=call.state, clock=clock,
    )  # fmt: skip


# ── the receipt's page ──────────────────────────────────────────────────────────────────────────────────────────


def handler_of(matter: Matter) -> PostRef | None:
    """Who has it now: told to the one who spoke up."""
    return roster(matter.district_id).by_id.get(matter.handler_id) if matter.handler_id else None


def first_clock(matter: Matter) -> dict[str, Any] | None:
    """The promise that falls due first."""
    return showing.leading(matter, shown(matter.clocks, timezone.now()))
