"""Two scopes side by side: a matter, a picture, a leave and a receipt in each, and the browsers of the whole cast."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Concat
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.utils import timezone
from PIL import Image

from linli.core.gatherings.models import Room
from linli.core.matters import actions
from linli.core.matters.actions import admissions
from linli.core.matters.actions.opening import Asked
from linli.core.matters.ledger import sealing
from linli.core.matters.models import Admission, Attachment, Category, Cause, Kind, Matter, Policy, Rule
from linli.core.people import actor as actors
from linli.core.people import identify
from linli.core.people.actor import Actor
from linli.core.people.entering import actor_of
from linli.core.people.models import Organisation, Person, Post, User
from linli.core.places import tree as trees
from linli.core.places.models import District
from linli.core.places.tree import tree
from linli.doors.desk import badges
from linli.insight.models import Note
from linli.kit import files, memory
from linli.kit.models import Upload
from linli.kit.papers import answering, drawing
from linli.offices.facilities.models import Facility
from linli.offices.notices import actions as announcing
from linli.offices.notices.models import Announcement
from linli.offices.posters import actions as printing
from linli.offices.posters.models import Run
from linli.offices.rounds.models import Round
from tests import cast
from tests.cast import DISTRICT, Town
from tests.permissions import councils_scene, covenants_scene, opinions_scene, pairing_scene, voting_scene

ANONYMOUS = "anonymous"
OWN, OTHER = "own", "other"
FOREIGN_DISTRICT = 990002
BACKEND = "django.contrib.auth.backends.ModelBackend"


_handlers: dict[bool, Any] = {}


@dataclass(frozen=True)
class Thing:
    """What lies in one scope: every id that an address may name."""

    matter: Matter
    receipt: str
    picture: str
    admission: Admission
    upload: str  # a picture that waits for its matter
    place: str
    question: str = ""  # the number of an open vote
    council: councils_scene.Council | None = None
    asked: opinions_scene.Asked | None = None
    covenant: covenants_scene.Asked | None = None


@dataclass
class Scene:
    """``own`` lies in the first grid, ``other`` in the second community."""

    town: Town
    things: dict[str, Thing] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    rows: dict[str, str] = field(default_factory=dict)

    def browser(self, who: str, **options: Any) -> Client:
        """A browser with the session of ``who``; each one forgets what the last one was told.

        They share a handler: building one reads every static file, which would be most of a test's time.
        """
        client = Client(**options)
        client.handler = _handlers.setdefault(client.handler.enforce_csrf_checks, client.handler)
        if who in self.sessions:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[who]
        return client

    def bearer(self, who: str) -> dict[str, Any]:
        """The header of ``who`` for the API."""
        return {"HTTP_AUTHORIZATION": f"Bearer {self.tokens[who]}"} if who in self.tokens else {}

    def actor(self, who: str) -> Actor:
        return actors.ANONYMOUS if who == ANONYMOUS else actors.for_user(self.town.users[who].pk)


def warm(monkeypatch: pytest.MonkeyPatch, scratch: Any) -> None:
    """Configuration, actors and tokens stay in memory, as in a process that has answered before; files in scratch."""
    monkeypatch.setattr(memory, "CHECK_SECONDS", 600.0)
    monkeypatch.setattr(trees, "_districts", (float("-inf"), {}))  # which districts there are is kept as long
    monkeypatch.setattr(actors, "_KEEP_SECONDS", 600.0)
    monkeypatch.setattr(identify, "_KEEP_SECONDS", 600.0)
    monkeypatch.setattr(settings, "MEDIA_ROOT", scratch)
    # Who may have a paper is asked here; that it can be drawn, in tests of its own: the press takes a second each.
    monkeypatch.setattr(drawing, "draw", lambda _paper, _form: b"a paper")
    monkeypatch.setattr(answering, "A_MINUTE", 10_000)
    _count_badges_once(monkeypatch)


def _count_badges_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The figures beside the navigation are the same on every page: each of the cast has them counted once."""
    counted: dict[tuple[uuid.UUID | None, tuple[str, ...]], dict[str, int]] = {}
    count = badges._count

    def once(request: HttpRequest, names: Sequence[str]) -> dict[str, int]:
        who = actor_of(request).user_id, tuple(names)
        if who not in counted:
            counted[who] = count(request, names)
        return counted[who]

    monkeypatch.setattr(badges, "_count", once)


