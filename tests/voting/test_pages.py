"""Voting as people do it: a screen a step, by account or by slip; the host's desk; what is open to everybody."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from linli.core.decisions import actions, publishing
from linli.core.decisions.actions import counting
from linli.core.decisions.models import Envelope, Objection, Question
from linli.offices.voting import live
from tests.cast import DISTRICT
from tests.decisions.cast import Votes

pytestmark = [pytest.mark.django_db, pytest.mark.system("D5")]
ROOT = Path(__file__).resolve().parents[2]
DAY = timezone.timedelta(days=1)


def going(votes: Votes, rule: str = "household", **more: Any) -> Question:
    """A question that is open now, as the pages look at the clock."""
    now = timezone.now()
    asked = {"closes_at": now + 3 * DAY, "review_on": (now + 60 * DAY).date()} | more
    return votes.open(rule, **asked)


def sent_in(client: Client, user: Any) -> Client:
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def key_of(page: str) -> str:
    found = re.search(r'name="key" value="(\w+)"', page)
    assert found
    return found[1]


def vote(client: Client, url: str, choice: Any, **more: str) -> Any:
    """Choose, be asked once more, send."""
    asked = client.post(url, {"step": "confirm", "choice": choice, **more})
    assert asked.status_code == 200
    assert "交吗" in asked.content.decode()
    sent = client.post(url, {"step": "send", "choice": choice, "key": key_of(asked.content.decode()), **more})
    assert sent.status_code == 302, sent.content.decode()
    return sent


def decided(votes: Votes, rule: str = "household", choices: Any = None, **more: Any) -> Question:
    question = votes.open(rule, **more)
    for n, choice in enumerate(choices or ["yes"] * 8 + ["no"] * 2):
        votes.vote(question, n, choice)
    return votes.count(question)


# ── residents ───────────────────────────────────────────────────────────────────────────────────────────────
def test_a_vote_takes_three_screens_and_its_receipt_is_shown_once(votes: Votes, client: Client) -> None:
    question = going(votes)
    sent_in(client, votes.accounts[0])
    assert question.title in client.get("/vote/").content.decode()
    page = client.get(f"/vote/{question.number}/").content.decode()
    assert "去投票" in page
    assert "还差" in page
    assert "通过" not in page.split("怎样才算定下来")[1].split("</section>")[0]
    assert client.get(f"/vote/{question.number}/cast/").status_code == 200
    sent = vote(client, f"/vote/{question.number}/cast/", "yes", entry="1", helper="对门王姨")
    assert client.session.items() is not None
    shown = client.get(sent["Location"]).content.decode()
    receipt = re.search(r'class="mono code">([^<]+)<', shown)
    assert receipt
    assert receipt[1] not in str(dict(client.session))
    assert "只显示一次" in client.get(sent["Location"]).content.decode()
    envelope = Envelope.objects.get()
    assert (envelope.channel, envelope.helper) == ("helper", "对门王姨")
    found = Client().post("/vote/receipt/", {"receipt": receipt[1]}).content.decode()
    assert "算数" in found
    assert "同意" not in found
    vote(client, f"/vote/{question.number}/cast/", "no", entry="1")
    assert "替掉了" in Client().post("/vote/receipt/", {"receipt": receipt[1]}).content.decode()
    assert Client().post("/vote/receipt/", {"receipt": "0000"}).status_code == 422


def test_a_slip_votes_without_an_account_and_a_wrong_code_keeps_what_was_typed(votes: Votes, client: Client) -> None:
    question = going(votes)
    (_entry, code), *_rest = actions.issue_slips(
        actor=votes.staff("community"), district_id=DISTRICT, question_id=question.pk
    )
    url = f"/vote/{question.number}/slip/"
    assert code in client.get(f"{url}?code={code}").content.decode()
    wrong = client.post(url, {"slip": "ABCD"})
    assert wrong.status_code == 422
    assert "ABCD" in wrong.content.decode()
    other = code[:-1] + ("0" if code[-1] != "0" else "1")
    assert client.post(url, {"slip": other}).status_code == 422
    assert "第 1 步" in client.post(url, {"slip": code}).content.decode()
    vote(client, url, "no", slip=code)
    assert Envelope.objects.get().channel == "slip"


def test_who_may_not_vote_reads_why(votes: Votes, client: Client) -> None:
    question = going(votes)
    actions.correct_entry(actor=votes.staff("community"), district_id=DISTRICT, question_id=question.pk, seq=2,
                          state="recused", reason="施工方")  # fmt: skip
    url = f"/vote/{question.number}/cast/"
    assert client.get(url).status_code == 302
    sent_in(client, votes.town.users["resident2"])
    assert "名册上没有您家" in client.get(url).content.decode()
    sent_in(client, votes.accounts[1])
    assert "施工方" in client.get(url).content.decode()
    actions.withdraw(actor=votes.staff("community"), district_id=DISTRICT, question_id=question.pk, reason="重新议")
    refused = client.get(url)
    assert refused.status_code == 409
    assert "撤回" in refused.content.decode()


def test_for_two_households_one_is_chosen_first(votes: Votes, client: Client) -> None:
    question = going(votes)
    actions.give_proxy(actor=votes.staff("community"), district_id=DISTRICT, question_id=question.pk, giver=3, holder=1,
                       evidence="委托书")  # fmt: skip
    sent_in(client, votes.accounts[0])
    url = f"/vote/{question.number}/cast/"
    assert "您替哪一户投" in client.get(url).content.decode()
    vote(client, url, "yes", entry="3")
    assert Envelope.objects.get().channel == "proxy"


def test_somebody_says_that_a_ballot_was_not_theirs_and_the_host_judges(votes: Votes, client: Client) -> None:
    question = going(votes)
    votes.vote(question, 0, "yes", now=timezone.now())
    sent_in(client, votes.accounts[0])
    url = f"/vote/{question.number}/object/"
    assert client.post(url, {"text": ""}).status_code == 422
    assert client.post(url, {"text": "那天没人在家"}).status_code == 302
    objection = Objection.objects.get()
    sent_in(client, votes.town.users["community"])
    page = f"/desk/votes/{question.number}/objections/{objection.pk}/"
    assert client.post(page, {"upheld": "yes", "finding": "签名不是本人"}).status_code == 302
    assert Envelope.objects.get().state == "annulled"


# ── the desk ────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_host_drafts_previews_opens_and_amends(votes: Votes, client: Client) -> None:
    sent_in(client, votes.town.users["community"])
    matter, place = votes.topic(), votes.town.places["quarter"]
    soon = timezone.localtime() + 3 * DAY
    form = {
        "matter": matter.number, "title": "钱怎么花", "place": place.code, "roll_kind": "households",
        "method": "budget",
        "options": "装扶手 12000\n修棚子", "budget": "20000", "rule": str(votes.rules["budget"].pk),
        "closes_at": f"{soon:%Y-%m-%dT%H:%M}", "review_on": f"{soon + 60 * DAY:%Y-%m-%d}",
    }  # fmt: skip
    wrong = client.post("/desk/votes/new/", form)
    assert wrong.status_code == 422
    assert "修棚子" in wrong.content.decode()
    assert client.post("/desk/votes/new/", form | {"matter": "TS-0000-0000"}).status_code == 422
    made = client.post("/desk/votes/new/", form | {"options": "装扶手 12000\n修棚子 9000.50"})
    assert made.status_code == 302, made.content.decode()
    question = Question.objects.get()
    assert question.more == {"budget_fen": 2_000_000, "costs": {"o1": 1_200_000, "o2": 900_050}}
    at = f"/desk/votes/{question.number}/"
    assert "修棚子 9000.5" in client.get(f"{at}edit/").content.decode()
    assert "12" in client.get(f"{at}roll/").content.decode()
    assert client.post(f"{at}do/open/", {"recused": "两个字"}).status_code == 422
    assert client.post(f"{at}do/open/", {"recused": "2 施工的那家"}).status_code == 302
    assert question.roll.get(seq=2).reason == "施工的那家"
    later = f"{soon + DAY:%Y-%m-%dT%H:%M}"
    assert client.post(f"{at}do/extend/", {"closes_at": later, "reason": "雨天"}).status_code == 302
    assert "雨天" in client.get(at).content.decode()
    assert client.post(f"{at}do/proxy/", {"giver": "3", "holder": "4", "evidence": "委托书"}).status_code == 302
    assert client.post(f"{at}do/revoke/", {"giver": "3"}).status_code == 302
    assert client.post(f"{at}do/nothing/").status_code == 404
    slips = client.post(f"{at}slips/", {"entries": "1、3-4"}).content.decode()
    assert slips.count('class="vt-slip"') == 3
    assert client.post(f"{at}slips/", {"entries": "甲"}).status_code == 422
    rows = b"".join(client.get(f"{at}roll.csv").streaming_content).decode()
    assert rows.count("\n") == 13
    assert client.get("/desk/votes/?q=钱怎么").content.decode().count("data-row") == 1
    assert "没有找到" in client.get("/desk/votes/?tab=decided").content.decode()


def test_two_persons_type_a_sheet(votes: Votes, client: Client) -> None:
    question = going(votes)
    url = f"/desk/votes/{question.number}/paper/"
    for who in ("community", "community_b"):
        sent_in(client, votes.town.users[who])
        assert client.get(url).status_code == 200
        assert client.post(url, {"entry": "2", "choice": "yes"}).status_code == 302
    assert Envelope.objects.get().channel == "paper"
    assert client.post(url, {"entry": "3"}).status_code == 422


def test_tellers_take_their_keys_and_count(votes: Votes, client: Client) -> None:
    question = votes.draft(secret=True)
    url = f"/vote/{question.number}/key/"
    for who in ("community", "steward"):
        sent_in(client, votes.town.users[who])
        assert client.post(url, {"passphrase": "短", "again": "短"}).status_code == 422
        words = f"只有{who}知道的口令"
        assert client.post(url, {"passphrase": words, "again": "另一句话另一句"}).status_code == 422
        assert client.post(url, {"passphrase": words, "again": words}).status_code == 302
    sent_in(client, votes.town.users["resident2"])
    assert client.get(url).status_code == 404
    opened = actions.open_question(actor=votes.staff("community"), district_id=DISTRICT, question_id=question.pk,
                                   now=question.made_at)  # fmt: skip
    for n in range(8):
        votes.vote(opened, n, "yes")
    counting.close_due(now=opened.objections_until)
    Question.objects.filter(pk=question.pk).update(objections_until=timezone.now() - DAY)
    for who in ("community", "steward"):
        sent_in(client, votes.town.users[who])
        assert client.post(url, {"passphrase": "不对的口令口令"}).status_code == 422
        assert client.post(url, {"passphrase": f"只有{who}知道的口令"}).status_code == 302
    assert Question.objects.get().result["outcome"] == "adopted"
    assert "通过了" in Client().get(f"/open/votes/{question.number}/").content.decode()


def test_call_backs_are_drawn_and_noted(votes: Votes, client: Client) -> None:
    question = going(votes)
    votes.vote(question, 0, "yes", now=timezone.now())
    sent_in(client, votes.town.users["community"])
    url = f"/desk/votes/{question.number}/calls/"
    assert "101" in client.get(url).content.decode()
    assert client.post(url, {"seq": "1", "answer": "not_ours"}).status_code == 302
    assert Objection.objects.get().from_call


# ── for everybody ───────────────────────────────────────────────────────────────────────────────────────────
def test_the_live_part_says_how_far_it_is_and_never_which_way(votes: Votes, client: Client) -> None:
    question = going(votes)
    votes.vote(question, 0, "no", now=timezone.now())
    body = client.get(f"/open/votes/{question.number}/live/").content.decode()
    assert "还差 6 户" in body
    assert "不同意" not in body
    data = client.get(f"/open/votes/{question.number}/recount.json").json()
    assert data["ballots"] is None
    assert Envelope.objects.get().board in client.get(f"/open/votes/{question.number}/codes/").content.decode()


def test_watchers_cost_nothing_for_two_seconds(votes: Votes, monkeypatch: pytest.MonkeyPatch) -> None:
    question = going(votes)
    monkeypatch.setattr(live, "KEEP_SECONDS", 600.0)
    live._kept.clear()
    live.fragment(DISTRICT, question.number)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        live.fragment(DISTRICT, question.number)
    live._kept.clear()
    assert len(asked) == 0


def test_small_houses_are_never_told_apart(votes: Votes) -> None:
    from linli.core.decisions.models import RollEntry

    question = going(votes)
    assert live.houses(question) == []
    RollEntry.objects.filter(question=question, seq__lte=3).update(place_path=votes.town.places["unitb"].path[:-8])
    assert live.houses(question) == []  # three homes are put with the nine, and then there is only one line


def test_a_list_costs_the_same_however_long(votes: Votes, client: Client) -> None:
    counts = []
    for _turn in range(2):
        going(votes)
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/open/votes/").status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 8


def test_the_program_that_is_handed_out_is_the_one_of_the_docs() -> None:
    given = ROOT / "linli/offices/voting/static/voting/recount.txt"
    assert given.read_bytes() == (ROOT / "docs/recount.py").read_bytes()


def test_the_program_says_of_a_vote_that_nobody_counted_that_it_was_not(
    votes: Votes, client: Client, tmp_path: Path
) -> None:
    """Its data stand on the page from the opening on, so that the roll can be checked."""
    question = going(votes)
    kept = tmp_path / "data.json"
    kept.write_bytes(client.get(f"/open/votes/{question.number}/recount.json").content)
    command = [sys.executable, "-I", str(ROOT / "docs/recount.py")]
    asked = subprocess.run([*command, str(kept)], capture_output=True, text=True, check=False)
    assert (asked.returncode, asked.stderr) == (1, "roll True, not counted yet\n")
    bare = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "python recount.py URL-or-file" in bare.stderr


CASES: list[tuple[str, str, list[Any], dict[str, Any]]] = [
    ("household", "choice", ["yes"] * 8 + ["no"] * 2, {}),
    ("household", "choice", ["yes"] * 3, {}),
    ("cc278", "choice", ["yes"] * 9 + ["no", "abstain"], {"roll_kind": "owners"}),
    ("cc278s", "choice", ["yes"] * 8 + ["no"] * 4, {"roll_kind": "owners"}),
    ("consensus", "consent", ["consent"] * 9 + ["objection"], {}),
    ("menu", "approval", [["o1", "o2"]] * 5 + [["o3"]] * 3, {"options": 3, "more": {"seats": 2}}),
    ("menu", "score", [{"o1": 5, "o2": 1}] * 5 + [{"o3": 4}] * 3, {"options": 3, "more": {"seats": 1}}),
    ("menu", "ranking", [["o1", "o2"]] * 3 + [["o2", "o1"]] * 3 + [["o3", "o2"]] * 2, {"options": 3}),
    ("budget", "budget", [["o1", "o2"]] * 5 + [["o3"]] * 3, {"options": 3, "more": {"budget_fen": 250}}),
]


@pytest.mark.parametrize(("rule", "method", "choices", "more"), CASES)
def test_strangers_count_the_same(
    votes: Votes, tmp_path: Path, rule: str, method: str, choices: list[Any], more: dict[str, Any]
) -> None:
    """The browser's module and the thirty lines of Python, on what is published; and both notice a changed line."""
    options = [{"name": f"选项{n}", "cost_fen": 100} for n in range(1, more.pop("options", 0) + 1)]
    question = decided(votes, rule, choices, method=method, options=options, **more)
    data = json.loads(json.dumps(publishing.recount(question)))
    found = _in_node(data, tmp_path)
    result = question.result or {}
    assert found["outcome"] == result["outcome"]
    assert [c["met"] for c in found["conditions"]] == [c["met"] for c in result["conditions"]]
    assert (found["winners"], found["tied"]) == (result["winners"], result["tied"])
    assert found["hash"] == question.roll_hash
    assert _in_python(data, tmp_path) == 0
    data["roll"]["lines"][0]["heads"] = 2
    assert _in_node(data, tmp_path)["hash"] != question.roll_hash
    assert _in_python(data, tmp_path) == 1


