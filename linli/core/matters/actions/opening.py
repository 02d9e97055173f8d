"""Opening a matter: the one act that has to be quick and must never be lost or doubled.

1. Everything is prepared in memory: place, policy, clocks, the route by rule, the first timeline entries.
2. One write (``kit.writer.insert``) puts matter, entries, clocks, contact, outbox, figures and the answer to the
   Idempotency-Key in place together; only then is anything acknowledged.
3. The same key arriving twice at once meets the unique constraint: the second one reads the first one's answer.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters import clocks, figures, routing
from linli.core.matters.catalogue import Catalogue, catalogue
from linli.core.matters.flow import OPEN
from linli.core.matters.models import Contact, Kind, Matter
from linli.core.matters.numbers import next_number
from linli.core.matters.step import Step, required
from linli.core.people import duties
from linli.core.people.actor import Actor, Held
from linli.core.people.posts import PostRef
from linli.core.places.tree import Node, tree
from linli.kit import chain, codes, crypto, files
from linli.kit.ids import new_id
from linli.kit.models import Upload
from linli.kit.refusal import Conflict, Forbidden, Invalid
from linli.kit.writer import insert

TEXT_LIMIT = 10_000
_STOPS = "。！？!?\n；;"


@dataclass(frozen=True)
class Asked:
    """What somebody says: already parsed, not yet judged."""

    kind: str
    text: str
    district_id: int
    place: Node
    lon: float | None = None
    lat: float | None = None
    name: str = ""
    phone: str = ""
    anonymous: bool = False
    confidential: bool | None = None
    channel: str = ""
    category: str = ""
    happened_at: datetime | None = None
    uploads: list[Upload] = field(default_factory=list)
    meant: uuid.UUID | None = None  # the post that somebody at the door wrote to; a rule goes first where it cannot
    to: PostRef | None = None  # straight to this post, by whoever may dispatch here; no rule is asked
    helper: bool = False  # a neighbour filled it in for somebody else, whose matter and receipt it is


@dataclass(frozen=True)
class Opened:
    """A matter just opened; ``receipt`` exists here and nowhere else."""

    matter: Matter
    receipt: str


def open_matter(*, actor: Actor, asked: Asked, now: datetime | None = None) -> Opened:
    """Open a matter, dispatch it where a rule matches, and write all of it at once.

    A caller whose own rows need the matter first (the API's sealed answer to an Idempotency-Key) uses ``prepare``.
    """
    opened, rows = prepare(actor=actor, asked=asked, now=now)
    insert(rows)
    files.used(asked.uploads)
    return opened


def prepare(*, actor: Actor, asked: Asked, now: datetime | None = None) -> tuple[Opened, list[models.Model]]:
    """Everything but the write: the opened matter and the rows to insert, in order."""
    now, actor = now or timezone.now(), actor.inside(asked.district_id)
    known = catalogue(asked.district_id)
    kind = check(actor, asked, known, now)
    receipt = codes.new_receipt(asked.district_id)
    matter = new_matter(actor, asked, known, kind, now, receipt)
    current = Step.opening(matter, actor, now, label(actor, asked, kind))
    contact = new_contact(asked, matter)
    say_it(current, asked, contact)
    if asked.to is not None:
        _give_straight(current, actor, asked.to)
    else:
        _route(current, known, asking_unit(actor) if kind.admission else None, meant=asked.meant)
    current.leave("triage")
    return Opened(matter, receipt), _rows(current, contact)


def say_it(current: Step, asked: Asked, contact: Contact | None) -> None:
    """The first entry: the words, the pictures, and what is promised from now on."""
    pictures = current.attach(asked.uploads)
    clocks_made = [c for stage in ("reply", "act", "result") if (c := current.start(stage))]
    facts = _facts(asked, current.matter, current, contact, pictures)
    current.say(current.matter.text, **facts, promised={c.stage: _utc(c.due_at) for c in clocks_made})


def check(actor: Actor, asked: Asked, known: Catalogue, now: datetime) -> Kind:
    """The kind that is meant. Raises Invalid or Forbidden naming what is wrong."""
    required(asked.text, "text", limit=TEXT_LIMIT)
    kind = known.kinds.get(asked.kind)
    if kind is None:
        raise Invalid(_("没有这一类事：%s。") % asked.kind, fields={"kind": _("不认识的类别。")})
    if kind.admission and not (actor.has(duties.APPLY) or actor.has(duties.DISPATCH)):
        raise Forbidden(_("部门任务由部门登记。"))
    if not kind.residents and not actor.is_staff:
        raise Invalid(_("这一类事由工作人员登记。"), fields={"kind": _("由工作人员登记。")})
    if asked.channel and asked.channel not in known.channels:
        raise Invalid(_("没有这个来源：%s。") % asked.channel, fields={"channel": _("不认识的来源。")})
    if asked.category and asked.category not in known.categories:
        raise Invalid(_("没有这个分类：%s。") % asked.category, fields={"category": _("不认识的分类。")})
    if asked.happened_at and asked.happened_at > now + timedelta(minutes=5):
        raise Invalid(_("发生的时间不能在以后。"), fields={"happened_at": _("不能在以后。")})
    return kind


def new_matter(actor: Actor, asked: Asked, known: Catalogue, kind: Kind, now: datetime, receipt: str) -> Matter:
    """The row of a matter that nobody has written yet."""
    places = tree(asked.district_id)
    chain_of = {n.level: n.id for n in places.chain(asked.place)}
    category = known.categories.get(asked.category)
    urgency = (category.urgency if category else "") or kind.urgency
    recorder, staff = actor.over(duties.RECORD, asked.place.path), _in_office(actor, asked, kind)
    return Matter(
        id=new_id(),
        district_id=asked.district_id,
        number=next_number(asked.district_id, places.district.letters, now),
        receipt_hash=crypto.hash_secret(receipt, "receipt"),
        kind=kind.code,
        category=asked.category,
        urgency=urgency,
        state=OPEN,
        title=title_of(asked.text.replace("\0", "")),
        text=required(asked.text, "text", limit=TEXT_LIMIT),
        channel=asked.channel or ("desk" if staff else "web"),
        anonymous=asked.anonymous,
        confidential=kind.confidential if asked.confidential is None else asked.confidential,
        lon=asked.lon,
        lat=asked.lat,
        place_id=asked.place.id,
        opened_path=asked.place.path,
        scope_path=asked.place.path,
        street_id=chain_of.get("street"),
        community_id=chain_of.get("community"),
        cell_id=chain_of.get(places.district.cell_level),
        opened_at=now,
        happened_at=asked.happened_at,
        # An anonymous matter is joined to no account at all: the receipt is its only handle.
        # What a neighbour filled in belongs to the one spoken for, never to the account that typed it.
        opened_by_id=None if asked.anonymous or asked.helper or staff else actor.user_id,
        recorded_by_id=recorder.id if recorder else None,
        policy_id=known.policy_for(kind.code, urgency, asked.place.path).pk,
    )


def title_of(text: str, limit: int = 30) -> str:
    """The first sentence, or the first ``limit`` characters of it."""
    line = text.strip()
    cut = min((i for stop in _STOPS if (i := line.find(stop)) > 0), default=len(line))
    line = line[:cut]
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _in_office(actor: Actor, asked: Asked, kind: Kind) -> bool:
    """Whether this is somebody's duty: recording for others here, or a kind that only offices open.

    A volunteer or a firm's worker who says something about home says it as a resident, unnamed, and hears the answer.
    """
    return actor.is_staff and (not kind.residents or actor.over(duties.RECORD, asked.place.path) is not None)


def label(actor: Actor, asked: Asked, kind: Kind) -> str:
    """How the timeline names the one who opens it."""
    if _in_office(actor, asked, kind):
        held = actor.over(duties.RECORD, asked.place.path)
        return actor.label(held)
    return "一位居民"


def new_contact(asked: Asked, matter: Matter) -> Contact | None:
    """Name and phone, sealed; None where nothing was left."""
    if asked.anonymous or not (asked.name or asked.phone):
        return None
    phone = _phone(asked.phone)
    return Contact(
        id=new_id(),
        district_id=matter.district_id,
        matter_id=matter.pk,
        name=crypto.seal(asked.name, context="contact.name") if asked.name else None,
        phone=crypto.seal(phone, context="contact.phone") if phone else None,
        phone_index=contact_index(phone),
        mask=contact_mask(asked.name, phone),
        salt=chain.new_salt(),
    )


def contact_mask(name: str, phone: str) -> str:
    """What pages show of a contact: 孙** 138****5678."""
    return " ".join(filter(None, (crypto.mask_name(name), crypto.mask_phone(phone) if phone else "")))


def contact_index(phone: str) -> str:
    """What finds the account that a matter's notices go to."""
    return crypto.blind_index(phone, purpose="phone") if phone else ""


def _phone(typed: str) -> str:
    if not typed:
        return ""
    try:
        return crypto.normal_phone(typed)
    except ValueError as error:
        raise Invalid(str(error), fields={"contact.phone": str(error)}) from error


def contact_digest(salt: str, name: str, phone: str) -> str:
    """What the timeline holds of a contact: enough to prove it unchanged, nothing to read it from."""
    return chain.digest(salt, "", {"name": name, "phone": phone})


def _facts(asked: Asked, matter: Matter, current: Step, contact: Contact | None, pictures: list[str]) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "number": matter.number, "kind": matter.kind, "channel": matter.channel, "place": asked.place.code,
        "urgency": matter.urgency, "policy": current.policy.version, "anonymous": matter.anonymous,
        "confidential": matter.confidential, "receipt": chain.fingerprint(matter.receipt_hash),
    }  # fmt: skip
    if matter.category:
        facts["category"] = matter.category
    if contact is not None:
        phone = _phone(asked.phone)
        facts["contact"] = contact_digest(contact.salt, asked.name, phone)
    if asked.helper:
        facts["helper"] = True
    if pictures:
        facts["pictures"] = pictures
    if matter.happened_at:
        facts["happened_at"] = _utc(matter.happened_at)
    return facts


