"""The board, one pairing, the phone's pages and the public roster, through HTTP; figures by their literals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from linli.config.transfer import import_file
from linli.core.people.actor import Actor
from linli.offices.pairing import actions, queries
from linli.offices.pairing.models import Pairing, Visit
from tests.cast import Town
from tests.pairing.pairing_cast import prepare
from tests.permissions.scene import warm

pytestmark = pytest.mark.system("P6")
ActAs = Callable[[str], Actor]
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(autouse=True)
def _scheme(town: Town) -> None:
    prepare(town)


@pytest.fixture
def browse(town: Town) -> Callable[[str], Client]:
    def open_as(who: str) -> Client:
        client = Client()
        client.force_login(town.users[who], backend=BACKEND)
        return client

    return open_as


@pytest.fixture
def pairing(town: Town, act_as: ActAs) -> Pairing:
    return actions.assign(
        actor=act_as("district"), role="leader", place_id=town.places["community"].pk,
        post_id=town.posts["leader"].pk, since=timezone.localdate() - timedelta(days=30),
    )  # fmt: skip


def _text(response: Any) -> str:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return str(body.decode())


def test_the_board_counts_quarters_and_lists_what_is_missing(
    town: Town, act_as: ActAs, pairing: Pairing, browse: Callable[[str], Client]
) -> None:
    board = queries.board(act_as("district"), queries.Asked())
    assert (board.total, board.whole, board.bare, board.lacking) == (2, 0, 1, {"leader": 1, "cadre": 2, "unit": 2})
    text = _text(browse("district").get("/desk/pairings/"))
    assert "高望山" in text
    assert "三包一" in text
    assert "到了 0 天，说好 2 天" in text  # no fraction, which would read like a date
    only = _text(browse("district").get("/desk/pairings/?lack=leader"))
    assert "石榴园" in only
    assert "柳荫里" not in only
    assert "石榴园" not in _text(browse("community").get("/desk/pairings/")), (
        "another community's quarters are not there"
    )
    assert "没有找到" in _text(browse("district").get("/desk/pairings/?q=不存在"))
    csv = _text(browse("district").get("/desk/pairings/export.csv?lack=leader"))
    assert csv.count("\n") == 4, "a head and a line for each of the three empty seats"


def test_the_board_asks_the_same_few_questions_whatever_there_is(
    town: Town, pairing: Pairing, browse: Callable[[str], Client], django_assert_num_queries: Any,
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any,
) -> None:  # fmt: skip
    warm(monkeypatch, tmp_path)
    client = browse("district")
    client.get("/desk/pairings/")
    with django_assert_num_queries(6):
        client.get("/desk/pairings/")
    for place in ("community2",):
        Pairing.objects.create(
            district=town.district, role="leader", place=town.places[place], scope_path=town.places[place].path,
            post=town.posts["leader2"], promise=pairing.promise, since=pairing.since,
        )  # fmt: skip
    with django_assert_num_queries(6):
        client.get("/desk/pairings/")


def test_the_board_names_whoever_answers_and_links_only_what_opens(
    town: Town, act_as: ActAs, pairing: Pairing, browse: Callable[[str], Client]
) -> None:
    """A street's leader stands on the board of each of its communities; how often he came is the street's to know."""
    link = f'href="/desk/pairings/{pairing.pk}/"'
    assert link in _text(browse("community").get("/desk/pairings/"))
    Pairing.objects.filter(pk=pairing.pk).update(scope_path=town.places["street"].path)
    pairing.refresh_from_db()
    for who in ("community", "street", "district", "leader", "grid", "resident"):
        sees = queries.visible(act_as(who)).filter(pk=pairing.pk).exists()
        assert queries.may_open(act_as(who), pairing) == sees, who
    text = _text(browse("community").get("/desk/pairings/"))
    assert "高望山" in text
    assert link not in text
    assert "到了 0 天" not in text
    assert browse("community").get(f"/desk/pairings/{pairing.pk}/").status_code == 404
    assert link in _text(browse("street").get("/desk/pairings/"))


def test_only_a_button_of_the_page_confirms_or_refuses(
    act_as: ActAs, pairing: Pairing, browse: Callable[[str], Client]
) -> None:
    visit = actions.log_visit(actor=act_as("leader"), pairing_id=pairing.pk, on=timezone.localdate())
    for rubbish in ({}, {"seen": ""}, {"seen": "1"}, {"seen": "yes "}):
        assert browse("community").post(f"/desk/pairings/visits/{visit.pk}/", rubbish).status_code == 400
    assert Visit.objects.get().state == "logged"


def test_pages_of_the_board_go_on_where_the_last_ended(
    town: Town, act_as: ActAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PAGE", 1)
    first = queries.board(act_as("district"), queries.Asked())
    second = queries.board(act_as("district"), queries.Asked(cursor=first.next or ""))
    assert [r.node.name for r in (*first.rows, *second.rows)] == ["柳荫里", "石榴园"]
    assert second.next is None


def test_assigning_keeps_what_was_typed_and_then_fills_the_seat(town: Town, browse: Callable[[str], Client]) -> None:
    client, code = browse("street"), town.places["quarter"].code
    url = f"/desk/pairings/new/cadre/{code}/"
    wrong = client.post(url, {"to": "", "on": "不是日子"})
    assert wrong.status_code == 422
    assert "不是日子" in _text(wrong)
    looked = client.post(url, {"to_word": "孙", "find": "to", "on": "2026-01-01"})
    assert "孙晴川" in _text(looked)
    assert not Pairing.objects.exists()
    done = client.post(url, {"to": "T-street", "on": timezone.localdate().isoformat()})
    assert (done.status_code, Pairing.objects.get().holder) == (302, "孙晴川")
    assert client.get(f"/desk/pairings/new/leader/{town.places['community'].code}/").status_code == 404


def test_the_phone_logs_a_visit_and_opens_what_was_found(
    town: Town, pairing: Pairing, browse: Callable[[str], Client]
) -> None:
    client = browse("leader")
    assert "柳荫社区" in _text(client.get("/field/visits/"))
    url, today = f"/field/visits/{pairing.pk}/", timezone.localdate().isoformat()
    wrong = client.post(url, {"on": "2020-01-01", "note": "和楼长看了车棚", "text": "灯不亮。", "key": "a"})
    assert wrong.status_code == 422
    assert "和楼长看了车棚" in _text(wrong)
    said = {"on": today, "note": "和楼长看了车棚", "text": "灯不亮。", "kind": "appeal", "spot": "", "key": "a"}
    assert client.post(url, said).status_code == 302
    assert client.post(url, said).status_code == 302
    visit = Visit.objects.get()
    assert visit.matter is not None
    page = _text(browse("community").get(f"/desk/m/{visit.matter.number}/"))
    assert f"/desk/pairings/{pairing.pk}/" in page
    assert visit.matter.title in _text(browse("community").get(f"/desk/pairings/{pairing.pk}/"))
    waiting = browse("community").get("/desk/pairings/visits/")
    assert "高望山" in _text(waiting)
    browse("community").post(f"/desk/pairings/visits/{visit.pk}/", {"seen": "yes"})
    visit.refresh_from_db()
    assert visit.state == "seen"


def test_how_often_somebody_came_is_for_those_responsible(
    town: Town, pairing: Pairing, browse: Callable[[str], Client]
) -> None:
    url = f"/desk/pairings/{pairing.pk}/"
    answers = {
        who: browse(who).get(url).status_code for who in ("leader", "community", "district", "grid", "community2")
    }
    assert answers == {"leader": 200, "community": 200, "district": 200, "grid": 404, "community2": 404}


def test_everybody_reads_who_answers_and_nobody_how_often(town: Town, pairing: Pairing) -> None:
    code = town.places["quarter"].code
    for url in (f"/open/pairings/?place={code}", f"/open/roster/?place={code}"):
        text = _text(Client().get(url))
        assert "高望山" in text
        assert "每周" in text
        assert "说好 2" not in text
    assert Client().get("/open/pairings/?place=nowhere").status_code == 404
    items = Client().get(f"/api/v1/places/{code}/pairings").json()["items"]
    assert [(i["name"], i["role"], i["place"]) for i in items] == [("高望山", "区级领导", "柳荫社区")]


# ── files ───────────────────────────────────────────────────────────────────────────────────────────────────────
HEAD = "包联岗位,地点编码,岗位编号,单位编码,起日,止日\n"


def _file(tmp_path: Any, rows: str) -> Any:
    file = tmp_path / "pairings.csv"
    file.write_text(HEAD + rows, encoding="utf-8")
    return file


def test_an_import_names_each_wrong_line_and_takes_nothing(town: Town, tmp_path: Any) -> None:
    quarter, community = town.places["quarter"].code, town.places["community"].code
    report = import_file("pairings", _file(tmp_path, (
        f"区级领导,{community},T-leader,,2026-01-01,\n区级领导,{quarter},T-leader,,,\n街道干部,{quarter},T-leader,,,\n"
        f"区直单位,{quarter},,O-nobody,,\n没有的岗位,{quarter},T-street,,,\n"
    )))  # fmt: skip
    assert [problem.line for problem in sorted(report.errors)] == [3, 4, 5, 6]
    assert not Pairing.objects.exists()


def test_an_import_tries_first_adds_once_and_ends_what_the_file_ends(town: Town, tmp_path: Any) -> None:
    quarter, community = town.places["quarter"].code, town.places["community"].code
    rows = f"leader,{community},T-leader,,2026-01-01,\nunit,{quarter},,O-library,2026-01-01,\n"
    file = _file(tmp_path, rows)
    assert (import_file("pairings", file, dry_run=True).added, Pairing.objects.count()) == (2, 0)
    assert (import_file("pairings", file).added, Pairing.objects.count()) == (2, 2)
    assert Pairing.objects.get(role="leader").promise["count"] == 2
    again = import_file("pairings", file)
    assert (again.added, again.unchanged) == (0, 2)
    ended = import_file("pairings", _file(tmp_path, f"leader,{community},T-leader,,,2026-02-01\n"))
    assert (ended.changed, Pairing.objects.filter(until=None).count()) == (1, 1)
    full = import_file("pairings", _file(tmp_path, f"unit,{quarter},,O-chengguan,,\n"))
    assert [p.line for p in full.errors] == [2]
