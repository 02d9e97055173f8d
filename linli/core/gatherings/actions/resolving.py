"""What comes of a sitting: resolutions with owner, day and review, matters split from them, the residents' review."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.gatherings import booked
from linli.core.gatherings.actions.common import at, item_of, locked, must_host, notify, tell
from linli.core.gatherings.attendance import decided
from linli.core.gatherings.models import Gathering, Resolution, SplitMatter
from linli.core.gatherings.rules.spec import BINDING
from linli.core.matters import booked as links
from linli.core.matters import records
from linli.core.matters.actions.moving import dispatch
from linli.core.matters.actions.opening import Asked, open_matter
from linli.core.matters.flow import LIVE
from linli.core.matters.models import Link, Matter
from linli.core.matters.step import optional, required
from linli.core.people.actor import Actor
from linli.core.people.models import Post
from linli.core.places.tree import Node
from linli.kit.figures import on
from linli.kit.ids import new_id
from linli.kit.refusal import Conflict, Forbidden, Invalid, NotFound

LINKS = ("split_from", "decided_by")
_AFTER = ("draft", "called", "sitting", "ended", "minuted")


@dataclass(frozen=True)
class Charge:
    """Who does it, by when, and when residents look. All three, or the resolution stays a draft."""

    owner_id: uuid.UUID | None = None
    due_on: date | None = None
    review_on: date | None = None


@dataclass(frozen=True)
class Part:
    """One matter to split from a resolution. ``retry`` is the sender's own key; ``to`` a post or unit, else by rule."""

    retry: str
    kind: str
    text: str
    place: Node
    to: str = ""
    category: str = ""


def resolve(
    *, actor: Actor, district_id: int, gathering_id: uuid.UUID, item_id: uuid.UUID, text: str, charge: Charge,
    now: datetime | None = None,
) -> Resolution:  # fmt: skip
    """Write down what a point settled. Owner, day and review may follow, but before the minutes are published."""
    now = at(now)
    with locked(actor, district_id, gathering_id, *_AFTER) as gathering:
        must_host(gathering, actor)
        item = item_of(gathering, item_id)
        if item.state != "discussed" or item.outcome not in BINDING:
            raise Conflict(_("先写这一项议定了什么，再写决议。"), code="wrong_state")
        mine = Resolution.objects.filter(district_id=district_id, gathering_id=gathering.pk)
        resolution = Resolution(
            id=new_id(), district_id=district_id, gathering=gathering, item=item, scope_path=gathering.scope_path,
            seq=(mine.aggregate(s=Max("seq"))["s"] or 0) + 1, text=required(text, "text", limit=1000), made_at=now,
        )  # fmt: skip
        _charge(resolution, gathering, charge, now)
        resolution.save(force_insert=True)
        records.keep(booked.RESOLUTION, district_id, [resolution.pk], now=now)
        _tell_owner(resolution, gathering, now)
    return resolution


def assign(
    *, actor: Actor, district_id: int, resolution_id: uuid.UUID, charge: Charge, version: int | None = None,
    now: datetime | None = None,
) -> Resolution:  # fmt: skip
    """Say who does it, by when, and when residents look; also another owner or day as long as it is not closed."""
    with _resolution(actor, district_id, resolution_id, version) as (resolution, gathering):
        if resolution.state == "closed":
            raise Conflict(_("这条决议已经评审通过。"), code="wrong_state")
        was = resolution.owner_id
        _charge(resolution, gathering, charge, at(now))
        if resolution.owner_id != was:
            _tell_owner(resolution, gathering, at(now))
    return resolution


