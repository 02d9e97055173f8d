"""Forms and operations as lines of a table, and the things of two communities and two districts that they name."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.test import Client
from django.utils import timezone

from linli.core.matters.models import Category, Cause, Kind
from linli.core.people.models import User
from tests.cast import Town
from tests.permissions.scene import BACKEND, OTHER, OWN, Scene, opened

Body = dict[str, Any]
KEY = "k" * 32
NOWHERE = str(uuid.UUID(int=7))  # an id that nothing bears


@dataclass(frozen=True)
class Line:
    """One form. ``fields`` says for each field that names something what is somebody else's."""

    who: str
    url: str
    body: Mapping[str, Any]
    fields: Mapping[str, tuple[Any, ...]]
    api: bool = False


class Made:
    """What of whom the lines speak."""

    def __init__(self, scene: Scene, far: Town) -> None:
        self.scene, self.town, self.far = scene, scene.town, far
        self.own, self.other = scene.things[OWN], scene.things[OTHER]
        self.far_matter = opened(far, scene.actor("far-resident"), "unit")[0]
        self.rows = scene.rows
        now = timezone.localtime()
        self.day, self.later = f"{now:%Y-%m-%d}", f"{now + timedelta(days=3):%Y-%m-%d}"
        self.hour = (now + timedelta(days=2)).replace(hour=9, minute=0)
        self._only_there(far)
        self._neighbour()

    def _neighbour(self) -> None:
        """Somebody who lives in the own community and has said nothing yet."""
        user = User.objects.create(username="neighbour", district=self.town.district, home=self.town.places["unitb"])
        client = Client()
        client.force_login(user, backend=BACKEND)
        self.scene.sessions["neighbour"] = client.cookies[settings.SESSION_COOKIE_NAME].value

    def _only_there(self, far: Town) -> None:
        """A kind, a category and a cause that the other district alone has, and a kind that is needed here."""
        Kind.objects.create(district=self.town.district, code="key_task", name="重点任务")
        Kind.objects.create(district=far.district, code="farkind", name="远方种类")
        Category.objects.create(district=far.district, code="77", name="远方分类")
        Cause.objects.create(district=far.district, code="farcause", name="远方原因")

    # ── what names things ───────────────────────────────────────────────────────────────────────────────────────
    @property
    def places(self) -> tuple[str, ...]:
        """Codes of places in the other community and in the other district."""
        there, far = self.town.places, self.far.places
        return there["community2"].code, there["grid2"].code, far["community"].code, far["unit"].code

    @property
    def numbers(self) -> tuple[str, ...]:
        return self.other.matter.number, self.far_matter.number

    @property
    def pictures(self) -> tuple[str, ...]:
        """Sent by somebody else and waiting, or hanging on a matter already."""
        return self.other.upload, self.other.picture, self.own.picture

    def council(self, whose: str) -> Any:
        found = self.scene.things[whose].council
        assert found is not None
        return found

    def asked(self, whose: str) -> Any:
        found = self.scene.things[whose].asked
        assert found is not None
        return found

    def at(self, hour: int) -> str:
        return f"{self.hour.replace(hour=hour):%Y-%m-%dT%H:%M}"
