"""The agenda: topics put on, moved, taken off; and those who keep out of a point because it touches them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from linli.core.gatherings.actions.attending import own_attendance
from linli.core.gatherings.actions.calling import mine
from linli.core.gatherings.actions.common import at, item_of, locked, must_host, must_person, tell
from linli.core.gatherings.models import AgendaItem, Gathering, Recusal
from linli.core.matters.actions.opening import Asked, open_matter
from linli.core.matters.catalogue import catalogue
from linli.core.matters.models import Matter
from linli.core.matters.step import optional, required
from linli.core.people.actor import Actor
from linli.core.people.models import Post
from linli.core.places.tree import tree
from linli.kit.ids import new_id
from linli.kit.refusal import Conflict, Forbidden, Invalid, NotFound

MOST_ITEMS = 50
_OPEN = ("draft", "called", "sitting")


def add_item(
    *, actor: Actor, district_id: int, gathering_id: uuid.UUID, matter_id: uuid.UUID | None = None, title: str = "",
    minutes: int = 0, presenter_id: uuid.UUID | None = None, procedure: str = "", now: datetime | None = None,
) -> AgendaItem:  # fmt: skip
    """Put a topic (or a heading, where the kind needs no topics) at the end of the agenda.

    ``procedure`` is one of the kind's classes, required where the kind has any. A repeat gives the same point.
    """
    now = at(now)
    with locked(actor, district_id, gathering_id, *_OPEN) as gathering:
        must_host(gathering, actor)
        matter = _topic(gathering, matter_id)
        items = AgendaItem.objects.filter(district_id=district_id, gathering_id=gathering.pk)
        if matter is not None and (there := items.filter(matter_id=matter.pk).first()):
            return there
        position = (items.aggregate(p=Max("position"))["p"] or 0) + 1
        if position > MOST_ITEMS:
            raise Conflict(_("议程最多 %d 项。") % MOST_ITEMS, code="agenda_full")
        item = AgendaItem.objects.create(
            id=new_id(), district_id=district_id, gathering=gathering, position=position, matter=matter,
            title=required(title or (matter.title if matter else ""), "title", limit=80),
            minutes=_allotted(minutes), presenter_id=_presenter(district_id, presenter_id),
            procedure=_procedure(gathering, procedure),
        )  # fmt: skip
        if gathering.state != "draft" and matter is not None:
            starts = gathering.starts_at.isoformat()
            tell(gathering, matter.pk, actor, "table", gathering.title, now, starts_at=starts)
    return item


def stand_as_topic(
    *, actor: Actor, district_id: int, item_id: uuid.UUID, now: datetime | None = None
) -> AgendaItem:  # fmt: skip
    """A point that was only a heading becomes a topic of its own, tabled here: a ballot stands in a topic's ledger.

    One that is a topic stays as it is. The topic lies open to everybody, so no sitting behind doors makes one.
    """
    now = at(now)
    found = (
        AgendaItem.objects.filter(district_id=district_id, pk=item_id).values_list("gathering_id", flat=True).first()
    )
    if found is None:
        raise NotFound(_("议程里没有这一项。"))
    with locked(actor, district_id, found, *_OPEN) as gathering:
        must_host(gathering, actor)
        item = item_of(gathering, item_id)
        if item.matter_id is not None:
            return item
        kind = catalogue(district_id).kinds.get("topic")
        if not gathering.public or kind is None or kind.confidential:
            message = _("这一项不是议题，这次会也不公开：先请有权的人立一个议题，排进来再表决。")
            raise Conflict(message, code="no_topic")
        node = tree(district_id).by_id[gathering.place_id]
        asked = Asked(kind="topic", text=item.title, district_id=district_id, place=node, confidential=False)
        item.matter = open_matter(actor=actor, asked=asked, now=now).matter
        item.save(update_fields=["matter"])
        tell(gathering, item.matter.pk, actor, "table", gathering.title, now, starts_at=gathering.starts_at.isoformat())
    return item


def arrange(*, actor: Actor, district_id: int, gathering_id: uuid.UUID, order: Sequence[uuid.UUID]) -> list[AgendaItem]:
    """Bring the agenda into this order: every point once."""
    with locked(actor, district_id, gathering_id, *_OPEN) as gathering:
        must_host(gathering, actor)
        rows = list(AgendaItem.objects.filter(district_id=district_id, gathering_id=gathering.pk))
        if sorted(row.pk for row in rows) != sorted(order):
            raise Conflict(_("议程刚被别人改过，请看一眼新的再排。"), code="stale")
        places = {pk: n for n, pk in enumerate(order, 1)}
        # Two rounds: a position stands once, also while they change places.
        for base in (1000, 0):
            for row in rows:
                row.position = base + places[row.pk]
            AgendaItem.objects.bulk_update(rows, ["position"])
    return sorted(rows, key=lambda row: row.position)


def classify(
    *, actor: Actor, district_id: int, gathering_id: uuid.UUID, item_id: uuid.UUID, procedure: str
) -> AgendaItem:
    """Say which of the kind's classes a point belongs to, as long as nothing came of it."""
    with locked(actor, district_id, gathering_id, *_OPEN) as gathering:
        must_host(gathering, actor)
        item = item_of(gathering, item_id)
        if item.state == "discussed":
            raise Conflict(_("这一项已经议过，不能再改归哪一类。"), code="wrong_state")
        item.procedure = _procedure(gathering, procedure)
        item.save(update_fields=["procedure"])
    return item


