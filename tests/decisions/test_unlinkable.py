"""Somebody with the whole database, its files' order and a backup tries to join voters and votes, and does not.

Forty households say forty different things, so that every counted ballot is known to this test and to nobody else. The
attack joins every table that names a voter with the counted ballots: by every pair of equal values, and by every pair
of orders (keys that carry the time, times, hashes, the rows' places in the file). One right guess in forty is chance.
"""

from __future__ import annotations

import json
import random
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import nullcontext
from decimal import Decimal
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from linli.config import worker
from linli.config.backup import backup, writing
from linli.core.decisions import actions
from linli.core.decisions.actions import counting
from linli.core.decisions.models import Counted, Envelope, Member, PaperEntry, Question, RollEntry
from linli.kit import outbox
from linli.kit.refusal import Conflict
from tests.cast import DISTRICT, Town
from tests.decisions import cast
from tests.decisions.cast import NOW, Votes

pytestmark = pytest.mark.system("D5")
Rows = list[tuple[dict[str, Any], int]]
HOMES, CHANCE = 40, 10  # more than ten right of forty by chance: once in ten million
OPTIONS = [{"name": f"第 {n} 项"} for n in (1, 2, 3)]


def said_by(n: int) -> dict[str, int]:
    return {"o1": n % 6, "o2": n // 6 % 6, "o3": 1 + n // 36}


@pytest.fixture
def many(town: Town) -> Votes:
    return cast.build(town, homes=HOMES)


def held(votes: Votes) -> tuple[Question, list[str]]:
    """A secret vote cast in no particular order, one by slip, one on paper, one changed; counted."""
    question = votes.open("menu", method="score", options=OPTIONS, secret=True)
    host = votes.staff("community")
    codes = {e.seq: code for e, code in actions.issue_slips(actor=host, district_id=DISTRICT, question_id=question.pk)}
    receipts, order = [], list(range(HOMES))
    random.Random(5).shuffle(order)
    votes.vote(question, order[0], {"o1": 5}, key="a-first-thought")
    for n in order:
        if n == order[1]:
            for who in ("community", "community_b"):
                actions.enter_paper(actor=votes.staff(who), district_id=DISTRICT, question_id=question.pk, now=NOW,
                                    slip=codes[n + 1], choice=said_by(n))  # fmt: skip
            continue
        by_slip = {"slip": codes[n + 1]} if n == order[2] else {}
        receipts.append(votes.vote(question, n, said_by(n), key=f"key-of-{n}", **by_slip).receipt)
    actions.enter_paper(actor=host, district_id=DISTRICT, question_id=question.pk, slip=codes[1], choice=said_by(0),
                        now=NOW)  # fmt: skip
    assert "ballot" in outbox.topics(), worker.HANDLING
    while outbox.drain():
        pass
    return votes.count(question), receipts


# ── the attack ──────────────────────────────────────────────────────────────────────────────────────────────────
def rows_of(model: Any) -> Iterator[dict[str, Any]]:
    """Every column as the database keeps it, and the row's place in the file."""
    place = "ctid::text" if connection.vendor == "postgresql" else "rowid"
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {place}, {table}.* FROM {table}")
        names = ["(place)", *[each[0] for each in cursor.description[1:]]]
        for row in cursor.fetchall():
            found = dict(zip(names, row, strict=True))
            if connection.vendor == "postgresql":
                page, line = re.findall(r"\d+", row[0])
                found["(place)"] = int(page) * 1000 + int(line)
            yield found


def voters(votes: Votes, question: Question) -> dict[str, int]:
    """Whatever names a household, and which: its entry, its persons, their accounts, its homes, its number."""
    known: dict[str, int] = {}
    for entry in RollEntry.objects.filter(question=question):
        for key in (entry.pk.hex, *(unit.replace("-", "") for unit in entry.units)):
            known[key] = entry.seq
    for member in Member.objects.filter(question=question).select_related("entry"):
        known[member.person_id.hex] = member.entry.seq
    known |= {user.pk.hex: known[user.person_id.hex] for user in votes.accounts if user.person_id}
    return known


def named(row: dict[str, Any], known: dict[str, int]) -> int | None:
    """The one household that a row is about."""
    text = re.sub(r"(?<=[0-9a-f])-(?=[0-9a-f])", "", " ".join(str(v) for v in row.values()))
    found = {known[key] for key in re.findall(r"[0-9a-f]{32}", text) if key in known}
    return found.pop() if len(found) == 1 else None


def orders(rows: Rows) -> Iterator[tuple[str, list[int]]]:
    """What each column's order, and the file's, makes of them."""
    for column in rows[0][0] if rows else ():
        if len({str(row[column]) for row, _who in rows}) > 1:
            yield column, list(dict.fromkeys(who for _row, who in sorted(rows, key=partial(_rank, column))))


def _rank(column: str, one: tuple[dict[str, Any], int]) -> tuple[float, str]:
    value = one[0][column]
    whole = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    return (float(value), "") if whole else (0.0, str(value))


def attack(votes: Votes, question: Question) -> dict[str, int]:
    """Every join that can be tried, and how many votes it gives to whom they belong."""
    truth = {json.dumps(said_by(n), sort_keys=True): n + 1 for n in range(HOMES)}
    known, found = voters(votes, question), dict[str, int]()
    counted = [(row, _who(row["choice"], truth)) for row in rows_of(Counted)]
    for model in apps.get_models():
        if model._meta.managed and model not in (Counted, Question):
            about = [(row, who) for row in rows_of(model) if (who := named(row, known)) is not None]
            found |= {f"{model.__name__}: {name}": right for name, right in joined(about, counted).items()}
    return found


def joined(about: Rows, counted: Rows) -> dict[str, int]:
    """One table against the counted ballots."""
    found: dict[str, int] = {}
    for (mine, people), (theirs, ballots) in product(orders(about), orders(counted)):
        if len(people) == len(ballots):
            found[f"order of {mine} and {theirs}"] = max(_same(people, ballots), _same(people, ballots[::-1]))
    for mine, theirs in product(about[0][0] if about else (), counted[0][0]):
        found[f"{mine} = {theirs}"] = _equal(about, mine, counted, theirs)
    return found


def _who(choice: Any, truth: dict[str, int]) -> int:
    return truth[json.dumps(json.loads(choice) if isinstance(choice, str) else choice, sort_keys=True)]


def _same(first: list[Any], second: list[Any]) -> int:
    return sum(a == b for a, b in zip(first, second, strict=True))


def _equal(about: Rows, mine: str, counted: Rows, theirs: str) -> int:
    by_value = defaultdict(set)
    for row, who in about:
        by_value[str(row[mine])].add(who)
    return sum(by_value[str(row[theirs])] == {who} for row, who in counted)


# ── tried ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_no_join_and_no_order_gives_votes_to_voters(many: Votes) -> None:
    question, _receipts = held(many)
    assert Counted.objects.count() == HOMES
    found = attack(many, question)
    assert len(found) > 300, "the attack looks at something"
    assert {name: right for name, right in found.items() if right > CHANCE} == {}


def test_the_attack_finds_what_is_there(many: Votes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same attack on ballots that nobody shuffled: it must tell all of them, or it proves nothing."""
    monkeypatch.setattr(counting, "_shuffle", lambda rows: None)
    question, _receipts = held(many)
    assert max(attack(many, question).values()) >= HOMES - 2


def test_what_was_typed_once_or_answers_a_repeat_is_gone(many: Votes) -> None:
    question, receipts = held(many)
    assert PaperEntry.objects.filter(question=question, state="first").count() == 1
    assert set(PaperEntry.objects.values_list("commit", flat=True)) == {""}
    assert set(Envelope.objects.values_list("commit", "key_hash", "sealed", "choice")) == {("", "", None, None)}
    assert len(receipts) == HOMES - 1


def test_before_the_count_a_receipt_and_the_database_do_not_tell_the_vote(many: Votes) -> None:
    """No hash of the choice lies beside a secret ballot: the few choices there are could be tried against it."""
    question = many.open(secret=True)
    many.vote(question, 0, "yes", key="the-same-key")
    again = many.vote(question, 0, "yes", key="the-same-key")
    assert (again.again, Envelope.objects.get().commit) == (True, "")


def test_a_backup_made_after_the_count_joins_nothing(
    many: Votes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    question, receipts = held(many)
    # A snapshot has a connection of its own, to which this test's transaction does not exist yet.
    monkeypatch.setattr(writing, "snapshot", lambda: nullcontext("default"))
    assert backup(tmp_path / "after.zip", report=lambda _line: None) == 0
    text: dict[str, str] = {}
    with zipfile.ZipFile(tmp_path / "after.zip") as kept:
        for name in kept.namelist():
            text[name] = kept.read(name).decode("utf-8", "replace")
    assert not any(receipt in each for each in text.values() for receipt in receipts)
    ballots = next(each for name, each in text.items() if "counted" in name)
    lines = next(each for name, each in text.items() if "envelope" in name).splitlines()
    truth = {json.dumps(said_by(n), sort_keys=True): n + 1 for n in range(HOMES)}
    told = [truth[json.dumps(json.loads(m), sort_keys=True)] for m in re.findall(r'\{"o1"[^{}]*\}', _plain(ballots))]
    known = voters(many, question)
    people = list(dict.fromkeys(who for line in lines if (who := named({"line": line}, known)) is not None))
    assert len(told) == len(people) == HOMES
    assert max(_same(people, told), _same(people, told[::-1])) <= CHANCE


def _plain(text: str) -> str:
    return text.replace('\\"', '"')


def test_a_log_of_everything_says_nothing_of_a_choice(many: Votes, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    _question, receipts = held(many)
    assert "'o1'" not in caplog.text
    assert '"o1"' not in caplog.text
    assert not any(receipt in caplog.text for receipt in receipts)


# ── what would tell is not opened ───────────────────────────────────────────────────────────────────────────────
def test_four_ballots_are_not_opened_and_nothing_is_half_done(many: Votes) -> None:
    question = many.open(secret=True)
    for n in range(4):
        many.vote(question, n, "yes")
    counting.close_due(now=cast.CLOSES)
    with pytest.raises(Conflict, match="只有 4 户投了") as refused:
        actions.strip(actor=many.staff("community"), district_id=DISTRICT, question_id=question.pk,
                      passphrase="只有community知道的口令", now=cast.COUNTED)  # fmt: skip
    assert refused.value.code == "too_few"
    assert Envelope.objects.exclude(sealed=None).count() == 4
    assert Question.objects.get().state == "closed"
    actions.withdraw(actor=many.staff("community"), district_id=DISTRICT, question_id=question.pk, reason="改公开投。",
                     now=cast.COUNTED)  # fmt: skip
    assert not Envelope.objects.exclude(sealed=None).exists()


def test_an_area_that_only_few_of_the_ballots_share_is_not_opened(many: Votes) -> None:
    question = many.open("cc278", roll_kind="owners", secret=True)
    large = [n for n in range(HOMES) if n % 3 == 0]
    for n in [*range(1, HOMES, 3), *range(2, HOMES, 3), *large[:3]]:
        many.vote(question, n, "yes")
    counting.close_due(now=cast.CLOSES)
    with pytest.raises(Conflict, match=r"120\.00 m²") as refused:
        actions.strip(actor=many.staff("community"), district_id=DISTRICT, question_id=question.pk,
                      passphrase="只有community知道的口令", now=cast.COUNTED)  # fmt: skip
    assert refused.value.code == "area_tells"
