"""The sitting: it begins, points are talked through by the rules of their class, it ends."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.utils.translation import gettext as _

from linli.core.gatherings.actions.agenda import must_not_be_recused
from linli.core.gatherings.actions.attending import host_is_there
from linli.core.gatherings.actions.calling import mine
from linli.core.gatherings.actions.common import at, item_of, locked, must_be, must_host, tell
from linli.core.gatherings.attendance import decided, quorum
from linli.core.gatherings.models import AgendaItem, Gathering
from linli.core.gatherings.rules.spec import BINDING, Procedure, outcome_name, recorded_name
from linli.core.matters.step import optional, required
from linli.core.people.actor import Actor
from linli.kit.refusal import Conflict, Invalid


def begin(
    *, actor: Actor, district_id: int, gathering_id: uuid.UUID, version: int | None = None, now: datetime | None = None
) -> Gathering:
    """Open the sitting. Whoever opens it is the first who is there."""
    now = at(now)
    with locked(actor, district_id, gathering_id, "called", version=version, now=now) as gathering:
        must_host(gathering, actor)
        gathering.state, gathering.began_at = "sitting", now
        host_is_there(gathering, actor, mine(gathering, actor), now)
    return gathering


def discuss(
    *, actor: Actor, district_id: int, gathering_id: uuid.UUID, item_id: uuid.UUID, outcome: str, text: str = "",
    now: datetime | None = None,
) -> AgendaItem:  # fmt: skip
    """Write down what came of a point. The topic's timeline says it in the same words.

    1. In the sitting; before it only where the class need not wait for a session (急事); afterwards only what was
       left to a vote.
    2. What binds somebody needs the quorum of those who do not keep out of the point.
    3. A class that needs a decision (要事) is settled only after one was counted on its topic.
    """
    now = at(now)
    with locked(actor, district_id, gathering_id, "draft", "called", "sitting", "ended", "minuted") as gathering:
        must_host(gathering, actor)
        item = item_of(gathering, item_id)
        must_not_be_recused(item, actor)
        procedure = gathering.kind.says.procedure(item.procedure)
        _must_be_time(gathering, item, procedure)
        if outcome not in gathering.kind.says.outcomes:
            known = "、".join(outcome_name(o) for o in gathering.kind.says.outcomes)
            raise Invalid(_("这种会的结果只有：%s。") % known, fields={"outcome": _("请选一个结果。")})
        _must_bind(gathering, item, procedure, outcome)
        item.text = required(text, "text", limit=5000) if outcome in BINDING else optional(text, "text", limit=5000)
        item.state, item.outcome, item.discussed_at = "discussed", outcome, now
        item.save(update_fields=["text", "state", "outcome", "discussed_at"])
        words = item.text[:1900] or recorded_name(outcome)
        extra = {"procedure": item.procedure} if item.procedure else {}
        tell(gathering, item.matter_id, actor, "deliberate", words, now, outcome=outcome, **extra)
    return item


def end(
    *, actor: Actor, district_id: int, gathering_id: uuid.UUID, version: int | None = None, now: datetime | None = None
) -> Gathering:
    """Close the sitting. Points that were not reached wait for the next one by themselves."""
    now = at(now)
    with locked(actor, district_id, gathering_id, "sitting", version=version, now=now) as gathering:
        must_host(gathering, actor)
        gathering.state, gathering.ended_at = "ended", now
    return gathering


# ── inside ──────────────────────────────────────────────────────────────────────────────────────────────────
def _must_be_time(gathering: Gathering, item: AgendaItem, procedure: Procedure | None) -> None:
    if item.state == "withdrawn":
        raise Conflict(_("这一项已经撤下。"), code="wrong_state")
    if gathering.state in ("ended", "minuted"):
        if item.outcome != "vote":
            must_be(gathering, "sitting")
        return
    if gathering.state != "sitting" and not (procedure and procedure.needs_no_session):
        must_be(gathering, "sitting")


def _must_bind(gathering: Gathering, item: AgendaItem, procedure: Procedure | None, outcome: str) -> None:
    if outcome not in BINDING:
        return
    if (outcome == "decided" or (procedure and procedure.needs_decision)) and not decided(item):
        raise Conflict(_("这一项要先表决，计了票才能定。"), code="needs_decision")
    if gathering.state != "sitting" or (procedure and procedure.needs_no_session):
        return  # a vote of its own, or a class that does not wait for those who come
    meter = quorum(gathering, item)
    if not meter.met:
        raise Conflict(
            _("到会的不够：应到 %(invited)d，要到 %(needed)d，实到 %(have)d。可以先听意见，不能定。")
            % {"invited": meter.invited, "needed": max(meter.needed, meter.least), "have": meter.heads},
            code="no_quorum",
        )  # fmt: skip
