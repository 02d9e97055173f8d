"""The front page, kinds, promises, rules with their try-out, channels and switches at the office."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from linli.core.matters.models import Category, Cause, Kind, Policy, Rule
from linli.core.places.models import District
from linli.kit.models import Change
from linli.kit.refusals import SETTINGS
from tests.cast import STAGES, Town
from tests.doors.desk_cast import sit


@pytest.fixture
def office(town: Town) -> Client:
    return sit(town, "admin")


def test_the_front_page_counts_from_rows_and_says_whether_it_runs(
    town: Town, office: Client, settings: Any, tmp_path: Any
) -> None:
    settings.VAR = tmp_path
    page = office.get("/admin/").content.decode()
    for words in ("示范区", "从没见过", "没有积压", "还没有封存过", "网格员", "/admin/places/?level=grid"):
        assert words in page, words
    (tmp_path / "worker.beat").touch()
    assert "刚巡过一遍" in office.get("/admin/").content.decode()


def test_kinds_categories_and_causes_are_changed(town: Town, office: Client) -> None:
    appeal = Kind.objects.get(code="appeal")
    url = reverse("office:kind", args=[appeal.pk])
    sent = {
        "name": "诉求",
        "about": "请人来办",
        "urgency": "ordinary",
        "residents": "on",
        "public": "on",
        "active": "on",
    }
    assert office.post(url, {**sent, "confidential": "on"}).status_code == 422
    assert office.post(url, sent).status_code == 302
    assert Change.objects.latest("at").sentence.endswith("改了事项种类“诉求”：说明：空 → 请人来办")
    new = {**sent, "code": "thanks", "name": "表扬"}
    assert office.post("/admin/kinds/new/", new).status_code == 302
    assert office.post("/admin/kinds/new/", new).status_code == 422
    light = Category.objects.get(code="0101")
    under = f"/admin/kinds/categories/new/?under={light.code}"
    assert office.post(under, {"name": "路灯", "urgency": "", "standard": ""}).status_code == 302
    assert Category.objects.get(code="010101").parent_id == light.pk
    assert "路灯" in office.get("/admin/kinds/categories/?under=01").content.decode()
    office.post("/admin/kinds/causes/new/", {"name": "天气"})
    cause = Cause.objects.get(name="天气")
    office.post(reverse("office:cause", args=[cause.pk]), {"name": "坏天气"})
    cause.refresh_from_db()
    assert (cause.name, cause.active) == ("坏天气", False)


def test_a_promise_gets_a_new_version_beside_the_old(town: Town, office: Client) -> None:
    policy = Policy.objects.get()
    url = reverse("office:policy", args=[policy.pk])
    sent = {"name": "136", "calendar": "natural", "escalate_on": ["result"], **STAGES}
    wrong = office.post(url, {**sent, "reply": "9h", "contest": "很快"})
    page = wrong.content.decode()
    assert wrong.status_code == 422
    assert "不能比“行动”还长" in page
    assert "写成 30m" in page
    assert office.post(url, {**sent, "reply": "2h"}).status_code == 302
    assert Policy.objects.count() == 2
    both = office.get(url).content.decode()
    assert "第 2 版" in both
    assert "1\u00a0小时" in both  # the old one stands beside it
    near = {
        **sent,
        "place": town.places["quarter"].code,
        "kind": "appeal",
        "urgency": "",
        "result": "5h",
        "name": "柳荫里",
    }
    made = office.post("/admin/policies/new/", near)
    assert "柳荫里" in office.get("/admin/policies/").content.decode()
    mine = Policy.objects.get(name="柳荫里")
    assert made["Location"] == reverse("office:policy", args=[mine.pk])
    assert office.post(reverse("office:policy-end", args=[mine.pk])).status_code == 302
    general = Policy.objects.get(until=None)
    assert office.post(reverse("office:policy-end", args=[general.pk])).status_code == 422


def test_the_box_says_where_something_would_go(town: Town, office: Client) -> None:
    page = office.get("/admin/rules/?kind=appeal&word=柳荫里 1 号楼 1 单元").content.decode()
    for words in ("按“诉求到网格员”派给 <b>王禾苗</b>", "首接的是 柳荫社区居委会", "时限“136”第 1 版"):
        assert words in page, words
    assert "叫这个名字的有几处" in office.get("/admin/rules/?kind=appeal&word=单元").content.decode()
    assert "没有找到这个地方" in office.get("/admin/rules/?kind=appeal&word=月亮").content.decode()
    none = office.get(f"/admin/rules/?kind=dispute&at={town.places['unit'].code}").content.decode()
    assert "没有一条规则合得上" in none


def test_rules_are_added_moved_and_changed(town: Town, office: Client) -> None:
    sent = {"name": "照明给供电所", "kind": "appeal", "category": "01", "channel": "", "urgency": "", "to_role": "",
            "unit": str(town.organisations["power"].pk), "active": "on"}  # fmt: skip
    assert office.post("/admin/rules/new/", {**sent, "to_role": "grid_worker"}).status_code == 422
    assert office.post("/admin/rules/new/", sent).status_code == 302
    rule = Rule.objects.get(name="照明给供电所")
    move = reverse("office:rule-move", args=[rule.pk])
    for _n in range(5):
        assert office.post(move, {"way": "up"}).status_code == 302
    assert Rule.objects.order_by("order").first() == rule
    assert office.get(move).status_code == 405
    page = office.get(f"/admin/rules/?kind=appeal&category=0101&at={town.places['unit'].code}").content.decode()
    assert "派给 <b>示范区供电所</b>" in page
    office.post(reverse("office:rule", args=[rule.pk]), {**sent, "place": town.places["street2"].code})
    rule.refresh_from_db()
    assert rule.scope_path == town.places["street2"].path


def test_channels_and_the_team_are_changed(town: Town, office: Client) -> None:
    assert (
        office.post("/admin/switches/channels/new/", {"code": "app", "name": "小程序", "resident": "on"}).status_code
        == 302
    )
    assert office.post("/admin/switches/channels/new/", {"code": "app", "name": "又一个"}).status_code == 422
    assert office.post("/admin/switches/channels/qr/", {"name": "扫一扫"}).status_code == 302
    assert office.get("/admin/switches/channels/pigeon/").status_code == 404
    team = {"team": "两支力量", "name_0": "物业", "kinds_0": ["property"]}
    assert office.post("/admin/switches/team/", {**team, "kinds_0": []}).status_code == 422
    assert office.post("/admin/switches/team/", team).status_code == 302
    page = office.get("/admin/switches/").content.decode()
    for words in ("小程序", "扫一扫", "两支力量", "物业服务企业"):
        assert words in page, words


@pytest.mark.parametrize("key", [k for k, setting in SETTINGS.items() if setting.allowed == frozenset({False})])
def test_a_forged_form_cannot_switch_on_what_is_forbidden(town: Town, office: Client, key: str) -> None:
    sent = {"anonymous_intake": "on", "public_ledger": "on", "verify_call_back_percent": "10",
            "contact_days": "30", "most_reopenings": "2", "evidence_photo": "by_kind", "check_in": "voluntary",
            "rankings": "off"}  # fmt: skip
    assert office.post("/admin/switches/edit/", sent).status_code == 302
    answer = office.post("/admin/switches/edit/", {**sent, key: "on"})
    assert (answer.status_code, "这样设不行" in answer.content.decode()) == (422, True)
    assert not District.objects.get().settings.get(key, False)


@pytest.mark.parametrize(
    ("key", "value"), [("rankings", "by_usage"), ("check_in", "compulsory"), ("verify_call_back_percent", "300")]
)
def test_a_value_that_is_not_offered_is_refused(town: Town, office: Client, key: str, value: str) -> None:
    sent = {"verify_call_back_percent": "10", "contact_days": "30", "most_reopenings": "2", "evidence_photo": "by_kind",
            "check_in": "voluntary", "rankings": "off"}  # fmt: skip
    assert office.post("/admin/switches/edit/", {**sent, key: value}).status_code == 422


def test_the_stages_of_a_promise_are_told_in_the_reader_s_language(office: Client, settings: Any) -> None:
    assert '<th scope="col">接单</th>' in office.get("/admin/policies/").content.decode().replace("\n", "")
    office.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = office.get("/admin/policies/").content.decode()
    assert all(f'<th scope="col">{word}</th>' in page for word in ("Accept", "Reply", "Action", "Result"))
    assert "接单" not in page


def test_a_parameter_called_like_a_method_is_one_among_others(office: Client) -> None:
    """A template looks a name up among the parameters first: ``GET.items`` was what somebody had written there."""
    page = office.get("/admin/places/?items=1&q=柳&in=&cursor=")
    assert page.status_code == 200
    assert '<input type="hidden" name="items"' in "".join(page.content.decode().splitlines())
    assert 'type="hidden" name="cursor"' not in page.content.decode()
