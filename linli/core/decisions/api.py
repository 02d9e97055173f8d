"""``/api/v1/questions``: what is asked, voting, hosting, and the public recount."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router

from linli.core.decisions import actions, publishing, queries
from linli.core.decisions import schemas as s
from linli.core.decisions.actions.casting import entries_of
from linli.core.decisions.actions.drafting import Asking
from linli.core.decisions.allowed import allowed
from linli.core.decisions.models import Question
from linli.core.matters import seeing
from linli.core.matters.api import caller, reply, signed_in
from linli.core.people.actor import Actor
from linli.core.places.tree import district_ids, lettered, tree
from linli.kit import api as manners
from linli.kit.refusal import Invalid, NotFound

router = Router(tags=["questions"])


@router.get("/questions", auth=None)
def list_questions(request: HttpRequest, filters: Query[s.ListQuery]) -> HttpResponse:
    """Everything ever opened, and the drafts of one's own scope, newest first; ``mine``: those one may vote in."""
    actor = caller(request)
    if filters.mine:
        return reply({"items": [brief(q) for q in queries.to_vote(actor)], "next": None})
    rows = queries.visible(actor) if actor.district_id else queries.public(district_ids()[0] if district_ids() else 0)
    if filters.state:
        rows = rows.filter(state=filters.state)
    if filters.place:
        rows = rows.filter(place__code=filters.place)
    if filters.cursor:
        rows = rows.filter(pk__lt=seeing.read_cursor(filters.cursor))
    found = list(rows[: filters.limit + 1])
    page, more = found[: filters.limit], len(found) > filters.limit
    return reply({"items": [brief(q) for q in page], "next": page[-1].pk.hex if more else None})


@router.post("/questions", auth=None)
def draft_question(request: HttpRequest, payload: s.QuestionIn) -> HttpResponse:
    """Write a question down on a topic (``matter``). With an Idempotency-Key it may be sent again."""
    actor = signed_in(request)

    def do() -> tuple[int, bytes]:
        matter = seeing.get_matter(actor, payload.matter)
        question = actions.draft(actor=actor, district_id=matter.district_id, matter_id=matter.pk,
                                 asking=_asking(matter.district_id, payload))  # fmt: skip
        return matter.district_id, orjson.dumps(detail(question, actor))

    return manners.once(request, f"question:{actor.user_id}", do)


def _asking(district_id: int, payload: s.QuestionIn) -> Asking:
    place = tree(district_id).by_code.get(payload.place)
    rule = next((r for r in queries.rules(district_id) if r.code == payload.rule), None)
    if place is None:
        raise Invalid(_("没有找到这个地方。"), fields={"place": _("没有找到这个地方。")})
    if rule is None:
        raise Invalid(_("没有这一版规则。"), fields={"rule": _("请选一版规则。")})
    return Asking(
        title=payload.title, text=payload.text, place=place, closes_at=payload.closes_at, rule_id=rule.pk,
        method=payload.method, options=[o.dict(exclude_none=True) for o in payload.options],
        more={"seats": payload.seats, "budget_fen": payload.budget_fen, "roles": payload.roles}, roll_kind=payload.roll,
        parking=payload.parking, secret=payload.secret, binding=payload.binding, review_on=payload.review_on,
    )  # fmt: skip


@router.get("/questions/{number}", auth=None)
def get_question(request: HttpRequest, number: str) -> HttpResponse:
    """One question with its meters, rule, amendments and, when it is decided, its result."""
    actor = caller(request)
    return reply(detail(_found(actor, number), actor))


@router.get("/questions/{number}/recount", auth=None)
def get_recount(request: HttpRequest, number: str) -> HttpResponse:
    """Roll without names, ballots, rule and result: what anybody needs to count again."""
    question = _found(caller(request), number)
    if question.opened_at is None:
        raise NotFound(_("没有找到这个表决。"))
    return reply(publishing.recount(question))


@router.post("/questions/{number}/{act}", auth=None)
def act_on_question(request: HttpRequest, number: str, act: str, payload: s.ActIn) -> HttpResponse:
    """``vote {choice, entry?, slip?, helper?}`` (with Idempotency-Key), ``object``, acts of host and tellers."""
    actor = caller(request)
    question = _found(actor, number)
    if act == "vote":
        return _vote(request, actor, question, payload)
    doing = _ACTS.get(act)
    if doing is None:
        raise NotFound(_("没有这个动作。"))
    if actor.user_id is None and not (act == "object" and payload.slip):
        signed_in(request)
    doing(actor, question, payload)
    return reply(detail(Question.objects.select_related("rule", "place").get(pk=question.pk), actor))


def _vote(request: HttpRequest, actor: Actor, question: Question, payload: s.ActIn) -> HttpResponse:
    taken = actions.cast(
        actor=actor, district_id=question.district_id, question_id=question.pk, choice=payload.choice,
        key=request.headers.get("Idempotency-Key", ""), entry=payload.entry, slip=payload.slip, helper=payload.helper,
    )  # fmt: skip
    envelope = taken.envelope
    body = {"number": question.number, "receipt": taken.receipt, "board": envelope.board, "entry": envelope.entry.seq,
            "taken_at": timezone.localtime(envelope.taken_at).isoformat(timespec="seconds")}  # fmt: skip
    return reply(body, 200 if taken.again else 201)