def split(
    *, actor: Actor, district_id: int, resolution_id: uuid.UUID, parts: Sequence[Part], link: str = "split_from",
    now: datetime | None = None,
) -> list[Matter]:  # fmt: skip
    """Make matters of a resolution, all of them or none, each linked to its topic and handed to who does it.

    A part whose ``retry`` was taken before is given back as it is. The topic's timeline names the matters.
    """
    now = at(now)
    if link not in LINKS:
        raise AssertionError(f"{link} is no link of a resolution")
    if not parts:
        raise Invalid(_("要分成哪几件，请写。"), fields={"parts": _("至少一件。")})
    with _resolution(actor, district_id, resolution_id, None) as (resolution, gathering):
        if resolution.state not in ("set", "back"):
            raise Conflict(_("先写清谁办、哪天办完、哪天评审，再分流。"), code="wrong_state")
        rows = SplitMatter.objects.filter(district_id=district_id, resolution_id=resolution.pk).select_related("matter")
        before = {row.retry: row.matter for row in rows}
        found = [before.get(part.retry) or _open(resolution, actor, part, link, now) for part in parts]
        fresh = [matter for part, matter in zip(parts, found, strict=True) if part.retry not in before]
        if fresh:
            numbers = [matter.number for matter in fresh]
            text = f"分成{len(fresh)}件：{'、'.join(numbers)}"
            tell(gathering, resolution.item.matter_id, actor, "split", text, now, matters=numbers, link=link,
                 resolution=resolution.seq)  # fmt: skip
    return found


def review(
    *, actor: Actor, district_id: int, resolution_id: uuid.UUID, upheld: bool, text: str, satisfied: int = 0,
    dissatisfied: int = 0, again: Charge | None = None, version: int | None = None, now: datetime | None = None,
) -> Resolution:  # fmt: skip
    """Record what residents found: done, and the resolution closes; or not, and it goes back with new days.

    Never recorded by its own owner. Heads are counted, nobody is named. Nothing closes over matters still under way.
    """
    now = at(now)
    with _resolution(actor, district_id, resolution_id, version) as (resolution, gathering):
        _must_be_reviewable(resolution, actor)
        resolution.review = required(text, "text", limit=500)
        resolution.satisfied, resolution.dissatisfied = _heads(satisfied), _heads(dissatisfied)
        resolution.reviewed_at = now
        if upheld:
            _must_be_done(resolution)
            resolution.state = "closed"
        else:
            if again is None or again.due_on is None or again.review_on is None:
                raise Invalid(_("退回去要写新的完成日和评审日。"), fields={"due_on": _("要写。")})
            _charge(resolution, gathering, again, now)
            resolution.state, resolution.rounds = "back", resolution.rounds + 1
            _tell_owner(resolution, gathering, now)
        tell(
            gathering, resolution.item.matter_id, actor, "review", resolution.review, now, upheld=upheld,
            satisfied=resolution.satisfied, dissatisfied=resolution.dissatisfied, resolution=resolution.seq,
        )  # fmt: skip
    return resolution


# ── inside ──────────────────────────────────────────────────────────────────────────────────────────────────
@contextmanager
def _resolution(
    actor: Actor, district_id: int, resolution_id: uuid.UUID, version: int | None
) -> Iterator[tuple[Resolution, Gathering]]:
    """A resolution under its gathering's lock, for a host; saved afterwards."""
    rows = Resolution.objects.filter(district_id=district_id, pk=resolution_id)
    gathering_id = rows.values_list("gathering_id", flat=True).first()
    if gathering_id is None:
        raise NotFound(_("没有找到这条决议。"))
    with transaction.atomic(), locked(actor, district_id, gathering_id, *_AFTER) as gathering:
        must_host(gathering, actor)
        resolution = rows.select_related("item", "owner").get()
        if version is not None and version != resolution.version:
            raise Conflict(_("这条决议刚被别人改过，请看一眼新的再办。"), code="stale")
        yield resolution, gathering
        resolution.version += 1
        resolution.save()
        records.keep(booked.RESOLUTION, district_id, [resolution.pk])


