"""Entries that rooms above leave on a matter's timeline: a topic tabled, a question asked, a result counted."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from linli.core.matters.flow import NOTED
from linli.core.matters.models import Matter
from linli.core.matters.step import optional, step
from linli.core.people.actor import Actor


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
