"""Words outside a matter, erased as the law asks: gone for good, counted still, told of, and no break for verify."""

from __future__ import annotations

import argparse
import uuid
from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from linli.config.commands import ledger
from linli.core.matters.ledger.verifying import main, verify
from linli.core.matters.models import Entry, Matter
from linli.core.people.actor import ANONYMOUS, Actor
from linli.kit.refusal import Conflict, Forbidden, Invalid, NotFound
from linli.offices.councils import actions as councils
from linli.offices.councils.actions import Spoken
from linli.offices.councils.models import Opinion as Spoke
from linli.offices.covenants import actions as covenants
from linli.offices.covenants import trail
from linli.offices.covenants.models import Comment
from linli.offices.opinions import actions, queries
from linli.offices.opinions.models import Hint, Opinion, Round
from tests.cast import DISTRICT, Town
from tests.covenants.cast import Quarter
from tests.covenants.conftest import quarter
from tests.doors.test_field_inbox import as_, read
from tests.offices.test_opinions import asked, heard
from tests.offices.test_opinions_topics import topic

__all__ = ["quarter", "topic"]
ActAs = Callable[[str], Actor]
pytestmark = [pytest.mark.system("D5"), pytest.mark.system("D7")]
SECRET = "我家老人瘫痪在床，救护车进不来。"


def reasons() -> list[str]:
    return [found.reason for found in verify(DISTRICT).broken]


# ── a voice in an opinion round ─────────────────────────────────────────────────────────────────────────────────
def test_a_speaker_erases_by_receipt_and_everything_else_stays(
    client: Client,
    town: Town,
    act_as: ActAs,
    topic: Matter,
    capsys: pytest.CaptureFixture[str],
) -> None:
    row = asked(town, act_as, matter=topic.number)
    slips = [heard(town, act_as, row, f"{SECRET}第 {n} 家。", n) for n in range(5)]
    host = act_as("community")
    actions.gather(actor=host, row=row, opinions=[s.opinion.pk for s in slips], title="车堵了路")
    actions.correct(receipt=slips[0].receipt, text="不是瘫痪，是骨折。")
    actions.answer(actor=host, row=row, opinion_id=slips[0].opinion.pk, text="这个月画线。")
    page = read(client, f"/t/{slips[0].receipt}/")
    assert "抹掉我说的这句" in page
    done = client.post("/opinions/said/erase/", {"receipt": slips[0].receipt})
    assert done.status_code == 200
    text = done.content.decode()
    assert "瘫痪" not in text
    assert "骨折" not in text
    assert "这个月画线" in text  # the answer is still theirs
    assert "抹去了原话" in text
    kept = Opinion.objects.get(pk=slips[0].opinion.pk)
    assert (kept.text, kept.salt, kept.correction) == ("", "", "")
    assert kept.digest
    _staff_read_that_it_went(town, host, row, kept)
    # the ledger of the topic tells of it, without the words
    entry = Entry.objects.get(act="unsay")
    assert (entry.actor, entry.data["digest"]) == ("一位居民", kept.digest)
    # sent once more from a phone that was offline: it stays erased
    again = heard(town, act_as, row, f"{SECRET}第 0 家。", 0, at=row.opened_at, now=row.opened_at)
    assert again.opinion.text == ""
    report = verify(DISTRICT)
    assert report.ok
    assert report.redacted == [f"{row.code}（1 句）"]
    assert main(None) == 0
    assert "依法抹去" in capsys.readouterr().out
    with pytest.raises(Conflict):
        actions.erase(actor=ANONYMOUS, opinion_id=kept.pk, district_id=DISTRICT, receipt=slips[0].receipt)


def _staff_read_that_it_went(town: Town, host: Actor, row: Round, kept: Opinion) -> None:
    """Who answers reads that it went, and by whom; strangers read nothing; the count stays."""
    staff = as_(town, "community")
    assert "本人要求" in read(staff, f"/desk/opinions/{row.code}/words/{kept.pk}/")
    table = b"".join(staff.get(f"/desk/opinions/{row.code}/words.csv").streaming_content).decode()
    assert "骨折" not in table
    actions.end(actor=host, row=row)
    row.refresh_from_db()
    actions.publish(actor=host, row=row)
    (line,) = queries.result(row, quotes=9).lines
    assert (line.count, len(line.said)) == (5, 4)


