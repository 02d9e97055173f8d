"""The demo's votes: each question is about something that was said, no two about the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db.models import Sum

from linli.config.demo import votes
from linli.config.loading import Loaded
from linli.core.decisions.models import Question
from linli.core.matters.models import Matter
from linli.core.people.models import Holding, User

pytestmark = [pytest.mark.slow, pytest.mark.django_db, pytest.mark.system("D2")]
NOW = datetime(2026, 11, 18, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize("profile", ["qiaoxi", "xiahuayuan"])  # with rooms where people sit together, and without
def test_seven_questions_stand_on_seven_matters_of_the_house(profile: str, districts: Callable[[str], Loaded]) -> None:
    votes.fill(districts(profile).district_id, NOW)
    asked = list(Question.objects.select_related("matter", "place"))
    assert len(asked) == len({q.matter_id for q in asked}) == 7
    assert {q.state for q in asked} == {"draft", "open", "closed", "decided"}
    for question in asked:
        matter = question.matter
        assert matter.kind == "topic"
        assert matter.scope_path == question.place.path
        assert matter.opened_at < (question.opened_at or NOW)
        assert (matter.state == "closed") == (question.state == "decided")


def test_a_question_about_what_a_neighbour_said_stands_there(districts: Callable[[str], Loaded]) -> None:
    """The whole month is lived before: the lift, the shoe cupboards."""
    made = votes.Votes(districts("qiaoxi").district_id, NOW)
    node = made.cast.own_cell()
    topic = made._about(node, "电梯老停，动不动维修资金来修？", NOW, "电梯")
    assert made._about(node, "别的话", NOW, "电梯") == topic
    assert Matter.objects.count() == 1


def test_a_district_without_a_hall_hears_the_same_at_its_desk(districts: Callable[[str], Loaded]) -> None:
    """Where no neighbour said it, the question's matter is recorded by a way that the district knows."""
    made = votes.Votes(districts("shuangluan").district_id, NOW)
    topic = made._about(made.cast.own_cell(), "电梯老停，动不动维修资金来修？", NOW)
    assert topic.channel == "desk"


@pytest.mark.parametrize("profile", ["qiaoxi", "shuangluan"])  # homes whose owners are on file, and a house without
def test_nobody_owns_a_home_twice(profile: str, districts: Callable[[str], Loaded]) -> None:
    """What the demo's owners hold can be exported and read again: shares of a home add up to the whole at most."""
    made = votes.Votes(districts(profile).district_id, NOW)
    made.fill()
    today = Holding.objects.filter(kind="owner", since__lte=NOW.date()).exclude(until__lte=NOW.date())
    shares = today.values("dwelling").annotate(held=Sum("share"))
    assert shares.filter(held__gt=Decimal(1)).count() == 0
    own = User.objects.get(username="resident")
    assert today.filter(person=own.person).exists()
