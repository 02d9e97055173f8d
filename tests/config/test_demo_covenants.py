"""The demo's covenants came about through the actions: one voted through twice, one that people are asked about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client

from linli.config.demo import councils, covenants, votes
from linli.config.loading import Loaded
from linli.core.matters.models import Entry
from linli.offices.covenants import comparing, words
from linli.offices.covenants.models import Comment, Covenant, Event, Passage, Support, Version
from linli.offices.covenants.text import digest

pytestmark = [pytest.mark.slow, pytest.mark.django_db, pytest.mark.system("D7")]
# Two minutes before New Year in China, and three minutes after it: acts by the clock and spans before the present mix.
LIVED = {"qiaoxi": datetime(2025, 12, 31, 15, 58, tzinfo=UTC), "qiaodong": datetime(2025, 12, 31, 16, 3, tzinfo=UTC)}


@pytest.mark.parametrize("profile", list(LIVED))
def test_one_is_in_force_and_one_is_asked_about(profile: str, districts: Callable[[str], Loaded]) -> None:
    district_id, now = districts(profile).district_id, LIVED[profile]
    votes.fill(district_id, now)
    councils.fill(district_id, now)
    covenants.fill(district_id, now)
    charging = Covenant.objects.get(title__contains="充电")
    told = Passage.objects.filter(covenant=charging).order_by("pk")
    assert list(told.values_list("number", "outcome")) == [(2, "adopted"), (4, "adopted")]
    assert told[0].until == told[1].since
    assert told[1].filed_on is not None
    old, new = (Version.objects.get(covenant=charging, number=n).said for n in (2, 4))
    assert words.summary(comparing.compare(old, new)) == "改了 2 条，加了 1 条，第五条挪到第三条。"
    for v in Version.objects.all():
        assert v.digest == digest(v.covenant.number, v.number, v.title, v.said, v.previous)
    for covenant in Covenant.objects.all():
        happened = list(Event.objects.filter(covenant=covenant).order_by("seq").values_list("at", flat=True))
        assert happened == sorted(happened), covenant.title
    sealed = Entry.objects.filter(matter_id=charging.matter_id, act="publish").order_by("seq")
    assert [e.data["digest"] for e in sealed] == [p.digest for p in told]

    dogs = Covenant.objects.get(title__contains="养犬")
    said = Comment.objects.filter(covenant=dogs)
    assert (dogs.state, said.count(), said.exclude(outcome="waiting").count()) == ("comment", 12, 8)
    assert said.filter(author=None).count() == said.exclude(author=None).count() == 6
    assert said.exclude(helper="").count() == 2
    assert Support.objects.exists()
    for path in (f"/covenant/{dogs.number}/", f"/open/covenants/{charging.number}/"):
        assert Client().get(path).status_code == 200