def rows(town: Town) -> dict[str, str]:
    """Ids that the office's addresses name, of one district; ``row_id`` stands for a kind, category or cause."""
    configured: dict[str, Any] = {
        "policy_id": Policy,
        "rule_id": Rule,
        "kinds": Kind,
        "categories": Category,
        "causes": Cause,
    }
    first = {name: model.objects.filter(district=town.district).earliest("pk").pk for name, model in configured.items()}
    nobody, _new = Person.objects.get_or_create(district=town.district, shown="柳青", fictional=True)
    note, _new = Note.objects.get_or_create(
        district=town.district, code="fire", defaults={"sort": "urgent", "title": "着火了", "text": "先打 119。"}
    )
    found = {
        **first, "note_id": note.pk, "place_id": town.places["grid"].pk, "body_id": town.organisations["firm"].pk,
        "post_id": town.posts["grid"].pk, "user_id": town.users["grid"].pk, "person_id": nobody.pk,
    }  # fmt: skip
    held, near = town.posts["grid"], town.places["community"]
    sitting, _new = Round.objects.get_or_create(
        district=town.district, post=held, place=town.places["grid"], scope_path=town.places["grid"].path,
        channel="box", by="王禾苗 网格员", defaults={"started_at": timezone.now()},
    )  # fmt: skip
    Facility.objects.get_or_create(
        district=town.district, code="RS-001", kind="rest_station", name="柳荫暖心驿站", place=near,
        scope_path=near.path, lon=114.885, lat=40.815, hours={"weekday": ["08:00-20:00"], "weekend": []},
        services=["water"], defaults={"since": "2024-01-01"},
    )  # fmt: skip
    found |= {
        "announcement_id": _first(Announcement, town),
        "run_id": _first(Run, town),
        "round_id": sitting.pk,
        "code": "RS-001",
    }
    return {name: str(key) for name, key in found.items() if key}


def _first(model: Any, town: Town) -> Any:
    return model.objects.filter(district_id=town.district.pk).values_list("pk", flat=True).first()


def hung_up(scene: Scene) -> None:
    """A notice at the one house, and posters ordered for its community."""
    known = tree(scene.town.district.pk)
    house = known.by_id[scene.town.places["building"].pk]
    week = timezone.localdate() + timedelta(days=7)
    hall = scene.town.places["community"]
    Room.objects.create(district=scene.town.district, place=hall, scope_path=hall.path, code="T-hall", name="议事厅")
    announcing.publish(
        actor=scene.actor("building"), place=house, title="停水", text="周六停水。", until=week, key="n" * 32
    )
    printing.start(
        actor=scene.actor("community"), codes=[scene.town.places["community"].code], level="unit", shape="a4",
        format="pdf", site="https://linli.example", key="p" * 32,
    )  # fmt: skip


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is taken back: the next member of the cast finds everything as it was."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def jpeg(name: str = "a.jpg") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (32, 24), "white").save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")


def upload(actor: Actor) -> Upload:
    return files.take(jpeg(), owner=files.owner(actor.user_id, "127.0.0.1"))


def opened(town: Town, who: Actor, place: str, **more: Any) -> tuple[Matter, str]:
    """A matter at a place of the town's own district, and its receipt."""
    district = town.district.pk
    node = tree(district).by_id[town.places[place].pk]
    asked = Asked(
        kind=more.pop("kind", "appeal"), text="楼道灯坏了。晚上看不见。", district_id=district, place=node, **more
    )
    made = actions.open_matter(actor=who, asked=asked)
    return made.matter, made.receipt


