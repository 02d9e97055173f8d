"""Who may open the office, and that nobody changes anything at the read-only admin of the nouns."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import models
from django.test import Client
from django.urls import URLPattern, reverse

from linli.core.people.models import Organisation, Post
from linli.core.places.models import Boundary, District, Place
from linli.doors.office import urls
from linli.kit.admin import ReadOnlyAdmin
from tests.cast import DISTRICT, Town
from tests.doors.desk_cast import as_it_runs, sit

NOT_ADMIN = ("grid", "street", "auditor", "resident")
VALUES = {"kind": "places", "form": "csv", "code": "web"}


def addresses() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every address of the office with arguments that fit its shape, though none that exists."""
    for pattern in urls.urlpatterns:
        assert isinstance(pattern, URLPattern)
        names = pattern.pattern.converters
        args = {name: VALUES.get(name, uuid.uuid4()) for name in names}
        yield str(pattern.name), args


@pytest.mark.parametrize(("name", "args"), list(addresses()), ids=lambda value: value if isinstance(value, str) else "")
def test_every_page_is_there_for_the_administrator_only(town: Town, name: str, args: dict[str, Any]) -> None:
    url = reverse(f"office:{name}", kwargs=args)
    for send in (Client().get, Client().post):
        answer = send(url)
        if answer.status_code != 405:
            assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/login/"), url
    for who in NOT_ADMIN:
        for send in (sit(town, who).get, sit(town, who).post):
            assert send(url).status_code in (404, 405), f"{who} {url}"
    there = sit(town, "admin").get(url).status_code
    made_up = any(isinstance(value, uuid.UUID) for value in args.values())
    assert there in ((404, 405) if made_up else (200, 405)), url


def test_whoever_came_from_a_link_goes_back_to_it_after_the_login(town: Town) -> None:
    assert (
        Client().get("/admin/posts/?role=grid_worker")["Location"]
        == "/login/?next=%2Fadmin%2Fposts%2F%3Frole%3Dgrid_worker"
    )


def test_ids_of_another_district_look_like_none(town: Town) -> None:
    other = District.objects.create(id=990002, name="邻区", letters="OT", profile="test", levels=["district"])
    Place.objects.filter(pk=town.places["unitb"].pk).update(district=other)
    Organisation.objects.filter(pk=town.organisations["firm"].pk).update(district=other)
    Post.objects.filter(pk=town.posts["gridb"].pk).update(district=other)
    client = sit(town, "admin")
    for name, row in (
        ("place", town.places["unitb"]), ("rename", town.places["unitb"]), ("move", town.places["unitb"]),
        ("place-map", town.places["unitb"]), ("body", town.organisations["firm"]),
        ("body-end", town.organisations["firm"]), ("post-end", town.posts["gridb"]),
        ("account-reset", town.users["resident"]),
    ):  # fmt: skip
        assert client.get(reverse(f"office:{name}", args=[row.pk])).status_code == 404, name
    listed = client.get("/admin/posts/").content.decode()
    assert town.posts["grid"].code in listed
    assert town.posts["gridb"].code not in listed


LISTS = (
    "/admin/history/", "/admin/places/", "/admin/places/?q=号楼", "/admin/tiling/", "/admin/organisations/",
    "/admin/posts/", "/admin/posts/?role=grid_worker&q=王", "/admin/committees/", "/admin/committees/?tab=without",
    "/admin/accounts/", "/admin/accounts/new/?q=王", "/admin/kinds/", "/admin/kinds/categories/",
    "/admin/kinds/causes/", "/admin/policies/", "/admin/rules/", "/admin/switches/",
)  # fmt: skip


@pytest.mark.parametrize("url", LISTS)
def test_a_list_asks_at_most_ten_questions(
    town: Town, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any, url: str
) -> None:
    as_it_runs(monkeypatch)
    client = sit(town, "admin")
    assert client.get(url).status_code == 200
    with django_assert_max_num_queries(10):
        client.get(url)


def test_the_pages_carry_no_inline_script_style_or_handler(town: Town) -> None:
    client = sit(town, "admin")
    for url in (*LISTS, "/admin/", f"/admin/places/{town.places['grid'].pk}/draw/"):
        page = client.get(url).content.decode()
        assert " style=" not in page, url
        assert " onclick=" not in page, url
        assert "<script>" not in page, url


