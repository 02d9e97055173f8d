"""The queue of a desk: what is asked in the address, the saved views and their counts, one page of matters in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone

from linli.core.matters import seeing, stats
from linli.core.matters.catalogue import Catalogue
from linli.core.matters.flow import ENDED
from linli.core.matters.models import Call, Matter, State
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.posts import roster
from linli.core.places.tree import STEP, Tree
from linli.doors.desk import statements
from linli.doors.desk.gate import district_of
from linli.kit import paging
from linli.kit.fields import subtree
from linli.kit.refusal import Invalid

Rows = QuerySet[Matter]
LIMIT = 40
ME = "me"
MOST_PLACES = 12  # places that a typed word may mean
ACROSS = {"live": (), "ended": ENDED, "any": ()}


@dataclass(frozen=True)
class Asked:
    """Everything that the address of a queue says; unknown values are as if they were not there."""

    tab: str = "watch"
    category: str = ""
    place: str = ""
    channel: str = ""
    kind: str = ""
    state: str = ""
    handler: str = ""
    q: str = ""
    since: str = ""
    until: str = ""
    order: str = "due"
    cursor: str = ""
    open: str = ""

    @property
    def narrowed(self) -> bool:
        found = (self.category, self.place, self.channel, self.kind, self.state, self.handler, self.q, self.since)
        return any((*found, self.until))


@dataclass(frozen=True)
class Found:
    """One page: rows in order, and the cursor of the next."""

    rows: list[Matter]
    next: str | None


def read(request: HttpRequest, known: Tree, catalogue: Catalogue) -> Asked:
    """What the address asks for. A stale bookmark shows the list without what no longer exists."""
    return asked(request.GET, known, catalogue)


def asked(said: QueryDict, known: Tree, catalogue: Catalogue) -> Asked:
    """The same of any query string: a filter that somebody kept."""

    def param(name: str, limit: int = 80) -> str:
        return str(said.get(name, "")).strip()[:limit]

    tab, state, order, handler = param("tab"), param("state"), param("order"), param("handler")
    kept: dict[str, tuple[str, object]] = {
        "category": (param("category"), catalogue.categories),
        "place": (param("place"), known.by_code),
        "channel": (param("channel"), catalogue.channels),
        "kind": (param("kind"), catalogue.kinds),
    }
    facets = {name: value for name, (value, all_of) in kept.items() if value in all_of}  # type: ignore[operator]
    return Asked(
        tab=tab if tab in TABS else "watch", state=state if state in ACROSS or state in State.values else "",
        handler=handler if handler == ME or roster(known.district.id).find(handler) else "",
        order="new" if order == "new" else "due", q=param("q"), cursor=param("cursor", 120), open=param("m", 24),
        since=_date(param("since", 40)), until=_date(param("until", 40)), **facets,
    )  # fmt: skip


def _date(typed: str) -> str:
    """A moment as the figures' links carry it; nothing for what is none."""
    try:
        stats.parse(typed or None, None)
    except Invalid:
        return ""
    return typed


# ── the saved views ─────────────────────────────────────────────────────────────────────────────────────────────


def _scope(actor: Actor) -> list[Rows]:
    """Everything the actor sees, as disjoint ranges."""
    return [Matter.objects.filter(branch, district_id=district_of(actor)) for branch in seeing.branches(actor)]


def live(actor: Actor) -> list[Rows]:
    """What has not ended."""
    return [rows.exclude(state__in=ENDED) for rows in _scope(actor)]


def _all(actor: Actor, now: datetime) -> list[Rows]:
    return [rows.exclude(state__in=ENDED) for rows in _scope(actor)]


def _in(state: str) -> Callable[[Actor, datetime], list[Rows]]:
    return lambda actor, now: [rows.filter(state=state) for rows in _all(actor, now)]


def _overdue(actor: Actor, now: datetime) -> list[Rows]:
    return [rows.filter(next_due__lt=now) for rows in _all(actor, now)]


def _watch(actor: Actor, now: datetime) -> list[Rows]:
    """What waits for this desk: in its hands, or received first by it and taken on by nobody yet, or to be confirmed.

    The second part is left to offices below the district: there it is a handful in an indexed scope, at the district
    it would mean reading every live matter to find none.
    """
    mine = list(actor.post_ids)
    own = Matter.objects.filter(district_id=district_of(actor), handler_id__in=mine).exclude(state__in=ENDED)
    out = [own]
    waits = Q(first_id__in=mine, state__in=["open", "dispatched"])
    if actor.has(duties.CONFIRM):
        waits |= Q(state="declining") & ~Q(decliner_person=actor.person_id)
    if all(len(path) > STEP for path in actor.paths(duties.SEE)):
        out += [rows.filter(waits).exclude(handler_id__in=mine) for rows in _all(actor, now)]
    return out


def _called(actor: Actor, now: datetime) -> list[Rows]:
    """Whistles that wait for this desk's units; a call makes a matter visible, so no scope is needed."""
    waiting = Call.objects.filter(
        district_id=district_of(actor), post_id__in=list(actor.post_ids), state__in=["called", "arrived"]
    )
    ids = waiting.values("matter_id")
    return [Matter.objects.filter(district_id=district_of(actor), pk__in=ids).exclude(state__in=ENDED)]


TABS: dict[str, Callable[[Actor, datetime], list[Rows]]] = {
    "watch": _watch,
    "overdue": _overdue,
    "accept": _in("dispatched"),
    "called": _called,
    "verify": _in("resolved"),
    "contested": _in("contested"),
    "dispatch": _in("open"),
    "all": _all,
}


