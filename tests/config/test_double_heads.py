"""双滦's building heads as they lie in the database: literals, counted from rows."""

from __future__ import annotations

from typing import Any

import pytest

from linli.config.loading import Loaded
from linli.core.people.actor import for_user
from linli.core.people.models import Post, User
from linli.core.places.models import Place
from linli.doors.board import heads

PROFILE = "shuangluan"
pytestmark = [pytest.mark.slow, pytest.mark.system("P4")]


@pytest.fixture(autouse=True)
def _here(loaded: Loaded, db: Any) -> None:
    """Every test of this module looks at the loaded district."""


def _places(role: str) -> set[Any]:
    return set(Post.objects.filter(role=role).values_list("place_id", flat=True))


def test_heads_on_the_ground_and_online_are_counted_from_rows() -> None:
    assert Post.objects.filter(role="building_head").count() == 1174
    assert Post.objects.filter(role="building_head_online").count() == 1188


def test_the_page_counts_the_same_and_lists_each_that_lacks_one() -> None:
    rows = heads.buildings(for_user(User.objects.get(username="district").pk))
    found = heads.sums(rows)
    houses = set(Place.objects.filter(level="building", until=None).values_list("pk", flat=True))
    ground, online = _places("building_head"), _places("building_head_online")
    assert (found.buildings, found.ground, found.online) == (len(houses), 1174, 1188)
    assert found.no_ground == len(houses - ground)
    assert found.no_online == len(houses - online)
    assert found.neither == len(houses - ground - online)
    assert found.both == len(houses & ground & online)
    lacking = {b.node.id for b in rows if heads.LACKS["any"](b)}
    assert lacking == houses - (ground & online)


def test_one_head_less_is_one_house_more_on_the_list() -> None:
    actor = for_user(User.objects.get(username="district").pk)
    before = heads.sums(heads.buildings(actor))
    Post.objects.filter(role="building_head").first().delete()  # type: ignore[union-attr]
    after = heads.sums(heads.buildings(actor))
    assert (after.ground, after.no_ground - before.no_ground) == (1173, 1)
