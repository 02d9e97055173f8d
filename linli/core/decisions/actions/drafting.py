"""Drafting a question, versions of rules, taking a question back, and results that were reached elsewhere."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from linli.core.decisions import terms
from linli.core.decisions.actions.common import at, forget_papers, locked, must_host, tell
from linli.core.decisions.counting import METHODS, parse_rule
from linli.core.decisions.counting.methods import ABSTAIN, CONSENT, NO, OBJECTION, YES
from linli.core.decisions.models import Question, RuleVersion
from linli.core.decisions.numbers import question_number
from linli.core.decisions.rolls import KINDS
from linli.core.matters.models import Matter
from linli.core.matters.step import optional, required
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.places.tree import Node, tree
from linli.kit.ids import new_id
from linli.kit.refusal import Conflict, Forbidden, Invalid, NotFound

MOST_OPTIONS = 40
YES_NO = ({"code": YES, "name": "同意"}, {"code": NO, "name": "不同意"}, {"code": ABSTAIN, "name": "弃权"})
CONSENTING = (
    {"code": CONSENT, "name": "没有意见"},
    {"code": OBJECTION, "name": "有异议"},
    {"code": ABSTAIN, "name": "弃权"},
)


@dataclass(frozen=True)
class Asking:
    """What a host writes down: nothing of it is judged yet. ``options`` empty means yes, no and abstention."""

    title: str
    place: Node
    closes_at: datetime
    rule_id: uuid.UUID
    text: str = ""
    method: str = "choice"
    options: list[dict[str, Any]] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)
    roll_kind: str = "households"
    parking: bool = False
    secret: bool = False
    binding: bool = False
    review_on: date | None = None


def add_rule(
    *, actor: Actor, district_id: int, code: str, name: str, spec: dict[str, Any], basis: str = "", signed_by: str = ""
) -> RuleVersion:
    """The next version of a rule. What older questions were put under stays as it was."""
    if actor.kind != "system" and not (actor.has(duties.CONFIGURE) and actor.district_id == district_id):
        raise Forbidden(_("规则由系统管理员按签过字的版本录入。"))
    try:
        rule = parse_rule(spec)
    except ValueError as wrong:
        raise Invalid(str(wrong), fields={"spec": str(wrong)}) from wrong
    if rule.silence and not signed_by:
        message = _("没表态的算随多数，要写明这一版规则是谁签的。")
        raise Invalid(message, fields={"signed_by": message})
    with transaction.atomic():
        newest = RuleVersion.objects.filter(district_id=district_id, code=code).aggregate(v=Max("version"))["v"]
        return RuleVersion.objects.create(
            id=new_id(), district_id=district_id, code=required(code, "code", limit=24), version=(newest or 0) + 1,
            name=required(name, "name", limit=60), spec=spec, basis=basis, signed_by=signed_by,
        )  # fmt: skip


def draft(
    *, actor: Actor, district_id: int, matter_id: uuid.UUID, asking: Asking, now: datetime | None = None
) -> Question:
    """Write a question down on a topic. Nobody votes yet, and everything can still be changed."""
    now = at(now)
    matter = Matter.objects.filter(district_id=district_id, pk=matter_id).first()
    held = actor.over(duties.CONVENE, asking.place.path)
    if matter is None or held is None or actor.district_id != district_id:
        raise NotFound(_("没有找到要表决的这件事。"))
    rule = _rule(district_id, asking)
    question = Question(
        id=new_id(), district_id=district_id, matter=matter, number=question_number(district_id, now), host_id=held.id,
        made_at=now,
    )  # fmt: skip
    _write(question, asking, rule, now)
    question.save(force_insert=True)
    return question


def edit(
    *, actor: Actor, district_id: int, question_id: uuid.UUID, asking: Asking, version: int | None = None,
    now: datetime | None = None,
) -> Question:  # fmt: skip
    """Change a draft. What is open changes only by a published amendment."""
    with locked(actor, district_id, question_id, "draft", version=version) as question:
        must_host(question, actor)
        if actor.over(duties.CONVENE, asking.place.path) is None:
            raise Forbidden(_("那个范围不归您主持。"))
        _write(question, asking, _rule(district_id, asking), at(now))
    return question


def withdraw(
    *, actor: Actor, district_id: int, question_id: uuid.UUID, reason: str, now: datetime | None = None
) -> Question:
    """Take a question back. Ballots already taken are never counted, and everybody on the roll is told why."""
    with locked(actor, district_id, question_id, "draft", "open", "closed") as question:
        must_host(question, actor)
        words = required(reason, "reason", limit=500)
        was_open, question.state = question.state != "draft", "withdrawn"
        if was_open:
            question.envelopes.update(sealed=None, choice=None, commit="", key_hash="")
            forget_papers(question)
            tell(question, actor, "withdraw", words, at(now), title=question.title)
    return question


def import_result(
    *, actor: Actor, district_id: int, question_id: uuid.UUID, source: str, reference: str, outcome: str,
    figures: dict[str, Any], now: datetime | None = None,
) -> Question:  # fmt: skip
    """Take over the official result of a vote held on the housing authority's system: its source stands beside it."""
    now = at(now)
    with locked(actor, district_id, question_id, "draft") as question:
        must_host(question, actor)
        if outcome not in ("adopted", "rejected", "no_quorum"):
            raise Invalid(_("结果只能是通过、没通过或人数不够。"), fields={"outcome": _("不认识的结果。")})
        _must_review(question, outcome)
        question.imported = {"source": required(source, "source", limit=120),
                             "reference": required(reference, "reference", limit=120)}  # fmt: skip
        question.result = {"outcome": outcome, "imported": True, "figures": figures}
        question.state, question.decided_at = "decided", now
        tell(question, actor, "count", "", now, outcome=outcome, terms=terms.digest(question), **question.imported)
    return question


