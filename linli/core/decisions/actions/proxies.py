"""Voting for another on paper that somebody checked: written down by the host, limited by the rule."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.utils.translation import gettext as _

from linli.core.decisions.actions.common import at, locked, must_host
from linli.core.decisions.counting import parse_rule
from linli.core.decisions.models import Proxy, Question, RollEntry
from linli.core.matters.step import required
from linli.core.people.actor import Actor
from linli.kit.ids import new_id
from linli.kit.refusal import Conflict, Invalid, NotFound


def give_proxy(
    *, actor: Actor, district_id: int, question_id: uuid.UUID, giver: int, holder: int, evidence: str,
    now: datetime | None = None,
) -> Proxy:  # fmt: skip
    """Record that entry ``giver`` lets entry ``holder`` vote for it. Over the rule's limit it is refused."""
    if giver == holder:
        raise Invalid(_("不能委托自己。"), fields={"holder": _("请选另一户。")})
    with locked(actor, district_id, question_id, "open") as question:
        must_host(question, actor)
        gives, holds = _entry(question, giver, "giver"), _entry(question, holder, "holder")
        if gives.state != "voting" or holds.state != "voting":
            raise Conflict(_("回避或除名的户不能委托，也不能受托。"))
        limit = parse_rule(question.rule.spec).proxy_limit
        if question.proxies.filter(holder=holds, revoked_at=None).count() >= limit:
            raise Conflict(
                _("按这版规则，一户最多替 %(n)d 户投，%(label)s 已经满了。") % {"n": limit, "label": holds.label},
                code="proxy_limit",
            )
        if question.proxies.filter(giver=gives, revoked_at=None).exists():
            raise Conflict(_("%s 已经委托过了，先收回再改。") % gives.label, code="proxy_given")
        return Proxy.objects.create(
            id=new_id(), district_id=district_id, question=question, giver=gives, holder=holds,
            evidence=required(evidence, "evidence", limit=200), recorded_by=actor.label()[:80], at=at(now),
        )  # fmt: skip


def revoke_proxy(
    *, actor: Actor, district_id: int, question_id: uuid.UUID, giver: int, now: datetime | None = None
) -> None:
    """Take a proxy back. A ballot already cast by it stands until the giver votes: that supersedes it."""
    with locked(actor, district_id, question_id, "open") as question:
        must_host(question, actor)
        if not question.proxies.filter(giver__seq=giver, revoked_at=None).update(revoked_at=at(now)):
            raise NotFound(_("这一户没有委托。"), fields={"giver": _("这一户没有委托。")})


def _entry(question: Question, seq: int, field: str) -> RollEntry:
    found = question.roll.filter(seq=seq).first()
    if found is None:
        message = _("名册里没有 %d 号。") % seq
        raise NotFound(message, fields={field: message})
    return found
