"""The pages: from a draft typed into the editor to a published version by a real vote, and what they keep (D7)."""

from __future__ import annotations

import io
import json
from typing import Any

import docx
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from linli.config.worker import Worker
from linli.core.decisions.actions.counting import close_due
from linli.core.decisions.models import Question
from linli.offices.covenants import actions
from linli.offices.covenants.models import Comment, Covenant, Passage, Version
from linli.offices.covenants.text import Article, digest, of_json
from tests.covenants.cast import DAY, Quarter

pytestmark = [pytest.mark.django_db, pytest.mark.system("D7")]


def rows(*words: str, keys: tuple[str, ...] = ()) -> dict[str, str]:
    sent = {"rows": str(len(words))}
    for n, said in enumerate(words, 1):
        sent |= {f"words-{n}": said, f"heading-{n}": "", f"key-{n}": keys[n - 1] if n <= len(keys) else ""}
    return sent


def stream(response: Any) -> str:
    return b"".join(response.streaming_content).decode()


def body(response: Any) -> str:
    return str(response.content.decode())


def later(covenant: Covenant, days: int) -> None:
    """As if so many days had passed since it was opened for comment."""
    Covenant.objects.filter(pk=covenant.pk).update(
        opens_on=covenant.opens_on - days * DAY, closes_on=covenant.closes_on - days * DAY
    )


def test_from_a_draft_to_a_published_version(quarter: Quarter) -> None:
    host, reader = quarter.browser("community"), quarter.browser("anybody")
    covenant = _drafted(quarter, host, reader)
    _heard_and_answered(host, reader, covenant)
    question = _put_to_the_vote(quarter, host, covenant)
    assert "去投票" in body(reader.get(f"/covenant/{covenant.number}/"))
    close_due(now=question.closes_at + DAY)
    close_due(now=question.closes_at + 20 * DAY)
    Worker().turn()
    covenant.refresh_from_db()
    assert covenant.state == "settled"
    Passage.objects.update(since=timezone.localdate())
    page = body(reader.get(f"/open/covenants/{covenant.number}/"))
    assert "施行中，第 2 稿" in page
    assert "文本指纹对得上" in page
    assert Passage.objects.get().digest in page


def _drafted(quarter: Quarter, host: Client, reader: Client) -> Covenant:
    """Typed, sent twice and made once; nobody else sees it before it is opened for comment."""
    first = {"kind": "special", "place": quarter.town.places["quarter"].code, "title": "《充电公约》",
             "retry": "r" * 32, "preamble": "为了安全。"}  # fmt: skip
    typed = host.post("/desk/covenants/new/", first | rows("在棚里充电。", "十点以后不进车。") | {"op": "below-1"})
    assert typed.status_code == 200
    assert [r.text for _n, r, _said in typed.context["rows"]] == ["在棚里充电。", "", "十点以后不进车。"]
    assert "《充电公约》" in body(typed)
    for _twice in range(2):
        sent = host.post("/desk/covenants/new/", first | rows("在棚里充电。", "", "十点以后不进车。"))
    covenant = Covenant.objects.get()
    at, own = f"/desk/covenants/{covenant.number}/", f"/covenant/{covenant.number}/"
    assert sent["Location"] == at
    assert covenant.title == "充电公约"
    assert reader.get(own).status_code == 404
    assert host.post(f"{at}do/open/", {"closes_on": timezone.localdate() + 8 * DAY}).status_code == 302
    covenant.refresh_from_db()
    assert "在棚里充电" in body(reader.get(own))
    return covenant


def _heard_and_answered(host: Client, reader: Client, covenant: Covenant) -> None:
    """Somebody without an account speaks; the host takes it over."""
    at, own = f"/desk/covenants/{covenant.number}/", f"/covenant/{covenant.number}/"
    key = Version.objects.get().said.articles[1].key
    retry = reader.get(f"{own}say/?article={key}").context["form"]["retry"].value()
    words = {"text": "十点太早，我十一点下班。我叫王大力", "article": key, "retry": retry}
    slip = reader.post(f"{own}say/", words)
    receipt = slip.context["receipt"]
    assert "no-store" in slip["Cache-Control"]
    assert "王大力" not in body(reader.get(f"/open/covenants/{covenant.number}/"))
    assert "王大力" in body(host.get(f"{at}comments/"))
    keys = tuple(a.key for a in Version.objects.get().said.articles)
    second = {"title": "充电公约", "preamble": "为了安全。", "version": covenant.version, "why": "晚归的人多"}
    assert host.post(f"{at}text/", second | rows("在棚里充电。", "十一点以后不进车。", keys=keys)).status_code == 302
    said = {"pick": str(Comment.objects.get().pk), "outcome": "taken", "number": "2", "text": "改到十一点。"}
    assert host.post(f"{at}answer/", said).status_code == 302
    trail = body(reader.post("/covenant/said/", {"receipt": receipt}))
    assert "采纳" in trail
    assert "写进了第 2 稿" in trail


