"""The districts' own figures of pairing and double check-in, as literals, counted from the plan's rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from linli.profiles import FOLDER, Profile, ProfileError, read_profile
from linli.profiles.plan import Plan
from tests.profiles.conftest import plan, profile

__all__ = ["plan", "profile"]
Plans = Callable[[str], Plan]
WEEKLY = '\npromise_of = "days"\npromise_per = "week"'


@pytest.mark.system("P6")
def test_thirty_leaders_and_81_units_answer_for_13_communities_and_133_quarters(plan: Plans) -> None:
    rows = plan("xiahuayuan").pairings
    leaders, units = [r for r in rows if r.role == "leader"], [r for r in rows if r.role == "unit"]
    assert (len({r.post for r in leaders}), len({r.place for r in leaders})) == (30, 13)
    assert set(Counter(r.place for r in leaders).values()) == {2, 3}, "two to three leaders a community"
    assert (len({r.organisation for r in units}), len({r.place for r in units})) == (81, 133)


@pytest.mark.system("P6")
def test_five_answer_for_each_of_394_quarters_and_a_leader_has_two_or_three_communities(plan: Plans) -> None:
    whole = plan("qiaoxi")
    by_place: dict[str, set[str]] = defaultdict(set)
    for row in whole.pairings:
        by_place[row.place].add(row.role)
    five = {"district_leader", "street_leader", "street_cadre", "community_cadre", "unit"}
    assert (len(by_place), {frozenset(roles) for roles in by_place.values()}) == (394, {frozenset(five)})
    assert len({r.organisation for r in whole.pairings if r.role == "unit"}) == 52
    led: dict[str, set[str]] = defaultdict(set)
    for row in whole.pairings:
        if row.role == "district_leader":
            led[row.post or ""].add(row.place[:12])
    assert set(map(len, led.values())) == {2, 3}
    street = {post.code: post.place for post in whole.posts}
    assert all(
        r.place.startswith(street[r.post or ""]) for r in whole.pairings if r.role.startswith(("street", "comm"))
    )


@pytest.mark.system("P6")
def test_street_and_area_heads_promise_two_days_a_week(plan: Plans, profile: Callable[[str], Profile]) -> None:
    roles = {r.code: r for r in profile("qiaodong").pairing.roles}
    for code in ("street_chief", "area_chief"):
        role = roles[code]
        assert (role.promise_count, role.promise_of, role.promise_per) == (2, "days", "week")
    places = Counter(r.role for r in plan("qiaodong").pairings)
    assert (places["street_chief"], places["area_chief"], places["unit"]) == (5, 47, 47)


@pytest.mark.system("P6")
def test_departments_answer_for_quarters_of_the_main_town_and_one_district_pairs_nobody(plan: Plans) -> None:
    assert len({r.place for r in plan("chongli").pairings}) == 116, "107 quarters and 9 apartment blocks"
    assert plan("shuangluan").pairings == ()


@pytest.mark.system("P7")
@pytest.mark.parametrize(("slug", "count", "communities"), [("qiaodong", 4473, 47), ("xiahuayuan", 1549, 13)])
def test_those_who_have_reported_are_counted(plan: Plans, slug: str, count: int, communities: int) -> None:
    rows = plan(slug).checkins
    assert (len(rows), len({r.person for r in rows}), len({r.place for r in rows})) == (count, count, communities)
    members = {r.party_member for r in rows}
    assert members == ({False} if slug == "qiaodong" else {True}), "cadres there, Party members here"


@pytest.mark.system("P7")
def test_the_others_print_no_such_figure(plan: Plans) -> None:
    assert [len(plan(slug).checkins) for slug in ("qiaoxi", "chongli", "shuangluan")] == [0, 0, 0]


# ── a wrong profile ─────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("old", "new", "key", "words"),
    [
        ('level = "quarter"\nposts = ["district_leader"]', 'level = "house"\nposts = ["district_leader"]',
         "pairing.roles[0].level", "must be one of community, quarter, street"),
        ('posts = ["street_leader"]\npromise_count = 1', 'posts = ["street_lead"]\npromise_count = 1',
         "pairing.roles[1].posts[0]", "is not known"),
        ("units = 52 # seed", "units = 520", "pairing.units", "must be at most 90"),
        ('code = "unit"\nname', 'code = "street_cadre"\nname', "pairing.roles", "stands twice"),
        ('name = "五包一"', 'name = "五包一"\nnumber = 5', "pairing.number", "is not a key that a profile knows"),
        ('holder = "unit"', 'holder = "unit"\nposts = ["steward"]', "pairing.roles[4].posts", "a unit's names none"),
        (f"promise_count = 1{WEEKLY}", f"promise_count = 8{WEEKLY}", "pairing.roles[1].promise_count", "seven days"),
        ("welcome_days = 7", "welcome_days = 0", "dwellings.welcome_days", "must be at least 1"),
        ("valid_months = 12", 'valid_months = "a year"', "dwellings.valid_months", "must be a whole number"),
    ],
)  # fmt: skip
def test_a_wrong_line_is_told_with_file_line_and_key(tmp_path: Path, old: str, new: str, key: str, words: str) -> None:
    text = (FOLDER / "qiaoxi.toml").read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "changed.toml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ProfileError) as caught:
        read_profile(file)
    found = [p for p in caught.value.problems if p.key == key and words in p.text]
    assert found, [str(p) for p in caught.value.problems]
    assert found[0].file == "changed.toml"
    assert found[0].line > text[: text.index("[pairing]")].count("\n")
