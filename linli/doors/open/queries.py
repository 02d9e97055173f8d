"""What the public ledger may show: public kinds, nothing confidential, everything masked. The only way in is here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from uuid import UUID

from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from linli.core.matters import masks, stats
from linli.core.matters.catalogue import Catalogue, catalogue
from linli.core.matters.models import Kind, Matter
from linli.core.people.posts import PostRef, Roster, roster
from linli.core.places.tree import Node, Tree, tree
from linli.doors.open import asking
from linli.doors.open.asking import Asked
from linli.doors.open.clockwork import Face, counting
from linli.kit.refusal import NotFound, Refused

PAGE = 30
# Columns of a ledger row: the sealed and the bulky ones are never read for a list.
_ROW = (
    "id", "district_id", "number", "kind", "category", "state", "text", "channel", "place_id", "scope_path",
    "opened_at", "handler_id", "resolver_id", "clocks", "paused_until", "score", "rounds", "households", "closed_at",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One line of the ledger: no reporter, no contact, no word unmasked."""

    number: str
    title: str
    excerpt: str
    kind: str
    category: str
    place: str
    state: str
    channel: str
    holder: str
    clock: Face | None
    opened_at: datetime
    score: int | None
    contested: bool
    households: int
    kind_code: str
    category_code: str
    place_code: str
    channel_code: str

    @property
    def day(self) -> date:
        """The local day it is listed under."""
        return timezone.localtime(self.opened_at).date()


@dataclass(frozen=True)
class Listed:
    """A page of the ledger and the cursor of the next."""

    rows: list[Row]
    next: str | None


class Ledger:
    """The public side of one district."""

    def __init__(self, district_id: int) -> None:
        self.district_id = district_id
        self.tree: Tree = tree(district_id)
        self.roster: Roster = roster(district_id)
        self.catalogue: Catalogue = catalogue(district_id)
        # Kinds that were put out of use keep their old matters public, so the catalogue in memory is not enough.
        public = Kind.objects.filter(district_id=district_id, public=True, confidential=False)
        self.kinds: dict[str, str] = dict(public.values_list("code", "name"))

    def public(self, rows: QuerySet[Matter] | None = None) -> QuerySet[Matter]:
        """What may be shown at all; a confidential matter or kind is not on the ledger, not even as a number."""
        found = Matter.objects.all() if rows is None else rows
        return found.filter(district_id=self.district_id, confidential=False, kind__in=list(self.kinds))

    def asked_for(self, asked: Asked) -> QuerySet[Matter]:
        """The matters that the filters mean. Http404 for a place that is not there, BadRequest for nonsense."""
        try:
            rows = self.public(stats.cases(self.district_id, asked.cases))
        except NotFound as refused:
            raise Http404 from refused
        except Refused as refused:
            raise BadRequest from refused
        letters = self.tree.district.letters
        rows = rows.filter(asking.states_of(asked))
        if asked.month:
            rows = rows.filter(asking.in_month(asked.month, letters))
        rows = rows.filter(asking.in_months(asked.cases.get("since", ""), asked.cases.get("until", ""), letters))
        return rows.filter(asking.searched(asked.q, self.tree)) if asked.q else rows

    def page(self, asked: Asked, limit: int = PAGE) -> Listed:
        """Newest first, by the id, which rises with time: the index of district, street or community ends in it."""
        rows = self.asked_for(asked)
        if asked.cursor:
            rows = rows.filter(pk__lt=_cursor(asked.cursor))
        found = list(rows.only(*_ROW).order_by("-pk")[: limit + 1])
        shown, more = found[:limit], len(found) > limit
        return Listed([self.row(m) for m in shown], shown[-1].pk.hex if more else None)

    def every(self, asked: Asked, most: int) -> Iterator[Row]:
        """For the export: row by row, so that memory does not grow with the file."""
        rows = self.asked_for(asked).only(*_ROW).order_by("-pk")[:most]
        return map(self.row, islice(rows.iterator(chunk_size=500), most))

    def row(self, matter: Matter) -> Row:
        """A matter as one line, masked."""
        title = masks.title(matter.text)
        said = masks.excerpt(matter.text)
        return Row(
            number=matter.number, title=title, excerpt=said.removeprefix(title).lstrip("。！？!?；;. "),
            kind=self.kinds.get(matter.kind, matter.kind), category=self.catalogue.category_name(matter.category),
            place=self.place_name(matter.place_id), state=matter.state,
            channel=self.catalogue.channel_name(matter.channel),
            holder=self.name_of(matter.handler_id or matter.resolver_id), clock=counting(matter, timezone.now()),
            opened_at=matter.opened_at, score=matter.score, contested=was_contested(matter),
            households=matter.households, kind_code=matter.kind, category_code=matter.category,
            place_code=place.code if (place := self.place_of(matter.place_id)) else "", channel_code=matter.channel,
        )  # fmt: skip

    def one(self, number: str) -> Matter:
        """One public matter by its number; Http404 for any other."""
        found = self.public().filter(number=number.strip().upper()).first()
        if found is None:
            raise Http404
        return found

    # ── names ───────────────────────────────────────────────────────────────────────────────────────────────
    def place_of(self, place_id: UUID) -> Node | None:
        """Where it is, down to the building: the staircase would already be somebody's door."""
        node = self.tree.by_id.get(place_id)
        if node is not None and node.level == "unit" and node.parent_id:
            node = self.tree.by_id.get(node.parent_id, node)
        return node

    def place_name(self, place_id: UUID) -> str:
        node = self.place_of(place_id)
        return self.tree.full_name(node) if node else ""

    def post(self, post_id: UUID | None) -> PostRef | None:
        return self.roster.by_id.get(post_id) if post_id else None

    def is_public(self, matter: Matter) -> bool:
        """Whether this very matter stands on the ledger."""
        return not matter.confidential and matter.kind in self.kinds

    def name_of(self, post_id: UUID | None) -> str:
        """Who holds it, as they serve in public: a unit by its name, a person by name and title."""
        post = self.post(post_id)
        if post is None:
            return ""
        return f"{post.name}　{post.title}" if post.person_id else post.name


def was_contested(matter: Matter) -> bool:
    """Whether a resident ever said that it was not fixed; a reopening alone is no contest."""
    return any(clock["stage"] == "contest" for clock in matter.clocks)


def _cursor(text: str) -> UUID:
    try:
        return UUID(hex=text)
    except ValueError as error:
        raise BadRequest from error
