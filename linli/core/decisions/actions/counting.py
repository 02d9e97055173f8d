"""Counting. Open votes in one step; secret ones in two by two tellers, so that no one step knows who and what.

1. ``strip`` (first teller): every valid envelope's outer layer is opened, the inner ones are shuffled and written as
   slips under random keys; the envelopes lose content, times and the senders' keys; the teller's key is destroyed.
2. ``count_secret`` (second teller): the slips are opened, shuffled once more, written as counted ballots and counted;
   the slips and the second key are destroyed.

After the first step nothing links an entry to a slip; after the second nothing opens an older backup's slips but the
tellers' own passphrases together with that backup.
"""

from __future__ import annotations

import secrets
import uuid
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from django.db import connection, transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from linli.core.decisions import publishing, sealing, terms
from linli.core.decisions.actions.common import at, forget_papers, locked, must_host, tell
from linli.core.decisions.actions.opening import FEWEST_SECRET, SHARED_AREA
from linli.core.decisions.counting import Ballot, Result, Weight, check_choice, count, parse_rule
from linli.core.decisions.models import Counted, Envelope, Question, Slip, Teller
from linli.core.people.actor import SYSTEM, Actor
from linli.kit.filling import fill
from linli.kit.refusal import Conflict, Forbidden, Invalid

BATCH = 2000
_COUNTED = ("id", "district_id", "question_id", "position", "seq", "choice", "heads", "area_m2")
_shuffle = secrets.SystemRandom().shuffle


def count_open(*, actor: Actor, district_id: int, question_id: uuid.UUID, now: datetime | None = None) -> Question:
    """Count an open vote once its window for objections is over."""
    now = at(now)
    with locked(actor, district_id, question_id, "closed") as question:
        if actor.kind != "system":
            must_host(question, actor)
        if question.secret:
            raise Conflict(_("秘密投票由两位计票人拆封。"))
        _must_be_over(question, now)
        rows = question.envelopes.filter(state="valid").select_related("entry").order_by("entry__seq")
        counted = [
            Counted(district_id=district_id, question=question, position=n, seq=e.entry.seq, choice=e.choice,
                    heads=e.entry.heads, area_m2=e.entry.area_m2)
            for n, e in enumerate(rows.iterator(chunk_size=BATCH), 1)
        ]  # fmt: skip
        _decide(question, actor, counted, now)
    return question


def strip(
    *, actor: Actor, district_id: int, question_id: uuid.UUID, passphrase: str, now: datetime | None = None
) -> Question:
    """The first teller takes off the outer envelopes; from here on nothing can be annulled or found again."""
    now = at(now)
    with locked(actor, district_id, question_id, "closed") as question:
        _must_be_over(question, now)
        teller, key = _unlocked(question, actor, 1, passphrase)
        _must_hide(question)
        valid = question.envelopes.filter(state="valid", sealed__isnull=False).select_related("entry")
        slips = [
            Slip(district_id=district_id, question=question, heads=e.entry.heads, area_m2=e.entry.area_m2,
                 sealed=sealing.open_outer(bytes(e.sealed or b""), question.pk.bytes, key))
            for e in valid.iterator(chunk_size=BATCH)
        ]  # fmt: skip
        _shuffle(slips)
        _forget_freed_rows(Envelope, Teller)
        forget_papers(question)
        Slip.objects.bulk_create(slips, batch_size=BATCH)
        # One time for all of them, and no key of a sender: whoever voted stands here, and when and how does not.
        question.envelopes.update(sealed=None, choice=None, commit="", key_hash="", taken_at=question.closes_at)
        _destroy(teller)
        question.state = "stripped"
        tell(question, actor, "strip", "", now, slips=len(slips))
    return question


def count_secret(
    *, actor: Actor, district_id: int, question_id: uuid.UUID, passphrase: str, now: datetime | None = None
) -> Question:
    """The second teller opens the slips; the ballots are published in random order and counted."""
    now = at(now)
    with locked(actor, district_id, question_id, "stripped") as question:
        teller, key = _unlocked(question, actor, 2, passphrase)
        said = [(sealing.open_inner(bytes(s.sealed), question.pk.bytes, key), s.heads, s.area_m2)
                for s in question.slips.iterator(chunk_size=BATCH)]  # fmt: skip
        _shuffle(said)
        counted = [
            Counted(district_id=district_id, question=question, position=n, choice=choice, heads=heads, area_m2=area)
            for n, (choice, heads, area) in enumerate(said, 1)
        ]
        _forget_freed_rows(Slip, Teller)
        question.slips.all().delete()
        _destroy(teller)
        _decide(question, actor, counted, now)
    return question


