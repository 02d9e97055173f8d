"""Assigning, handing over, ending; days on site against promises; findings that become matters."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.utils import timezone

from linli.core.matters import seeing
from linli.core.people.actor import Actor
from linli.core.people.models import Post
from linli.core.places.tree import tree
from linli.kit.models import Change
from linli.kit.refusal import Conflict, Forbidden, Invalid, NotFound
from linli.offices.pairing import actions, queries
from linli.offices.pairing.models import Pairing, Visit, VisitState
from linli.offices.pairing.scheme import Promise
from tests.cast import Town
from tests.pairing.pairing_cast import prepare

ActAs = Callable[[str], Actor]
pytestmark = pytest.mark.system("P6")
TODAY = timezone.localdate


@pytest.fixture(autouse=True)
def _scheme(town: Town) -> None:
    prepare(town)


def _leader(town: Town, act_as: ActAs, place: str = "community", who: str = "leader") -> Pairing:
    return actions.assign(
        actor=act_as("district"), role="leader", place_id=town.places[place].pk, post_id=town.posts[who].pk,
        since=TODAY() - timedelta(days=60),
    )  # fmt: skip


def _cadre(town: Town, act_as: ActAs) -> Pairing:
    return actions.assign(
        actor=act_as("street"), role="cadre", place_id=town.places["quarter"].pk, post_id=town.posts["street"].pk,
        since=TODAY() - timedelta(days=60),
    )  # fmt: skip


def test_an_assignment_keeps_the_promise_of_the_day_and_leaves_a_sentence(town: Town, act_as: ActAs) -> None:
    made = _leader(town, act_as)
    assert made.promise == {"count": 2, "of": "days", "per": "week", "by": "holder"}
    assert "高望山包联柳荫社区" in Change.objects.latest("id").sentence
    assert _leader(town, act_as).pk == made.pk, "asked a second time it is the one that stands"
    assert Pairing.objects.count() == 1


def test_a_street_gives_its_own_cadres_and_not_the_districts_leaders(town: Town, act_as: ActAs) -> None:
    assert _cadre(town, act_as).holder == "孙晴川"
    quarter = town.places["quarter"].pk
    with pytest.raises(Forbidden):
        actions.assign(actor=act_as("street"), role="leader", place_id=town.places["community"].pk,
                       post_id=town.posts["leader"].pk)  # fmt: skip
    with pytest.raises(Forbidden):
        actions.assign(actor=act_as("street2"), role="cadre", place_id=quarter, post_id=town.posts["street2"].pk)
    with pytest.raises(Forbidden):
        actions.assign(actor=act_as("grid"), role="cadre", place_id=quarter, post_id=town.posts["street"].pk)


@pytest.mark.parametrize(
    ("role", "place", "post", "error"),
    [("leader", "quarter", "leader", Invalid), ("cadre", "quarter", "leader", NotFound),
     ("no", "quarter", "street", Invalid), ("unit", "quarter", "street", NotFound)],
)  # fmt: skip
def test_what_does_not_fit_is_refused(
    town: Town, act_as: ActAs, role: str, place: str, post: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        actions.assign(actor=act_as("district"), role=role, place_id=town.places[place].pk, post_id=town.posts[post].pk)
    assert not Pairing.objects.exists()


def test_a_full_seat_takes_nobody_more(town: Town, act_as: ActAs) -> None:
    _cadre(town, act_as)
    other = Post.objects.create(
        district=town.district, code="T-x", role="street_cadre", title="干部", place=town.places["street"],
        scope_path=town.places["street"].path, person=town.posts["street2"].person, since=date(2020, 1, 1),
    )  # fmt: skip
    with pytest.raises(Conflict):
        actions.assign(actor=act_as("street"), role="cadre", place_id=town.places["quarter"].pk, post_id=other.pk)


def test_ending_and_handing_over_keep_history(town: Town, act_as: ActAs) -> None:
    old = _leader(town, act_as)
    with pytest.raises(Forbidden):
        actions.end(actor=act_as("street"), pairing_id=old.pk)
    made = actions.hand_over(actor=act_as("district"), pairing_id=old.pk, post_id=town.posts["leader2"].pk, on=TODAY())
    old.refresh_from_db()
    assert (old.until, made.since, made.before_id) == (TODAY(), TODAY(), old.pk)
    yesterday = TODAY() - timedelta(days=1)
    assert [p.holder for p in queries.on_day(town.district.pk, yesterday)] == ["高望山"]
    assert [p.holder for p in queries.on_day(town.district.pk, TODAY())] == ["程江月"]
    with pytest.raises(Conflict):
        actions.end(actor=act_as("district"), pairing_id=old.pk)


def test_a_failed_hand_over_ends_nothing(town: Town, act_as: ActAs) -> None:
    old = _leader(town, act_as)
    with pytest.raises(NotFound):
        actions.hand_over(actor=act_as("district"), pairing_id=old.pk, post_id=town.posts["grid"].pk, on=TODAY())
    old.refresh_from_db()
    assert old.until is None


def test_whose_post_has_ended_answers_no_longer(town: Town, act_as: ActAs) -> None:
    _leader(town, act_as)
    Post.objects.filter(pk=town.posts["leader"].pk).update(until=TODAY())
    assert not queries.on_day(town.district.pk, TODAY()).exists()
    row = queries.board(act_as("district"), queries.Asked()).rows[0]
    assert [s.role.code for s in row.missing] == ["leader", "cadre", "unit"]


# ── on site ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_finding_becomes_a_matter_with_links_both_ways(town: Town, act_as: ActAs) -> None:
    pairing = _leader(town, act_as)
    spot = tree(town.district.pk).by_id[town.places["building"].pk]
    found = actions.Found("车棚东头的灯不亮。", "appeal", spot)
    visit = actions.log_visit(actor=act_as("leader"), pairing_id=pairing.pk, on=TODAY(), found=found, key="k1")
    assert visit.matter is not None
    assert (visit.matter.channel, visit.matter.place_id) == ("leader", town.places["building"].pk)
    assert visit.matter.handler_id == town.posts["grid"].pk, "dispatched by rule like any other"
    assert seeing.get_matter(act_as("grid"), visit.matter.number).pk == visit.matter.pk
    back = queries.visit_of(visit.matter.pk, act_as("community"))
    assert back is not None
    assert back.pk == visit.pk
    assert queries.visit_of(visit.matter.pk, act_as("community2")) is None
    again = actions.log_visit(actor=act_as("leader"), pairing_id=pairing.pk, on=TODAY(), found=found, key="k1")
    assert again.pk == visit.pk, "the button pressed twice is one visit and one matter"
    assert Visit.objects.count() == 1


@pytest.mark.parametrize("days", [-1, 32, 61])
def test_a_day_that_cannot_be_is_refused(town: Town, act_as: ActAs, days: int) -> None:
    pairing = _leader(town, act_as)
    with pytest.raises(Invalid) as caught:
        actions.log_visit(actor=act_as("leader"), pairing_id=pairing.pk, on=TODAY() - timedelta(days=days))
    assert "on" in caught.value.fields
    assert not Visit.objects.exists()


def test_only_the_holder_logs_and_a_spot_outside_is_refused(town: Town, act_as: ActAs) -> None:
    pairing = _leader(town, act_as)
    for who in ("leader2", "community", "district", "resident"):
        with pytest.raises(NotFound):
            actions.log_visit(actor=act_as(who), pairing_id=pairing.pk, on=TODAY())
    outside = tree(town.district.pk).by_id[town.places["grid2"].pk]
    with pytest.raises(Invalid):
        actions.log_visit(actor=act_as("leader"), pairing_id=pairing.pk, on=TODAY(),
                          found=actions.Found("灯坏了。", "appeal", outside))  # fmt: skip
    assert not Visit.objects.exists()


def test_days_count_once_over_all_places_of_a_holder_and_visits_each_at_their_place(town: Town, act_as: ActAs) -> None:
    here, there = _leader(town, act_as), _leader(town, act_as, "community2")
    cadre = _cadre(town, act_as)
    monday = date(2026, 11, 16)
    rows = [(here, monday), (here, monday), (there, monday), (there, monday + timedelta(days=2)), (cadre, monday),
            (cadre, monday), (here, monday + timedelta(days=7))]  # fmt: skip
    for n, (pairing, on) in enumerate(rows):
        Visit.objects.create(district=town.district, pairing=pairing, place=pairing.place, on=on, key=str(n),
                             scope_path=pairing.scope_path)  # fmt: skip
    kept = queries.kept([here, there, cadre], monday + timedelta(days=3))
    assert (kept[here.pk].logged, kept[there.pk].logged) == (2, 2), "two days of the week, wherever he was"
    assert kept[cadre.pk].logged == 2, "visits count each"
    assert (kept[cadre.pk].first, kept[cadre.pk].after) == (date(2026, 11, 1), date(2026, 12, 1))
    assert (kept[here.pk].short, kept[cadre.pk].short) == (0, 1)
    Visit.objects.filter(pairing=there).update(state=VisitState.UNSEEN)
    assert queries.kept([here], monday)[here.pk].logged == 1, "what the community did not see does not count"


def test_periods_are_weeks_from_monday_and_months() -> None:
    assert Promise(2, "days", "week").period(date(2026, 11, 22)) == (date(2026, 11, 16), date(2026, 11, 23))
    assert Promise(2, "days", "month").period(date(2026, 12, 31)) == (date(2026, 12, 1), date(2027, 1, 1))


def test_the_community_says_whether_it_saw_them_once_and_nobody_for_himself(town: Town, act_as: ActAs) -> None:
    pairing, cadre = _leader(town, act_as), _cadre(town, act_as)
    visit = actions.log_visit(actor=act_as("leader"), pairing_id=pairing.pk, on=TODAY())
    own = actions.log_visit(actor=act_as("street"), pairing_id=cadre.pk, on=TODAY())
    with pytest.raises(NotFound):
        actions.confirm_visit(actor=act_as("community2"), visit_id=visit.pk, seen=True)
    with pytest.raises(Forbidden):
        actions.confirm_visit(actor=act_as("street"), visit_id=own.pk, seen=True)
    with pytest.raises(Forbidden):
        actions.confirm_visit(actor=act_as("auditor"), visit_id=visit.pk, seen=True)
    done = actions.confirm_visit(actor=act_as("community"), visit_id=visit.pk, seen=True)
    assert (done.state, done.answered_by) == (VisitState.SEEN, "赵长亭 社区书记")
    with pytest.raises(Conflict):
        actions.confirm_visit(actor=act_as("community"), visit_id=visit.pk, seen=False)
    with pytest.raises(NotFound):
        actions.confirm_visit(actor=act_as("community"), visit_id=uuid.uuid4(), seen=True)


def test_a_unit_answers_and_its_own_people_log(town: Town, act_as: ActAs) -> None:
    body = town.organisations["chengguan"]
    made = actions.assign(actor=act_as("district"), role="unit", place_id=town.places["quarter"].pk,
                          organisation_id=body.pk, since=TODAY() - timedelta(days=9))  # fmt: skip
    assert made.holder == "示范区城管局"
    visit = actions.log_visit(actor=act_as("department"), pairing_id=made.pk, on=TODAY())
    assert visit.by_id == town.posts["department"].pk
    with pytest.raises(NotFound):
        actions.log_visit(actor=act_as("power"), pairing_id=made.pk, on=TODAY())
