"""Organisations, posts, committees and accounts at the office."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from linli.core.people.models import Organisation, Person, Post, User
from tests.cast import Town
from tests.doors.desk_cast import ActAs, opened, sit


@pytest.fixture
def office(town: Town) -> Client:
    return sit(town, "admin")


def given(town: Town, **said: Any) -> dict[str, Any]:
    return {"role": "grid_worker", "place": town.places["grid"].code, "name": "夏满", "unit": "", "title": "",
            "hours": "", "since": f"{timezone.localdate()}", "until": ""} | said  # fmt: skip


def test_posts_are_found_by_role_place_and_word_and_go_into_a_file(town: Town, office: Client) -> None:
    page = office.get(f"/admin/posts/?role=grid_worker&in={town.places['street'].code}").content.decode()
    assert "王禾苗" in page
    assert "白露" not in page
    assert "赵长亭" not in page
    answer = office.get("/admin/posts/export.csv?q=王禾苗")
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert (len(lines), "王禾苗" in lines[1], lines[0].startswith("\ufeff")) == (2, True, True)


def test_no_cell_of_a_file_is_a_formula(town: Town, office: Client) -> None:
    Organisation.objects.filter(pk=town.organisations["firm"].pk).update(name="=1+1")
    answer = office.get("/admin/organisations/export.csv")
    assert "'=1+1" in b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]


def test_a_post_is_given_by_name_place_and_role(town: Town, office: Client) -> None:
    answer = office.post("/admin/posts/new/", given(town))
    assert answer.status_code == 302
    made = Post.objects.get(person__shown="夏满")
    assert (made.role, made.place_id) == ("grid_worker", town.places["grid"].pk)
    assert "夏满" in office.get(answer["Location"]).content.decode()
    for wrong in ({"role": ""}, {"place": ""}, {"name": ""}, {"unit": "没有的单位"}, {"since": "昨天"}):
        assert office.post("/admin/posts/new/", given(town, **wrong)).status_code == 422, wrong


def test_a_place_is_looked_for_without_sending_the_form(town: Town, office: Client) -> None:
    sent = given(town, place="", name="") | {"place_word": "石榴园", "find": "place"}
    answer = office.post("/admin/posts/new/", sent)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert town.places["quarter2"].code in page
    assert "处要改" not in page
    assert Person.objects.filter(shown="夏满").count() == 0


def test_a_namesake_is_asked_about_before_a_second_person_is_made(town: Town, office: Client) -> None:
    sent = given(town, name="白露", place=town.places["gridb"].code)
    asked = office.post("/admin/posts/new/", sent)
    assert (asked.status_code, "是哪一位" in asked.content.decode()) == (422, True)
    known = Person.objects.get(shown="白露")
    office.post("/admin/posts/new/", {**sent, "person": str(known.pk)})
    assert Person.objects.filter(shown="白露").count() == 1
    assert Post.objects.filter(person=known).count() == 2
    office.post("/admin/posts/new/", {**sent, "person": "another", "place": town.places["grid"].code})
    assert Person.objects.filter(shown="白露").count() == 2


def test_a_post_ends_unless_it_still_holds_something(town: Town, office: Client, act_as: ActAs) -> None:
    opened(town, act_as("resident"))
    today = {"on": f"{timezone.localdate()}"}
    full = reverse("office:post-end", args=[town.posts["grid"].pk])
    assert "1 件" in office.get(full).content.decode()
    assert office.post(full, today).status_code == 422
    assert office.post(reverse("office:post-end", args=[town.posts["gridb"].pk]), today).status_code == 302
    assert town.posts["gridb"].code in office.get("/admin/posts/?tab=ended").content.decode()


def test_a_body_is_founded_renamed_and_closed(town: Town, office: Client) -> None:
    sent = {"name": "石榴物业", "kind": "property", "place": town.places["quarter2"].code,
            "since": f"{timezone.localdate()}"}  # fmt: skip
    made = office.post("/admin/organisations/new/", sent)
    body = Organisation.objects.get(name="石榴物业")
    assert made["Location"] == reverse("office:body", args=[body.pk])
    assert "物业服务企业" in office.get(made["Location"]).content.decode()
    assert office.post("/admin/organisations/new/", sent).status_code == 422  # the name stands
    office.post(reverse("office:body-rename", args=[body.pk]), {"name": "石榴园物业"})
    office.post(reverse("office:body-end", args=[body.pk]), {"on": f"{timezone.localdate()}"})
    assert "石榴园物业" in office.get("/admin/organisations/?tab=ended").content.decode()
    assert "石榴园物业" not in office.get("/admin/organisations/").content.decode()


def test_committees_are_registered_warned_about_and_missed(town: Town, office: Client) -> None:
    today = timezone.localdate()
    assert "柳荫里" in office.get("/admin/committees/?tab=without").content.decode()
    sent = {"place": town.places["quarter"].code, "name": "", "chair": "钱多多", "members": "孙一、李二\n周三\n吴四",
            "since": f"{today - timedelta(days=1000)}", "until": f"{today + timedelta(days=60)}"}  # fmt: skip
    assert office.post("/admin/committees/new/", {**sent, "members": "孙一"}).status_code == 422
    assert office.post("/admin/committees/new/", sent).status_code == 302
    for tab in ("", "ending"):
        page = office.get(f"/admin/committees/?tab={tab}").content.decode()
        assert "柳荫里业主委员会" in page
        assert "还有 60 天" in page
    assert "1 个业委会 90 天内到期" in office.get("/admin/").content.decode()
    without = office.get("/admin/committees/?tab=without").content.decode()
    assert "石榴园" in without
    assert without.count("data-row") == 1
    Organisation.objects.filter(kind="owners_committee").update(until=today - timedelta(days=3))
    lapsed = office.get("/admin/committees/?tab=lapsed").content.decode()
    assert "到期 3 天了" in lapsed
    renewed = {**sent, "since": f"{today}", "until": f"{today + timedelta(days=1800)}"}
    assert office.post("/admin/committees/new/", renewed).status_code == 302
    assert "没有到期不换届的" in office.get("/admin/committees/?tab=lapsed").content.decode()


def test_an_account_is_opened_and_its_password_shown_once(town: Town, office: Client) -> None:
    office.post("/admin/posts/new/", given(town))
    person = Person.objects.get(shown="夏满")
    url = reverse("office:account-new", args=[person.pk])
    assert url in office.get("/admin/accounts/new/?q=夏").content.decode()
    assert office.post(url, {"username": "grid"}).status_code == 422
    slip = office.post(url, {"username": "xiaman"})
    password = slip.context["opened"].password
    assert (slip.status_code, password in slip.content.decode()) == (200, True)
    assert "no-store" in slip["Cache-Control"]
    assert User.objects.get(username="xiaman").check_password(password)
    assert password not in office.get("/admin/accounts/").content.decode()
    assert office.get(url).status_code == 404  # there is an account now


def test_a_new_password_throws_out_and_a_closed_account_stays_out(town: Town, office: Client) -> None:
    user, worker = town.users["grid"], sit(town, "grid")
    assert worker.get("/field/").status_code == 200
    answer = office.post(reverse("office:account-reset", args=[user.pk]))
    user.refresh_from_db()
    assert user.check_password(answer.context["opened"].password)
    assert worker.get("/field/")["Location"].startswith("/login/")
    office.post(reverse("office:account-switch", args=[user.pk]), {"active": "no"})
    user.refresh_from_db()
    assert not user.is_active
    assert "grid" in office.get("/admin/accounts/?tab=closed").content.decode()
    own = office.post(reverse("office:account-switch", args=[town.users["admin"].pk]), {"active": "no"}, follow=True)
    assert "不能停用自己的账号" in own.content.decode()


def test_accounts_of_residents_are_not_listed(town: Town, office: Client) -> None:
    page = office.get("/admin/accounts/").content.decode()
    assert ">resident" not in page
    assert "王禾苗" in page
