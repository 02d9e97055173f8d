"""Put to the vote, and what follows: published by itself where it was adopted, back to the desk where not.

The vote is a question of ``core/decisions`` under its own rules. What is voted on is frozen there: the question's text
carries the version's number and digest, and an open question never changes. ``settle`` compares the two before a
version is published.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import structlog
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from linli.core.decisions import actions as decisions
from linli.core.decisions import queries as voting
from linli.core.decisions.actions.drafting import Asking
from linli.core.decisions.models import Question, RuleVersion
from linli.core.matters import records
from linli.core.matters.step import optional
from linli.core.people.actor import SYSTEM, Actor
from linli.core.places.tree import tree
from linli.kit.figures import on
from linli.kit.ids import new_id
from linli.kit.refusal import Conflict
from linli.offices.covenants import booked, cautions
from linli.offices.covenants.actions.common import at, day_of, label, locked, log, newest, running, seal, wrong
from linli.offices.covenants.models import Comment, Covenant, Passage, Version
from linli.offices.covenants.models.covenant import Kind
from linli.offices.covenants.telling import tell_all

log_ = structlog.get_logger(__name__)
OWNERS_RULE: Final = "cc278"  # 民法典第二百七十八条第一款第二项: 制定和修改管理规约
RESIDENTS_RULES: Final = ("household", "consensus")
LONGEST_QUESTION: Final = 9_000  # core/decisions takes 10,000; head and digest need the rest


@dataclass(frozen=True)
class Putting:
    """What is decided when a text is put to the vote. ``confirmed``: a person read the words to think about."""

    rule_id: uuid.UUID
    closes_at: datetime
    since: date
    review_on: date
    confirmed: bool = False
    why: str = ""


def ways(covenant: Covenant) -> list[RuleVersion]:
    """Rules by which this kind of covenant may be voted on: owners' own by the Civil Code, others by household."""
    wanted = (OWNERS_RULE,) if covenant.kind == Kind.MANAGEMENT else RESIDENTS_RULES
    found = {rule.code: rule for rule in voting.rules(covenant.district_id)}
    return [found[code] for code in wanted if code in found]


def put_to_vote(
    *, actor: Actor, covenant: Covenant, putting: Putting, version: int | None = None, now: datetime | None = None
) -> Passage:
    """Freeze the newest version and ask the roll. All of it or nothing: a roll with holes leaves the text as it is."""
    now = at(now)
    with locked(actor, covenant, "comment", version=version) as row:
        _must_be_ripe(row, day_of(now))
        rule = next((r for r in ways(row) if r.pk == putting.rule_id), None)
        if rule is None:
            raise wrong("rule", _("这种公约不能按这条规则表决。"))
        if putting.review_on <= putting.since:
            raise wrong("review_on", _("回头看的日子要在施行以后。"))
        text = newest(row)
        found = cautions.find(text.said)
        why = optional(putting.why, "why", limit=300)
        if found and not (putting.confirmed and why):
            raise wrong("why" if putting.confirmed else "confirmed", _("这几处先看过，写一句为什么可以留，再付表决。"))
        question = _ask(actor, row, text, rule, putting, now)
        passage = Passage.objects.create(
            id=new_id(), district_id=row.district_id, covenant=row, number=text.number, digest=text.digest,
            question=question, cautions=[c.as_json() for c in found], why=why if found else "", by=label(actor, row),
            at=now, since=putting.since, review_on=putting.review_on,
        )  # fmt: skip
        row.state, row.shown = "voting", row.newest
        log(row, actor, "vote", now, question=question.number, rule=rule.name)
        told = {"title": row.title, "n": text.number}
        tell_all(row, _("《%(title)s》第 %(n)d 稿开始表决了，去看看、投一票。") % told, now)
    return passage


def _must_be_ripe(covenant: Covenant, today: date) -> None:
    """The days for comments are over, each has its answer, and nothing else is being voted on here."""
    if covenant.closes_on is None or today <= covenant.closes_on:
        raise Conflict(_("征求意见还没截止，等大家说完再付表决。"), code="commenting")
    waiting = Comment.objects.filter(district_id=covenant.district_id, covenant=covenant, outcome="waiting").count()
    if waiting:
        raise Conflict(_("还有 %d 条意见没回。一条一条回了，再付表决。") % waiting, code="unanswered")
    if number := running(covenant.district_id, covenant.matter_id):
        raise Conflict(_("%s 还在表决，等它有结果。") % number, code="voting")
    other = Covenant.objects.filter(district_id=covenant.district_id, state="voting").filter(
        pk=covenant.replaces_id or covenant.pk
    )
    heir = Covenant.objects.filter(district_id=covenant.district_id, state="voting", replaces=covenant)
    if (busy := other.first() or heir.first()) is not None:
        raise Conflict(_("《%s》正在表决，它和这一份只能留一份，等它有结果。") % busy.title, code="replacing")


