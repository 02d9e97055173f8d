"""Who was there: the host's code and a peer, or a signed sheet on which two persons agree. Never a location."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from linli.core.gatherings.actions.calling import must_be_asked
from linli.core.gatherings.actions.common import at, locked, must_host
from linli.core.gatherings.models import Attendance, Gathering, Invitation
from linli.core.gatherings.rules import handcode
from linli.core.matters.step import required
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.kit import files, rates
from linli.kit.ids import new_id
from linli.kit.refusal import Conflict, Forbidden, Invalid, NotFound

TRIES = 10  # a minute, by one account: guessing three of a million codes stays hopeless
MOST_LINES = 300


@dataclass(frozen=True)
class Shown:
    """What the host's screen shows."""

    code: str
    seconds_left: int


@dataclass(frozen=True)
class SheetLine:
    """A signature on the sheet: of somebody who was asked, or of a guest by name."""

    invitation_id: uuid.UUID | None = None
    label: str = ""


def show_code(*, actor: Actor, district_id: int, gathering_id: uuid.UUID, now: datetime | None = None) -> Shown:
    """The six digits of this minute, for the host alone to show in the room."""
    moment = at(now)
    gathering = Gathering.objects.filter(district_id=district_id, pk=gathering_id, state__in=_DOORS).first()
    if gathering is None or actor.district_id != district_id:
        raise NotFound(_("没有找到这个会。"))
    must_host(gathering, actor)
    return Shown(handcode.code_at(gathering.secret, moment), handcode.seconds_left(moment))


_DOORS = ("called", "sitting")


def attend(
    *, actor: Actor, district_id: int, gathering_id: uuid.UUID, code: str, now: datetime | None = None
) -> Attendance:
    """Sign in with the code of the room. It counts once somebody who is there vouches. A repeat adds nothing."""
    now = at(now)
    if actor.user_id is None:
        raise Forbidden(_("请先登录再签到，或者在纸上签。"))
    rates.count("gathering-code", str(actor.user_id), limit=TRIES)
    with locked(actor, district_id, gathering_id, *_DOORS) as gathering:
        invitation = must_be_asked(gathering, actor)
        if (there := own_attendance(gathering, actor)) is not None:
            return _came_back(there)
        if not handcode.is_code(gathering.secret, code, now):
            raise Invalid(
                _("签到码不对，或者已经换了，请看一眼现在的。"), code="wrong_code", fields={"code": _("不对。")}
            )
        return _write(gathering, actor, invitation, "code", "waiting", now)


def vouch(
    *, actor: Actor, district_id: int, gathering_id: uuid.UUID, attendance_id: uuid.UUID, now: datetime | None = None
) -> Attendance:
    """Say that somebody who typed the code is in the room. Only who is there can, and nobody for oneself."""
    with locked(actor, district_id, gathering_id, *_DOORS) as gathering:
        own = own_attendance(gathering, actor)
        if own is None or own.state != "present" or own.left_at is not None:
            raise Forbidden(_("在场的人才能给别人作证。"))
        row = _row(gathering, attendance_id, "code")
        if row.user_id == actor.user_id or row.pk == own.pk:
            raise Forbidden(_("不能给自己作证。"))
        if row.state != "waiting":
            return row
        row.state, row.vouched_by_id = "present", actor.user_id
        row.save(update_fields=["state", "vouched_by"])
    return row


def sign_out(
    *, actor: Actor, district_id: int, gathering_id: uuid.UUID, attendance_id: uuid.UUID | None = None,
    now: datetime | None = None,
) -> Attendance:  # fmt: skip
    """Leave early: oneself, or, by the host, somebody who was seen leaving. No longer counted for a quorum."""
    with locked(actor, district_id, gathering_id, "sitting") as gathering:
        if attendance_id is None:
            own = own_attendance(gathering, actor)
            if own is None:
                raise NotFound(_("您没有签到。"))
            row = own
        else:
            must_host(gathering, actor)
            row = _row(gathering, attendance_id)
        row.left_at = row.left_at or at(now)
        row.save(update_fields=["left_at"])
    return row


def enter_sheet(
    *, actor: Actor, district_id: int, gathering_id: uuid.UUID, lines: Sequence[SheetLine],
    scan: uuid.UUID | None = None, now: datetime | None = None,
) -> list[Attendance]:  # fmt: skip
    """Type in a signed sheet, with its picture where there is one.

    Each line waits until a second person, with the sheet in hand, agrees.
    """
    now = at(now)
    with locked(actor, district_id, gathering_id, "sitting", "ended") as gathering:
        must_host(gathering, actor)
        if not 1 <= len(lines) <= MOST_LINES:
            raise Invalid(_("一张表 1 到 %d 行。") % MOST_LINES, fields={"lines": _("行数不对。")})
        if scan is not None:
            files.used(files.waiting([str(scan)], actor.user_id))
        return _enter(gathering, actor, lines, scan, now)