def _found(actor: Actor, number: str) -> Question:
    """By the district that the number's letters name, where nobody is signed in."""
    if actor.district_id is not None:
        return queries.get(actor, number)
    return queries.get(actor, number, lettered(number.strip().upper().partition("-")[0]))


# ── acts ────────────────────────────────────────────────────────────────────────────────────────────────────
Act = Callable[[Actor, Question, s.ActIn], object]


def _at(question: Question) -> dict[str, Any]:
    return {"district_id": question.district_id, "question_id": question.pk}


def _extend(actor: Actor, question: Question, given: s.ActIn) -> object:
    if given.closes_at is None:
        raise Invalid(_("写明延到什么时候。"), fields={"closes_at": _("这一项要写。")})
    return actions.extend(actor=actor, **_at(question), closes_at=given.closes_at, reason=given.reason)


def _correct(actor: Actor, question: Question, given: s.ActIn) -> object:
    return actions.correct_entry(
        actor=actor, **_at(question), seq=given.entry or 0, state=given.state, reason=given.reason
    )


def _proxy(actor: Actor, question: Question, given: s.ActIn) -> object:
    return actions.give_proxy(actor=actor, **_at(question), giver=given.giver or 0, holder=given.holder or 0,
                              evidence=given.text)  # fmt: skip


def _judge(actor: Actor, question: Question, given: s.ActIn) -> object:
    try:
        wanted = uuid.UUID(given.objection)
    except ValueError:
        raise NotFound(_("没有找到这条异议。")) from None
    return actions.judge_objection(actor=actor, **_at(question), objection_id=wanted, upheld=given.upheld,
                                   finding=given.text)  # fmt: skip


def _count(actor: Actor, question: Question, given: s.ActIn) -> object:
    if question.secret:
        return actions.count_secret(actor=actor, **_at(question), passphrase=given.passphrase)
    return actions.count_open(actor=actor, **_at(question))


_ACTS: dict[str, Act] = {
    "open": lambda a, q, g: actions.open_question(actor=a, **_at(q)),
    "withdraw": lambda a, q, g: actions.withdraw(actor=a, **_at(q), reason=g.reason),
    "extend": _extend,
    "correct": _correct,
    "proxy": _proxy,
    "paper": lambda a, q, g: actions.enter_paper(actor=a, **_at(q), entry=g.entry or 0, slip=g.slip, choice=g.choice),
    "object": lambda a, q, g: actions.object_to(actor=a, **_at(q), text=g.text, entry=g.entry, slip=g.slip),
    "judge": _judge,
    "tell": lambda a, q, g: actions.become_teller(actor=a, **_at(q), position=g.position, passphrase=g.passphrase),
    "strip": lambda a, q, g: actions.strip(actor=a, **_at(q), passphrase=g.passphrase),
    "count": _count,
}


# ── shapes ──────────────────────────────────────────────────────────────────────────────────────────────────
def brief(question: Question) -> dict[str, Any]:
    """A question in a list."""
    return {
        "number": question.number, "title": question.title, "state": question.state, "method": question.method,
        "place": {"code": question.place.code, "name": question.place.name, "level": question.place.level},
        "roll": {"kind": question.roll_kind, "heads": question.roll_heads, "area_m2": f"{question.roll_area:.2f}"},
        "secret": question.secret, "binding": question.binding, "closes_at": _iso(question.closes_at),
        "outcome": (question.result or {}).get("outcome"),
    }  # fmt: skip


def detail(question: Question, actor: Actor) -> dict[str, Any]:
    """A question whole; ``meters`` say how many took part, and before the count nothing says what they said."""
    meters = [publishing.meter_json(m) for m in publishing.live(question)] if question.roll_hash else []
    return brief(question) | {
        "text": question.text, "options": question.options, "opened_at": _iso(question.opened_at),
        "objections_until": _iso(question.objections_until), "decided_at": _iso(question.decided_at),
        "review_on": question.review_on.isoformat() if question.review_on else None,
        "rule": {"code": question.rule.code, "version": question.rule.version, "name": question.rule.name,
                 "basis": question.rule.basis},
        "roll_hash": question.roll_hash or None, "meters": meters, "result": question.result,
        "imported": question.imported, "version": question.version,
        "amendments": [{"seq": a.seq, "at": _iso(a.at), "what": a.what, "reason": a.reason, "before": a.before,
                        "after": a.after, "by": a.by} for a in question.amendments.order_by("seq")],
        "entries": [{"entry": e.seq, "label": e.label, "state": e.state} for e in entries_of(actor, question)],
        "allowed": allowed(question, actor, timezone.now()),
    }  # fmt: skip


def _iso(moment: Any) -> str | None:
    return timezone.localtime(moment).isoformat(timespec="seconds") if moment else None