def withdraw_item(
    *, actor: Actor, district_id: int, gathering_id: uuid.UUID, item_id: uuid.UUID, reason: str,
    now: datetime | None = None,
) -> AgendaItem:  # fmt: skip
    """Take a point off. Where people were asked already, its topic's timeline says why."""
    return _put_off(actor, district_id, gathering_id, item_id, "withdrawn", reason, at(now))


def postpone(
    *, actor: Actor, district_id: int, gathering_id: uuid.UUID, item_id: uuid.UUID, reason: str,
    now: datetime | None = None,
) -> AgendaItem:  # fmt: skip
    """Leave a point for the next sitting, which is offered it by itself (``queries.carried_over``)."""
    return _put_off(actor, district_id, gathering_id, item_id, "postponed", reason, at(now))


def recuse(
    *, actor: Actor, district_id: int, gathering_id: uuid.UUID, item_id: uuid.UUID, reason: str,
    now: datetime | None = None,
) -> Recusal:  # fmt: skip
    """Keep out of a point that touches oneself. A host who does leaves its outcome to another host."""
    with locked(actor, district_id, gathering_id, *_OPEN) as gathering:
        person_id, item = must_person(actor), item_of(gathering, item_id)
        if mine(gathering, actor) is None and own_attendance(gathering, actor) is None:
            must_host(gathering, actor)
        if item.state == "discussed":
            raise Conflict(_("这一项已经议过了。"), code="wrong_state")
        words = required(reason, "reason", limit=200)
        kept, _made = Recusal.objects.get_or_create(
            district_id=district_id, item=item, person_id=person_id,
            defaults={"id": new_id(), "label": actor.name, "reason": words, "at": at(now)},
        )  # fmt: skip
    return kept


def must_not_be_recused(item: AgendaItem, actor: Actor) -> None:
    """Forbidden where the actor keeps out of this point."""
    rows = Recusal.objects.filter(district_id=item.district_id, item_id=item.pk)
    if actor.person_id is not None and rows.filter(person_id=actor.person_id).exists():
        raise Forbidden(_("这一项您已经回避，请另一位主持。"))


# ── inside ──────────────────────────────────────────────────────────────────────────────────────────────────
def _topic(gathering: Gathering, matter_id: uuid.UUID | None) -> Matter | None:
    """The matter, if it may stand on this agenda: of this place or of one above or below it, and no secret."""
    if matter_id is None:
        if gathering.kind.says.needs_matters:
            raise Invalid(_("这种会议的是议题，请先选一件。"), fields={"matter": _("请选一件。")})
        return None
    matter = Matter.objects.filter(district_id=gathering.district_id, pk=matter_id).first()
    here = gathering.scope_path
    if matter is None or not (matter.scope_path.startswith(here) or here.startswith(matter.scope_path)):
        raise NotFound(_("没有找到这件事。"))
    kind = catalogue(gathering.district_id).kinds.get(matter.kind)
    if matter.confidential or kind is None or not kind.public:
        raise Conflict(_("保密的事不上会。要议，请另立一件不带人名的议题。"), code="confidential")
    return matter


def _allotted(minutes: int) -> int:
    if not 0 <= minutes <= 600:
        raise Invalid(_("时间要在 0 到 600 分钟之间。"), fields={"minutes": _("0 到 600 分钟。")})
    return minutes


def _presenter(district_id: int, post_id: uuid.UUID | None) -> uuid.UUID | None:
    if post_id is not None and not Post.objects.filter(district_id=district_id, pk=post_id, until=None).exists():
        raise Invalid(_("没有这个岗位。"), fields={"presenter": _("请选一位来讲。")})
    return post_id


def _procedure(gathering: Gathering, code: str) -> str:
    known = gathering.kind.says.procedures
    if not known and not code:
        return ""
    if gathering.kind.says.procedure(code) is None:
        message = _("请归到一类：%s。") % "、".join(p.name for p in known)
        raise Invalid(message, fields={"procedure": message})
    return code


def _put_off(
    actor: Actor, district_id: int, gathering_id: uuid.UUID, item_id: uuid.UUID, state: str, reason: str, now: datetime
) -> AgendaItem:
    with transaction.atomic(), locked(actor, district_id, gathering_id, *_OPEN) as gathering:
        must_host(gathering, actor)
        item = item_of(gathering, item_id)
        if item.state == "discussed":
            raise Conflict(_("这一项已经议过了。"), code="wrong_state")
        told = gathering.state != "draft"
        item.state = state
        item.text = required(reason, "reason", limit=500) if told else optional(reason, "reason", limit=500)
        item.save(update_fields=["state", "text"])
        if told:
            tell(gathering, item.matter_id, actor, "deliberate", item.text, now, outcome=state)
    return item