def _put_to_the_vote(quarter: Quarter, host: Client, covenant: Covenant) -> Question:
    """By the covenant's own page; eight owners vote."""
    at = f"/desk/covenants/{covenant.number}/"
    later(covenant, 9)
    vote = host.get(f"{at}do/vote/").context["form"]
    sent_vote = {"rule": vote["rule"].value(), "version": vote["version"].value(), **{
        name: vote[name].value().strftime(form) for name, form in
        (("closes_at", "%Y-%m-%dT%H:%M"), ("since", "%Y-%m-%d"), ("review_on", "%Y-%m-%d"))
    }}  # fmt: skip
    assert host.post(f"{at}do/vote/", sent_vote).status_code == 302
    question = Question.objects.get()
    for n in range(8):
        owner = quarter.browser(f"owner{n}")
        assert owner.get(f"/vote/{question.number}/cast/").status_code == 200
        quarter.votes.vote(question, n, "yes", now=timezone.now())
    return question


def test_what_was_typed_stays_when_the_editor_refuses(quarter: Quarter) -> None:
    host, made = quarter.browser("community"), quarter.asking()
    at = f"/desk/covenants/{made.number}/text/"
    sent = {"title": "充电公约", "preamble": "新的开头", "version": made.version, **rows("长" * 1001, "第二条的话")}
    refused = host.post(at, sent)
    assert refused.status_code == 422
    for kept in ("新的开头", "长" * 1001, "第二条的话", "第一条最多 1000 字"):
        assert kept in body(refused)
    without_why = host.post(at, sent | rows("短的一条。"))
    assert without_why.status_code == 422
    assert "短的一条。" in body(without_why)
    stale = host.post(at, sent | rows("短的一条。") | {"why": "改短", "version": made.version - 1})
    assert stale.status_code == 422
    assert "刚被别人改过" in body(stale)
    assert Version.objects.count() == 1


def test_a_pasted_text_becomes_rows(quarter: Quarter) -> None:
    host = quarter.browser("community")
    sent = {"title": "公约", "paste": "开头的话。\n第一条 甲。\n第二条 乙。", "op": "split", **rows("", "原来的")}
    page = host.post("/desk/covenants/new/", sent)
    assert [r.text for _n, r, _said in page.context["rows"]] == ["原来的", "甲。", "乙。"]
    assert page.context["form"]["preamble"].value() == "开头的话。"


def test_the_page_warns_of_fines_before_the_vote(quarter: Quarter) -> None:
    host = quarter.browser("community")
    made = quarter.asked(articles=(Article("", "", "违反一次罚款五十元。"),))
    at = f"/desk/covenants/{made.number}/"
    page = body(host.get(f"{at}do/vote/"))
    assert "行政处罚法第十六条" in page
    assert "罚款" in body(host.get(at))
    vote = host.get(f"{at}do/vote/").context["form"]
    sent = {"rule": vote["rule"].value(), "closes_at": f"{timezone.localtime() + 7 * DAY:%Y-%m-%dT%H:%M}",
            "since": timezone.localdate() + 9 * DAY, "review_on": timezone.localdate() + 99 * DAY}  # fmt: skip
    refused = host.post(f"{at}do/vote/", sent)
    assert refused.status_code == 422
    assert not Passage.objects.exists()
    assert host.post(f"{at}do/vote/", sent | {"confirmed": "on", "why": "引的是条例原话"}).status_code == 302
    made.refresh_from_db()
    shown = body(Client().get(f"/open/covenants/{made.number}/v/1/"))
    assert made.state == "voting"
    assert "第一条" in shown


