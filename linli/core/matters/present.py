"""A matter as programs and pages see it: plain data, masked for whoever looks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from linli.core.matters import allowed as rights
from linli.core.matters import clocks
from linli.core.matters.actions.rights import contests_so_far, is_rated, is_reporter, may_call_back
from linli.core.matters.catalogue import Catalogue, catalogue
from linli.core.matters.flow import MOVES
from linli.core.matters.models import Attachment, Call, Contact, Entry, Link, Matter, State
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.posts import PostRef, Roster, roster
from linli.core.places.tree import Node, Tree, tree
from linli.kit import reader
from linli.kit.refusal import Conflict, Forbidden

# What only ``linli verify`` reads.
_PROOF = ("stands", "kept", "involved", "answerer", "shown_as", "voices")
# Facts of an entry that only those who work on a matter need; a reporter and the public do without.
_STAFF_ONLY = {"contact", "anonymous", "confidential", "member", *_PROOF}


_Mask = tuple[str, bool]  # a contact's mask, and whether it was erased
_ZONE = timezone.get_default_timezone()


def iso(at: datetime | None) -> str | None:
    """RFC 3339 in the deployment's own zone."""
    return at.astimezone(_ZONE).isoformat(timespec="seconds") if at else None


def place_of(known: Tree, node: Node) -> dict[str, Any]:
    """The API's ``place``."""
    return {
        "code": node.code, "name": node.name, "level": node.level,
        "path": [{"code": n.code, "name": n.name, "level": n.level} for n in known.chain(node)],
    }  # fmt: skip


def clock_list(matter: Matter, now: datetime) -> list[dict[str, Any]]:
    """The API's ``clocks``: stage, due_at, state, and what a page needs besides (``clocks.brief``).

    A pause runs no clock (flow.md): the promises stand as paused, with the time that is left. When the sweep has to
    look at it again is kept as a clock row too, which is nobody's promise.
    """
    return clocks.shown((clock for clock in matter.clocks if clock["stage"] != "pause"), now)


