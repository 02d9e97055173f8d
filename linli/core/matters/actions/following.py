"""Following: a resident meets a matter that is already in hand and says "mine too" instead of filing once more.

The follower's words become a matter of their own, a member of the job from its first second: own receipt, own reply,
rating and contest, as for everybody whose words an office merged. Nothing is dispatched a second time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters import clocks, figures
from linli.core.matters.actions import opening
from linli.core.matters.actions.opening import Asked, Opened
from linli.core.matters.catalogue import Catalogue, catalogue
from linli.core.matters.flow import LIVE, MERGED, OPEN
from linli.core.matters.models import Link, Matter
from linli.core.matters.step import Step, step
from linli.core.people.actor import SYSTEM, Actor
from linli.core.places.models import District
from linli.core.places.tree import Node, tree
from linli.kit import codes, files
from linli.kit.ids import new_id
from linli.kit.refusal import Conflict, NotFound
from linli.kit.writer import insert

COLLECTIVE = 5  # households that make a matter collective
Also = Callable[[Opened, Matter], list[models.Model]]


def is_public(matter: Matter) -> bool:
    """Whether strangers may know of it: of a public kind that residents open, and nothing about it confidential."""
    kind = catalogue(matter.district_id).kinds.get(matter.kind)
    if kind is None or matter.confidential:
        return False
    return kind.public and kind.residents and not (kind.confidential or kind.admission)


def may_follow(matter: Matter) -> bool:
    """Public, and still in hand."""
    return matter.state in LIVE and is_public(matter)


def followed(number: str) -> Matter:
    """The job that a number means: of a merged one, what it was merged into. NotFound for what is not public."""
    typed = number.strip().upper()
    districts = District.objects.filter(letters=typed.partition("-")[0]).values_list("pk", flat=True)
    found = Matter.objects.filter(district_id__in=list(districts), number=typed).first()
    if found is not None and found.job_id is not None and is_public(found):
        found = Matter.objects.filter(district_id=found.district_id, pk=found.job_id).first()
    if found is None or not is_public(found):
        raise NotFound(_("没有找到这件事。"))
    return found


def public_place(matter: Matter) -> Node:
    """Where a public matter lies, as strangers may know it: the building and not the staircase."""
    known = tree(matter.district_id)
    node = known.by_id.get(matter.place_id, known.root)
    if node.level == "unit" and node.parent_id:
        node = known.by_id.get(node.parent_id, node)
    return node


def follow(*, actor: Actor, asked: Asked, job: Matter, now: datetime | None = None, also: Also | None = None) -> Opened:
    """Say the same as ``job`` and be one of its households.

    1. The job is locked first and alone; the follower's matter is new, so nobody else can hold it.
    2. One transaction writes both, with ``also``'s rows (the answer to an Idempotency-Key): all or nothing.

    Raises Conflict ``ended`` where the job has ended meanwhile, ``followed`` where this account has said it already.
    """
    now = now or timezone.now()
    asked = replace(asked, kind=job.kind, text=asked.text.strip() or _("我也遇到了，跟着这一件。"))
    with transaction.atomic():
        with step(job.district_id, job.pk, actor=SYSTEM, act="member", now=now) as current:
            _must_be_followable(current.matter, actor)
            opened, rows = _member(actor, asked, current.matter, now)
            _join(current, opened.matter)
        insert([*rows, *(also(opened, current.matter) if also else [])])
    files.used(asked.uploads)
    return opened


def _must_be_followable(job: Matter, actor: Actor) -> None:
    if not is_public(job):
        raise NotFound(_("没有找到这件事。"))
    if job.state not in LIVE:
        raise Conflict(_("那一件已经办完了。要是还没好，请照常说一件。"), code="ended")
    if actor.user_id is None:
        return
    own = Matter.objects.filter(district_id=job.district_id, opened_by_id=actor.user_id)
    if job.opened_by_id == actor.user_id or own.filter(job_id=job.pk).exists():
        raise Conflict(_("这件事您已经说过了，在“我说过的”里能看到。"), code="followed")


def _member(actor: Actor, asked: Asked, job: Matter, now: datetime) -> tuple[Opened, list[models.Model]]:
    """The follower's own matter: opened, its promises made and at once held by the job's, and merged."""
    actor, known = actor.inside(asked.district_id), catalogue(asked.district_id)
    opened, current, rows = _opened(actor, asked, known, now)
    matter = opened.matter
    matter.before, matter.state, matter.job_id = OPEN, MERGED, job.pk
    for clock in current.going():
        clocks.pause(clock, now, known)
    current.say(_JOINED, act="merge", into=job.number)
    current.link_up()
    matter.clocks = clocks.brief(current.new_clocks)
    matter.next_due = clocks.next_due(current.new_clocks)
    link = Link(
        id=new_id(), district_id=matter.district_id, source_id=matter.pk, target_id=job.pk, type="merged_into",
        reason=_JOINED, at=now,
    )  # fmt: skip
    return opened, [
        matter, *current.entries, *current.new_clocks, *rows,
        *sorted(current.added, key=lambda row: type(row).__name__), link, *current.outbox,
        *figures.change(None, figures.contribution(matter, current.tree)),
    ]  # fmt: skip


_JOINED = "居民说是同一件，跟着一起办。"


def _opened(
    actor: Actor, asked: Asked, known: Catalogue, now: datetime
) -> tuple[Opened, Step, list[models.Model]]:  # fmt: skip
    kind = opening.check(actor, asked, known, now)
    receipt = codes.new_receipt(asked.district_id)
    matter = opening.new_matter(actor, asked, known, kind, now, receipt)
    current = Step.opening(matter, actor, now, opening.label(actor, asked, kind))
    contact = opening.new_contact(asked, matter)
    opening.say_it(current, asked, contact)
    current.leave("triage")
    return Opened(matter, receipt), current, [contact] if contact else []


def _join(current: Step, member: Matter) -> None:
    job = current.matter
    job.households += 1
    current.say(act="member", label="一位居民", member=member.number, households=job.households)
    if job.households == COLLECTIVE:
        current.notify(job.handler_id or job.first_id, f"已有五户说了同一件事，按集体诉求办：{job.title}")