def counts(actor: Actor, now: datetime | None = None) -> dict[str, int]:
    """How many each view holds, counted no further than a thousand, in one statement."""
    when = now or timezone.now()
    found = statements.counts([make(actor, when) for make in TABS.values()])
    return dict(zip(TABS, found, strict=True))


# ── a page ──────────────────────────────────────────────────────────────────────────────────────────────────────


def sources(actor: Actor, asked: Asked, known: Tree, now: datetime) -> list[Rows]:
    """The disjoint ranges that what is asked for lies in."""
    if asked.tab == "all" and asked.state in ACROSS and asked.state != "live":
        base = _scope(actor)
        base = [rows.filter(state__in=ENDED) for rows in base] if asked.state == "ended" else base
    elif asked.tab == "all" and asked.state in ENDED:
        base = _scope(actor)
    else:
        base = TABS[asked.tab](actor, now)
    filters = seeing.Filters(
        kind=asked.kind, place=asked.place, channel=asked.channel, category=asked.category,
        state=asked.state if asked.state in State.values else "",
    )  # fmt: skip
    words = _words(asked.q, actor, known) & _opened(asked) & _held(asked.handler, actor)
    return [seeing.filtered(rows, actor, filters, now).filter(words) for rows in base]


def _held(handler: str, actor: Actor) -> Q:
    """In whose hands: ``me`` is everything that the visitor's own posts and units hold."""
    if not handler:
        return Q()
    if handler == ME:
        return Q(handler_id__in=list(actor.post_ids))
    post = roster(district_of(actor)).find(handler)
    return Q(handler_id=post.id) if post else Q(pk__in=[])


def _words(typed: str, actor: Actor, known: Tree) -> Q:
    """A number, words that were said, or the name of a place that the actor sees."""
    if not typed:
        return Q()
    found = Q(text__icontains=typed) | Q(number__istartswith=typed)
    if len(typed) < 2:
        return found
    paths = actor.paths(duties.SEE)
    named = [n for n in known.by_id.values() if typed in n.name and _reaches(n.path, paths)][:MOST_PLACES]
    ranges = [Q(scope_path__gte=low, scope_path__lt=high) for low, high in (subtree(n.path) for n in named)]
    return reduce(or_, ranges, found)


def _opened(asked: Asked) -> Q:
    """The period of a figure that this list opened from."""
    period = stats.parse(asked.since or None, asked.until or None)
    found = Q(opened_at__gte=period.since) if period.since else Q()
    return found & Q(opened_at__lt=period.until) if period.until else found


def _reaches(path: str, paths: tuple[str, ...]) -> bool:
    return not paths or any(path.startswith(p) for p in paths)


def page(actor: Actor, asked: Asked, known: Tree, *, limit: int = LIMIT) -> Found:
    """One page: by the worst clock first, those without a clock behind; or the newest first."""
    now = timezone.now()
    made = sources(actor, asked, known, now)
    wanted = _newest(made, asked.cursor, limit) if asked.order == "new" else _by_due(made, asked.cursor, limit)
    ids = statements.keys(wanted)
    rows = list(Matter.objects.filter(district_id=district_of(actor), pk__in=ids).defer("text", "head", "suggestion"))
    rows.sort(key=_new_key if asked.order == "new" else _due_key)
    shown = rows[:limit]
    return Found(shown, _cursor(shown[-1], asked.order) if len(rows) > limit else None)


def _due_key(matter: Matter) -> tuple[bool, float, int]:
    if matter.next_due is None:
        return True, 0.0, -matter.pk.int
    return False, matter.next_due.timestamp(), matter.pk.int


def _new_key(matter: Matter) -> int:
    return -int(matter.pk.int)


def _by_due(made: list[Rows], cursor: str, limit: int) -> list[Rows]:
    out: list[Rows] = []
    at, key, undue = _place(cursor)
    for rows in made:
        if not undue:
            owed = rows.filter(next_due__isnull=False)
            if at is not None:
                owed = owed.filter(next_due__gte=at).filter(Q(next_due__gt=at) | Q(pk__gt=key))
            out.append(owed.order_by("next_due", "pk")[: limit + 1])
        still = rows.filter(next_due=None)
        if undue and key is not None:
            still = still.filter(pk__lt=key)
        out.append(still.order_by("-pk")[: limit + 1])
    return out


def _newest(made: list[Rows], cursor: str, limit: int) -> list[Rows]:
    _at, key, _undue = _place(cursor)
    later = Q(pk__lt=key) if key is not None else Q()
    return [rows.filter(later).order_by("-pk")[: limit + 1] for rows in made]


def _place(cursor: str) -> tuple[datetime | None, UUID | None, bool]:
    """Where the last page ended: (due, key, whether among those without a clock). A cursor not ours: the beginning."""
    kind, _colon, rest = cursor.partition(".")
    if kind not in ("d", "n"):
        return None, None, False
    try:
        at, key = paging.decode(rest)
    except paging.BadCursorError:
        return None, None, False
    return (at, key, False) if kind == "d" else (None, key, True)


def _cursor(last: Matter, order: str) -> str:
    if order == "due" and last.next_due is not None:
        return f"d.{paging.encode(last.next_due, last.pk)}"
    return f"n.{paging.encode(last.opened_at, last.pk)}"