def test_the_differences_read_without_colour(quarter: Quarter) -> None:
    made, host = quarter.asking(), quarter.browser("community")
    a, b, c = Version.objects.get().said.articles
    changed = Article(b.key, b.heading, "停在划好的线里，不占消防通道和单元门口。")
    actions.revise(actor=quarter.host, covenant=made, title="电动自行车停放充电公约", why="住户说的",
                   preamble="为了大家晚上睡得安稳。", articles=(c, a, changed))  # fmt: skip
    for url in (f"/covenant/{made.number}/compare/", f"/open/covenants/{made.number}/compare/?a=1&b=2",
                f"/desk/covenants/{made.number}/compare/?a=1&b=2"):  # fmt: skip
        page = body(host.get(url))
        assert "<ins>" in page
        assert "［加：" in page
        assert "第三条挪到第一条" in page
        assert "名称由《电动自行车充电公约》改成《电动自行车停放充电公约》" in page
        assert "第 2 稿：住户说的" in page
    assert Client().get(f"/open/covenants/{made.number}/compare/?a=x&b=99").status_code == 200


def test_a_stranger_recomputes_the_chain_from_the_json(quarter: Quarter) -> None:
    made = quarter.in_force()
    told = json.loads(body(Client().get(f"/open/covenants/{made.number}/data.json")))
    previous = ""
    for v in told["versions"]:
        text = of_json({"preamble": v["preamble"], "articles": v["articles"]})
        assert v["previous"] == previous
        previous = digest(told["number"], v["version"], v["title"], text, previous)
        assert v["digest"] == previous
    assert told["votes"][0]["outcome"] == "adopted"
    assert [h["act"] for h in told["history"]] == ["adopted", "vote", "open", "start"]


def test_drafts_after_the_last_shown_version_are_nobodys_business(quarter: Quarter) -> None:
    made = quarter.in_force()
    actions.amend(actor=quarter.host, covenant=made, reason="想改")
    actions.revise(actor=quarter.host, covenant=made, title="充电公约", preamble="", why="偷偷改",
                   articles=(Article("", "", "还没给人看的一条。"),))  # fmt: skip
    reader = quarter.browser("anybody")
    for url in (f"/covenant/{made.number}/", f"/covenant/{made.number}/?v=2", f"/open/covenants/{made.number}/",
                f"/open/covenants/{made.number}/compare/?b=2", f"/open/covenants/{made.number}/data.json"):  # fmt: skip
        page = body(reader.get(url))
        assert "还没给人看" not in page, url
        assert "偷偷改" not in page, url
    for url in (f"/open/covenants/{made.number}/v/2/", f"/open/covenants/{made.number}/v/2/paper/"):
        assert reader.get(url).status_code == 404
    assert reader.get(f"/open/covenants/{made.number}/v/1/paper/").status_code == 200


def test_residents_support_follow_and_read_their_trail(quarter: Quarter) -> None:
    made = quarter.asking()
    row = quarter.say(made, 0)
    me = quarter.browser("owner1")
    at = f"/covenant/{made.number}/"
    me.post(f"{at}support/{row.pk}/", {"on": "1"})
    assert "1 人也这么说" in body(me.get(at))
    me.post(f"{at}follow/", {"on": "1"})
    assert "不用再告诉我" in body(me.get(at))
    assert quarter.browser("anybody").post(f"{at}support/{row.pk}/", {"on": "1"})["Location"].startswith("/login/")
    assert "十点太早了" in body(quarter.browser("owner0").get("/covenant/words/"))
    assert "十点太早了" not in body(me.get("/covenant/words/"))
    other = quarter.asking(retry="o" * 32, title="养犬公约")
    assert me.post(f"/covenant/{other.number}/support/{row.pk}/", {"on": "1"}).status_code == 404


def test_comments_out_of_days_keep_the_words(quarter: Quarter) -> None:
    made = quarter.in_force()
    at = f"/covenant/{made.number}/say/"
    refused = quarter.browser("anybody").post(at, {"text": "我还有话说", "retry": "y" * 32})
    assert refused.status_code == 422
    assert "我还有话说" in body(refused)
    assert "议事厅" in body(refused)


