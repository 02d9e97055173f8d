"""What is wrong is said in plain words on the page, what was typed stays, and nothing is half done."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from linli.core.decisions import actions
from linli.core.decisions.models import Envelope, Objection, PaperEntry, Proxy, Question, RollEntry
from linli.core.places.models import Dwelling
from linli.kit import nav
from linli.kit.models import Upload
from tests.cast import DISTRICT
from tests.decisions.cast import Votes
from tests.voting.test_pages import DAY, going, sent_in

pytestmark = [pytest.mark.django_db, pytest.mark.system("D5")]


def typed(question: Question, entry: int = 2, **more: Any) -> dict[str, Any]:
    return {"entry": str(entry), "choice": "yes"} | more


def picture() -> io.BytesIO:
    made = io.BytesIO()
    Image.new("RGB", (300, 200), "white").save(made, "JPEG")
    made.name = "sheet.jpg"
    made.seek(0)
    return made


# ── residents ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_late_ballot_is_told_since_when_and_not_taken(votes: Votes, client: Client) -> None:
    question = going(votes)
    sent_in(client, votes.accounts[0])
    url = f"/vote/{question.number}/cast/"
    asked = client.post(url, {"step": "confirm", "choice": "yes", "entry": "1"})
    Question.objects.update(closes_at=timezone.now() - DAY, objections_until=timezone.now() + DAY)
    sent = client.post(url, {"step": "send", "choice": "yes", "entry": "1", "key": "a-key-that-is-long"})
    assert (asked.status_code, sent.status_code) == (200, 409)
    assert "已经截止，这张票来晚了，没有收" in sent.content.decode()
    assert not Envelope.objects.exists()


def test_a_voter_not_on_the_roll_is_told_whom_to_ask(votes: Votes, client: Client) -> None:
    question = going(votes)
    sent_in(client, votes.town.users["resident2"])
    for step in ({}, {"step": "send", "choice": "yes", "entry": "1", "key": "a-key-that-is-long"}):
        told = client.post(f"/vote/{question.number}/cast/", step)
        assert told.status_code == 404
        assert "名册上" in told.content.decode()
        assert "凭投票单上的码投" in told.content.decode(), "there is another way in"
    assert not Envelope.objects.exists()


def test_a_choice_that_is_none_is_asked_again(votes: Votes, client: Client) -> None:
    question = going(votes, "menu", method="ranking", options=[{"name": n} for n in ("扶手", "防水", "车棚")])
    sent_in(client, votes.accounts[0])
    url = f"/vote/{question.number}/cast/"
    twice = client.post(url, {"step": "confirm", "entry": "1", "ranking-o1": "1", "ranking-o2": "1"})
    assert twice.status_code == 422
    assert "至少排一项" in twice.content.decode() or "请" in twice.content.decode()
    assert (
        'value="1" selected' in client.post(url, {"step": "confirm", "entry": "1", "ranking-o1": "1"}).content.decode()
        or not Envelope.objects.exists()
    )


def test_nothing_to_object_to_is_said(votes: Votes, client: Client) -> None:
    question = going(votes)
    sent_in(client, votes.accounts[0])
    told = client.post(f"/vote/{question.number}/object/", {"text": "那天没人在家"})
    assert told.status_code == 422
    assert "没有收到票" in told.content.decode()
    assert "那天没人在家" in told.content.decode()
    assert not Objection.objects.exists()


# ── the host ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_roll_with_missing_areas_names_them_and_does_not_open(
    votes: Votes, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    Dwelling.objects.filter(pk=votes.homes[3].pk).update(area_m2=None)
    now = timezone.now()
    question = votes.draft("cc278", roll_kind="owners", closes_at=now + 3 * DAY, review_on=(now + 60 * DAY).date())
    sent_in(client, votes.town.users["community"])
    at = f"/desk/votes/{question.number}/"
    shown = client.get(f"{at}roll/").content.decode()
    assert "1 处没有面积" in shown
    assert "去补房屋和住户" in shown, "and where to put it right"
    with monkeypatch.context() as without:  # a committee hosts votes and has no board of homes
        without.setattr(nav, "grouped", lambda request, room: [])
        assert "/desk/dwellings/" not in client.get(f"{at}roll/").content.decode()
    told = client.post(f"{at}do/open/", {"recused": "2 施工的那家"})
    assert told.status_code == 422
    assert "104" in told.content.decode()
    assert "2 施工的那家" in told.content.decode()
    assert (Question.objects.get().state, RollEntry.objects.count()) == ("draft", 0)


def test_a_proxy_over_the_limit_is_refused_and_the_first_stands(votes: Votes, client: Client) -> None:
    question = going(votes)
    sent_in(client, votes.town.users["community"])
    url = f"/desk/votes/{question.number}/do/proxy/"
    assert client.post(url, {"giver": "2", "holder": "1", "evidence": "委托书原件"}).status_code == 302
    over = client.post(url, {"giver": "3", "holder": "1", "evidence": "委托书原件"})
    assert over.status_code == 422
    assert "最多替 1 户投" in over.content.decode()
    assert "委托书原件" in over.content.decode()
    for wrong in ({"giver": "4", "holder": "4"}, {"giver": "4", "holder": "99"}, {"giver": "2", "holder": "5"}):
        assert client.post(url, {**wrong, "evidence": "委托书原件"}).status_code == 422
    assert Proxy.objects.count() == 1


@pytest.mark.parametrize(
    ("sheet", "told"),
    [
        ({"entry": "99"}, "名册里没有 99 号"), ({"choice": "maybe"}, "请在几项里选一项"), ({"entry": ""}, "名册里的号"),
        ({"choice": ""}, "请在几项里选一项"), ({"entry": "3"}, "回避：施工方"),
    ],
)  # fmt: skip
def test_a_sheet_that_cannot_be_typed_in_says_why(
    votes: Votes, client: Client, sheet: dict[str, str], told: str
) -> None:
    question = going(votes)
    actions.correct_entry(actor=votes.staff("community"), district_id=DISTRICT, question_id=question.pk, seq=3,
                          state="recused", reason="施工方")  # fmt: skip
    sent_in(client, votes.town.users["community"])
    answer = client.post(f"/desk/votes/{question.number}/paper/", typed(question) | sheet)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not PaperEntry.objects.exists()


def test_the_same_person_cannot_type_twice_and_a_difference_takes_nothing(votes: Votes, client: Client) -> None:
    question = going(votes)
    url = f"/desk/votes/{question.number}/paper/"
    sent_in(client, votes.town.users["community"])
    assert client.post(url, typed(question)).status_code == 302
    again = client.post(url, typed(question))
    assert again.status_code == 422
    assert "第二遍要换一个人录" in again.content.decode()
    sent_in(client, votes.town.users["community_b"])
    assert "不一样，没有收" in client.post(url, typed(question, choice="no"), follow=True).content.decode()
    assert not Envelope.objects.exists()


# ── the picture of a sheet ──────────────────────────────────────────────────────────────────────────────────────
def test_a_sheet_travels_with_its_picture_which_only_the_host_sees(
    votes: Votes, client: Client, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    question = going(votes)
    url = f"/desk/votes/{question.number}/paper/"
    sent_in(client, votes.town.users["community"])
    refused = client.post(url, typed(question, choice="", scan_files=picture()))
    assert refused.status_code == 422
    kept = Upload.objects.get()
    assert f'name="scan" value="{kept.pk}"' in refused.content.decode(), "it need not be chosen again"
    assert client.post(url, typed(question, scan=str(kept.pk))).status_code == 302
    paper = PaperEntry.objects.get()
    assert paper.scan == kept.pk
    assert Upload.objects.get().used_at is not None, "or it would be thrown away after a day"
    at = f"/desk/votes/{question.number}/papers/{paper.pk}/"
    assert client.get(at)["Content-Type"] == kept.mime
    sent_in(client, votes.town.users["community2"])
    assert client.get(at).status_code == 404
    assert client.get(f"/api/v1/attachments/{kept.pk}").status_code == 404
    sent_in(client, votes.town.users["community_b"])
    stranger = client.post(url, typed(question, 4, scan=str(kept.pk)))
    assert stranger.status_code == 422, "a picture that somebody else used is not taken twice"
    no_picture = io.BytesIO(b"not a picture")
    no_picture.name = "x.jpg"
    assert client.post(url, typed(question, 4, scan_files=no_picture)).status_code == 422


def test_a_secret_sheet_is_known_by_its_code_alone_and_has_no_picture(votes: Votes, client: Client) -> None:
    question = going(votes, secret=True)
    issued = actions.issue_slips(actor=votes.staff("community"), district_id=DISTRICT, question_id=question.pk)
    code = issued[4][1]
    url = f"/desk/votes/{question.number}/paper/"
    sent_in(client, votes.town.users["community"])
    page = client.get(url).content.decode()
    assert 'name="slip"' in page
    assert 'name="entry"' not in page
    assert "不留影" in page
    assert client.post(url, {"entry": "5", "choice": "yes"}).status_code == 422
    assert client.post(url, {"slip": code, "choice": "yes"}).status_code == 302
    host = client.get(f"/desk/votes/{question.number}/").content.decode()
    assert "等第二个人录" in host
    assert issued[4][0].label not in host.split("没录完的纸票")[1], "the host's page does not say whose it is"
    sent_in(client, votes.town.users["community_b"])
    assert "两遍一样，收了" in client.post(url, {"slip": code, "choice": "yes"}, follow=True).content.decode()
    assert Envelope.objects.get().sealed


# ── what the public page keeps to itself ────────────────────────────────────────────────────────────────────────
def test_the_public_page_puts_small_houses_together(votes: Votes, client: Client) -> None:
    question = going(votes)
    town, known = votes.town, RollEntry.objects.filter(question=question)
    other = town.places["unitb"].path
    known.filter(seq__lte=5).update(place_path=other)  # five in another house: just enough to be told apart
    votes.vote(question, 0, "yes", now=timezone.now())
    shown = client.get(f"/open/votes/{question.number}/").content.decode()
    if "各楼投了多少" in shown:
        assert 'class="num">5<' in shown
    known.filter(seq=5).update(place_path=known.get(seq=12).place_path)
    small = client.get(f"/open/votes/{question.number}/").content.decode()
    assert "各楼投了多少" not in small, "four would be told apart, and beside one other house so would the sum be"
    assert "不同意" not in small.split("怎样才算定下来")[1]