def _ask(
    actor: Actor, covenant: Covenant, text: Version, rule: RuleVersion, putting: Putting, now: datetime
) -> Question:
    told = {"title": text.title, "n": text.number}
    owners = rule.code == OWNERS_RULE
    asking = Asking(
        title=_("《%(title)s》（第 %(n)d 稿）定不定") % told, text=frozen(covenant, text),
        place=tree(covenant.district_id).by_id[covenant.place_id], closes_at=putting.closes_at, rule_id=rule.pk,
        method="consent" if rule.spec.get("consent") else "choice", roll_kind="owners" if owners else "households",
        binding=True, review_on=putting.review_on,
    )  # fmt: skip
    ids: dict[str, Any] = {"actor": actor, "district_id": covenant.district_id, "now": now}
    made = decisions.draft(matter_id=covenant.matter_id, asking=asking, **ids)
    return decisions.open_question(question_id=made.pk, **ids)


def frozen(covenant: Covenant, text: Version) -> str:
    """What stands on the ballot: the articles where they fit, the page where they stand, and the digest."""
    page = reverse("covenants:public-version", args=[covenant.number, text.number])
    whole = text.said.plain
    if len(whole) > LONGEST_QUESTION:
        whole = _("全文太长，放不进投票单，请看 %s。") % page
    return "\n\n".join([whole, _("全文和每一稿的差别：%s") % page, _("表决的是这一稿，文本指纹 %s") % text.digest])


# ── what came of it ─────────────────────────────────────────────────────────────────────────────────────────
def settle(*, passage: Passage, now: datetime | None = None) -> Passage:
    """Take over the outcome of a vote that was counted or withdrawn; a repeat changes nothing."""
    now = at(now)
    with locked(SYSTEM, passage.covenant) as row:
        kept = Passage.objects.select_related("question").get(district_id=row.district_id, pk=passage.pk)
        question = kept.question
        if kept.outcome or question.state not in ("decided", "withdrawn"):
            return kept
        kept.outcome = "withdrawn" if question.state == "withdrawn" else str((question.result or {})["outcome"])
        kept.settled_at = now
        text = Version.objects.get(district_id=row.district_id, covenant=row, number=kept.number)
        if kept.outcome == "adopted":
            _must_be_what_was_voted(kept, text)
            _publish(row, kept, text, now)
        else:
            _send_back(row, kept, now)
        kept.save()
    return kept


def _must_be_what_was_voted(passage: Passage, text: Version) -> None:
    """A text that is no longer the one voted on is not published, whoever changed it."""
    if text.digest != passage.digest or text.digest not in passage.question.text:
        raise Conflict(_("文本和表决的那一稿对不上，没有公布。请找审计来看。"), code="altered")


def _publish(covenant: Covenant, passage: Passage, text: Version, now: datetime) -> None:
    """The new version takes the old one's place on its day; what it replaces ends on the same day."""
    passage.since = max(passage.since, day_of(now))
    others = Passage.objects.filter(district_id=covenant.district_id, outcome="adopted", until=None)
    others.filter(covenant=covenant).exclude(pk=passage.pk).update(until=passage.since)
    covenant.state = "settled"
    told = {"title": text.title, "n": text.number, "day": on(passage.since)}
    log(covenant, SYSTEM, "adopted", now, question=passage.question.number, since=passage.since.isoformat())
    seal(covenant, SYSTEM, "publish", text, now, _("《%(title)s》第 %(n)d 稿通过，%(day)s 起施行") % told)
    tell_all(covenant, _("《%(title)s》通过了，%(day)s 起施行。") % told, now)
    if covenant.replaces_id is not None:
        _end_replaced(covenant, covenant.replaces_id, passage.since, now)


def _end_replaced(covenant: Covenant, key: uuid.UUID, day: date, now: datetime) -> None:
    old = Covenant.objects.select_for_update(of=("self",)).get(district_id=covenant.district_id, pk=key)
    if old.state == "ended":
        return
    Passage.objects.filter(district_id=old.district_id, covenant=old, outcome="adopted", until=None).update(until=day)
    old.state, old.ended_on, old.version = "ended", day, old.version + 1
    old.save(update_fields=["state", "ended_on", "version"])
    log(old, SYSTEM, "replaced", now, covenant.title, by=covenant.number)
    records.keep(booked.COVENANT, old.district_id, [old.pk], now=now)
    tell_all(old, _("《%(old)s》由《%(new)s》替换了。") % {"old": old.title, "new": covenant.title}, now)


def _send_back(covenant: Covenant, passage: Passage, now: datetime) -> None:
    """Back to the desk: the text is written on, and asked about again before the next vote."""
    act = "recalled" if passage.outcome == "withdrawn" else "rejected"
    covenant.state, covenant.opens_on, covenant.closes_on = "draft", None, None
    log(covenant, SYSTEM, act, now, question=passage.question.number, outcome=passage.outcome)
    told = {"title": covenant.title, "n": passage.number, "what": passage.get_outcome_display()}
    tell_all(covenant, _("《%(title)s》第 %(n)d 稿：%(what)s，退回再改。") % told, now)


def settle_due(now: datetime | None = None, limit: int = 50) -> int:
    """The worker's part: votes on covenants that were counted or withdrawn since the last turn."""
    rows = Passage.objects.filter(outcome="", question__state__in=("decided", "withdrawn"))
    done = 0
    for passage in list(rows.select_related("covenant").order_by("pk")[:limit]):
        try:
            with transaction.atomic():
                settle(passage=passage, now=now)
            done += 1
        except Conflict as refused:  # the others go on; the host's page says it, too
            log_.error("covenant.not_published", covenant=passage.covenant.number, why=refused.code)
    return done
