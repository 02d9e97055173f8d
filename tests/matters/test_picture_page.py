"""The page on which a picture is covered or put away: the handler and the one who spoke up, nobody else."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from django.test import Client

from linli.core.matters.models import Attachment, Matter
from tests.cast import Town
from tests.matters.test_pictures import pictured

__all__ = ["pictured"]
SignedIn = Callable[[str], Client]
BACKEND = "django.contrib.auth.backends.ModelBackend"
BOX = {"act": "cover", "x": "10", "y": "20", "w": "30", "h": "40"}


@pytest.fixture
def signed_in(town: Town) -> SignedIn:
    def client(who: str) -> Client:
        made = Client()
        made.force_login(town.users[who], backend=BACKEND)
        return made

    return client


def url(door: str, held: Attachment) -> str:
    return f"{door}m/{Matter.objects.get(pk=held.matter_id).number}/picture/{held.pk}/"


@pytest.mark.parametrize(("door", "who"), [("/field/", "grid"), ("/desk/", "grid"), ("/", "resident")])
def test_a_box_of_numbers_covers_without_a_script(
    pictured: Attachment, signed_in: SignedIn, door: str, who: str
) -> None:
    client, address = signed_in(who), url(door, pictured)
    assert 'name="w"' in client.get(address).content.decode()
    assert client.post(address, BOX).status_code == 302
    held = Attachment.objects.get(pk=pictured.pk)
    assert held.covered == [[0.1, 0.2, 0.3, 0.4]]
    assert held.shown_path == ""


def test_a_box_outside_comes_back_with_its_numbers(pictured: Attachment, signed_in: SignedIn) -> None:
    answer = signed_in("grid").post(url("/field/", pictured), BOX | {"x": "120"})
    assert answer.status_code == 422
    assert 'value="120"' in answer.content.decode()
    assert Attachment.objects.get(pk=pictured.pk).covered == []


def test_staff_say_why_it_is_put_away_and_a_resident_need_not(pictured: Attachment, signed_in: SignedIn) -> None:
    grid, resident = signed_in("grid"), signed_in("resident")
    assert grid.post(url("/field/", pictured), {"act": "hide", "reason": ""}).status_code == 422
    assert resident.post(url("/", pictured), {"act": "hide"}).status_code == 302
    assert Attachment.objects.get(pk=pictured.pk).hidden
    assert grid.post(url("/field/", pictured), {"act": "show"}).status_code == 302
    assert not Attachment.objects.get(pk=pictured.pk).hidden


def test_others_find_no_page_and_no_link(pictured: Attachment, signed_in: SignedIn, town: Town) -> None:
    community = signed_in("community")
    assert community.get(url("/desk/", pictured)).status_code == 404
    number = Matter.objects.get(pk=pictured.matter_id).number
    assert "/picture/" not in community.get(f"/desk/m/{number}/").content.decode()
    assert "/picture/" in signed_in("grid").get(f"/field/m/{number}/").content.decode()
    assert signed_in("grid").get(f"/field/m/{number}/picture/{uuid.uuid4()}/").status_code == 404