class Presenter:
    """Presents matters of one district to one actor; reads what a page of them needs in a fixed number of queries."""

    def __init__(self, district_id: int, actor: Actor) -> None:
        self.actor = actor
        self.district_id = district_id
        self.tree: Tree = tree(district_id)
        self.roster: Roster = roster(district_id)
        self.catalogue: Catalogue = catalogue(district_id)
        self.now = timezone.now()
        self._places: dict[UUID, dict[str, Any]] = {}
        self._states = _states(get_language() or "")
        self._allowed: dict[tuple[Any, ...], list[str]] = {}

    def many(self, matters: list[Matter]) -> list[dict[str, Any]]:
        """Items of a list: the detail without the timeline."""
        calls = rights.open_calls(self.district_id, [m.pk for m in matters if m.calls_open])
        links = self._links([m.pk for m in matters])
        shots, masks = self._enclosed([m.pk for m in matters])
        items = [self._item(m, calls.get(m.pk, []), links.get(m.pk, [])) for m in matters]
        for matter, item in zip(matters, items, strict=True):
            item["attachments"] = shots.get(matter.pk, [])
            item["contact"] = self._masked(matter, masks.get(matter.pk))
        return items

    def one(self, matter: Matter) -> dict[str, Any]:
        """The whole detail."""
        calls = rights.open_calls(self.district_id, [matter.pk] if matter.calls_open else [])
        item = self._item(matter, calls.get(matter.pk, []), self._links([matter.pk]).get(matter.pk, []))
        own = (self.district_id, matter.pk)
        rows = reader.fetch(Entry, "WHERE district_id = %s AND matter_id = %s ORDER BY seq", *own)
        item["timeline"] = [self.entry(row) for row in rows]
        item["attachments"] = self._attachments(matter) if _pictured(item["timeline"]) else []
        item["contact"] = self._contact(matter)
        return item

    def must_allow(self, matter: Matter, act: str) -> None:
        """Raises Conflict where the state, Forbidden where the caller's duty is against ``act``."""
        if matter.state not in MOVES[act].sources:
            words = {"state": matter.get_state_display(), "act": MOVES[act].name}
            raise Conflict(_("这件事现在是“%(state)s”，不能%(act)s。") % words, code="wrong_state")
        calls = rights.open_calls(self.district_id, [matter.pk] if matter.calls_open else [])
        if act not in rights.allowed(matter, self.actor, self.roster, calls.get(matter.pk)):
            raise Forbidden(_("您的岗位没有这一项。"))

    def opened(self, matter: Matter) -> dict[str, Any]:
        """What the one who opened a matter is told at once (without the receipt, which the caller adds)."""
        return {
            "number": matter.number, "kind": matter.kind, "state": matter.state,
            "place": self._place(matter.place_id), "handler": self._handler(matter),
            "clocks": clock_list(matter, self.now), "suggestion": matter.suggestion,
        }  # fmt: skip

    def _item(self, matter: Matter, calls: list[Call], links: list[dict[str, Any]]) -> dict[str, Any]:
        kind = self.catalogue.kinds.get(matter.kind)
        return {
            **self.opened(matter),
            "kind_name": kind.name if kind else matter.kind,
            "state_name": self._states[matter.state],
            "title": matter.title,
            "text": matter.text,
            "category": {"code": matter.category, "name": self.catalogue.category_name(matter.category)}
            if matter.category
            else None,
            "urgency": matter.urgency,
            "channel": matter.channel,
            "channel_name": self.catalogue.channel_name(matter.channel),
            "lon": matter.lon,
            "lat": matter.lat,
            "opened_at": iso(matter.opened_at),
            "happened_at": iso(matter.happened_at),
            "replied_at": iso(matter.replied_at),
            "acted_at": iso(matter.acted_at),
            "resolved_at": iso(matter.resolved_at),
            "verified_at": iso(matter.verified_at),
            "closed_at": iso(matter.closed_at),
            "next_due": iso(matter.next_due),
            "first": self._post(matter.first_id),
            "anonymous": matter.anonymous,
            "confidential": matter.confidential,
            "cause": matter.cause or None,
            "score": matter.score,
            "households": matter.households,
            "collective": matter.households >= 5,
            "calls_open": matter.calls_open,
            "version": matter.version,
            "links": links,
            "allowed": self._acts(matter, calls),
        }

    def _acts(self, matter: Matter, calls: list[Call]) -> list[str]:
        """``rights.allowed``, worked out once for all rows of a page that stand alike to the caller."""
        if calls:
            return rights.allowed(matter, self.actor, self.roster, calls)
        alike = (
            matter.state, matter.scope_path, matter.handler_id, matter.resolver_id, matter.verifier_id,
            matter.resolver_person, matter.verifier_person, matter.decliner_person, matter.score is None,
            is_rated(matter), matter.rated_round, contests_so_far(matter),
            is_reporter(matter, self.actor), matter.job_id, matter.recorded_by_id,
        )  # fmt: skip
        known = self._allowed.get(alike)
        if known is None:
            known = self._allowed[alike] = rights.allowed(matter, self.actor, self.roster, [])
        return known

    def entry(self, row: Entry) -> dict[str, Any]:
        """A timeline entry, less what only staff need."""
        data = row.data if self.actor.is_staff else {k: v for k, v in row.data.items() if k not in _STAFF_ONLY}
        out = {"seq": row.seq, "at": iso(row.at), "act": row.act, "actor": row.actor, "text": row.text, "data": data}
        return out | {"redacted": True} if row.redacted_at else out

    def _place(self, place_id: UUID) -> dict[str, Any]:
        known = self._places.get(place_id)
        if known is None:
            node = self.tree.by_id.get(place_id)
            # A place that has ended since is history: its name stands in the timeline, its successor in the tree.
            known = place_of(self.tree, node) if node else {"code": "", "name": "", "level": "", "path": []}
            self._places[place_id] = known
        return known

    def _handler(self, matter: Matter) -> dict[str, str] | None:
        return self._post(matter.handler_id)

    def _post(self, post_id: UUID | None) -> dict[str, str] | None:
        post: PostRef | None = self.roster.by_id.get(post_id) if post_id else None
        return post.brief if post else None

    def _links(self, ids: Iterable[UUID]) -> dict[UUID, list[dict[str, Any]]]:
        wanted = reader.prepared(ids)
        if not wanted:
            return {}
        wanted, length = _padded(wanted)
        rows = reader.rows(_links_sql(length), [self.district_id, *wanted, *wanted])
        out: dict[UUID, list[dict[str, Any]]] = {}
        for source_id, target_id, kind, source_number, target_number in rows:
            source, target = _id(source_id), _id(target_id)
            out.setdefault(source, []).append({"type": kind, "to": target_number})
            # Who else said the same is nobody's business but the staff's: a member's number leads to its words.
            if self.actor.is_staff:
                out.setdefault(target, []).append({"type": kind, "from": source_number})
        return out

    def _enclosed(self, ids: Iterable[UUID]) -> tuple[dict[UUID, list[dict[str, Any]]], dict[UUID, _Mask]]:
        """Pictures and masked contacts of a page, in one statement."""
        shots: dict[UUID, list[dict[str, Any]]] = {}
        masks: dict[UUID, _Mask] = {}
        wanted = reader.prepared(ids)
        if not wanted:
            return shots, masks
        wanted, length = _padded(wanted)
        asked = [self.district_id, *wanted, self.district_id, *wanted]
        for matter_id, key, seq, text, width, height in sorted(reader.rows(_enclosed_sql(length), asked), key=_order):
            if seq:
                shot = {"id": str(_id(key)), "seq": seq, "mime": text, "width": width, "height": height}
                shots.setdefault(_id(matter_id), []).append(shot)
            else:
                masks[_id(matter_id)] = (text, bool(width))
        return shots, masks

    def _attachments(self, matter: Matter) -> list[dict[str, Any]]:
        rows = Attachment.objects.filter(district_id=self.district_id, matter_id=matter.pk).order_by("seq", "id")
        return [{"id": str(a.pk), "seq": a.seq, "mime": a.mime, "width": a.width, "height": a.height} for a in rows]

    def _contact(self, matter: Matter) -> dict[str, Any] | None:
        """The masked contact: for the reporter, for whoever has to call back, and for the offices of the place.

        Of a confidential one the offices see only that it exists; a unit that a complaint was handed to sees nothing.
        """
        if matter.anonymous:
            return None
        own = (self.district_id, matter.pk)
        found = reader.fetch(Contact, "WHERE district_id = %s AND matter_id = %s", *own)
        return self._masked(matter, (found[0].mask, found[0].erased_at is not None) if found else None)

    def _masked(self, matter: Matter, held: _Mask | None) -> dict[str, Any] | None:
        if held is None or matter.anonymous:
            return None
        reporter = is_reporter(matter, self.actor)
        calls = may_call_back(matter, self.actor, self.catalogue.kinds.get(matter.kind), self.now)
        office = self.actor.over(duties.TRIAGE, matter.scope_path) is not None
        if not (reporter or calls or office):
            return None
        mask, erased = held
        if not (reporter or calls) and matter.confidential:
            mask = ""
        return {"mask": mask, "confidential": matter.confidential, "erased": erased, "may_call": calls}


