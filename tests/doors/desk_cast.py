"""What the desk's tests share: somebody at a desk, and matters to have there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from linli.core.matters import actions
from linli.core.matters.actions.opening import Asked
from linli.core.matters.models import Matter
from linli.core.people import actor as actors
from linli.core.people.actor import Actor
from linli.core.places.tree import tree
from linli.kit import memory
from tests.cast import DISTRICT, Town

ActAs = Callable[[str], Actor]


def sit(town: Town, name: str) -> Client:
    """A browser of somebody of the cast."""
    client = Client()
    client.force_login(town.users[name], backend="django.contrib.auth.backends.ModelBackend")
    return client


def opened(town: Town, actor: Actor, text: str = "楼道灯坏了。晚上看不见。", **more: Any) -> Matter:
    place = tree(DISTRICT).by_id[town.places[more.pop("place", "unit")].pk]
    kind, hours = more.pop("kind", "appeal"), more.pop("hours_ago", 0)
    asked = Asked(kind, text, DISTRICT, place, **more)
    return actions.open_matter(actor=actor, asked=asked, now=timezone.now() - timedelta(hours=hours)).matter


def ids(matter: Matter) -> dict[str, Any]:
    return {"district_id": DISTRICT, "matter_id": matter.pk}


def now_of(matter: Matter) -> Matter:
    return Matter.objects.get(pk=matter.pk)


def as_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes keep configuration and actors for seconds; tests otherwise look each time, which hides what counts."""
    monkeypatch.setattr(memory, "CHECK_SECONDS", 60.0)
    monkeypatch.setattr(actors, "_KEEP_SECONDS", 60.0)
