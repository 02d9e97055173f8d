"""A host asks in each of the six ways from the page, from a matter or from nothing, and a host without rules cannot."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from linli.core.decisions import actions
from linli.core.decisions.models import Envelope, Question
from linli.core.people.models import Post
from tests.cast import DISTRICT
from tests.decisions.cast import Votes
from tests.voting.test_pages import DAY, going, sent_in, vote

pytestmark = [pytest.mark.django_db, pytest.mark.system("D5")]

WAYS: list[tuple[str, str, dict[str, str], dict[str, Any], Any]] = [
    ("choice", "household", {"options": ""}, {"choice": "yes"}, "yes"),
    ("consent", "consensus", {}, {"choice": "objection"}, "objection"),
    ("approval", "menu", {"options": "扶手\n防水\n车棚", "seats": "2"}, {"choice": ["o1", "o3"]}, ["o1", "o3"]),
    ("budget", "budget", {"options": "扶手 6000\n防水 9000", "budget": "12000"}, {"choice": ["o1"]}, ["o1"]),
    ("ranking", "menu", {"options": "扶手\n防水\n车棚"}, {"ranking-o2": "1", "ranking-o1": "2"}, ["o2", "o1"]),
    ("score", "menu", {"options": "扶手\n防水"}, {"score-o1": "5", "score-o2": "0"}, {"o1": 5, "o2": 0}),
]


def filled(votes: Votes, method: str, rule: str, **more: str) -> dict[str, str]:
    soon = timezone.localtime() + 3 * DAY
    return {
        "matter": votes.topic().number, "title": "怎么改", "place": votes.town.places["quarter"].code,
        "roll_kind": "households", "method": method, "rule": str(votes.rules[rule].pk),
        "closes_at": f"{soon:%Y-%m-%dT%H:%M}", "review_on": f"{soon + 60 * DAY:%Y-%m-%d}",
    } | more  # fmt: skip


@pytest.mark.parametrize(("method", "rule", "more", "said", "kept"), WAYS, ids=[w[0] for w in WAYS])
def test_each_way_is_drafted_opened_and_voted_in_from_the_page(
    votes: Votes, client: Client, method: str, rule: str, more: dict[str, str], said: dict[str, Any], kept: Any
) -> None:
    sent_in(client, votes.town.users["community"])
    page = client.get(f"/desk/votes/new/?method={method}").content.decode()
    for name in ("options", "budget", "seats"):
        assert (f'name="{name}"' in page) == (name in more or (name == "seats" and method == "score")), name
    made = client.post("/desk/votes/new/", filled(votes, method, rule, **more))
    assert made.status_code == 302, made.content.decode()
    question = Question.objects.get()
    assert client.get(f"/desk/votes/{question.number}/edit/").status_code == 200
    assert client.post(f"/desk/votes/{question.number}/do/open/", {}).status_code == 302
    sent_in(client, votes.accounts[0])
    url = f"/vote/{question.number}/cast/"
    assert client.get(url).status_code == 200
    asked = {"step": "confirm", "entry": "1", **said}
    confirmed = client.post(url, asked)
    assert "交吗" in confirmed.content.decode(), confirmed.content.decode()
    if "choice" in said:
        vote(client, url, said["choice"], entry="1")
    else:
        client.post(url, asked | {"step": "send", "key": "a-key-that-is-long"})
    assert Envelope.objects.get().choice == kept


@pytest.mark.parametrize(
    ("method", "rule", "more"),
    [
        ("choice", "consensus", {"options": ""}), ("consent", "household", {}),
        ("budget", "household", {"options": "扶手 6000\n防水 9000", "budget": "12000"}),
        ("budget", "budget", {"options": "扶手\n防水 9000", "budget": "12000"}),
        ("budget", "budget", {"options": "扶手 6000\n防水 9000", "budget": ""}),
        ("approval", "menu", {"options": "扶手"}), ("ranking", "menu", {"options": "扶手\n扶手"}),
        ("choice", "cc278", {"options": ""}), ("choice", "household", {"options": "", "roll_kind": "posts"}),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_refused_and_stays_typed(
    votes: Votes, client: Client, method: str, rule: str, more: dict[str, str]
) -> None:
    sent_in(client, votes.town.users["community"])
    told = client.post("/desk/votes/new/", filled(votes, method, rule, **more))
    assert told.status_code == 422
    assert 'value="怎么改"' in told.content.decode()
    assert not Question.objects.exists()


def test_the_first_screen_offers_six_ways_and_keeps_the_matter(votes: Votes, client: Client) -> None:
    sent_in(client, votes.town.users["community"])
    matter = votes.topic()
    page = client.get(f"/desk/votes/new/?matter={matter.number}").content.decode()
    assert page.count(f"&amp;matter={matter.number}") == 6
    form = client.get(f"/desk/votes/new/?matter={matter.number}&method=choice").content.decode()
    assert f'value="{matter.number}"' in form
    assert matter.title in form
    assert f'<option value="{votes.town.places["quarter"].code}" selected>' in form


def test_a_matter_leads_to_a_vote_and_shows_those_it_led_to(votes: Votes, client: Client) -> None:
    question = going(votes)
    number = question.matter.number
    sent_in(client, votes.town.users["community"])
    page = client.get(f"/desk/m/{number}/").content.decode()
    assert f"/desk/votes/new/?matter={number}" in page
    assert f"/desk/votes/{question.number}/" in page
    sent_in(client, votes.town.users["department"])
    assert "/desk/votes/new/" not in client.get(f"/desk/m/{number}/").content.decode()


def test_people_in_posts_vote_by_the_roles_that_were_chosen(votes: Votes, client: Client) -> None:
    sent_in(client, votes.town.users["community"])
    assert 'name="roles"' in client.get("/desk/votes/new/?method=choice").content.decode()
    path = votes.town.places["quarter"].path
    role = Post.objects.filter(scope_path__startswith=path, person__isnull=False).values_list("role", flat=True)[0]
    made = client.post("/desk/votes/new/", filled(votes, "choice", "household", roll_kind="posts", roles=role))
    assert made.status_code == 302, made.content.decode()
    question = Question.objects.get()
    assert question.more["roles"] == [role]
    found = actions.preview_roll(question)
    assert len(found.voices) >= 1


def test_an_official_result_is_written_down_with_its_source_from_the_page(votes: Votes, client: Client) -> None:
    question = votes.draft("cc278", roll_kind="owners", binding=True)
    sent_in(client, votes.town.users["community"])
    url = f"/desk/votes/{question.number}/do/import/"
    assert url in client.get(f"/desk/votes/{question.number}/").content.decode()
    assert client.post(url, {"source": "住建部门的系统", "reference": "", "outcome": "adopted"}).status_code == 422
    done = client.post(url, {"source": "住建部门的系统", "reference": "2026-17", "outcome": "adopted", "heads": "10"})
    assert done.status_code == 302
    page = Client().get(f"/open/votes/{question.number}/").content.decode()
    assert "在别处投的：住建部门的系统，2026-17" in page
    assert "在我这儿重算一遍" not in page


def test_the_home_page_tells_what_waits_from_what_was_voted(votes: Votes, client: Client) -> None:
    waiting = going(votes, title="还没投的")
    done = going(votes, title="投过了的")
    votes.vote(done, 0, "yes", now=timezone.now())
    sent_in(client, votes.accounts[0])
    with CaptureQueriesContext(connection) as asked:
        page = client.get("/vote/").content.decode()
    assert waiting.title in page.split("您投过的")[0]
    assert done.title in page.split("您投过的")[1]
    going(votes, title="又一个")
    with CaptureQueriesContext(connection) as more:
        client.get("/vote/")
    assert len(more) <= len(asked) <= 18


def test_two_homes_are_told_apart_and_the_next_is_offered(votes: Votes, client: Client) -> None:
    question = going(votes)
    actions.give_proxy(actor=votes.staff("community"), district_id=DISTRICT, question_id=question.pk, giver=3, holder=1,
                       evidence="委托书")  # fmt: skip
    sent_in(client, votes.accounts[0])
    page = client.get(f"/vote/{question.number}/").content.decode()
    assert "您能替 2 户投" in page
    assert page.count("投这一户") == 2
    sent = vote(client, f"/vote/{question.number}/cast/", "yes", entry="1")
    taken = client.get(sent["Location"]).content.decode()
    assert "还有 1 户没投" in taken
    assert f"/vote/{question.number}/cast/?entry=3" in taken
    assert "改一改" in client.get(f"/vote/{question.number}/").content.decode()


def test_a_frozen_roll_is_read_a_page_at_a_time(votes: Votes, client: Client) -> None:
    question = going(votes)
    sent_in(client, votes.town.users["community"])
    for query in ("", "?q=105", "?cursor=6", "?q=999"):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(f"/desk/votes/{question.number}/roll/{query}").status_code == 200
        assert any("LIMIT 61" in each["sql"] for each in asked)


def test_what_nobody_moved_is_not_sent_again(votes: Votes, client: Client) -> None:
    question = going(votes)
    at = f"/open/votes/{question.number}/live/"
    first = client.get(at)
    assert client.get(at, headers={"If-None-Match": first["ETag"]}).status_code == 304
    votes.vote(question, 0, "yes", now=timezone.now())
    assert client.get(at, headers={"If-None-Match": first["ETag"]}).status_code == 200