def _must_review(question: Question, outcome: str) -> None:
    if outcome == "adopted" and question.review_on is None:
        message = _("通过的事要写明哪天回头看。")
        raise Invalid(message, fields={"review_on": message})


def rule_fits(spec: Mapping[str, Any], method: str) -> bool:
    """Consensus goes with its own rule; a share of those in favour means something only where one option can be it."""
    if bool(spec.get("consent")) != (method == "consent"):
        return False
    if spec.get("gathered"):
        return method == "choice"
    return method in ("choice", "consent", "approval") or all(c["part"] == "present" for c in spec["conditions"])


# ── what is written ─────────────────────────────────────────────────────────────────────────────────────────
def _rule(district_id: int, asking: Asking) -> RuleVersion:
    rule = RuleVersion.objects.filter(district_id=district_id, pk=asking.rule_id).first()
    if rule is None:
        raise Invalid(_("没有这一版规则。"), fields={"rule": _("请选一版规则。")})
    return rule


def _write(question: Question, asking: Asking, rule: RuleVersion, now: datetime) -> None:
    district_id = question.district_id
    if asking.method not in METHODS:
        raise Invalid(_("没有这种投法。"), fields={"method": _("请选一种投法。")})
    if asking.roll_kind not in KINDS:
        raise Invalid(_("没有这种名册。"), fields={"roll_kind": _("请选一种名册。")})
    if asking.closes_at <= now:
        raise Invalid(_("截止的时间已经过了。"), fields={"closes_at": _("要在以后。")})
    if not rule_fits(rule.spec, asking.method):
        raise Invalid(_("这版规则不配这种投法。"), fields={"rule": _("换一版规则，或换一种投法。")})
    if bool(rule.spec.get("gathered")) != (asking.roll_kind == "present"):
        raise Invalid(_("到会的人投，用到会的规则；别的名册用别的。"), fields={"rule": _("换一版规则，或换一种名册。")})
    if question.more.get("item") and question.more["item"] != asking.more.get("item"):
        raise Conflict(_("会场的表决只在会场里问，不改成别的。"), code="gathered")
    if rule.spec.get("weighted") and asking.roll_kind != "owners":
        raise Invalid(_("按面积的规则只用于业主名册。"), fields={"rule": _("这版规则要按面积算。")})
    node = tree(district_id).by_id[asking.place.id]
    question.title = required(asking.title, "title", limit=80)
    question.text = optional(asking.text, "text", limit=10_000)
    question.place_id, question.scope_path = node.id, node.path
    question.method, question.options, question.more = asking.method, _options(asking), _more(asking)
    question.rule, question.roll_kind, question.parking = rule, asking.roll_kind, asking.parking
    question.secret, question.binding = asking.secret, asking.binding
    question.closes_at, question.review_on = asking.closes_at, asking.review_on


