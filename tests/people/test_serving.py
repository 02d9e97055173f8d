"""Posts given and ended, bodies, committees with their terms, accounts: what an administrator does with people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from linli.core.matters.actions.configuring import rules
from linli.core.matters.models import Rule
from linli.core.people import actions
from linli.core.people import actor as actors
from linli.core.people.actor import Actor
from linli.core.people.models import Organisation, Person, Post, Token, User
from linli.core.people.posts import roster
from linli.core.places.models import District
from linli.kit import memory
from linli.kit.models import Change
from linli.kit.refusal import Conflict, Forbidden, Invalid, NotFound
from tests.cast import DISTRICT, SINCE, Town
from tests.doors.desk_cast import opened

ActAs = Callable[[str], Actor]
TODAY = timezone.localdate
YEAR = TODAY().year  # of the terms below: the first ends this May, the one that follows it takes over in April


def may(years: int) -> date:
    return date(YEAR + years, 5, 1)


def april(years: int) -> date:
    return date(YEAR + years, 4, 1)


def give(act_as: ActAs, town: Town, place: str = "grid", **said: Any) -> Post:
    asked: dict[str, Any] = {"role": "grid_worker", "place_id": town.places[place].pk, "name": "夏满 "}
    return actions.give_post(actor=act_as("admin"), **(asked | said))


# ── posts ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_post_given_is_there_at_once_with_a_code_a_title_and_a_sentence(town: Town, act_as: ActAs) -> None:
    before = District.objects.get().version
    post = give(act_as, town)
    assert (post.code, post.title, post.person and post.person.shown) == ("99000101010101-GW1", "网格员", "夏满")
    assert roster(DISTRICT).find(post.code) is not None
    assert District.objects.get().version == before + 1
    assert Change.objects.get().sentence == f"管机房 系统管理员 请夏满担任柳荫里第一网格网格员（{TODAY()} 起）"
    assert give(act_as, town, name="秦朗").code == "99000101010101-GW2"


def test_a_firm_of_several_places_is_its_inbox_that_covers_the_place(town: Town, act_as: ActAs) -> None:
    firm = Organisation.objects.create(
        district=town.district, code="O-many", name="两处物业", kind="property", place=town.places["district"],
        scope_path=town.places["district"].path, since=SINCE,
    )  # fmt: skip
    for at in ("quarter", "community2"):
        where = town.places[at]
        Post.objects.create(district=town.district, code=f"T-many-{at}", role="property_unit", title="物业",
                            place=where, scope_path=where.path, organisation=firm, since=SINCE)  # fmt: skip
    memory.forget()
    known = roster(DISTRICT)
    for word in ("O-many", "两处物业"):
        near = {at: known.find(word, town.places[at].path) for at in ("unit", "grid2", "street")}
        assert {at: post and post.code for at, post in near.items()} == {
            "unit": "T-many-quarter", "grid2": "T-many-community2", "street": None}  # fmt: skip
    assert known.find("T-many-quarter", town.places["grid2"].path) is not None  # whoever names a post means it
    rules.add_rule(
        actor=act_as("admin"),
        name="物业",
        category="0101",
        organisation_id=firm.pk,
        before=Rule.objects.order_by("order")[0].pk,
    )
    made = opened(town, act_as("resident2"), "灯坏了", category="0101", place="grid2")
    assert made.handler_id == Post.objects.get(code="T-many-community2").pk


@pytest.mark.parametrize("who", ["grid", "community", "street", "district", "auditor", "department"])
def test_nobody_but_the_administrator_of_the_whole_district_configures(town: Town, act_as: ActAs, who: str) -> None:
    with pytest.raises(Forbidden):
        actions.give_post(actor=act_as(who), role="grid_worker", place_id=town.places["grid"].pk, name="夏满")
    assert not Change.objects.exists()


def test_an_administrator_of_a_part_configures_nothing(town: Town, act_as: ActAs) -> None:
    post = town.posts["admin"]
    post.place, post.scope_path = town.places["community"], town.places["community"].path
    post.save()
    assert actions.may_configure(act_as("admin")) is None
    with pytest.raises(Forbidden):
        give(act_as, town)


def test_the_same_twice_an_unknown_role_and_an_empty_name_are_refused(town: Town, act_as: ActAs) -> None:
    post = give(act_as, town)
    with pytest.raises(Conflict):
        give(act_as, town, name="", person_id=post.person_id)
    for wrong in ({"role": "emperor"}, {"role": "system"}, {"name": ""}, {"name": "长" * 21}):
        with pytest.raises(Invalid):
            give(act_as, town, **wrong)
    with pytest.raises(Invalid):
        give(act_as, town, since=TODAY(), until=TODAY())


def test_what_belongs_to_another_district_looks_like_nothing(town: Town, act_as: ActAs) -> None:
    other = District.objects.create(id=990002, name="邻区", letters="OT", profile="test", levels=["district"])
    stranger = Person.objects.create(district=other, shown="外人")
    with pytest.raises(NotFound):
        give(act_as, town, name="", person_id=stranger.pk)
    town.posts["grid"].__class__.objects.filter(pk=town.posts["gridb"].pk).update(district=other)
    with pytest.raises(NotFound):
        actions.end_post(actor=act_as("admin"), post_id=town.posts["gridb"].pk)


def test_an_ended_post_gives_no_right_any_more_and_cannot_end_twice(town: Town, act_as: ActAs) -> None:
    assert act_as("grid").is_staff
    actions.end_post(actor=act_as("admin"), post_id=town.posts["grid"].pk)
    actors.forget()
    assert not act_as("grid").is_staff
    with pytest.raises(Conflict):
        actions.end_post(actor=act_as("admin"), post_id=town.posts["grid"].pk)
    with pytest.raises(Invalid):
        actions.end_post(actor=act_as("admin"), post_id=town.posts["gridb"].pk, on=SINCE - timedelta(days=1))


def test_the_last_administrator_who_can_sign_in_stays(town: Town, act_as: ActAs) -> None:
    with pytest.raises(Conflict, match="最后"):
        actions.end_post(actor=act_as("admin"), post_id=town.posts["admin"].pk)
    second = give(act_as, town, place="district", role="admin", name="许新")
    with pytest.raises(Conflict, match="最后"):
        actions.end_post(actor=act_as("admin"), post_id=town.posts["admin"].pk)
    assert second.person_id is not None
    actions.open_account(actor=act_as("admin"), person_id=second.person_id, username="second")
    assert actions.end_post(actor=act_as("admin"), post_id=town.posts["admin"].pk).until == TODAY()


# ── bodies ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_body_comes_with_the_post_that_matters_are_handed_to_and_ends_with_it(town: Town, act_as: ActAs) -> None:
    admin, quarter = act_as("admin"), town.places["quarter2"]
    body = actions.found_body(actor=admin, name="石榴 物业", kind="property", place_id=quarter.pk)
    unit = Post.objects.get(organisation=body)
    assert (unit.role, unit.person, roster(DISTRICT).find("石榴 物业")) == (
        "property_unit", None, roster(DISTRICT).by_id[unit.pk],
    )  # fmt: skip
    actions.rename_body(actor=admin, organisation_id=body.pk, name="石榴园物业")
    unit.refresh_from_db()
    assert (unit.title, roster(DISTRICT).find("石榴园物业") is not None) == ("石榴园物业", True)
    with pytest.raises(Conflict, match="已经有"):
        actions.found_body(actor=admin, name="石榴园物业", kind="property", place_id=quarter.pk)
    actions.close_body(actor=admin, organisation_id=body.pk)
    unit.refresh_from_db()
    assert unit.until == TODAY()
    assert roster(DISTRICT).find("石榴园物业") is None


# ── committees ──────────────────────────────────────────────────────────────────────────────────────────────────
def register(act_as: ActAs, town: Town, **said: Any) -> Organisation:
    asked: dict[str, Any] = {
        "quarter_id": town.places["quarter"].pk, "name": "", "chair": "钱多多",
        "members": ["孙一", "李二", "周三", "吴四"], "since": may(-5), "until": may(0),
    }  # fmt: skip
    return actions.register_committee(actor=act_as("admin"), **(asked | said))


def test_a_committee_has_a_term_a_chair_members_and_its_own_post(town: Town, act_as: ActAs) -> None:
    made = register(act_as, town)
    posts = Post.objects.filter(organisation=made).order_by("code")
    assert (made.name, made.until) == ("柳荫里业主委员会", may(0))
    assert sorted(posts.values_list("role", flat=True)) == [
        "committee_chair",
        *["committee_member"] * 4,
        "committee_unit",
    ]
    assert set(posts.values_list("until", flat=True)) == {may(0)}
    said = f"备案了柳荫里业主委员会，任期 {YEAR - 5}-05-01 到 {YEAR}-05-01，委员 5 人"
    assert Change.objects.get().sentence.endswith(said)


def test_the_next_term_ends_the_one_before_and_takes_over_its_post(town: Town, act_as: ActAs) -> None:
    first = register(act_as, town)
    unit = Post.objects.get(organisation=first, role="committee_unit")
    again = Post.objects.get(organisation=first, role="committee_chair").person_id
    second = register(act_as, town, since=april(0), until=april(5), members=["孙一", "郑五", "王六", "冯七"])
    first.refresh_from_db()
    unit.refresh_from_db()
    assert (first.until, first.name) == (april(0), f"柳荫里业主委员会（{YEAR - 5} 届）")
    assert (unit.organisation_id, unit.until) == (second.pk, april(5))
    assert Post.objects.get(organisation=second, role="committee_chair").person_id == again
    assert Post.objects.filter(organisation=second).count() == 6
    assert set(Post.objects.filter(organisation=first).values_list("until", flat=True)) == {april(0)}
    assert Person.objects.filter(shown="孙一").count() == 1


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"until": may(0) + timedelta(days=1)}, "最长"),
        ({"until": may(-5)}, "之后"),
        ({"chair": " "}, "主任"),
        ({"members": ["孙一"]}, "到 15 人"),
    ],
)
def test_a_term_that_cannot_be_is_refused_whole(town: Town, act_as: ActAs, said: dict[str, Any], why: str) -> None:
    people = Person.objects.count()
    with pytest.raises(Invalid, match=why):
        register(act_as, town, **said)
    assert (Person.objects.count(), Organisation.objects.filter(kind="owners_committee").count()) == (people, 0)


def test_a_committee_stands_in_a_quarter_and_not_before_the_one_that_stands(town: Town, act_as: ActAs) -> None:
    with pytest.raises(Invalid):
        register(act_as, town, quarter_id=town.places["community"].pk)
    register(act_as, town)
    with pytest.raises(Conflict):
        register(act_as, town, since=april(-5), until=april(0))


# ── accounts ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_account_opens_with_a_password_that_works_and_stands_nowhere(town: Town, act_as: ActAs) -> None:
    post = give(act_as, town)
    assert post.person_id is not None
    opened = actions.open_account(actor=act_as("admin"), person_id=post.person_id, username=" Xia.Man ")
    user = User.objects.get(username="xia.man")
    assert (opened.user.pk, user.check_password(opened.password), user.demo) == (user.pk, True, False)
    assert len(opened.password) >= 16
    told = Change.objects.latest("at")
    assert opened.password not in f"{told.sentence} {told.data}"
    with pytest.raises(Conflict, match="已经有账号"):
        actions.open_account(actor=act_as("admin"), person_id=post.person_id, username="xia.man.2")


def test_no_post_no_account_and_a_name_is_taken_once(town: Town, act_as: ActAs) -> None:
    idle = Person.objects.create(district=town.district, shown="闲人")
    with pytest.raises(Conflict, match="不在岗"):
        actions.open_account(actor=act_as("admin"), person_id=idle.pk, username="idle")
    post = give(act_as, town)
    assert post.person_id is not None
    with pytest.raises(Conflict, match="有人用"):
        actions.open_account(actor=act_as("admin"), person_id=post.person_id, username="grid")
    for name in ("夏满", "ab", "a b c", "-abc", "x" * 31):
        with pytest.raises(Invalid):
            actions.open_account(actor=act_as("admin"), person_id=post.person_id, username=name)


def test_a_new_password_ends_the_old_one_and_every_token(town: Town, act_as: ActAs) -> None:
    user = town.users["grid"]
    Token.objects.create(hash="x" * 64, user=user, expires_at=timezone.now() + timedelta(days=1))
    opened = actions.reset_password(actor=act_as("admin"), user_id=user.pk)
    user.refresh_from_db()
    assert (user.check_password(opened.password), user.check_password("linli-demo")) == (True, False)
    assert not Token.objects.exists()


def test_an_account_is_closed_and_opened_again_but_never_ones_own_nor_a_residents(town: Town, act_as: ActAs) -> None:
    admin = act_as("admin")
    assert not actions.set_active(actor=admin, user_id=town.users["grid"].pk, active=False).is_active
    assert actors.for_user(town.users["grid"].pk).kind == "anonymous"
    assert actions.set_active(actor=admin, user_id=town.users["grid"].pk, active=True).is_active
    with pytest.raises(Conflict, match="自己"):
        actions.set_active(actor=admin, user_id=town.users["admin"].pk, active=False)
    for act in (actions.reset_password, lambda **said: actions.set_active(**said, active=False)):
        with pytest.raises(NotFound):
            act(actor=admin, user_id=town.users["resident"].pk)
