"""Entries that rooms above leave on a matter's timeline: a topic tabled, asked about, counted; its end."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from linli.core.matters.flow import CLOSED, CONTESTED, DECLINING, ENDED, NOTED
from linli.core.matters.models import Matter
from linli.core.matters.step import optional, required, step
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.kit.refusal import Conflict


def note(
    *,
    actor: Actor,
    district_id: int,
    matter_id: uuid.UUID,
    act: str,
    text: str = "",
    label: str = "",
    now: datetime | None = None,
    tell_reporter: str = "",
    **data: Any,
) -> Matter:
    """Append one entry and change nothing else. Whoever calls has checked that its own act is allowed.

    ``data`` is plain JSON without anything that may have to be erased; ``tell_reporter`` is told to who spoke up.
    """
    if act not in NOTED:
        raise AssertionError(f"{act} is no act that another room notes")
    with step(district_id, matter_id, actor=actor, act=act, now=now) as current:
        if label:
            current.label = label
        current.say(optional(text, "text"), **data)
        if tell_reporter:
            current.tell_reporter(tell_reporter)
            current.tell_members(tell_reporter)
        return current.matter


def conclude(
    *, actor: Actor, district_id: int, matter_id: uuid.UUID, text: str, now: datetime | None = None, **data: Any
) -> Matter:
    """A topic ends because the residents found what came of it done: their review is its check by a second party.

    Whoever calls has checked that the review passed and that nothing else is owed. Every clock stops; what residents
    may do with a closed matter (rate it, contest it, have it reopened) they may do with this one.
    """
    with step(district_id, matter_id, actor=actor, act="conclude", now=now) as current:
        matter = current.matter
        if matter.state in (*ENDED, CONTESTED, DECLINING):
            raise Conflict(_("这件事现在是“%s”，不能随评审销号。") % matter.get_state_display(), code="wrong_state")
        held = actor.over(duties.CONVENE, matter.scope_path)
        matter.verifier_id, matter.verifier_person = held.id if held else None, actor.person_id
        matter.resolved_at, matter.verified_at = matter.resolved_at or current.now, matter.verified_at or current.now
        matter.closed_at, matter.state = current.now, CLOSED
        current.stop()
        words = required(text, "text")
        current.say(words, **data)
        current.tell_reporter(words)
        current.tell_members(words)
        return matter
