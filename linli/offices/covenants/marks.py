"""The keyed hash that lets somebody count once and unnamed."""

from __future__ import annotations

from linli.core.people.actor import Actor
from linli.kit import crypto


def mark_of(actor: Actor, about: object) -> str:
    """How a second voice of the same person on the same thing is known, without saying whose it is."""
    return crypto.blind_index(f"{actor.person_id or actor.user_id}:{about}", purpose="covenant-mark")