def _utc(at: datetime) -> str:
    return at.astimezone(timezone.get_default_timezone()).isoformat(timespec="seconds")


def asking_unit(actor: Actor) -> Held | None:
    """The department that somebody asks for when he opens a task: its own post where it has one."""
    asking = next((p for p in actor.posts if duties.APPLY in duties.role(p.role).held and p.organisation_id), None)
    if asking is None:
        return None
    return next((u for u in actor.unit_posts if u.organisation_id == asking.organisation_id), asking)


def _give_straight(current: Step, actor: Actor, to: PostRef) -> None:
    """Opened and handed over in one act: the opener's office keeps the first duty until it is accepted."""
    held = actor.over(duties.DISPATCH, current.matter.scope_path)
    if held is None:
        raise Forbidden(_("您的岗位没有这一项。"))
    routing.admitted(current.matter, current.catalogue, to, current.now)
    current.matter.first_id = held.id
    current.give(to)
    current.say(f"派给{to.name}。", act="dispatch", to=to.code)


def _route(current: Step, known: Catalogue, asking: Held | None = None, *, meant: uuid.UUID | None = None) -> None:
    """First receiver is whoever serves the cell; the rule's target gets it, else it waits at the first receiver's.

    Words meant for somebody who serves this very place go to nobody else first.
    """
    matter, roster = current.matter, current.roster
    if known.kinds[matter.kind].admission:
        _route_task(current, known, asking)
        return
    post = roster.by_id.get(meant) if meant else None
    if post is not None and matter.scope_path.startswith(post.path):
        office = roster.office("community", matter.scope_path)
        matter.first_id = office.id if office else post.id
        current.give(post)
        current.say(f"写给{post.name}的，交给本人。", act="dispatch", label="系统", to=post.code, meant=True)
        return
    found = routing.by_rule(matter, known, roster)
    office = roster.office("community", matter.scope_path) or roster.office("street", matter.scope_path)
    if found is None:
        matter.first_id = office.id if office else None
        if office:
            current.notify(office.id, f"新来一件，等着派：{matter.title}")
        return
    rule, post = found
    matter.first_id = office.id if office else post.id
    current.give(post)
    current.say(f"按规则派给{post.name}。", act="dispatch", label="系统", to=post.code, rule=rule.name)