def _options(asking: Asking) -> list[dict[str, Any]]:
    if asking.method == "consent":
        return [dict(o) for o in CONSENTING]
    if not asking.options and asking.method == "choice":
        return [dict(o) for o in YES_NO]
    names = [str(o.get("name", "")).strip() for o in asking.options]
    if not 2 <= len(names) <= MOST_OPTIONS or not all(names) or len(set(names)) != len(names):
        message = _("选项要有 2 到 %d 个，不能空，也不能重样。") % MOST_OPTIONS
        raise Invalid(message, fields={"options": message})
    return [_option(n, each, asking.method) for n, each in enumerate(asking.options, 1)]


def _option(serial: int, raw: dict[str, Any], method: str) -> dict[str, Any]:
    option: dict[str, Any] = {"code": str(raw.get("code") or f"o{serial}")[:20], "name": str(raw["name"]).strip()[:80]}
    if method == "budget":
        cost = raw.get("cost_fen")
        if not isinstance(cost, int) or cost <= 0:
            raise Invalid(_("每一项都要写要花多少钱。"), fields={"options": _("“%s”没有写钱数。") % option["name"]})
        option["cost_fen"] = cost
    return option


def _more(asking: Asking) -> dict[str, Any]:
    return _serving(asking) | _sitting(asking) | _of_method(asking)


def _sitting(asking: Asking) -> dict[str, Any]:
    """Which point of which sitting, where the roll is those present."""
    if asking.roll_kind != "present":
        return {}
    item, gathering = asking.more.get("item"), asking.more.get("gathering")
    if not item or not gathering:
        raise Invalid(_("到会的人投，要从会场里问。"), fields={"roll_kind": _("从会场里问。")})
    return {"item": str(item), "gathering": str(gathering)}


def _serving(asking: Asking) -> dict[str, Any]:
    """Whose posts, where the roll is one of posts."""
    if asking.roll_kind != "posts":
        return {}
    roles = [str(code) for code in asking.more.get("roles") or () if str(code) in duties.ROLES]
    if not roles:
        raise Invalid(_("写明哪些岗位上的人来投。"), fields={"roles": _("至少选一种岗位。")})
    return {"roles": roles}


def _of_method(asking: Asking) -> dict[str, Any]:
    if asking.method == "budget":
        budget = asking.more.get("budget_fen")
        if not isinstance(budget, int) or budget <= 0:
            raise Invalid(_("要写一共有多少钱。"), fields={"budget": _("要写一共有多少钱。")})
        costs = {f"o{n}" if not o.get("code") else str(o["code"])[:20]: o.get("cost_fen") for n, o in
                 enumerate(asking.options, 1)}  # fmt: skip
        return {"budget_fen": budget, "costs": costs}
    seats = asking.more.get("seats", 1)
    if not isinstance(seats, int) or not 1 <= seats <= MOST_OPTIONS:
        raise Invalid(_("选出几项要是整数。"), fields={"seats": _("至少一项。")})
    return {"seats": seats} if asking.method in ("approval", "score") else {}
