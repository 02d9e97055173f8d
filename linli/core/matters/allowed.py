"""Which acts a caller may do on a matter now: the same questions as the actions ask, without changing anything.

An act may still be refused for its content; what is not listed here is refused for its state (409) or duty (403).
"""

from __future__ import annotations

from uuid import UUID

from linli.core.matters.actions.moving import may_urge
from linli.core.matters.actions.rights import (
    MOST_CONTESTS,
    contests_so_far,
    is_rated,
    is_reporter,
    may_rate,
    most_reopenings,
    persons_involved,
    reopened_so_far,
    units_involved,
)
from linli.core.matters.flow import CLOSED, MERGED, MOVES, TABLE, VERIFIED
from linli.core.matters.models import Call, Matter
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.posts import Roster

_OVER = {
    "triage": duties.TRIAGE, "dispatch": duties.DISPATCH, "hand_down": duties.HAND_DOWN, "whistle": duties.WHISTLE,
    "supervise": duties.SUPERVISE, "merge": duties.MERGE, "unmerge": duties.MERGE, "decline": duties.DECLINE,
}  # fmt: skip
_HELD = {"accept", "return", "reply", "progress", "resolve"}


def allowed(matter: Matter, actor: Actor, roster: Roster, calls: list[Call] | None = None) -> list[str]:
    """Act names in the table's order. ``calls`` are the matter's open calls, where it has any."""
    return [
        move.act
        for move in TABLE
        if matter.state in MOVES[move.act].sources and _may(move.act, matter, actor, roster, calls or [])
    ]


def _may(act: str, matter: Matter, actor: Actor, roster: Roster, calls: list[Call]) -> bool:
    if act in _OVER:
        return actor.over(_OVER[act], matter.scope_path) is not None
    if act in _HELD:
        return actor.held(duties.HANDLE, matter.handler_id) is not None
    return _SPECIAL[act](matter, actor, roster, calls)


def _escalate(matter: Matter, actor: Actor, roster: Roster, calls: list[Call]) -> bool:
    return actor.held(duties.ESCALATE, matter.handler_id) is not None


def _pause(matter: Matter, actor: Actor, roster: Roster, calls: list[Call]) -> bool:
    held = actor.held(duties.HANDLE, matter.handler_id)
    return held is not None or actor.over(duties.APPROVE_PAUSE, matter.scope_path) is not None


def _report(matter: Matter, actor: Actor, roster: Roster, calls: list[Call]) -> bool:
    return any(actor.held(duties.REPORT, call.post_id) for call in calls)


def _verify(matter: Matter, actor: Actor, roster: Roster, calls: list[Call]) -> bool:
    other = actor.person_id != matter.resolver_person
    return other and actor.over(duties.VERIFY, matter.scope_path) is not None


def _judge(matter: Matter, actor: Actor, roster: Roster, calls: list[Call]) -> bool:
    held = actor.over(duties.JUDGE, matter.scope_path)
    if held is None or actor.person_id in persons_involved(matter):
        return False
    return (held.organisation_id or held.id) not in units_involved(matter, roster)


def _close(matter: Matter, actor: Actor, roster: Roster, calls: list[Call]) -> bool:
    other = actor.person_id != matter.resolver_person
    return other and actor.over(duties.CLOSE, matter.scope_path) is not None


def _confirm(matter: Matter, actor: Actor, roster: Roster, calls: list[Call]) -> bool:
    other = actor.person_id != matter.decliner_person
    return other and actor.over(duties.CONFIRM, matter.scope_path) is not None


def _rate(matter: Matter, actor: Actor, roster: Roster, calls: list[Call]) -> bool:
    if not may_rate(matter, actor):
        return False
    job = _job(matter)
    return (job or matter).state in (VERIFIED, CLOSED) and not is_rated(matter, job)


def _contest(matter: Matter, actor: Actor, roster: Roster, calls: list[Call]) -> bool:
    if not is_reporter(matter, actor):
        return False
    about = _job(matter) or matter
    return about.state in MOVES["contest"].sources and contests_so_far(about) < MOST_CONTESTS["reporter"]


def _job(matter: Matter) -> Matter | None:
    """A merged one is rated and contested by what has become of its job; any other stands for itself."""
    if matter.state != MERGED:
        return None
    return Matter.objects.filter(district_id=matter.district_id, pk__in=[matter.job_id]).first()


def _urge(matter: Matter, actor: Actor, roster: Roster, calls: list[Call]) -> bool:
    return may_urge(actor, matter) is not None


def _reopen(matter: Matter, actor: Actor, roster: Roster, calls: list[Call]) -> bool:
    if actor.over(duties.REOPEN, matter.scope_path) is not None:
        return True
    return is_reporter(matter, actor) and reopened_so_far(matter) < most_reopenings(matter)


_SPECIAL = {
    "escalate": _escalate, "pause": _pause, "resume": _pause, "report": _report, "verify": _verify, "judge": _judge,
    "close": _close, "confirm": _confirm, "rate": _rate, "contest": _contest, "reopen": _reopen,
    "urge": _urge,
}  # fmt: skip


def open_calls(district_id: int, ids: list[UUID]) -> dict[UUID, list[Call]]:
    """Open calls by matter, in one query; asked only for matters whose ``calls_open`` says there are some."""
    out: dict[UUID, list[Call]] = {}
    if ids:
        for call in Call.objects.filter(district_id=district_id, matter_id__in=ids, state__in=["called", "arrived"]):
            out.setdefault(call.matter_id, []).append(call)
    return out
