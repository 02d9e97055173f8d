"""The demo's month: every state and clock is there, nothing was refused, and the ledger holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from linli.config.demo import supervision
from linli.config.demo.life import Month
from linli.config.demo.lives import LIVES
from linli.config.demo.stories import read_stories
from linli.config.loading import Loaded
from linli.core.matters.flow import LIVE, TABLE
from linli.core.matters.ledger.verifying import verify
from linli.core.matters.models import Call, Clock, Entry, Matter, State
from linli.core.people.models import Notice, Post
from linli.core.places.models import District
from linli.kit.models import Outbox
from linli.offices.supervision.models import Bulletin

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
# A Wednesday, half past three in the afternoon in China; and two minutes before the year ends there.
LIVED = {
    "qiaoxi": datetime(2026, 11, 18, 7, 30, tzinfo=UTC),
    "xiahuayuan": datetime(2025, 12, 31, 15, 58, tzinfo=UTC),
}


@pytest.fixture(scope="module", params=list(LIVED))
def month(
    request: pytest.FixtureRequest,
    django_db_setup: Any,
    django_db_blocker: Any,
    tmp_path_factory: Any,
    districts: Callable[[str], Loaded],
) -> Iterator[Month]:
    """A district loaded and lived through once for all tests of this file, then undone."""
    from django.test import override_settings

    files = str(tmp_path_factory.mktemp("files"))
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=files), transaction.atomic():
        loaded = districts(request.param)
        made = Month(loaded.district_id, LIVED[request.param], read_stories())
        made.live()
        yield made
        transaction.set_rollback(True)


def test_no_act_was_refused(month: Month) -> None:
    assert month.refused == []
    assert month.opened == len(read_stories())


def test_every_state_and_act_is_there(month: Month) -> None:
    states = Counter(Matter.objects.values_list("state", flat=True))
    assert set(states) == set(State.values)
    acts = set(Entry.objects.values_list("act", flat=True))
    assert {move.act for move in TABLE} - acts <= {"triage", "unmerge", "urge"}
    assert {"warn", "breach", "miss", "member", "thank"} <= acts


def test_clocks_calls_and_ratings_show_every_face(month: Month) -> None:
    faces = set(Clock.objects.values_list("state", flat=True))
    assert {"running", "warned", "breached", "met", "missed", "paused", "cancelled"} <= faces
    assert set(Call.objects.values_list("state", flat=True)) >= {"called", "arrived", "done"}
    assert Call.objects.filter(state="called", late=True).exists()
    assert set(Matter.objects.exclude(score=None).values_list("score", flat=True)) >= {2, 3, 4, 5}
    assert Matter.objects.filter(households__gte=5, state__in=LIVE).exists()


def test_about_sixty_lie_in_the_demo_community_and_as_many_elsewhere(month: Month) -> None:
    cell = month.cast.own_cell()
    home = month.cast.tree.at_level(cell, "community")
    assert home is not None
    inside = sum(path.startswith(home.path) for path in Matter.objects.values_list("opened_path", flat=True))
    assert 55 <= inside <= 80
    assert 55 <= month.opened - inside <= 70
    grid = Post.objects.get(district_id=month.district_id, person__account__username="grid")
    newest = Matter.objects.filter(handler_id=grid.pk).order_by("-pk")[:5]
    assert len(newest) == 5
    assert all(matter.scope_path.startswith(cell.path) for matter in newest)


def test_it_is_a_month_in_the_order_of_ids_with_nothing_in_the_future(month: Month) -> None:
    opened = list(Matter.objects.order_by("pk").values_list("opened_at", flat=True))
    assert opened == sorted(opened)
    assert opened[-1] - opened[0] > timedelta(days=25)
    assert Entry.objects.filter(at__gt=month.now).count() == 0
    assert not Clock.objects.filter(next_at__lt=month.now).exists()


def test_notices_went_out_and_the_ledger_holds(month: Month) -> None:
    assert not Outbox.objects.filter(done_at=None).exclude(topic="mask").exists(), "pictures wait for the worker"
    assert Notice.objects.count() > 100
    report = verify(month.district_id)
    assert report.broken == []
    assert report.counts["seals"] >= 28


def test_every_life_is_told_by_a_story_and_the_table_has_no_other(month: Month) -> None:
    assert {story.life for story in read_stories()} == set(LIVES)
    assert District.objects.filter(pk=month.district_id).exists()


def test_what_the_offices_ask_of_each_other_is_added_after_the_month(month: Month) -> None:
    supervision.after(month.cast, month.known, month.now)
    assert Entry.objects.filter(act="urge").exists()
    assert Entry.objects.filter(act="appraise").exists()
    assert sorted(Bulletin.objects.values_list("state", flat=True)) == ["draft", "issued"]