def test_an_account_erases_its_own_and_nobody_elses(client: Client, town: Town, act_as: ActAs) -> None:
    row, resident = asked(town, act_as), as_(town, "resident")
    assert resident.post(f"/opinions/{row.code}/", {"text": SECRET, "retry": "r" * 32}).status_code == 200
    mine = Opinion.objects.get()
    assert "抹掉我说的这句" in read(resident, "/opinions/")
    for stranger in (client, as_(town, "resident2"), as_(town, "community")):
        assert stranger.post("/opinions/said/erase/", {"said": str(mine.pk)}).status_code == 404
    other = heard(town, act_as, row, "别人的话。", 3)
    assert resident.post("/opinions/said/erase/", {"said": str(other.opinion.pk)}).status_code == 404
    with pytest.raises(Forbidden):
        actions.erase(actor=act_as("community"), opinion_id=mine.pk, district_id=DISTRICT, reason="不好听")
    assert resident.post("/opinions/said/erase/", {"said": str(mine.pk)}).status_code == 302
    mine.refresh_from_db()
    assert mine.text == ""
    assert verify(DISTRICT).ok  # a round without a matter: the row itself says who and why


def test_the_administrator_erases_with_a_reason_by_receipt_or_id(town: Town, act_as: ActAs) -> None:
    row = asked(town, act_as)
    slips = [heard(town, act_as, row, f"{SECRET}{n}", n) for n in range(2)]
    admin = act_as("admin")
    with pytest.raises(Invalid):
        actions.erase(actor=admin, opinion_id=slips[0].opinion.pk, district_id=DISTRICT, reason=" ")
    for number in (slips[0].receipt, str(slips[1].opinion.pk)):
        told = argparse.Namespace(number=number, reason="本人书面要求", by="admin", text=False)
        assert ledger.erase(told) == 0
    rows = list(Opinion.objects.values_list("text", "erased_why"))
    assert rows == [("", "本人书面要求")] * 2


def test_what_was_suggested_of_the_words_goes_with_them(town: Town, act_as: ActAs) -> None:
    row = asked(town, act_as)
    said = heard(town, act_as, row, SECRET)
    Hint.objects.create(district_id=DISTRICT, round=row, opinion=said.opinion, cluster=said.opinion.pk, percent=80)
    actions.erase(actor=ANONYMOUS, opinion_id=said.opinion.pk, district_id=DISTRICT, receipt=said.receipt)
    assert not Hint.objects.exists()


def test_verify_tells_an_altered_voice_from_an_erased_one(
    town: Town,
    act_as: ActAs,
    topic: Matter,
) -> None:
    row = asked(town, act_as, matter=topic.number)
    slips = [heard(town, act_as, row, f"{SECRET}{n}", n) for n in range(2)]
    rows = Opinion.objects.order_by("pk")
    rows.filter(pk=slips[0].opinion.pk).update(text="都挺好。")
    assert reasons() == ["said", "voice"], "by its own digest, and by its record, which nobody computes anew"
    rows.filter(pk=slips[0].opinion.pk).update(text=f"{SECRET}0")
    assert reasons() == []
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(text="", salt="")  # emptied without a name: the table refuses
    by = {"text": "", "salt": "", "erased_by": "某人", "erased_why": "嫌难听", "erased_at": row.opened_at}
    rows.filter(pk=slips[1].opinion.pk).update(**by)
    assert reasons() == ["said.unlawful", "voice"]


# ── a comment on a covenant ─────────────────────────────────────────────────────────────────────────────────────
def test_a_comment_is_erased_by_receipt_and_stays_counted(quarter: Quarter) -> None:
    covenant = quarter.asking()
    made = covenants.say(actor=ANONYMOUS, covenant=covenant, text=SECRET, retry="q" * 32, now=quarter.now)
    mine = quarter.say(covenant, 1, "我说的另一句。")
    browser = quarter.browser("anybody")
    assert "抹掉我说的这句" in browser.post("/covenant/said/", {"receipt": made.receipt}).content.decode()
    assert browser.post("/covenant/said/erase/", {"said": str(mine.pk)}).status_code == 404
    with pytest.raises(Forbidden):
        covenants.erase(actor=quarter.host, comment_id=mine.pk, district_id=DISTRICT, reason="难听")
    text = browser.post("/covenant/said/erase/", {"receipt": made.receipt}).content.decode()
    assert 'action="/covenant/said/"' in text, "the next receipt that is typed here is looked up, not erased"
    assert "瘫痪" not in text
    assert "抹去了原话" in text
    for page in (f"/open/covenants/{covenant.number}/", f"/covenant/{covenant.number}/"):
        shown = read(browser, page)
        assert "瘫痪" not in shown
        assert "原话已依法抹去" in shown
    assert Comment.objects.filter(covenant=covenant).count() == 2
    found = trail.of_receipt(made.receipt)
    assert found is not None
    assert found.comment.erased_by == "一位居民"
    assert quarter.browser("owner1").post("/covenant/said/erase/", {"said": str(mine.pk)}).status_code == 302
    report = verify(DISTRICT)
    assert report.ok
    assert f"{covenant.number}（2 句）" in report.redacted
    Comment.objects.filter(pk=mine.pk).update(digest="0" * 64)
    assert reasons() == ["said.unlawful", "comment"]


