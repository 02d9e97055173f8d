"""Kinds, categories, causes, promises, rules, channels and switches, changed by the administrator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from linli.core.matters.actions import configuring, open_matter
from linli.core.matters.actions.opening import Asked
from linli.core.matters.catalogue import catalogue
from linli.core.matters.models import Category, Cause, Kind, Matter, Policy, Rule
from linli.core.people.actor import Actor
from linli.core.people.models import Organisation
from linli.core.places.models import District
from linli.core.places.tree import tree
from linli.kit.models import Change
from linli.kit.refusal import Conflict, Forbidden, Invalid, NotFound
from linli.kit.refusals import SETTINGS
from tests.cast import DISTRICT, STAGES, Town

ActAs = Callable[[str], Actor]


@pytest.fixture
def admin(act_as: ActAs) -> Actor:
    return act_as("admin")


def opened(town: Town, act_as: ActAs) -> Matter:
    node = tree(DISTRICT).by_code[town.places["unit"].code]
    asked = Asked(kind="appeal", text="楼道灯不亮。", district_id=DISTRICT, place=node, channel="web")
    return open_matter(actor=act_as("resident"), asked=asked).matter


# ── who ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("who", ["grid", "community", "street", "district", "auditor"])
def test_only_the_administrator_configures(town: Town, act_as: ActAs, who: str) -> None:
    actor, rule = act_as(who), Rule.objects.first()
    assert rule is not None
    acts: list[Callable[[], object]] = [
        lambda: configuring.add_kind(actor=actor, code="thanks", name="表扬"),
        lambda: configuring.add_cause(actor=actor, name="天气"),
        lambda: configuring.move_rule(actor=actor, rule_id=rule.pk, up=True),
        lambda: configuring.change_settings(actor=actor, values={"public_ledger": False}),
        lambda: configuring.set_channel(actor=actor, code="app", name="小程序", resident=True, new=True),
        lambda: configuring.end_post(actor=actor, post_id=town.posts["gridb"].pk),
    ]
    for act in acts:
        with pytest.raises(Forbidden):
            act()
    assert not Change.objects.exists()


# ── kinds, categories, causes ───────────────────────────────────────────────────────────────────────────────────
def test_a_kind_is_added_changed_and_told_field_by_field(town: Town, admin: Actor) -> None:
    made = configuring.add_kind(actor=admin, code="Thanks", name="表扬", about="谁做得好", residents=True)
    assert catalogue(DISTRICT).kinds["thanks"].pk == made.pk
    assert not made.units_call
    configuring.change_kind(actor=admin, kind_id=made.pk, name="点赞", evidence=True, urgency="complex")
    assert Change.objects.latest("at").sentence == (
        "管机房 系统管理员 改了事项种类“点赞”：名称：表扬 → 点赞；办结要照片：否 → 是；急缓：一般 → 复杂"
    )
    configuring.change_kind(actor=admin, kind_id=made.pk, active=False)
    assert "thanks" not in catalogue(DISTRICT).kinds
    count = Change.objects.count()
    configuring.change_kind(actor=admin, kind_id=made.pk, active=False)
    assert Change.objects.count() == count  # nothing changed, nothing told


def test_a_kind_that_would_break_a_promise_is_refused(town: Town, admin: Actor) -> None:
    dispute = Kind.objects.get(code="dispute")
    with pytest.raises(Invalid, match="公开台账"):
        configuring.change_kind(actor=admin, kind_id=dispute.pk, public=True)
    with pytest.raises(Invalid, match="准入"):
        configuring.change_kind(actor=admin, kind_id=Kind.objects.get(code="appeal").pk, admission=True)
    # Who complained is not shown to the unit complained about, whatever an administrator sends.
    configuring.change_kind(actor=admin, kind_id=dispute.pk, units_call=True)
    configuring.add_kind(actor=admin, code="sly", name="暗门", units_call=True)
    assert set(Kind.objects.filter(units_call=True).values_list("code", flat=True)) == {"order"}
    with pytest.raises(Conflict):
        configuring.add_kind(actor=admin, code="appeal", name="又一个")
    with pytest.raises(Invalid):
        configuring.add_kind(actor=admin, code="表扬", name="表扬")


def test_categories_grow_at_the_end_of_their_level_and_no_deeper_than_three(town: Town, admin: Actor) -> None:
    light = Category.objects.get(code="0101")
    deep = configuring.add_category(actor=admin, name="路灯", parent_id=light.pk, urgency="urgent")
    beside = configuring.add_category(actor=admin, name="楼道灯", parent_id=light.pk)
    top = configuring.add_category(actor=admin, name="养老")
    assert [deep.code, beside.code, top.code] == ["010101", "010102", "03"]
    with pytest.raises(Invalid, match="3 级"):
        configuring.add_category(actor=admin, name="太深", parent_id=deep.pk)
    configuring.change_category(actor=admin, category_id=deep.pk, active=False)
    assert not catalogue(DISTRICT).categories["010101"].active


def test_the_last_cause_stays_and_a_name_stands_once(town: Town, admin: Actor) -> None:
    made = configuring.add_cause(actor=admin, name="天气")
    with pytest.raises(Conflict, match="已经有"):
        configuring.add_cause(actor=admin, name=" 天气 ")
    for cause in Cause.objects.exclude(pk=made.pk):
        configuring.change_cause(actor=admin, cause_id=cause.pk, active=False)
    with pytest.raises(Conflict, match="至少留一个"):
        configuring.change_cause(actor=admin, cause_id=made.pk, active=False)
    assert Cause.objects.get(active=True).pk == made.pk


# ── promises ────────────────────────────────────────────────────────────────────────────────────────────────────
def revise(town: Town, admin: Actor, **said: Any) -> Policy:
    asked: dict[str, Any] = {
        "place_id": town.places["district"].pk, "name": "136", "calendar": "natural", "stages": STAGES,
        "escalate_on": ["result"],
    }  # fmt: skip
    return configuring.revise_policy(actor=admin, **(asked | said))


def test_a_changed_promise_is_a_new_version_and_open_matters_keep_theirs(
    town: Town, act_as: ActAs, admin: Actor
) -> None:
    before = opened(town, act_as)
    made = revise(town, admin, stages={**STAGES, "reply": "2h"})
    assert (made.version, Policy.objects.get(version=1).until) == (2, made.since)
    assert opened(town, act_as).policy_id == made.pk
    before.refresh_from_db()
    assert before.policy.version == 1
    assert "答复 1\u00a0小时 → 2\u00a0小时" in Change.objects.latest("at").sentence
    assert revise(town, admin, stages={**STAGES, "reply": "2h"}).pk == made.pk  # the same again makes none
    assert Policy.objects.count() == 2


def test_a_nearer_promise_wins_until_it_ends(town: Town, act_as: ActAs, admin: Actor) -> None:
    near = revise(town, admin, place_id=town.places["quarter"].pk, kind="appeal", stages={**STAGES, "result": "5h"})
    assert opened(town, act_as).policy_id == near.pk
    configuring.end_policy(actor=admin, policy_id=near.pk)
    general = Policy.objects.get(until=None)
    assert opened(town, act_as).policy_id == general.pk
    with pytest.raises(Conflict, match="不能停"):
        configuring.end_policy(actor=admin, policy_id=general.pk)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"stages": {**STAGES, "reply": "4h"}}, "reply"),  # longer than act
        ({"stages": {**STAGES, "result": "0h"}}, "result"),
        ({"stages": {k: v for k, v in STAGES.items() if k != "contest"}}, "contest"),
        ({"stages": {**STAGES, "result": "2wd"}}, "result"),  # round the clock knows no working day
        ({"calendar": "moon"}, "calendar"),
        ({"kind": "song"}, "kind"),
        ({"urgency": "soonish"}, "urgency"),
        ({"name": " "}, "name"),
    ],
)
def test_a_promise_that_cannot_be_kept_is_refused_at_its_field(
    town: Town, admin: Actor, said: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        revise(town, admin, **said)
    assert field in refused.value.fields
    assert Policy.objects.count() == 1


# ── rules ───────────────────────────────────────────────────────────────────────────────────────────────────────
def add(town: Town, admin: Actor, **said: Any) -> Rule:
    asked: dict[str, Any] = {"name": "路灯给供电所", "kind": "appeal", "category": "01", "organisation_id":
                             town.organisations["power"].pk}  # fmt: skip
    return configuring.add_rule(actor=admin, **(asked | said))


def test_order_is_meaning_and_trying_out_tells_it_without_writing(town: Town, admin: Actor) -> None:
    node = tree(DISTRICT).by_code[town.places["unit"].code]
    asked = {"node": node, "kind": "appeal", "category": "0101"}
    rule = add(town, admin)
    assert rule.order == 30
    way = configuring.where_to(DISTRICT, **asked)
    assert (way.rule and way.rule.name, way.post and way.post.name, way.first and way.first.name) == (
        "诉求到网格员", "王禾苗", "柳荫社区居委会",
    )  # fmt: skip
    configuring.move_rule(actor=admin, rule_id=rule.pk, up=True)
    configuring.move_rule(actor=admin, rule_id=rule.pk, up=True)
    way = configuring.where_to(DISTRICT, **asked)
    assert (way.rule and way.rule.pk, way.post and way.post.name) == (rule.pk, "示范区供电所")
    assert (way.policy and way.policy.name, Matter.objects.exists()) == ("136", False)
    assert list(Rule.objects.order_by("order").values_list("order", flat=True)) == [5, 10, 20, 30]
    configuring.change_rule(actor=admin, rule_id=rule.pk, place_id=town.places["street2"].pk)
    assert configuring.where_to(DISTRICT, **asked).post.name == "王禾苗"  # type: ignore[union-attr]


def test_a_task_is_told_to_need_an_admission(town: Town, admin: Actor) -> None:
    node = tree(DISTRICT).by_code[town.places["grid"].code]
    way = configuring.where_to(DISTRICT, node=node, kind="task")
    assert (way.task, way.rule, way.post and way.post.name) == (True, None, "柳荫社区居委会")


@pytest.mark.parametrize(
    "said",
    [
        {"to_role": "grid_worker"},  # and an organisation too
        {"organisation_id": None},  # and no role either
        {"category": "99"},
        {"channel": "pigeon"},
        {"organisation_id": None, "to_role": "auditor"},  # a role that handles nothing
    ],
)
def test_a_rule_that_leads_nowhere_is_refused(town: Town, admin: Actor, said: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        add(town, admin, **said)
    assert Rule.objects.count() == 3


def test_the_history_says_a_rule_in_the_districts_words_and_not_in_codes(town: Town, admin: Actor) -> None:
    rule = Rule.objects.filter(district_id=DISTRICT).exclude(to_role="").order_by("order").first()
    assert rule is not None
    configuring.change_rule(
        actor=admin, rule_id=rule.pk, kind="hazard", place_id=town.places["community"].pk, to_role="community_office"
    )
    sentence = Change.objects.latest("at").sentence
    assert town.places["community"].name in sentence
    assert not any(code in sentence for code in ("hazard", "community_office", town.places["community"].path))


def test_a_promise_says_its_calendar_and_escalation_from_what_to_what(town: Town, admin: Actor) -> None:
    revise(town, admin, calendar="office", escalate_on=["reply", "result"])
    sentence = Change.objects.latest("at").sentence
    assert "日历：自然时间，不分昼夜 → 工作时间" in sentence
    assert "→ 答复、结果" in sentence


def test_rules_and_targets_of_another_district_look_like_none(town: Town, admin: Actor) -> None:
    other = District.objects.create(id=990002, name="邻区", letters="OT", profile="test", levels=["district"])
    Rule.objects.filter(order=5).update(district=other)
    with pytest.raises(NotFound):
        configuring.move_rule(actor=admin, rule_id=Rule.objects.get(order=5).pk, up=True)
    Organisation.objects.filter(pk=town.organisations["power"].pk).update(district=other)
    with pytest.raises(NotFound):
        add(town, admin)


# ── channels, team, switches ────────────────────────────────────────────────────────────────────────────────────
def test_channels_are_named_and_added_never_taken_out(town: Town, admin: Actor) -> None:
    configuring.set_channel(actor=admin, code="app", name="小程序", resident=True, new=True)
    old = tree(DISTRICT).district.settings["channels"]["qr"]
    configuring.set_channel(actor=admin, code="qr", name="扫一扫", resident=True)
    assert f"名称：{old} → 扫一扫" in Change.objects.latest("at").sentence
    settings = tree(DISTRICT).district.settings
    assert (settings["channels"]["qr"], settings["resident_channels"]) == ("扫一扫", ["qr", "app"])
    for wrong in ({"code": "qr", "new": True}, {"code": "gone"}):
        with pytest.raises(Conflict):
            configuring.set_channel(actor=admin, name="又一个", resident=False, **wrong)  # type: ignore[arg-type]


def test_whom_a_whistle_can_call_follows_from_the_team(town: Town, admin: Actor) -> None:
    forces = [
        configuring.Force("firms", "物业", kinds=["property"]),
        configuring.Force("offices", "部门", departments=["cg"]),
    ]
    configuring.set_team(actor=admin, name="两支力量", forces=forces)
    settings = tree(DISTRICT).district.settings
    assert settings["callable_roles"] == [
        "department_officer", "department_unit", "property_manager", "property_unit",
    ]  # fmt: skip
    assert [force["name"] for force in settings["team"]["forces"]] == ["物业", "部门"]
    assert "→ 物业、部门" in Change.objects.latest("at").sentence
    configuring.set_team(
        actor=admin, name="两支力量", forces=[configuring.Force("firms", "物业", kinds=["social"]), forces[1]]
    )
    assert Change.objects.latest("at").sentence.endswith("改了联动队伍：“物业”叫的人换了")
    with pytest.raises(Invalid, match="叫不到人"):
        configuring.set_team(actor=admin, name="空", forces=[configuring.Force("none", "空")])


FORBIDDEN = [key for key, setting in SETTINGS.items() if setting.allowed == frozenset({False})]


@pytest.mark.parametrize("key", FORBIDDEN)
def test_what_no_district_may_switch_on_is_refused_with_the_reason(town: Town, admin: Actor, key: str) -> None:
    with pytest.raises(Invalid) as refused:
        configuring.change_settings(actor=admin, values={"rating_reminder": False, key: True})
    assert key in refused.value.fields
    assert "rating_reminder" not in District.objects.get().settings  # all of them, or none


@pytest.mark.parametrize(
    "values",
    [{"rankings": "by_usage"}, {"check_in": "compulsory"}, {"collective_households": 50}, {"online_minutes": True},
     {"verify_call_back_percent": 101}, {"public_ledger": "yes"}],
)  # fmt: skip
def test_values_beyond_the_limits_are_refused(town: Town, admin: Actor, values: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        configuring.change_settings(actor=admin, values=values)
    assert not Change.objects.exists()


def test_a_lawful_switch_is_set_and_told(town: Town, admin: Actor) -> None:
    configuring.change_settings(actor=admin, values={"rating_reminder": False, "verify_call_back_percent": 20})
    assert tree(DISTRICT).district.settings["verify_call_back_percent"] == 20
    assert Change.objects.get().sentence.endswith("改了开关：提醒居民评价：开 → 关；办结后抽多少回访（%）：10 → 20")


# ── leaving ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_nobody_leaves_with_something_in_their_hands(town: Town, act_as: ActAs, admin: Actor) -> None:
    matter = opened(town, act_as)
    assert matter.handler_id == town.posts["grid"].pk
    with pytest.raises(Conflict, match="1 件"):
        configuring.end_post(actor=admin, post_id=town.posts["grid"].pk)
    town.posts["grid"].refresh_from_db()
    assert town.posts["grid"].until is None
    assert configuring.end_post(actor=admin, post_id=town.posts["gridb"].pk).until is not None
    Matter.objects.update(handler=town.posts["firm_unit"])
    with pytest.raises(Conflict, match="1 件"):
        configuring.close_body(actor=admin, organisation_id=town.organisations["firm"].pk)
    assert Organisation.objects.get(code="O-firm").until is None
