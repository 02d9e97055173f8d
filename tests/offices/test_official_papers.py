"""What a district prints: minutes, resolutions, notices, sheets, briefings, bulletins, results; and for whom."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import docx
import pytest
from django.test import Client
from django.utils import timezone

from linli.core.decisions.models import Question
from linli.core.gatherings import actions as core
from linli.core.gatherings.actions import Charge
from linli.core.gatherings.models import Gathering
from linli.core.people.actor import Actor
from linli.kit.figures import group
from linli.kit.papers import Document
from linli.kit.refusal import NotFound
from linli.offices.councils import actions, papers, queries, sheets
from linli.offices.supervision import actions as supervising
from linli.offices.supervision import papers as bulletins
from linli.offices.supervision.models import Issue
from linli.offices.voting import papers as announcing
from linli.offices.voting import words
from tests.cast import DISTRICT, Town
from tests.decisions import cast as voting
from tests.gatherings import cast as gatherings
from tests.gatherings.cast import STARTS, Hall

pytestmark = pytest.mark.django_db
PHONE = "13912345678"


@pytest.fixture
def hall(town: Town) -> Hall:
    return gatherings.build(town)


@pytest.fixture
def votes(town: Town) -> voting.Votes:
    return voting.build(town)


class Words(str):
    """Text in which one looks for words whatever blanks stand between Han and figures: papers have none there."""

    def __contains__(self, word: object) -> bool:
        return "".join(str(word).split(" ")) in "".join(self.split(" "))


def said(paper: Document) -> Words:
    """All words of a paper, as either writer is handed them."""
    told = paper.plain()

    def walk(value: Any) -> list[str]:
        if isinstance(value, str):
            return [value]
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        return [word for one in inner for word in walk(one)]

    return Words("\n".join(walk(told)))


def minuted(hall: Hall, *, publish: bool = True) -> Gathering:
    """A council at which somebody kept out, somebody was against it, and one resolution was made."""
    g, item = hall.sitting()
    hall.sign_in(g, "community_b")
    hall.sign_in(g, "property")
    hall.sign_in(g, "resident")
    hall.do(core.discuss, g, item_id=item.pk, outcome="split", text=f"划线停车，电话 {PHONE}")
    held = hall.actor("property").person_id
    assert held is not None
    actions.dissent(actor=hall.actor("resident"), item=queries.item(g, item.pk), text="划线挡了我家门", retry="d" * 32)
    owner, day = hall.town.posts["firm_unit"].pk, STARTS.date() + timedelta(days=20)
    g.refresh_from_db()
    actions.resolve(
        actor=hall.actor("community"), item=queries.item(g, item.pk), text="南侧划十个车位",
        charge=Charge(owner, day, day), parts=["南侧划线"], retry="p" * 32, now=STARTS,
    )  # fmt: skip
    hall.do(core.end, g, now=STARTS + timedelta(hours=2))
    g.refresh_from_db()
    if publish:
        text = f"时间：2026年11月7日\n1. 楼前停车\n　　分流落实。划线停车，电话 {PHONE}\n　　决议：南侧划十个车位"
        hall.do(core.publish, g, text=text, now=STARTS + timedelta(days=1))
        g.refresh_from_db()
    return g


def browser(town: Town, name: str) -> Client:
    client = Client()
    client.force_login(town.users[name])
    return client


# ── sittings ────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.system("D1")
def test_minutes_are_the_published_words_with_who_was_there_and_what_follows(hall: Hall) -> None:
    paper = papers.minutes(minuted(hall))
    text = said(paper)
    assert (paper.masthead, paper.issuer) == ("柳荫社区居民议事厅会议纪要", "柳荫社区居委会")
    for word in (
        "楼前停车",
        f"划线停车，电话 {PHONE}",
        "出席",
        "何田田",
        "居民 1 人",
        "第 1 版",
        "决议事项清单",
        "柳荫物业",
    ):
        assert word in text, word
    assert paper.parts[0].body[0].rows[0][3:] == ("2026-11-27", "2026-11-27")  # type: ignore[union-attr]
    assert paper.copies == "柳荫物业"


@pytest.mark.system("D1")
def test_minutes_for_everybody_are_masked_and_name_nobody_who_is_not_named_in_them(hall: Hall) -> None:
    g = minuted(hall)
    text = said(papers.minutes(g, public=True))
    assert "南侧划十个车位" in text
    for hidden in (PHONE, "何田田", "出席", "划线挡了我家门"):
        assert hidden not in text, hidden
    page = Client().get(f"/open/council/g/{g.number}/").content.decode()
    assert f"/open/council/g/{g.number}/minutes.docx" in page
    got = Client().get(f"/open/council/g/{g.number}/minutes.docx")
    assert got.status_code == 200
    opened = docx.Document(io.BytesIO(got.content))
    assert PHONE not in "\n".join(line.text for line in opened.paragraphs)
    assert "no-store" not in got["Cache-Control"]
    assert Client().get(f"/open/council/g/{g.number}/minutes.odt").status_code == 404


@pytest.mark.system("D1")
def test_a_draft_says_that_it_is_one_and_nobody_outside_gets_it(hall: Hall) -> None:
    g = minuted(hall, publish=False)
    paper = papers.minutes(g)
    assert paper.serial == "（草稿，还没有公布）"
    assert "不同意见" in said(paper)
    assert Client().get(f"/open/council/g/{g.number}/minutes.pdf").status_code == 404


@pytest.mark.system("D1")
def test_a_correction_stands_in_the_minutes_with_its_reason(hall: Hall) -> None:
    g = minuted(hall)
    row = hall.do(core.propose, g, "property", text="1. 楼前停车\n　　划十二个车位。", reason="数记错了",
                  now=STARTS + timedelta(days=2))  # fmt: skip
    for name in ("community_b", "community"):
        row.refresh_from_db()
        if row.state == "open":
            hall.do(core.speak, g, name, correction_id=row.pk, agrees=True, now=STARTS + timedelta(days=3))
    text = said(papers.minutes(g))
    assert "划十二个车位" in text
    assert "第 2 版" in text
    assert "更正：数记错了" in text
    assert "2026年11月7日，柳荫社区居委会在" in text  # the corrected words no longer begin with the time


@pytest.mark.system("D4")
def test_a_recusal_is_kept_in_the_offices_minutes(hall: Hall) -> None:
    g, item = hall.sitting()
    hall.sign_in(g, "property")
    hall.do(core.recuse, g, "property", item_id=item.pk, reason="车位是我们公司的")
    hall.do(core.end, g, now=STARTS + timedelta(hours=2))
    g.refresh_from_db()
    assert "（“楼前停车太乱”一项）" in said(papers.minutes(g))
    assert "回避" not in said(papers.minutes(g, public=True))


@pytest.mark.system("D1")
def test_a_resolution_has_a_sheet_with_owner_day_review_and_what_it_was_split_into(hall: Hall) -> None:
    g = minuted(hall)
    row = g.resolutions.get()
    paper = papers.resolution(queries.resolution(DISTRICT, row.pk))
    text = said(paper)
    for word in ("关于“楼前停车太乱”的决议", "南侧划十个车位", "2026年11月27日", "分成的事", "南侧划线",
                 "不同意见 1 条", "划线挡了我家门"):  # fmt: skip
        assert word in text, word
    assert (paper.to, paper.signed) == ("柳荫物业", "柳荫社区居委会")
    got = browser(hall.town, "community").get(f"/desk/councils/r/{row.pk}/paper.pdf")
    assert got.content.startswith(b"%PDF-")
    assert browser(hall.town, "community2").get(f"/desk/councils/r/{row.pk}/paper.pdf").status_code == 404


@pytest.mark.system("D3")
def test_notice_and_sheet_to_sign_know_who_was_asked(hall: Hall) -> None:
    g, _item = hall.sitting()
    g.refresh_from_db()
    asked = [i.label for i in g.invitations.order_by("pk")]
    text = said(sheets.notice(g))
    for word in (*asked, "2026年11月7日（星期六）9:00至11:00", "议事厅", "楼前停车太乱", "居民都可以来"):
        assert word in text, word
    sheet = sheets.sign_sheet(g)
    table = next(b for b in sheet.body if hasattr(b, "rows"))
    assert [row[1] or row[2] for row in table.rows[: len(asked)]] == [label.split()[0] for label in asked]
    assert len(table.rows) == sheets.ON_FIRST + sheets.ON_NEXT  # four were asked, at least twelve lines are free
    assert table.height == sheets.LINE_HIGH


@pytest.mark.system("D3")
def test_slips_carry_codes_that_answer_and_a_reprint_ends_the_ones_before(hall: Hall) -> None:
    g = hall.draft()
    hall.do(core.add_item, g, matter_id=hall.topic().pk)
    hall.do(core.call, g, now=gatherings.NOW)
    first = hall.do(core.slips, g).receipts
    called = hall.do(core.slips, g)
    assert first.keys() == called.receipts.keys() == set(g.invitations.values_list("pk", flat=True))
    text = said(sheets.slips(called.gathering, called.receipts, "https://linli.example"))
    asked = g.invitations.order_by("pk").first()
    assert asked is not None
    code = called.receipts[asked.pk]
    for word in (asked.label, "https://linli.example/calendar/slip/", group(code)):
        assert word in text, word
    with pytest.raises(NotFound):
        core.answer_slip(receipt=first[asked.pk], answer="yes")
    assert core.answer_slip(receipt=code, answer="yes").answer == "yes"
    assert asked.pk not in hall.do(core.slips, g).receipts  # who has answered keeps the answer and the code
    assert core.answer_slip(receipt=code, answer="no").answer == "no"
    page = f"/desk/councils/g/{g.number}/slips/"
    host = browser(hall.town, "community")
    assert page in host.get(f"/desk/councils/g/{g.number}/").content.decode()
    got = host.post(page)
    assert got.content.startswith(b"%PDF-")
    assert "no-store" in got["Cache-Control"]
    assert browser(hall.town, "community2").post(page).status_code == 404
    g.invitations.update(answer="no")
    assert host.post(page).status_code == 422


@pytest.mark.system("D4")
def test_the_briefing_has_the_figures_the_late_ones_and_what_is_owed(hall: Hall) -> None:
    minuted(hall)
    g = hall.draft(
        title="下一次议事会", starts_at=STARTS + timedelta(days=7), ends_at=STARTS + timedelta(days=7, hours=2)
    )
    assert Client().get(f"/desk/councils/g/{g.number}/papers/briefing.pdf").status_code == 302  # to the login
    host = browser(hall.town, "community")
    assert host.get(f"/desk/councils/g/{g.number}/papers/briefing.pdf").status_code == 404  # no figures yet
    late = [{"number": "TS-1", "title": "灯不亮", "due": "2026-11-03"}]
    figures = {"since": "2026-11-01", "until": "2026-11-08", "received": 1200, "done": 900, "overdue": late,
               "often": [{"name": "停车", "n": 31}]}  # fmt: skip
    hall.do(core.prefill, g, brief=figures)
    g.refresh_from_db()
    text = said(sheets.briefing(g))
    for word in (
        "2026年11月1日至2026年11月8日",
        "收到 1,200 件",
        "停车",
        "灯不亮",
        "以前定了、还没评审通过的",
        "南侧划十个车位",
    ):
        assert word in text, word


@pytest.mark.system("D1")
def test_the_desk_offers_what_a_sitting_has_and_other_communities_find_nothing(hall: Hall) -> None:
    g = minuted(hall)
    page = browser(hall.town, "community").get(f"/desk/councils/g/{g.number}/").content.decode()
    for what in ("notice", "signing", "minutes"):
        assert f"/papers/{what}.docx" in page
        assert f"/papers/{what}.pdf" in page
    assert "/papers/briefing.pdf" not in page
    away = browser(hall.town, "community2")
    assert away.get(f"/desk/councils/g/{g.number}/papers/minutes.docx").status_code == 404
    assert browser(hall.town, "community").get(f"/desk/councils/g/{g.number}/papers/nothing.docx").status_code == 404


# ── votes ───────────────────────────────────────────────────────────────────────────────────────────────────────
def counted(votes: voting.Votes, rule: str, **more: Any) -> Question:
    question = votes.open(rule, **more)
    for n, choice in enumerate(["yes"] * 8 + ["no"] * 2):
        votes.vote(question, n, choice)
    return votes.count(question)


@pytest.mark.system("D5")
def test_an_announcement_has_both_counts_of_article_278_and_silence_apart(votes: voting.Votes) -> None:
    question = counted(votes, "cc278", roll_kind="owners")
    paper = announcing.announcement(question, "https://linli.example")
    text = said(paper)
    result = question.result
    assert result is not None
    table = next(b for b in paper.body if getattr(b, "head", ())[:1] == ("口径",))
    assert [row[1:] for row in table.rows] == [("12", "10", "83.33%"), ("1,120", "960", "85.71%")]  # type: ignore[union-attr]
    for word in (
        "结果是：通过了",
        "一律不计入任何一边",
        question.roll_hash,
        f"https://linli.example/open/votes/{question.number}/",
    ):
        assert word in text, word
    assert next(r.label for r in words.reached(question)) in text


@pytest.mark.system("D5")
def test_a_vote_that_closes_at_midnight_was_open_until_the_day_before(votes: voting.Votes) -> None:
    question = counted(votes, "cc278", roll_kind="owners")
    midnight = timezone.make_aware(datetime(2027, 1, 1))
    for closes, last in ((midnight, "至2026年12月31日"), (midnight + timedelta(minutes=1), "至2027年1月1日")):
        question.closes_at = closes
        assert last in said(announcing.announcement(question))


@pytest.mark.system("D5")
def test_silence_that_a_signed_rule_counts_is_told_with_the_outcome_without_it(votes: voting.Votes) -> None:
    question = counted(votes, "cc278", roll_kind="owners")
    assert question.result is not None
    question.result = {
        **question.result,
        "silence": {"counted": {"heads": 2, "area_m2": "160.00"}, "without": "rejected"},
    }
    question.rule.signed_by = "业主大会"
    text = said(announcing.announcement(question))
    assert (
        "没有表态的 2 位业主、160 m²，按业主大会签署的规则随多数计入，得票里不含。不计入的话，结果是：没通过。" in text
    )
    assert "一律不计入" not in text


@pytest.mark.system("D5")
def test_before_the_count_there_is_no_announcement_and_afterwards_anybody_has_it(votes: voting.Votes) -> None:
    question = votes.open("household")
    assert Client().get(f"/open/votes/{question.number}/result.pdf").status_code == 404
    for n in range(8):
        votes.vote(question, n, "yes")
    votes.count(question)
    got = Client().get(f"/open/votes/{question.number}/result.pdf")
    assert got.content.startswith(b"%PDF-")
    assert (
        f"/open/votes/{question.number}/result.docx" in Client().get(f"/open/votes/{question.number}/").content.decode()
    )


# ── bulletins ───────────────────────────────────────────────────────────────────────────────────────────────────
def issued(town: Town, actor: Actor, *, public: bool) -> Issue:
    today = timezone.localdate()
    made = supervising.draft(
        actor=actor, place=town.places["street"].code, since=today - timedelta(days=6), until=today
    )
    supervising.edit(actor=actor, number=made.number, title=made.title, lead=f"总的平稳，找我 {PHONE}。",
                     good="灯修得快", asks="月底前修完", public=public)  # fmt: skip
    return supervising.issue(actor=actor, number=made.number)


@pytest.mark.system("M14")
def test_a_bulletin_on_paper_is_the_frozen_issue_and_for_everybody_less_of_it(
    town: Town, act_as: Callable[[str], Actor]
) -> None:
    issue = issued(town, act_as("street"), public=True)
    own, public = said(bulletins.bulletin(issue)), said(bulletins.bulletin(issue, public=True))
    for word in (
        "督办通报",
        "东桥街道办事处",
        f"{issue.content['year']}年第1期",
        "月底前修完",
        "哨响没到的",
        PHONE,
        issue.digest[:16],
    ):
        assert word in own, word
    for hidden in ("月底前修完", "哨响没到的", PHONE):
        assert hidden not in public, hidden
    number = issue.bulletin.number
    assert Client().get(f"/open/bulletins/{number}/paper.pdf").content.startswith(b"%PDF-")
    assert f"/open/bulletins/{number}/paper.docx" in Client().get(f"/open/bulletins/{number}/").content.decode()
    desk = browser(town, "street")
    assert desk.get(f"/desk/bulletins/{number}/v/1/paper.docx").content.startswith(b"PK")
    assert f"/desk/bulletins/{number}/v/1/paper.docx" in desk.get(f"/desk/bulletins/{number}/").content.decode()


@pytest.mark.system("M14")
def test_a_bulletin_that_is_not_public_has_no_public_paper(town: Town, act_as: Callable[[str], Actor]) -> None:
    number = issued(town, act_as("street"), public=False).bulletin.number
    assert Client().get(f"/open/bulletins/{number}/paper.pdf").status_code == 404
    assert browser(town, "street2").get(f"/desk/bulletins/{number}/v/1/paper.pdf").status_code == 404


def test_a_missed_call_stands_in_a_bulletin_with_its_day_in_words() -> None:
    assert bulletins._moment("2026-11-20T09:30+08:00") == "11月20日 09:30"