@lru_cache(maxsize=8)
def _states(language: str) -> dict[str, str]:
    """State names in a language: a dozen translations that no request need make again."""
    with override(language or None):
        return {value: str(label) for value, label in State.choices}


@lru_cache(maxsize=8)
def _links_sql(length: int) -> str:
    """Links from or to so many matters, with both numbers. Joined by (district, id), as everything is."""
    link, matter = Link._meta.db_table, Matter._meta.db_table
    some = ", ".join(["%s"] * length)
    # Names of our own tables only; every value is a parameter.
    return (
        f"SELECT l.source_id, l.target_id, l.type, s.number, t.number FROM {link} l "  # noqa: S608
        f"JOIN {matter} s ON s.district_id = l.district_id AND s.id = l.source_id "
        f"JOIN {matter} t ON t.district_id = l.district_id AND t.id = l.target_id "
        f"WHERE l.district_id = %s AND l.ended_at IS NULL AND (l.source_id IN ({some}) OR l.target_id IN ({some}))"
    )


def _padded(wanted: list[Any]) -> tuple[list[Any], int]:
    """A few lengths and not fifty, so that the database keeps few plans; the last id stands for the missing ones."""
    length = next(n for n in (1, 10, 50, 100, len(wanted)) if n >= len(wanted))
    return [*wanted, *wanted[-1:] * (length - len(wanted))], length


@lru_cache(maxsize=8)
def _enclosed_sql(length: int) -> str:
    """Contacts (seq 0: mask, whether erased) and pictures of so many matters."""
    contact, attachment = Contact._meta.db_table, Attachment._meta.db_table
    some = ", ".join(["%s"] * length)
    # Names of our own tables only; every value is a parameter.
    return (
        "SELECT matter_id, id, 0, mask, CASE WHEN erased_at IS NULL THEN 0 ELSE 1 END, 0 "  # noqa: S608
        f"FROM {contact} WHERE district_id = %s AND matter_id IN ({some}) "
        f"UNION ALL SELECT matter_id, id, seq, mime, width, height FROM {attachment} "
        f"WHERE district_id = %s AND matter_id IN ({some})"
    )


def _order(row: Sequence[Any]) -> tuple[int, str]:
    return row[2], str(_id(row[1]))


def _id(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


def _pictured(timeline: list[dict[str, Any]]) -> bool:
    return any("pictures" in entry["data"] for entry in timeline)