def _thing(scene: Scene, reporter: str, place: str, department: str, community: str) -> Thing:
    town = scene.town
    matter, receipt = opened(
        town, scene.actor(reporter), place, name="李冬梅", phone="13812345678", uploads=[upload(scene.actor(reporter))]
    )
    today = timezone.localdate()
    leave = admissions.apply(
        actor=scene.actor(department), title="入户登记", basis="有依据", place=town.places[community].code,
        since=today, until=today + timedelta(days=30),
    )  # fmt: skip
    question = voting_scene.question(town, scene.actor(community), community, matter)
    asked = opinions_scene.asked(town, scene.actor(community), community)
    council = councils_scene.council(town, scene.actor(reporter), scene.actor(community), community)
    covenant = covenants_scene.covenant(town, scene.actor(reporter), scene.actor(community), community)
    matter.refresh_from_db()
    return Thing(
        matter, receipt, str(Attachment.objects.get(matter=matter).pk), leave, str(upload(scene.actor(reporter)).pk),
        town.places[community].code, question, council, asked, covenant,
    )  # fmt: skip


def build(town: Town) -> Scene:
    """Both scopes and everybody's session and token."""
    scene = Scene(town)
    scene.things[OWN] = _thing(scene, "resident", "unit", "department", "community")
    scene.things[OTHER] = _thing(scene, "resident2", "grid2", "power", "community2")
    sealing.seal(DISTRICT)
    hung_up(scene)
    scene.rows = rows(town) | pairing_scene.ids(town)
    for name, user in town.users.items():
        client = Client()
        client.force_login(user, backend=BACKEND)
        scene.sessions[name] = client.cookies[settings.SESSION_COOKIE_NAME].value
        scene.tokens[name] = identify.give_token(user)
    return scene


def foreign(monkeypatch: pytest.MonkeyPatch) -> Town:
    """A second district with a cast of the same shape: same paths, other codes, logins beginning with ``far-``."""
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(cast, "DISTRICT", FOREIGN_DISTRICT)
        elsewhere.setattr(cast, "LON", cast.LON + 1)
        elsewhere.setattr(User, "save", _renamed(User.save))
        far = cast.build()
    District.objects.filter(pk=FOREIGN_DISTRICT).update(letters="TF", name="远方区")
    for model in (Post, Organisation):
        model.objects.filter(district=FOREIGN_DISTRICT).update(code=Concat(Value("F"), "code"))
    Organisation.objects.filter(district=FOREIGN_DISTRICT, code="FO-power").update(name="远方供电所")
    return far


def _renamed(save: Any) -> Any:
    def saved(user: User, *args: Any, **kwargs: Any) -> None:
        user.username = f"far-{user.username}"
        save(user, *args, **kwargs)

    return saved


def said(response: HttpResponse) -> int | str:
    """The status; ``login`` for being sent to the door."""
    if response.status_code == 302 and response["Location"].startswith(settings.LOGIN_URL):
        return "login"
    return response.status_code


def unsafe(response: Any) -> list[str]:
    """What this answer says to a browser that it must not: foreign origins, inline script, cookies for scripts."""
    policy = response.headers.get("Content-Security-Policy", "")
    found = [name for name in response.headers if name.lower().startswith("access-control-")]
    found += [word for word in ("unsafe-inline", "unsafe-eval", "*;", "http:") if word in policy]
    if not all(part in policy for part in ("default-src", "script-src 'self'", "frame-ancestors 'none'")):
        found += [] if policy == "default-src 'none'; sandbox" else ["no policy"]
    if response.headers.get("X-Content-Type-Options") != "nosniff" or response.headers.get("X-Frame-Options") != "DENY":
        found.append("sniff or frame")
    for name, cookie in response.cookies.items():
        kept = cookie["samesite"] == "Lax" and (cookie["httponly"] or name == settings.CSRF_COOKIE_NAME)
        found += [] if kept or not cookie.value else [f"cookie {name}"]
    return found


assert DISTRICT != FOREIGN_DISTRICT
