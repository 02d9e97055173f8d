"""Looking at homes, coverage by home, who answers for a unit, newcomers; through actions and HTTP."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from linli.core.people.actor import Actor
from linli.core.people.models import Post
from linli.core.places.models import Dwelling
from linli.core.places.tree import Node, tree
from linli.kit.refusal import Conflict, Forbidden, Invalid, NotFound
from linli.offices.dwellings import actions, queries
from linli.offices.dwellings.models import Survey, UnitDuty, Welcome
from tests.cast import Town
from tests.permissions.scene import warm

ActAs = Callable[[str], Actor]
pytestmark = pytest.mark.system("P11")
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def unit(town: Town) -> Node:
    return tree(town.district.pk).by_id[town.places["unit"].pk]


@pytest.fixture
def homes(act_as: ActAs, unit: Node) -> list[Dwelling]:
    actions.lay_out(actor=act_as("grid"), unit=unit, floors=2, doors=2)
    return list(Dwelling.objects.filter(place_id=unit.id).order_by("number"))


@pytest.fixture
def browse(town: Town) -> Callable[[str], Client]:
    def open_as(who: str) -> Client:
        client = Client()
        client.force_login(town.users[who], backend=BACKEND)
        return client

    return open_as


def _cover(town: Town, key: str = "quarter") -> queries.Cover:
    known = tree(town.district.pk)
    node = known.by_id[town.places[key].pk]
    return queries.covers(known, [node])[node.id]


def test_doors_are_laid_out_once(act_as: ActAs, unit: Node, homes: list[Dwelling]) -> None:
    assert [h.number for h in homes] == ["101", "102", "201", "202"]
    assert actions.lay_out(actor=act_as("grid"), unit=unit, floors=3, doors=2) == 2
    for floors, doors in ((0, 2), (61, 1), (3, 21)):
        with pytest.raises(Invalid):
            actions.lay_out(actor=act_as("grid"), unit=unit, floors=floors, doors=doors)
    with pytest.raises(NotFound):
        actions.lay_out(actor=act_as("grid2"), unit=unit, floors=1, doors=1)


def test_coverage_is_counted_by_home_and_unknown_is_no_survey(town: Town, act_as: ActAs, homes: list[Dwelling]) -> None:
    grid = act_as("grid")
    for home, status in zip(homes, ("owner", "rented", "unknown"), strict=False):
        actions.survey(actor=grid, dwelling_id=home.pk, status=status)
    cover = _cover(town)
    assert (cover.dwellings, cover.surveyed, cover.left, cover.share) == (4, 2, 2, "50.0 %")
    assert (cover.owner, cover.rented, cover.vacant) == (1, 1, 0)
    assert [n.name for n in cover.blank] == ["2 单元"], "a unit that is not laid out is no 100 %"
    assert [n.name for n in cover.without] == ["1 单元", "2 单元"]
    Survey.objects.update(at=timezone.now() - timedelta(days=400))
    assert _cover(town).surveyed == 0, "a look that is too old counts no longer"


def test_a_second_look_is_added_and_the_same_tap_is_not(town: Town, act_as: ActAs, homes: list[Dwelling]) -> None:
    grid, home = act_as("grid"), homes[0]
    first = actions.survey(actor=grid, dwelling_id=home.pk, status="owner")
    assert actions.survey(actor=grid, dwelling_id=home.pk, status="owner").pk == first.pk
    second = actions.survey(actor=grid, dwelling_id=home.pk, status="rented")
    home.refresh_from_db()
    first.refresh_from_db()
    assert (home.occupancy, first.latest, second.latest, second.by_id) == ("rented", False, True, town.posts["grid"].pk)
    with pytest.raises(Invalid):
        actions.survey(actor=grid, dwelling_id=home.pk, status="key_person")
    with pytest.raises(IntegrityError), transaction.atomic():
        Survey.objects.filter(pk=second.pk).update(status="key_pers")


def test_who_may_not_look_finds_no_home(act_as: ActAs, homes: list[Dwelling]) -> None:
    for who in ("grid2", "community2", "department", "resident", "admin"):
        with pytest.raises(NotFound):
            actions.survey(actor=act_as(who), dwelling_id=homes[0].pk, status="owner")
    with pytest.raises(NotFound):
        actions.survey(actor=act_as("grid"), dwelling_id=uuid.uuid4(), status="owner")
    assert not Survey.objects.exists()


# ── who answers ─────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_unit_has_one_who_answers_and_the_next_follows(town: Town, act_as: ActAs, unit: Node) -> None:
    keeper = act_as("community")
    first = actions.give_unit(actor=keeper, unit=unit, post_id=town.posts["community_b"].pk)
    assert actions.give_unit(actor=keeper, unit=unit, post_id=town.posts["community_b"].pk).pk == first.pk
    actions.give_unit(actor=keeper, unit=unit, post_id=town.posts["street"].pk)
    first.refresh_from_db()
    assert (first.until, UnitDuty.objects.filter(until=None).count()) == (timezone.localdate(), 1)
    assert [n.name for n in _cover(town).without] == ["2 单元"]
    Post.objects.filter(pk=town.posts["street"].pk).update(until=timezone.localdate())
    assert len(_cover(town).without) == 2, "whose post has ended answers for nothing"


def test_only_the_places_own_office_gives_a_unit(town: Town, act_as: ActAs, unit: Node) -> None:
    for who in ("grid", "community2", "department"):
        with pytest.raises(Forbidden):
            actions.give_unit(actor=act_as(who), unit=unit, post_id=town.posts["grid"].pk)
    with pytest.raises(NotFound):
        actions.give_unit(actor=act_as("community"), unit=unit, post_id=town.posts["volunteer"].pk)
    with pytest.raises(Conflict):
        actions.end_unit(actor=act_as("community"), unit=unit)


def test_a_cadre_of_a_department_surveys_the_unit_he_answers_for(
    town: Town, act_as: ActAs, unit: Node, homes: list[Dwelling]
) -> None:
    actions.give_unit(actor=act_as("community"), unit=unit, post_id=town.posts["department"].pk)
    made = actions.survey(actor=act_as("department"), dwelling_id=homes[0].pk, status="owner")
    assert made.by_id == town.posts["department"].pk
    with pytest.raises(NotFound):
        actions.survey(actor=act_as("power"), dwelling_id=homes[0].pk, status="owner")


# ── newcomers ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_empty_home_that_is_lived_in_opens_a_welcome_once(act_as: ActAs, homes: list[Dwelling]) -> None:
    grid, home = act_as("grid"), homes[0]
    actions.survey(actor=grid, dwelling_id=home.pk, status="vacant")
    assert not Welcome.objects.exists()
    actions.survey(actor=grid, dwelling_id=home.pk, status="rented")
    row = Welcome.objects.get()
    assert (row.state, row.due_on) == ("open", timezone.localdate() + timedelta(days=7))
    actions.survey(actor=grid, dwelling_id=home.pk, status="owner")
    assert Welcome.objects.count() == 1
    with pytest.raises(NotFound):
        actions.close_welcome(actor=act_as("grid2"), welcome_id=row.pk, done=True)
    assert actions.close_welcome(actor=grid, welcome_id=row.pk, done=False).state == "declined"
    with pytest.raises(Conflict):
        actions.close_welcome(actor=grid, welcome_id=row.pk, done=True)


def test_a_home_that_was_occupied_all_along_opens_none(act_as: ActAs, homes: list[Dwelling]) -> None:
    for status in ("owner", "rented", "unknown", "owner"):
        actions.survey(actor=act_as("grid"), dwelling_id=homes[1].pk, status=status)
    assert not Welcome.objects.exists()


# ── pages ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_one_tap_on_the_phone_is_one_look(
    town: Town, homes: list[Dwelling], unit: Node, browse: Callable[[str], Client]
) -> None:
    client, url = browse("grid"), f"/field/dwellings/{unit.code}/"
    page = client.get(url + "?brush=vacant").content.decode()
    assert page.index(">201<") < page.index(">101<"), "the top floor stands above"
    client.post(url, {"brush": "vacant", "dwelling": str(homes[2].pk)})
    assert Survey.objects.get().status == "vacant"
    assert client.post(url, {"brush": "owner", "dwelling": "nothing"}).status_code == 404
    assert browse("grid2").get(url).status_code == 404
    client.post(f"/field/dwellings/{town.places['unitb'].code}/", {"floors": "1", "doors": "3"})
    assert Dwelling.objects.filter(place=town.places["unitb"]).count() == 3
    assert client.get("/field/dwellings/").status_code == 200


def test_the_desk_shows_progress_and_units_without_anybody(
    town: Town, act_as: ActAs, unit: Node, homes: list[Dwelling], browse: Callable[[str], Client]
) -> None:
    actions.survey(actor=act_as("grid"), dwelling_id=homes[0].pk, status="owner")
    client, code = browse("community"), town.places["quarter"].code
    assert "1/4" in client.get("/desk/dwellings/").content.decode()
    text = client.get(f"/desk/dwellings/q/{code}/?only=without").content.decode()
    assert "没人分包" in text
    assert browse("community2").get(f"/desk/dwellings/q/{code}/").status_code == 404
    give = f"/desk/dwellings/units/{unit.code}/give/"
    found = client.post(give, {"word": "何田", "find": "to"}).content.decode()
    assert "何田田" in found
    wrong = client.post(give, {"on": "不是日子"})
    assert wrong.status_code == 422
    today = timezone.localdate().isoformat()
    assert client.post(give, {"word": "", "to": str(town.posts["community_b"].pk), "on": today}).status_code == 302
    assert "何田田" in client.get(f"/desk/dwellings/q/{code}/").content.decode()
    csv = b"".join(client.get("/desk/dwellings/export.csv").streaming_content).decode()
    assert "何田田,4,1,1,0,0" in csv
    assert ",101," not in csv, "no home stands in the file by its number"


def test_the_welcome_card_is_for_everybody_and_says_who_looks_after_the_staircase(
    town: Town, act_as: ActAs, unit: Node
) -> None:
    actions.give_unit(actor=act_as("community"), unit=unit, post_id=town.posts["community_b"].pk)
    text = Client().get(f"/welcome/{unit.door}/").content.decode()
    for name in ("何田田", "王禾苗", "陆长亭"):
        assert name in text
    assert Client().get("/welcome/0000-0000-0000/").status_code == 404


def test_the_board_asks_as_much_for_many_as_for_one(
    homes: list[Dwelling], browse: Callable[[str], Client], django_assert_num_queries: Any, act_as: ActAs,
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any,
) -> None:  # fmt: skip
    warm(monkeypatch, tmp_path)
    client = browse("district")
    client.get("/desk/dwellings/")
    with django_assert_num_queries(7):
        client.get("/desk/dwellings/")
    for home in homes:
        actions.survey(actor=act_as("grid"), dwelling_id=home.pk, status="owner")
    with django_assert_num_queries(7):
        assert "100.0 %" in client.get("/desk/dwellings/").content.decode()