def _charge(resolution: Resolution, gathering: Gathering, charge: Charge, now: datetime) -> None:
    """Fill in what is given; the state follows from whether all three stand."""
    if charge.owner_id is not None:
        resolution.owner = _owner(resolution.district_id, charge.owner_id)
    resolution.due_on = charge.due_on or resolution.due_on
    resolution.review_on = charge.review_on or resolution.review_on
    today = timezone.localtime(now).date()
    due, seen = resolution.due_on, resolution.review_on
    if charge.due_on is not None and charge.due_on < today:
        raise Invalid(_("完成日已经过了。"), fields={"due_on": _("要在以后。")})
    if due and seen and seen < due:
        raise Invalid(_("评审要在完成日之后。"), fields={"review_on": _("不能早于完成日。")})
    procedure = gathering.kind.says.procedure(resolution.item.procedure)
    if due and procedure and procedure.due_days and due > today + timedelta(days=procedure.due_days):
        message = _("%(name)s最迟 %(days)d 天办完。") % {"name": procedure.name, "days": procedure.due_days}
        raise Invalid(message, fields={"due_on": message})
    whole = resolution.owner is not None and due is not None and seen is not None
    if resolution.state in ("draft", "set"):
        resolution.state = "set" if whole else "draft"
    if resolution.state == "set" and procedure and procedure.needs_decision and not decided(resolution.item):
        raise Conflict(_("这一项要先表决，计了票才能定。"), code="needs_decision")


def _owner(district_id: int, post_id: uuid.UUID) -> Post:
    today = timezone.localdate()
    posts = Post.objects.filter(Q(until=None) | Q(until__gt=today), district_id=district_id, pk=post_id)
    post = posts.first()
    if post is None:
        raise Invalid(_("没有这个岗位。"), fields={"owner": _("请选谁来办。")})
    return post


def _tell_owner(resolution: Resolution, gathering: Gathering, now: datetime) -> None:
    if resolution.owner_id is not None and resolution.due_on is not None:
        text = f"会上定了由您办，{on(resolution.due_on)} 前：{resolution.text[:60]}"
        notify(gathering, [resolution.owner_id], text, now)


def _open(resolution: Resolution, actor: Actor, part: Part, link: str, now: datetime) -> Matter:
    retry = required(part.retry, "parts", limit=64)
    asked = Asked(kind=part.kind, text=part.text, district_id=resolution.district_id, place=part.place,
                  category=part.category)  # fmt: skip
    matter = open_matter(actor=actor, asked=asked, now=now).matter
    SplitMatter.objects.create(
        id=new_id(), district_id=resolution.district_id, resolution=resolution, matter=matter, retry=retry, at=now
    )
    topic = resolution.item.matter_id
    if topic is not None:
        made = Link.objects.create(
            id=new_id(), district_id=resolution.district_id, source=matter, target_id=topic, type=link,
            reason=optional(resolution.text[:500], "text", limit=500), at=now,
        )  # fmt: skip
        records.keep(links.LINK, made.district_id, [made.pk], now=now)
    if part.to:
        return dispatch(actor=actor, district_id=resolution.district_id, matter_id=matter.pk, to=part.to, now=now)
    return matter


def _must_be_reviewable(resolution: Resolution, actor: Actor) -> None:
    if resolution.state not in ("set", "back"):
        raise Conflict(_("这条决议现在不用评审。"), code="wrong_state")
    owner = resolution.owner
    if owner is not None and owner.person_id is not None and owner.person_id == actor.person_id:
        raise Forbidden(_("自己办的不能由自己评审。"))


def _must_be_done(resolution: Resolution) -> None:
    mine = SplitMatter.objects.filter(district_id=resolution.district_id, resolution_id=resolution.pk)
    live = mine.filter(matter__state__in=[*LIVE, "declining", "contested"]).count()
    if live:
        raise Conflict(_("还有 %d 件没有办完，不能算评审通过。") % live, code="matters_open")


def _heads(count: int) -> int:
    if not 0 <= count <= 1_000_000:
        raise Invalid(_("人数不对。"), fields={"satisfied": _("要是 0 以上的整数。")})
    return count
