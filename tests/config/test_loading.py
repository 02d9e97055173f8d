"""Loading once, looking again, applying what differs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from linli.config.loading import Loaded, LoadRefused, load
from linli.core.decisions.models import RuleVersion
from linli.core.gatherings.models import GatheringKind
from linli.core.matters import actions
from linli.core.matters.actions.opening import Asked
from linli.core.matters.models import Category, Kind, Policy, Rule
from linli.core.people.actor import ANONYMOUS
from linli.core.people.models import Organisation, Person, Post, User
from linli.core.places.models import District, Dwelling, Place
from linli.core.places.tree import tree
from linli.kit.models import Change
from linli.offices.pairing.models import Pairing
from linli.profiles import ProfileError

PROFILE = "chongli"
DISTRICT = 130709


class Told(list[str]):
    """What a load reported."""

    def __call__(self, line: str) -> None:
        self.append(line)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture(autouse=True)
def _here(loaded: Loaded, db: Any) -> None:
    """Every test of this module looks at the loaded district."""


def _counts() -> list[int]:
    return [model._default_manager.count() for model in (Place, Organisation, Person, Post, Dwelling, Kind, Rule, User)]


@pytest.mark.system("P1")
def test_chongli_is_counted_from_rows() -> None:
    counted = Place.objects.filter(generic=False)
    assert counted.filter(level="community").count() == 7
    assert counted.filter(level="grid").count() == 81
    assert counted.filter(level="quarter", attrs__kind="quarter").count() == 107
    assert counted.filter(level="quarter", attrs__kind="apartment").count() == 9


def test_loading_again_finds_no_difference_and_adds_nothing(told: Told) -> None:
    before = _counts()
    again = load(PROFILE, demo=True, report=told)
    assert (again.differences, again.made, again.applied) == ((), {}, False)
    assert _counts() == before
    assert "没有差别" in told[-1]


def test_a_difference_is_shown_and_nothing_changes_without_apply(told: Told) -> None:
    Post.objects.filter(role="unit_head").order_by("code").first().delete()  # type: ignore[union-attr]
    Place.objects.filter(level="community", code="130709100001").update(name="改名社区")
    before = _counts()
    found = load(PROFILE, report=told)
    assert [(each.table, each.how) for each in found.differences] == [("place", "changed"), ("post", "missing")]
    assert not found.applied
    assert _counts() == before
    assert Place.objects.get(code="130709100001").name == "改名社区"
    assert any("改名社区 → 长青路社区" in line for line in told)


def test_of_the_settings_only_what_differs_is_shown(told: Told) -> None:
    """The first sixty characters of all settings are alike, whichever of them was changed."""
    district = District.objects.get(pk=DISTRICT)
    District.objects.filter(pk=DISTRICT).update(settings={**district.settings, "contact_days": 61})
    load(PROFILE, report=told)
    days = district.settings["contact_days"]
    assert [line.strip() for line in told if "区设置" in line] == [
        f"区设置 {DISTRICT}：settings.contact_days 61 → {days}"
    ]


def test_apply_brings_back_what_is_missing_and_keeps_what_is_extra(told: Told) -> None:
    gone = Post.objects.filter(role="unit_head").order_by("code").first()
    assert gone is not None
    extra = Post.objects.create(
        district_id=DISTRICT, code="X-1", role="volunteer", title="志愿者", place=gone.place,
        scope_path=gone.scope_path, person=gone.person, since=gone.since,
    )  # fmt: skip
    gone.delete()
    version = District.objects.get(pk=DISTRICT).version
    assert load(PROFILE, apply=True, report=told).applied
    back = Post.objects.get(code=gone.code)
    assert (back.role, back.title, back.place_id) == (gone.role, gone.title, gone.place_id)
    assert Post.objects.filter(pk=extra.pk).exists()
    assert District.objects.get(pk=DISTRICT).version > version
    assert "按配置改动" in Change.objects.order_by("-at", "-id")[0].sentence
    left = load(PROFILE, report=told).differences
    assert [(each.key, each.how) for each in left] == [("X-1", "extra")]


@pytest.mark.system("P6")
def test_pairings_are_brought_back_once_and_what_people_ended_stays_ended(told: Told) -> None:
    rows = list(Pairing.objects.order_by("pk")[:3])
    count = Pairing.objects.count()
    Pairing.objects.filter(pk__in=[rows[0].pk, rows[1].pk]).delete()
    Pairing.objects.filter(pk=rows[2].pk).update(until=rows[2].since)
    found = load(PROFILE, report=told).differences
    assert [(each.table, each.how) for each in found] == [("pairing", "missing")] * 2
    assert load(PROFILE, apply=True, report=told).applied
    back = Pairing.objects.get(
        role=rows[0].role, place_id=rows[0].place_id, post_id=rows[0].post_id, organisation_id=rows[0].organisation_id
    )
    assert (back.promise, back.scope_path, back.until) == (rows[0].promise, rows[0].scope_path, None)
    assert Pairing.objects.count() == count
    assert load(PROFILE, apply=True, report=told).differences == ()
    assert Pairing.objects.count() == count


def test_apply_makes_a_new_version_of_a_changed_promise() -> None:
    old = Policy.objects.get(urgency="urgent")
    Policy.objects.filter(pk=old.pk).update(stages={**old.stages, "result": "9h"})
    load(PROFILE, apply=True, report=lambda line: None)
    versions = Policy.objects.filter(urgency="urgent").order_by("version")
    assert [(each.version, each.stages["result"], each.until is None) for each in versions] == [
        (1, "9h", False),
        (2, "2h", True),
    ]


def test_apply_restores_places_and_categories_under_their_parents() -> None:
    unit = Place.objects.filter(level="unit", posts=None).first() or Place.objects.filter(level="unit").last()
    assert unit is not None
    assert unit.parent is not None
    Post.objects.filter(place=unit).delete()
    unit.delete()
    Category.objects.filter(code="010107").delete()
    load(PROFILE, apply=True, report=lambda line: None)
    again = Place.objects.get(code=unit.code)
    assert again.parent_id == unit.parent_id
    assert again.path.startswith(unit.parent.path)
    assert again.path != unit.path
    assert Category.objects.get(code="010107").parent.code == "0101"  # type: ignore[union-attr]


def test_a_place_that_ended_is_history_and_not_missing() -> None:
    grid = Place.objects.filter(level="grid", generic=False).first()
    assert grid is not None
    Place.objects.filter(pk=grid.pk).update(until=timezone.localdate() + timedelta(days=1))
    assert load(PROFILE, report=lambda line: None).differences == ()


def test_a_load_that_is_cut_off_leaves_nothing() -> None:
    def cut(line: str) -> None:
        if "岗位" in line:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        load("xiahuayuan", report=cut)
    assert list(District.objects.values_list("pk", flat=True)) == [DISTRICT]
    assert not Place.objects.exclude(district_id=DISTRICT).exists()


def test_a_second_district_lies_beside_the_first(told: Told) -> None:
    made = load("xiahuayuan", demo=True, report=told).made
    assert made["演示登录"] == 0
    assert set(District.objects.values_list("letters", flat=True)) == {"CL", "XH"}
    workers = Post.objects.filter(district_id=130706, role="grid_worker")
    assert (workers.count(), workers.filter(party_member=True).count()) == (1508, 239)
    policy = Policy.objects.get(district_id=130706, kind="")
    assert [policy.stages[stage] for stage in ("reply", "act", "result")] == ["1h", "3h", "6h"]


def test_demo_logins_are_refused_outside_a_demo(settings: Any) -> None:
    settings.DEMO = False
    with pytest.raises(LoadRefused, match="演示模式"):
        load("xiahuayuan", demo=True, report=lambda line: None)
    assert not District.objects.filter(pk=130706).exists()


def test_without_demo_there_are_no_logins() -> None:
    before = User.objects.count()
    assert "演示登录" not in load("xiahuayuan", report=lambda line: None).made
    assert User.objects.count() == before


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(ProfileError, match="no such profile"):
        load("atlantis", report=lambda line: None)


def test_every_person_of_the_demo_is_fictional_and_has_no_phone() -> None:
    assert not Person.objects.filter(fictional=False).exists()
    assert not Person.objects.exclude(phone=None).exists()


def _open(place: Place, **asked: Any) -> Any:
    node = tree(DISTRICT).by_id[place.pk]
    return actions.open_matter(
        actor=ANONYMOUS, asked=Asked(text="测试", district_id=DISTRICT, place=node, **asked)
    ).matter


@pytest.mark.system("M1")
def test_an_appeal_at_the_demo_resident_s_door_goes_to_the_demo_grid_worker() -> None:
    home, grid = User.objects.get(username="resident").home, User.objects.get(username="grid")
    assert home is not None
    assert grid.person is not None
    matter = _open(home, kind="appeal", channel="web")
    assert (matter.state, matter.handler_id) == ("dispatched", grid.person.posts.get().pk)


@pytest.mark.system("M5")
def test_an_order_goes_to_the_community_and_a_category_to_its_department() -> None:
    home = User.objects.get(username="resident").home
    assert home is not None
    handlers = {
        "order": _open(home, kind="order").handler.role,
        "heating": _open(home, kind="appeal", category="010301").handler.organisation.name,
        "police": _open(home, kind="appeal", category="0902").handler.organisation.place.level,
    }
    assert handlers == {"order": "community_office", "heating": "崇礼区供热公司", "police": "street"}


def test_a_matter_in_a_town_outside_the_figures_reaches_the_district() -> None:
    town = Place.objects.filter(level="grid", generic=True).first()
    assert town is not None
    assert _open(town, kind="appeal").handler.role == "district_office"


@pytest.mark.system("D4")
def test_apply_makes_the_next_version_of_a_changed_kind_of_gathering_and_of_a_rule() -> None:
    kind = GatheringKind.objects.get(code="council")
    GatheringKind.objects.filter(pk=kind.pk).update(spec={**kind.spec, "notice_days": 1})
    RuleVersion.objects.filter(code="household").update(name="老规则")
    RuleVersion.objects.filter(code="menu").delete()
    load(PROFILE, apply=True, report=lambda line: None)
    newest = GatheringKind.objects.filter(code="council").order_by("-version")
    assert [(row.version, row.says.notice_days) for row in newest] == [(2, 3), (1, 1)]
    assert list(RuleVersion.objects.filter(code="household").order_by("version").values_list("version", "name")) == [
        (1, "老规则"), (2, "户代表过半数"),
    ]  # fmt: skip
    assert RuleVersion.objects.get(code="menu").version == 1
    assert load(PROFILE, report=lambda line: None).differences == ()