# ── an opinion on a council topic ───────────────────────────────────────────────────────────────────────────────
def spoken(town: Town, act_as: ActAs, topic: Matter, text: str, helper: str = "") -> Spoken:
    return councils.speak(actor=act_as("resident"), topic=topic, text=text, retry=str(uuid.uuid4()), helper=helper)


def test_an_opinion_on_a_topic_is_erased_by_receipt_and_stays_counted(
    client: Client, town: Town, act_as: ActAs, topic: Matter
) -> None:
    made = spoken(town, act_as, topic, SECRET, helper="三楼小李")
    councils.answer(actor=act_as("community"), opinion_id=made.opinion.pk, text="这个月画线。")
    assert "抹掉我说的这句" in client.post("/council/said/", {"receipt": made.receipt}).content.decode()
    text = client.post("/council/said/erase/", {"receipt": made.receipt}).content.decode()
    assert "瘫痪" not in text
    assert "抹去了原话" in text
    assert "这个月画线" in text
    assert 'action="/council/said/"' in text, "the next receipt that is typed here is looked up, not erased"
    kept = Spoke.objects.get()
    assert (kept.text, kept.salt, kept.helper, kept.erased_by) == ("", "", "", "一位居民")
    staff = as_(town, "community")
    for browser, page in (
        (client, f"/open/council/t/{topic.number}/"),
        (staff, f"/desk/councils/topics/{topic.number}/"),
    ):
        shown = read(browser, page)
        assert "瘫痪" not in shown
        assert "原话已依法抹去" in shown
    assert str(kept.pk) in read(staff, f"/desk/councils/topics/{topic.number}/opinions/{kept.pk}/")
    assert Entry.objects.get(act="unsay").data["digest"] == kept.digest
    report = verify(DISTRICT)
    assert report.ok
    assert report.redacted == [f"{topic.number}（1 句）"]
    with pytest.raises(Conflict):
        councils.erase(actor=ANONYMOUS, opinion_id=kept.pk, district_id=DISTRICT, receipt=made.receipt)


def test_an_account_erases_its_own_opinion_on_a_topic_and_nobody_elses(
    client: Client, town: Town, act_as: ActAs, topic: Matter
) -> None:
    mine = spoken(town, act_as, topic, SECRET).opinion
    helped = spoken(town, act_as, topic, "替邻居写的。", helper="三楼小李").opinion
    resident = as_(town, "resident")
    assert "抹掉我说的这句" in read(resident, "/council/words/")
    for browser, row in ((client, mine), (as_(town, "resident2"), mine), (as_(town, "community"), mine),
                         (resident, helped)):  # fmt: skip
        assert browser.post("/council/said/erase/", {"said": str(row.pk)}).status_code == 404
    with pytest.raises(Forbidden):
        councils.erase(actor=act_as("community"), opinion_id=mine.pk, district_id=DISTRICT, reason="不好听")
    with pytest.raises(NotFound):
        councils.erase(actor=act_as("admin"), opinion_id=uuid.uuid4(), district_id=DISTRICT, reason="本人要求")
    assert resident.post("/council/said/erase/", {"said": str(mine.pk)}).status_code == 302
    told = argparse.Namespace(number=str(helped.pk), reason="本人书面要求", by="admin", text=False)
    assert ledger.erase(told) == 0
    assert list(Spoke.objects.order_by("pk").values_list("text", "erased_why")) == [
        ("", "本人要求"), ("", "本人书面要求"),
    ]  # fmt: skip
    assert verify(DISTRICT).ok


def test_the_administrator_erases_an_opinion_on_a_topic_by_its_receipt(
    town: Town, act_as: ActAs, topic: Matter
) -> None:
    made = spoken(town, act_as, topic, SECRET)
    told = argparse.Namespace(number=made.receipt, reason="本人书面要求", by="admin", text=False)
    assert ledger.erase(told) == 0
    assert Spoke.objects.get().text == ""


def test_verify_tells_an_altered_opinion_on_a_topic_from_an_erased_one(
    town: Town, act_as: ActAs, topic: Matter
) -> None:
    made = spoken(town, act_as, topic, SECRET)
    rows = Spoke.objects.filter(pk=made.opinion.pk)
    rows.update(text="都挺好。")
    assert reasons() == ["said", "opinion"]
    by = {"text": "", "salt": "", "erased_by": "某人", "erased_why": "嫌难听", "erased_at": made.opinion.at}
    rows.update(**by)
    assert reasons() == ["said.unlawful", "opinion"]