def test_picked_comments_are_answered_together_and_only_of_one_covenant(quarter: Quarter) -> None:
    made, other = quarter.asking(), quarter.asking(retry="o" * 32, title="养犬公约")
    mine = [quarter.say(made, n, f"第 {n} 句") for n in range(3)]
    foreign = quarter.say(other, 5)
    host = quarter.browser("community")
    at = f"/desk/covenants/{made.number}/answer/"
    page = host.get(at, {"pick": [str(c.pk) for c in mine[:2]]})
    assert body(page).count('name="pick"') == 2
    both = [str(c.pk) for c in mine[:2]]
    assert host.post(at, {"pick": both, "outcome": "not", "text": ""}).status_code == 422
    assert host.post(at, {"pick": both, "outcome": "not", "text": "夜里要安静。"}).status_code == 302
    nothing = host.get(at, follow=True)  # the button below the list, with nothing ticked
    assert nothing.redirect_chain[-1][0] == f"/desk/covenants/{made.number}/comments/"
    assert "先勾上要回复的意见。" in body(nothing)
    for wrong in ([str(foreign.pk)], [both[0], str(foreign.pk)], ["nonsense"], []):
        assert host.post(at, {"pick": wrong, "outcome": "not", "text": "x"}).status_code == 404
    assert list(Comment.objects.filter(outcome="waiting").values_list("text", flat=True)) == ["第 2 句", "十点太早了。"]


def test_lists_are_searched_filtered_paged_and_exported(quarter: Quarter) -> None:
    for n in range(23):
        quarter.asking(retry=f"{n:032d}", title=f"第{n}号公约")
    quarter.in_force(retry="f" * 32, title="养犬公约", kind="residents")
    reader = quarter.browser("anybody")
    page = reader.get("/open/covenants/")
    assert len(page.context["rows"]) == 20
    more = reader.get(f"/open/covenants/?cursor={page.context['page'].next}")
    assert len(more.context["rows"]) == 4
    for query, n in (("tab=force", 1), ("tab=comment", 20), ("tab=voting", 0), ("kind=residents", 1), ("q=养犬", 1),
                     ("q=没有这个", 0), ("cursor=nonsense", 20)):  # fmt: skip
        assert len(reader.get(f"/open/covenants/?{query}").context["rows"]) == n, query
        assert reader.get(f"/covenant/?{query}").status_code == 200
        assert quarter.browser("community").get(f"/desk/covenants/?{query}").status_code == 200
    sheet = stream(reader.get("/open/covenants/list.csv?tab=force"))
    assert sheet.count("\n") == 2
    assert "养犬公约" in sheet
    near = quarter.browser("resident2").get("/covenant/")
    assert not near.context["rows"]
    assert len(quarter.browser("resident").get("/covenant/").context["rows"]) == 20


def test_comments_are_filtered_and_exported_masked(quarter: Quarter) -> None:
    made = quarter.asking()
    key = Version.objects.get().said.articles[0].key
    quarter.say(made, 0, "我叫王大力，电话 13912345678，棚里灯太暗。", article=key)
    row = quarter.say(made, 1, "整份都好。")
    quarter.answer(made, row, outcome="noted")
    host, reader = quarter.browser("community"), quarter.browser("anybody")
    for query, n in (("outcome=waiting", 1), ("outcome=noted", 1), (f"article={key}", 1), ("article=whole", 1),
                     ("q=灯", 1), ("", 2)):  # fmt: skip
        assert len(host.get(f"/desk/covenants/{made.number}/comments/?{query}").context["rows"]) == n, query
        assert len(reader.get(f"/open/covenants/{made.number}/?{query}").context["rows"]) == n, query
    public = stream(reader.get(f"/open/covenants/{made.number}/comments.csv"))
    own = stream(host.get(f"/desk/covenants/{made.number}/comments.csv"))
    assert "13912345678" in own
    assert "13912345678" not in public
    assert "王大力" not in public
    assert "灯太暗" in public


@pytest.mark.parametrize(
    ("url", "who", "most"),
    [("/desk/covenants/", "community", 4), ("/desk/covenants/{n}/", "community", 5),
     ("/desk/covenants/{n}/comments/", "community", 7), ("/covenant/", "resident", 2),
     ("/covenant/{n}/", "resident", 10), ("/open/covenants/", "anybody", 2), ("/open/covenants/{n}/", "anybody", 8),
     ("/covenant/words/", "owner0", 4)],
)  # fmt: skip
def test_a_page_asks_as_often_for_many_as_for_few(quarter: Quarter, url: str, who: str, most: int) -> None:
    made = quarter.asking()
    first = quarter.say(made, 0)
    quarter.answer(made, first)
    address, browser = url.format(n=made.number), quarter.browser(who)
    browser.get(address)
    with CaptureQueriesContext(connection) as few:
        browser.get(address)
    for n in range(1, 9):
        quarter.answer(made, quarter.say(made, n, f"第 {n} 句"))
        actions.say(actor=quarter.owner(0), covenant=made, text=f"再说 {n}", retry=f"x{n:032d}", now=quarter.now)
        quarter.asking(retry=f"{n:032d}", title=f"第{n}号公约")
    with CaptureQueriesContext(connection) as many:
        assert browser.get(address).status_code == 200
    assert len(many) == len(few), "\n".join(q["sql"][:160] for q in many)
    own = [q["sql"] for q in many if '"covenants_' in q["sql"]]  # what the shell and the tree ask is theirs
    assert len(own) <= most, "\n".join(own)