# ── inside ──────────────────────────────────────────────────────────────────────────────────────────────────
def _must_be_over(question: Question, now: datetime) -> None:
    if question.objections_until is None or now < question.objections_until:
        raise Conflict(_("公示期还没过，谁家要说票不是自己投的，还能说。"), code="window_open")
    if question.objections.filter(state="open").exists():
        raise Conflict(_("还有异议没查完，查完再计票。"), code="objections_open")


def _unlocked(question: Question, actor: Actor, position: int, passphrase: str) -> tuple[Teller, X25519PrivateKey]:
    teller = question.tellers.filter(position=position).first()
    if teller is None or teller.user_id != actor.user_id or not teller.private:
        raise Forbidden(_("这一步要第 %d 位计票人自己来。") % position)
    try:
        return teller, sealing.unlock(bytes(teller.private), passphrase)
    except sealing.WrongPassphraseError:
        message = _("口令不对。没有口令，谁也打不开这些票。")
        raise Invalid(message, fields={"passphrase": message}) from None


def _destroy(teller: Teller) -> None:
    Teller.objects.filter(district_id=teller.district_id, pk=teller.pk).update(private=None)


def _must_hide(question: Question) -> None:
    """A result by which somebody could be told apart is not made at all: the envelopes stay shut (limits.md, rule 7).

    Who voted is known to the host. So few ballots, or an area that few of them share, would say who said what.
    """
    rows = question.envelopes.filter(state="valid")
    total = rows.count()
    if 0 < total < FEWEST_SECRET:
        raise Conflict(
            _("只有 %(n)d 户投了，一拆就看得出谁投了什么，不能拆。请撤回，改成公开的再投。") % {"n": total},
            code="too_few",
        )
    if question.weighted:
        shared = Counter(rows.values_list("entry__area_m2", flat=True))
        rare = sorted(area for area, n in shared.items() if n < SHARED_AREA)
        if rare:
            raise Conflict(
                _("%(areas)s m² 的投了不到 %(least)d 户，一拆就看得出是谁投的，不能拆。请撤回，改成公开的再投。")
                % {"areas": "、".join(str(a) for a in rare[:5]), "least": SHARED_AREA},
                code="area_tells",
            )


def _forget_freed_rows(*models: type[Model]) -> None:
    """What is overwritten or deleted here stays in a database's file for a while: ask both databases to drop it.

    SQLite leaves it there unless told to overwrite, and in its journal until a checkpoint; PostgreSQL until a vacuum.
    """
    tables = [model._meta.db_table for model in models]
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")
    transaction.on_commit(lambda: _sweep_out(tables))


def _sweep_out(tables: list[str]) -> None:
    if connection.in_atomic_block:  # a part of something larger (a demo, a test): its end is not ours
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return
        for table in tables:
            cursor.execute(f"VACUUM {connection.ops.quote_name(table)}")


def _decide(question: Question, actor: Actor, counted: list[Counted], now: datetime) -> None:
    fill(Counted, _COUNTED, ([getattr(each, name) for name in _COUNTED] for each in counted))
    result = result_of(question, ((c.choice, c.heads, c.area_m2) for c in counted))
    question.result = publishing.result_json(result)
    question.state, question.decided_at = "decided", now
    proof = publishing.proof(question)
    question.result["proof"] = proof
    tell(question, actor, "count", "", now, outcome=result.outcome, ballots=len(counted), proof=proof,
         beside=terms.beside_digest(question))  # fmt: skip


def result_of(question: Question, said: Iterable[tuple[Any, int, Decimal]]) -> Result:
    """The result under the question's own rule. A choice that is none (a forged envelope) is left out of everything."""
    ballots = [Ballot(choice, Weight(heads, area)) for choice, heads, area in said
               if not check_choice(question.method, choice, question.codes)]  # fmt: skip
    return count(
        rule=parse_rule(question.rule.spec), method=question.method, options=question.codes, more=question.more,
        roll=Weight(question.roll_heads, question.roll_area), ballots=ballots,
    )  # fmt: skip


def close_due(now: datetime | None = None, limit: int = 50) -> int:
    """The worker's part: votes whose time has run out become closed; open ones past their window are counted."""
    moment, done = at(now), 0
    due = Question.objects.filter(state="open", closes_at__lte=moment).values_list("district_id", "pk")[:limit]
    for district_id, pk in list(due):
        with locked(SYSTEM, district_id, pk) as question:
            if question.state == "open" and question.closes_at <= moment:
                question.state, done = "closed", done + 1
                forget_papers(question)
    rows = Question.objects.filter(state="closed", secret=False, objections_until__lte=moment)
    for district_id, pk in list(rows.values_list("district_id", "pk")[:limit]):
        try:
            count_open(actor=SYSTEM, district_id=district_id, question_id=pk, now=moment)
            done += 1
        except Conflict:
            continue  # an objection is still looked into: the host is reminded by the list
    return done