def _route_task(current: Step, known: Catalogue, asking: Held | None) -> None:
    """A department's task goes straight to an admitted community; without admission it stays with the district.

    Until then it lies outside the community's scope altogether: not in its lists, not in its inbox (M16). The
    department goes on seeing its own task, and only an admission of its own lets it in.
    """
    matter, roster = current.matter, current.roster
    unit = roster.by_id.get(asking.id) if asking else None
    if unit is not None:
        current.involve(unit, routing.ASKED)
    community = roster.office("community", matter.scope_path)
    centre = roster.office("district", matter.scope_path)
    matter.first_id = centre.id if centre else None
    try:
        whose = asking.organisation_id if asking else None
        admission = routing.admitted(matter, known, community, current.now, whose) if community else ""
    except Conflict:
        community = None
    if community is None:
        routing.rescope(matter, current.tree, current.tree.root)
        current.notify(matter.first_id, f"有一件部门任务没有准入：{matter.title}")
        return
    current.give(community)
    words = f"按准入派给{community.name}。"
    current.say(words, act="dispatch", label="系统", to=community.code, admission=admission)


def _rows(current: Step, contact: Contact | None) -> list[models.Model]:
    """All rows of the opening, a referenced one before those that refer to it."""
    matter = current.matter
    current.link_up()
    matter.clocks = clocks.brief(current.new_clocks)
    matter.next_due = clocks.next_due(current.new_clocks)
    deltas = figures.change(None, figures.contribution(matter, current.tree))
    return [
        matter, *current.entries, *current.new_clocks, *([contact] if contact else []),
        *sorted(current.added, key=lambda row: type(row).__name__), *current.outbox, *deltas,
    ]  # fmt: skip