def agree_sheet(
    *, actor: Actor, district_id: int, gathering_id: uuid.UUID, agreed: Sequence[uuid.UUID],
    refused: Sequence[uuid.UUID] = (), now: datetime | None = None,
) -> int:  # fmt: skip
    """The second person says which lines stand on the sheet and which do not; returns how many now count."""
    with locked(actor, district_id, gathering_id, "sitting", "ended") as gathering:
        own = own_attendance(gathering, actor)
        if actor.over(duties.CONVENE, gathering.scope_path) is None and (own is None or own.state != "present"):
            raise Forbidden(_("核对签到表的，要么主持，要么在场。"))
        waiting = Attendance.objects.filter(
            district_id=district_id, gathering_id=gathering.pk, evidence="sheet", state="waiting"
        )
        wanted = waiting.filter(pk__in=[*agreed, *refused])
        if wanted.filter(entered_by_id=actor.user_id).exists():
            raise Forbidden(_("录的人不能自己核对，请另一个人来。"))
        waiting.filter(pk__in=refused).update(state="refused")
        return waiting.filter(pk__in=agreed).update(state="present", vouched_by_id=actor.user_id)


def own_attendance(gathering: Gathering, actor: Actor) -> Attendance | None:
    """The actor's own row, by account or by person."""
    who = Q(pk__in=[])
    if actor.user_id is not None:
        who |= Q(user_id=actor.user_id)
    if actor.person_id is not None:
        who |= Q(person_id=actor.person_id)
    return Attendance.objects.filter(who, district_id=gathering.district_id, gathering_id=gathering.pk).first()


def host_is_there(gathering: Gathering, actor: Actor, invitation: Invitation | None, now: datetime) -> None:
    """The host opens the sitting and is the first who is there: somebody has to vouch for the first of the others."""
    own = own_attendance(gathering, actor)
    if own is None:
        _write(gathering, actor, invitation, "host", "present", now)
    elif own.state != "present":
        own.evidence, own.state = "host", "present"
        own.save(update_fields=["evidence", "state"])


# ── inside ──────────────────────────────────────────────────────────────────────────────────────────────────
def _row(gathering: Gathering, attendance_id: uuid.UUID, evidence: str = "") -> Attendance:
    rows = Attendance.objects.filter(district_id=gathering.district_id, gathering_id=gathering.pk, pk=attendance_id)
    row = (rows.filter(evidence=evidence) if evidence else rows).first()
    if row is None:
        raise NotFound(_("签到里没有这个人。"))
    return row


def _came_back(row: Attendance) -> Attendance:
    if row.state == "refused":
        raise Conflict(_("签到表核对时说您没有到会，请找主持人。"), code="wrong_state")
    if row.left_at is not None:
        row.left_at = None
        row.save(update_fields=["left_at"])
    return row


def _write(
    gathering: Gathering, actor: Actor, invitation: Invitation | None, evidence: str, state: str, now: datetime
) -> Attendance:
    taken = invitation is not None and Attendance.objects.filter(
        district_id=gathering.district_id, gathering_id=gathering.pk, invitation_id=invitation.pk
    ).exists()  # fmt: skip
    label = actor.label() if actor.posts else _label(actor, gathering)
    return Attendance.objects.create(
        id=new_id(), district_id=gathering.district_id, gathering=gathering, invitation=None if taken else invitation,
        person_id=actor.person_id, user_id=actor.user_id, entered_by_id=actor.user_id, label=label[:80],
        evidence=evidence, state=state, at=now,
    )  # fmt: skip


def _label(actor: Actor, gathering: Gathering) -> str:
    """A resident's masked name, as everywhere."""
    return actor.name if actor.person_id else _("一位居民")


def _enter(
    gathering: Gathering, actor: Actor, lines: Sequence[SheetLine], scan: uuid.UUID | None, now: datetime
) -> list[Attendance]:
    asked = {row.pk: row for row in Invitation.objects.filter(
        district_id=gathering.district_id, gathering_id=gathering.pk)}  # fmt: skip
    there = Attendance.objects.filter(district_id=gathering.district_id, gathering_id=gathering.pk)
    known = {pk for row in there.values_list("invitation_id", "person_id") for pk in row if pk}
    labels = {row.label for row in there if row.invitation_id is None}
    rows = []
    for line in lines:
        invitation = asked.get(line.invitation_id) if line.invitation_id else None
        if line.invitation_id and invitation is None:
            raise Invalid(_("名单上没有这个人。"), fields={"lines": _("有一行不在名单上。")})
        label = required(invitation.label if invitation else line.label, "lines", limit=80)
        who = {pk for pk in ((invitation.pk, invitation.person_id) if invitation else ()) if pk}
        if known & who or (invitation is None and label in labels):
            continue  # typed before, or signed in with the code
        known |= who
        labels.add(label)
        rows.append(
            Attendance(
                id=new_id(), district_id=gathering.district_id, gathering=gathering, invitation=invitation,
                person_id=invitation.person_id if invitation else None, label=label, evidence="sheet",
                entered_by_id=actor.user_id, scan=scan, at=now,
            )
        )  # fmt: skip
    return Attendance.objects.bulk_create(rows)
