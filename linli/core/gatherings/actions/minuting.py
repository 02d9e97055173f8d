"""Minutes: published once the sitting ended; corrected by those who were there, version upon version."""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime

from django.utils.translation import gettext as _

from linli.core.gatherings import booked
from linli.core.gatherings.actions.attending import own_attendance
from linli.core.gatherings.actions.common import at, locked, must_host, tell, topics
from linli.core.gatherings.attendance import attended
from linli.core.gatherings.models import AgendaItem, Attendance, Correction, Gathering, Minutes, Resolution, Voice
from linli.core.matters import records
from linli.core.matters.step import required
from linli.core.people.actor import Actor
from linli.kit.finding import the_one
from linli.kit.ids import new_id
from linli.kit.refusal import Conflict, Forbidden, Invalid

LONGEST = 50_000


def publish(
    *, actor: Actor, district_id: int, gathering_id: uuid.UUID, text: str, version: int | None = None,
    now: datetime | None = None,
) -> Minutes:  # fmt: skip
    """Publish the minutes. Refused while a resolution lacks owner, day or review, or a split point has none."""
    now = at(now)
    with locked(actor, district_id, gathering_id, "ended", version=version) as gathering:
        held = must_host(gathering, actor)
        words = required(text, "text", limit=LONGEST)
        _must_be_followed_up(gathering)
        gathering.state = "minuted"
        return _add(gathering, actor, words, actor.label(held), now)


def propose(
    *, actor: Actor, district_id: int, gathering_id: uuid.UUID, text: str, reason: str, now: datetime | None = None
) -> Correction:
    """Propose how the minutes should read instead. Only who was there can, one proposal at a time."""
    now = at(now)
    with locked(actor, district_id, gathering_id, "minuted") as gathering:
        own = _must_have_been_there(gathering, actor)
        mine = Correction.objects.filter(district_id=district_id, gathering_id=gathering.pk)
        if mine.filter(state="open").exists():
            raise Conflict(_("已经有一处更正在等大家同意。"), code="correction_open")
        words, why = required(text, "text", limit=LONGEST), required(reason, "reason", limit=300)
        newest = _newest(gathering)
        if words == newest.text:
            raise Invalid(_("和现在的一样，没有要改的。"), fields={"text": _("没有改动。")})
        correction = Correction.objects.create(
            id=new_id(), district_id=district_id, gathering=gathering, base=newest.version, text=words, reason=why,
            by=own, at=now,
        )  # fmt: skip
        _voice(correction, own, True, now)
        _settle(gathering, correction, actor, now)
    return correction


def speak(
    *, actor: Actor, district_id: int, gathering_id: uuid.UUID, correction_id: uuid.UUID, agrees: bool,
    now: datetime | None = None,
) -> Correction:  # fmt: skip
    """Agree with a proposed correction, or not. More than half of those who were there and can say so decide."""
    now = at(now)
    with locked(actor, district_id, gathering_id, "minuted") as gathering:
        own = _must_have_been_there(gathering, actor)
        rows = Correction.objects.filter(district_id=district_id, gathering_id=gathering.pk, pk=correction_id)
        correction = the_one(rows, _("没有找到这处更正。"))
        if correction.state != "open":
            raise Conflict(_("这处更正已经有结果了。"), code="wrong_state")
        _voice(correction, own, agrees, now)
        _settle(gathering, correction, actor, now)
    return correction


# ── inside ──────────────────────────────────────────────────────────────────────────────────────────────────
def _must_be_followed_up(gathering: Gathering) -> None:
    """Nothing that was settled may be published without somebody who does it, a day, and a review."""
    resolutions = Resolution.objects.filter(district_id=gathering.district_id, gathering_id=gathering.pk)
    if loose := resolutions.filter(state="draft").first():
        raise Conflict(_("“%s”还没有写清谁办、哪天办完、哪天评审。") % loose.text[:30], code="resolution_open")
    followed = set(resolutions.values_list("item_id", flat=True))
    asking = {p.code for p in gathering.kind.says.procedures if p.needs_resolution}
    items = AgendaItem.objects.filter(district_id=gathering.district_id, gathering_id=gathering.pk, state="discussed")
    for item in items.order_by("position"):
        binds = item.outcome == "split" or (item.procedure in asking and item.outcome in ("settled", "decided"))
        if binds and item.pk not in followed:
            raise Conflict(_("“%s”定了要办，还没有写成决议。") % item.title, code="resolution_missing")


def _add(gathering: Gathering, actor: Actor, text: str, by: str, now: datetime) -> Minutes:
    """The next version; each topic's timeline keeps its digest, so that no version changes unseen."""
    mine = Minutes.objects.filter(district_id=gathering.district_id, gathering_id=gathering.pk)
    digest = hashlib.sha256(text.encode()).hexdigest()
    row = Minutes.objects.create(
        id=new_id(), district_id=gathering.district_id, gathering=gathering, version=mine.count() + 1, text=text,
        digest=digest, by=by[:80], published_at=now,
    )  # fmt: skip
    records.keep(booked.MINUTES, row.district_id, [row.pk], now=now)
    for matter_id in topics(gathering):
        tell(gathering, matter_id, actor, "deliberate", "", now, minutes=row.version, digest=digest)
    return row


def _newest(gathering: Gathering) -> Minutes:
    mine = Minutes.objects.filter(district_id=gathering.district_id, gathering_id=gathering.pk)
    return mine.order_by("-version")[:1].get()


def _must_have_been_there(gathering: Gathering, actor: Actor) -> Attendance:
    own = own_attendance(gathering, actor)
    if own is None or own.state != "present":
        raise Forbidden(_("纪要只由到会的人更正。"))
    return own


def _voice(correction: Correction, own: Attendance, agrees: bool, now: datetime) -> None:
    Voice.objects.update_or_create(
        district_id=correction.district_id, correction=correction, attendance=own,
        defaults={"agrees": agrees, "at": now}, create_defaults={"id": new_id(), "agrees": agrees, "at": now},
    )  # fmt: skip


def _settle(gathering: Gathering, correction: Correction, actor: Actor, now: datetime) -> None:
    """Agreed or refused as soon as more than half of those who can speak have said the same."""
    able = sum(1 for row in attended(gathering) if row.user_id is not None or row.person_id is not None)
    voices = list(correction.voices.values_list("agrees", flat=True))
    yes, no = voices.count(True), voices.count(False)
    if yes * 2 > able:
        correction.state = "agreed"
        _add(gathering, actor, correction.text, correction.by.label, now)
    elif no * 2 >= able:
        correction.state = "refused"
    else:
        return
    correction.settled_at = now
    correction.save(update_fields=["state", "settled_at"])