def test_paper_says_since_when_and_by_which_vote(quarter: Quarter) -> None:
    made = quarter.in_force()
    actions.file(actor=quarter.host, covenant=made, filed_with="东桥街道", filed_on=timezone.localdate())
    page = body(Client().get(f"/open/covenants/{made.number}/v/1/paper/"))
    for said in ("起施行", "东桥街道备案", Passage.objects.get().question.number, made.number):
        assert said in page


def test_a_version_comes_as_word_with_every_word_and_says_whether_it_holds(quarter: Quarter) -> None:
    made = quarter.in_force()
    text = made.versions.get(number=1).said
    at = f"/open/covenants/{made.number}/v/1/"
    assert f"{at}paper.docx" in body(Client().get(at))
    answer = Client().get(f"{at}paper.docx")
    told = "".join("\n".join(p.text for p in docx.Document(io.BytesIO(answer.content)).paragraphs).split())
    for article in text.articles:
        assert "".join(article.text.split()) in told
    assert "起施行" in told
    assert "还没有通过" not in told
    assert answer["Content-Disposition"].startswith("attachment")
    asking = quarter.asking(retry="o" * 32, title="养犬公约")
    answer = Client().get(f"/open/covenants/{asking.number}/v/1/paper.docx")
    assert "还没有通过" in "".join(p.text for p in docx.Document(io.BytesIO(answer.content)).paragraphs)
    assert Client().get(f"{at}paper.odt").status_code == 404
    assert Client().get(f"/open/covenants/{made.number}/v/9/paper.docx").status_code == 404


def test_pages_in_english(quarter: Quarter) -> None:
    made = quarter.in_force()
    quarter.say(quarter.asking(retry="o" * 32, title="养犬公约"), 0)
    reader = quarter.browser("anybody")
    reader.cookies["django_language"] = "en"
    for url in ("/open/covenants/", f"/open/covenants/{made.number}/", f"/covenant/{made.number}/"):
        assert "in force" in body(reader.get(url)).lower(), url
    read = body(reader.get(f"/covenant/{made.number}/"))
    assert "Article 3" in read
    assert "第三条" not in read


def test_a_long_form_keeps_its_draft_in_the_browser_until_it_is_saved(quarter: Quarter) -> None:
    host = quarter.browser("community")
    made = quarter.draft()
    url = f"/desk/covenants/{made.number}/text/"
    page = host.get(url).content.decode()
    assert f'data-draft="covenant-{made.number}-1" data-draft-post="again"' in page
    assert "data-draft-offer" in page
    kept = {"rows": "2", "key-1": "", "heading-1": "", "words-1": "写到一半的一条。", "key-2": "", "heading-2": "",
            "words-2": "又一条。", "title": "改了的名字", "preamble": "", "version": str(made.version)}  # fmt: skip
    again = host.post(url, {**kept, "op": "again"}).content.decode()  # what the script posts when the draft is taken up
    assert "写到一半的一条。" in again
    assert "改了的名字" in again
    made.refresh_from_db()
    assert made.newest == 1  # taken up, not saved
    saved = host.post(url, {**kept, "why": "写完了"}, follow=True).content.decode()
    assert f'data-draft-sent="covenant-{made.number}-1"' in saved
    page = host.get(url).content.decode()
    assert f'data-draft="covenant-{made.number}-2"' in page  # over another version it would be no draft of this


def test_a_resident_keeps_what_is_typed_until_the_receipt(quarter: Quarter) -> None:
    made, anybody = quarter.asking(), quarter.browser("anybody")
    url = f"/covenant/{made.number}/say/"
    assert f'data-draft="covenant-say-{made.number}-"' in anybody.get(url).content.decode()
    told = anybody.post(url, {"text": "十点太早。", "retry": "z" * 32}).content.decode()
    assert f'data-draft-sent="covenant-say-{made.number}-"' in told