# ── the nouns ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_nouns_have_one_login_and_are_not_there_for_others(town: Town) -> None:
    first = Client().get("/admin/nouns/places/place/")
    assert first["Location"] == "/admin/nouns/login/?next=/admin/nouns/places/place/"
    assert Client().get(first["Location"])["Location"] == "/login/?next=%2Fadmin%2Fnouns%2Fplaces%2Fplace%2F"
    for who in NOT_ADMIN:
        answer = sit(town, who).get("/admin/nouns/", follow=True)
        assert answer.status_code == 404, who
    assert sit(town, "admin").get("/admin/nouns/").status_code == 200
    assert sit(town, "admin").get("/admin/nouns/password_change/")["Location"] == "/me/"


def test_every_registered_table_is_read_only_and_scoped() -> None:
    for model, shown in admin.site._registry.items():
        assert isinstance(shown, ReadOnlyAdmin), model
        assert shown.title, model
        assert shown.actions is None, model


SEALED = {"password", "hash", "salt", "phone_index", "receipt_hash", "payload"}


def test_no_sealed_field_is_ever_shown(town: Town, rf: Any) -> None:
    request = rf.get("/")
    request.user = town.users["admin"]
    for model, shown in admin.site._registry.items():
        fields = set(shown.get_fields(request)) | set(map(str, shown.list_display))
        bytes_kept = {f.name for f in model._meta.get_fields() if isinstance(f, models.BinaryField)}
        assert not fields & (SEALED | bytes_kept), model
    from linli.core.matters.models import Contact, Entry, Matter

    assert not {"title", "text", "opened_by"} & set(admin.site._registry[Matter].get_fields(request))
    assert {Contact, Entry} & set(admin.site._registry) == set()


@pytest.mark.parametrize("who", ["admin", "district", "grid"])
def test_nobody_changes_a_row_through_the_admin(town: Town, who: str) -> None:
    client = sit(town, who)
    rows = [town.places["grid"], town.posts["grid"], town.users["grid"], Boundary.objects.first(), town.district]
    before = {model: model.objects.count() for model in {type(row) for row in rows}}
    for row in rows:
        assert row is not None
        base = f"admin:{row._meta.app_label}_{row._meta.model_name}"
        looked = client.get(reverse(f"{base}_change", args=[row.pk]), follow=True)
        assert looked.status_code == (200 if who == "admin" else 404)
        for url, said in (
            (reverse(f"{base}_change", args=[row.pk]), {"name": "改了", "is_active": ""}),
            (reverse(f"{base}_delete", args=[row.pk]), {"post": "yes"}),
            (reverse(f"{base}_add"), {"name": "添的"}),
            (reverse(f"{base}_changelist"), {"action": "delete_selected", "_selected_action": str(row.pk)}),
        ):
            looks_only = 200 if url == reverse(f"{base}_changelist") else 403  # a list shows itself again, no more
            assert client.post(url, said).status_code in (302, looks_only, 404), url
    assert {model: model.objects.count() for model in before} == before
    town.users["grid"].refresh_from_db()
    assert town.users["grid"].is_active
    assert Place.objects.get(pk=town.places["grid"].pk).name == "柳荫里第一网格"


def test_the_admin_shows_its_own_district_only(town: Town) -> None:
    other = District.objects.create(id=990002, name="邻区", letters="OT", profile="test", levels=["district"])
    Place.objects.filter(pk=town.places["unitb"].pk).update(district=other)
    client = sit(town, "admin")
    page = client.get("/admin/nouns/places/place/").content.decode()
    assert town.places["unit"].code in page
    assert town.places["unitb"].code not in page
    assert client.get(f"/admin/nouns/places/district/{DISTRICT}/change/").status_code == 200
    foreign = client.get(f"/admin/nouns/places/place/{town.places['unitb'].pk}/change/")
    assert foreign.status_code == 302  # Django's own way of saying that there is none
    assert foreign["Location"] == "/admin/nouns/"


def test_a_list_of_nouns_asks_few_questions(town: Town, django_assert_max_num_queries: Any) -> None:
    client = sit(town, "admin")
    for label in ("places_place", "people_post", "people_organisation", "matters_rule", "kit_change"):
        with django_assert_max_num_queries(10):
            assert client.get(reverse(f"admin:{label}_changelist")).status_code == 200, label


def test_every_noun_has_its_table() -> None:
    rooms = {model._meta.app_label for model in admin.site._registry}
    assert {"places", "people", "matters", "kit"} == rooms
    assert apps.get_model("auth", "Group") not in admin.site._registry