def _in_node(data: Any, where: Path) -> Any:
    module = ROOT / "linli/offices/voting/static/voting/recounting.mjs"
    kept = where / "vote.json"
    kept.write_text(json.dumps(data), encoding="utf-8")
    code = f"""import {{ recount, rollHash }} from {json.dumps(str(module))};
    import {{ readFileSync }} from 'node:fs';
    const data = JSON.parse(readFileSync({json.dumps(str(kept))}));
    console.log(JSON.stringify({{...recount(data), hash: await rollHash(data)}},
      (k, v) => typeof v === 'bigint' ? String(v) : v))"""
    node = Path(sys.executable).with_name("node")
    done = subprocess.run([str(node), "--input-type=module", "-e", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _in_python(data: Any, where: Path) -> int:
    kept = where / "again.json"
    kept.write_text(json.dumps(data), encoding="utf-8")
    command = [sys.executable, "-I", str(ROOT / "docs/recount.py"), str(kept)]
    return subprocess.run(command, capture_output=True, check=False).returncode


def test_what_was_decided_is_told_before_anything_else(votes: Votes, client: Client) -> None:
    question = decided(votes, text="全文：/open/covenants/QX-G2609-0001/v/2/\n别的 <b>")
    page = client.get(f"/vote/{question.number}/").content.decode()
    assert '<p class="vt-outcome title">通过了</p>' in page
    assert page.index("通过了") < page.index("看结果，自己重算一遍") < page.index("怎样才算定下来")
    assert '<a href="/open/covenants/QX-G2609-0001/v/2/">' in page
    assert "&lt;b&gt;" in page
    sent_in(client, votes.accounts[0])
    assert "您能替" not in client.get(f"/vote/{question.number}/").content.decode()


def test_a_draft_that_was_withdrawn_leads_to_no_public_page(votes: Votes, client: Client) -> None:
    question = votes.draft()
    actions.withdraw(actor=votes.staff("community"), district_id=DISTRICT, question_id=question.pk, reason="重新议")
    page = sent_in(client, votes.town.users["community"]).get(f"/desk/votes/{question.number}/").content.decode()
    assert "已撤回" in page
    assert f"/open/votes/{question.number}/" not in page
    assert client.get(f"/open/votes/{question.number}/").status_code == 404
