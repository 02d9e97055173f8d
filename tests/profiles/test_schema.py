"""A profile that is wrong is refused with file, line and key path; a line changed by one thing fails by that thing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from linli.core.gatherings.rules.spec import parse_kind
from linli.kit.calendar import read_calendar
from linli.profiles import FOLDER, PROFILES, Profile, ProfileError, load_profile, read_profile

Change = Callable[[str, str], Path]


@pytest.fixture
def changed(tmp_path: Path) -> Change:
    """The default profile with one text replaced by another."""

    def change(old: str, new: str) -> Path:
        text = (FOLDER / "qiaoxi.toml").read_text(encoding="utf-8")
        assert old in text
        file = tmp_path / "changed.toml"
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
        return file

    return change


def _problems(file: Path) -> list[tuple[int, str, str]]:
    with pytest.raises(ProfileError) as caught:
        read_profile(file)
    assert {problem.file for problem in caught.value.problems} == {file.name}
    return [(problem.line, problem.key, problem.text) for problem in caught.value.problems]


def _line(file: Path, text: str) -> int:
    return next(n for n, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1) if text in line)


@pytest.mark.parametrize("slug", PROFILES)
def test_every_profile_loads_with_its_own_levels_and_titles(slug: str) -> None:
    profile = load_profile(slug)
    assert profile.level_codes[:3] == ("district", "street", "community")
    assert {role.title for role in profile.roles}
    assert profile.letters in {"QD", "XH", "SL", "QX", "CL"}


def test_levels_nest_as_each_district_says() -> None:
    assert "grid" not in load_profile("qiaoxi").level_codes
    assert load_profile("qiaoxi").cell_level == "quarter"
    chongli = load_profile("chongli").level_codes
    assert chongli.index("grid") < chongli.index("quarter")
    qiaodong = load_profile("qiaodong").level_codes
    assert qiaodong.index("quarter") < qiaodong.index("grid")


def test_an_unknown_profile_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(ProfileError, match="there are chongli, qiaodong"):
        load_profile("atlantis")


def test_text_that_is_no_toml_is_refused_with_its_line(changed: Change) -> None:
    file = changed('city = "张家口市"', "city = 张家口市")
    assert _problems(file)[0][:2] == (_line(file, "city ="), "(syntax)")


def test_a_wrong_type_names_line_and_key(changed: Change) -> None:
    file = changed("communities = 44 #", 'communities = "many" #')
    assert (_line(file, '"many"'), "counts.communities") in [(line, key) for line, key, _ in _problems(file)]


def test_a_missing_key_names_its_table(changed: Change) -> None:
    file = changed('letters = "QX"\n', "")
    assert ("letters", "is missing") in [(key, text) for _, key, text in _problems(file)]


def test_a_misspelt_key_is_refused_inside_the_right_table(changed: Change) -> None:
    file = changed('name = "堡子里街道"\ncommunities = 5', 'name = "堡子里街道"\ncomunities = 5')
    assert (_line(file, "comunities"), "streets[4].comunities", "is not a key that a profile knows here") in _problems(
        file
    )


def test_all_problems_come_at_once_in_the_order_of_lines(changed: Change) -> None:
    file = changed('adcode = "130703"', 'adcode = "13"')
    file.write_text(file.read_text(encoding="utf-8").replace("lon = 114", "lon = 214", 1), encoding="utf-8")
    lines = [line for line, _, _ in _problems(file)]
    assert len(lines) >= 2
    assert lines == sorted(lines)


def test_streets_must_add_up_to_the_communities(changed: Change) -> None:
    file = changed('name = "新华街街道"\ncommunities = 7', 'name = "新华街街道"\ncommunities = 8')
    assert [key for _, key, _ in _problems(file)] == ["streets"]


def test_a_span_that_is_none_names_its_stage(changed: Change) -> None:
    file = changed('arrive = "30m"', 'arrive = "soon"')
    assert [(line, key) for line, key, _ in _problems(file)] == [(_line(file, '"soon"'), "policies[0].stages.arrive")]


def test_working_time_without_a_working_calendar_is_refused(changed: Change) -> None:
    file = changed('reply = "30m"', 'reply = "4wh"')
    assert "keeps no working calendar" in " ".join(text for _, _, text in _problems(file))


def test_a_reply_later_than_the_result_is_refused(changed: Change) -> None:
    file = changed('act = "1h"', 'act = "5h"')
    assert [key for _, key, _ in _problems(file)] == ["policies[0].stages.act"]


def test_a_calendar_whose_shifts_overlap_is_refused(changed: Change) -> None:
    file = changed('hours = ["08:30-12:00", "14:00-17:30"]', 'hours = ["08:30-12:00", "11:00-17:30"]')
    (line, key, text), *_ = _problems(file)
    assert key == "calendars.office"
    assert line == _line(file, "[calendars.office]")
    assert "overlap" in text


def test_days_off_of_a_year_that_the_package_does_not_know_live_through_the_districts_own_json(changed: Change) -> None:
    days = 'closed = [2030-02-04]\nopened = [2030-02-09, { day = 2030-02-10, hours = ["09:00-12:00"] }]\n'
    file = changed("[calendars.office]\n", f"[calendars.office]\n{days}known_to = 2030-12-24\n")
    kept = json.loads(json.dumps(read_profile(file).settings_json()))["calendars"]["office"]
    office = read_calendar("office", kept)
    assert (office.closed, office.known_to) == ({date(2030, 2, 4)}, date(2030, 12, 24))
    assert [bool(office.shifts_of(date(2030, 2, day))) for day in (4, 5, 9, 10, 16)] == [False, True, True, True, False]
    assert not office.is_provisional(date(2030, 6, 30))


def test_a_rule_to_an_unknown_department_is_refused(changed: Change) -> None:
    file = changed('department = "gr"', 'department = "nobody"')
    assert any(key.endswith(".department") and line == _line(file, '"nobody"') for line, key, _ in _problems(file))


def test_a_force_that_nobody_answers_for_is_refused(changed: Change) -> None:
    file = changed('name = "业主委员会"\nroles = ["committee_unit"]', 'name = "业主委员会"')
    assert "nobody can be called" in " ".join(text for _, _, text in _problems(file))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('check_in = "compulsory"', "stays voluntary"),
        ('rankings = "by_usage"', "no leaderboard"),
        ("count_online_time = true", "time online"),
        ("usage_in_appraisal = true", "no basis of appraisal"),
        ("leaderboard_of_persons = true", "no ranking of named people"),
        ("leaderboard_of_communities = true", "no ranking of communities"),
        ("trace_upload = true", "no trail"),
        ("gift_shop_sales = true", "no commerce"),
        ('evidence_photo = "always"', "never with every act"),
        ("collective_households = 50", "five households"),
        ("mandatory_daily_login = true", "voluntary stays voluntary"),
        ("points_ranking = 10", "no rankings"),
    ],
)
def test_settings_across_the_limits_are_refused(changed: Change, line: str, why: str) -> None:
    file = changed("[settings]\n", "[settings]\n")
    key = line.split(" = ")[0]
    kept = [each for each in file.read_text(encoding="utf-8").splitlines() if not each.startswith(f"{key} =")]
    kept.insert(kept.index("[settings]") + 1, line)
    file.write_text("\n".join(kept), encoding="utf-8")
    found = _problems(file)
    assert [(number, name) for number, name, _ in found] == [(_line(file, line), f"settings.{key}")]
    assert why in found[0][2]


def test_settings_that_say_no_to_the_same_things_are_taken(changed: Change) -> None:
    file = changed("[settings]\n", "[settings]\ncount_online_time = false\ntrace_upload = false\n")
    profile: Profile = read_profile(file)
    assert dict(profile.settings)["trace_upload"] is False


def test_136_runs_round_the_clock() -> None:
    (policy,) = (policy for policy in load_profile("xiahuayuan").policies if not policy.kind)
    stages = dict(policy.stages)
    assert (stages["reply"], stages["act"], stages["result"], policy.calendar) == ("1h", "3h", "6h", "natural")


@pytest.mark.parametrize("slug", ["qiaoxi", "qiaodong", "shuangluan", "chongli"])
def test_the_others_promise_2_and_24_hours_7_and_15_days(slug: str) -> None:
    promises = [policy for policy in load_profile(slug).policies if not policy.kind]
    results = {policy.urgency: dict(policy.stages)["result"] for policy in promises}
    assert results == {"urgent": "2h", "utility": "24h", "": "7d", "complex": "15d"}
    assert {dict(policy.stages)["arrive"] for policy in load_profile(slug).policies} == {"30m"}


def test_channels_carry_the_districts_own_names() -> None:
    names = {channel.name for channel in load_profile("qiaodong").channels}
    assert {"小区说事箱", "流动说事点", "百姓说事室", "社区接访议事厅", "街道民生服务队"} <= names


def test_a_team_decides_who_can_be_called(changed: Change) -> None:
    file = changed('name = "业主委员会"\nroles = ["committee_unit"]', 'name = "业主委员会"\nroles = ["volunteer"]')
    before, after = load_profile("qiaoxi").team.callable_roles(), read_profile(file).team.callable_roles()
    assert set(before) - set(after) == {"committee_unit", "committee_chair"}


@pytest.mark.system("D2")
def test_the_four_meetings_of_qiaodong_differ_in_notice_and_in_what_may_come_of_them() -> None:
    kinds = {each.name: parse_kind(each.spec) for each in load_profile("qiaodong").sittings}
    talk, coordination = kinds["民情恳谈会"], kinds["事务协调会"]
    hearing, appraisal = kinds["工作听证会"], kinds["成效评议会"]
    assert [k.notice_days for k in (talk, coordination, hearing, appraisal)] == [2, 3, 7, 5]
    assert [k.residents for k in (talk, coordination, hearing, appraisal)] == [True, False, True, True]
    assert len({k.outcomes for k in (talk, coordination, hearing, appraisal)}) == 4
    assert len({k.roles for k in (talk, coordination, hearing, appraisal)}) == 4
    assert "settled" not in talk.outcomes
    assert "rated" in appraisal.outcomes


@pytest.mark.system("D4")
def test_each_of_the_five_classes_of_shuangluan_has_its_procedure() -> None:
    five = next(parse_kind(each.spec) for each in load_profile("shuangluan").sittings if each.code == "five")
    assert [p.name for p in five.procedures] == ["大事共议", "实事共办", "要事共决", "急事共商", "难事共解"]
    assert [p.code for p in five.procedures if p.needs_decision] == ["vital"]
    assert [p.code for p in five.procedures if p.needs_no_session] == ["urgent"]


@pytest.mark.system("D6")
def test_what_comes_back_every_month_and_every_evening() -> None:
    cycle = {s.code: parse_kind(s.spec) for s in load_profile("qiaodong").sittings}
    days = [cycle[code].recurrence for code in ("analysis", "dispatch", "review")]
    assert [(r.every, r.day) for r in days if r] == [("month", 5), ("month", 15), ("month", 25)]
    evening = next(parse_kind(s.spec) for s in load_profile("qiaoxi").sittings if s.code == "evening")
    assert evening.recurrence is not None
    assert (evening.recurrence.every, f"{evening.recurrence.at:%H:%M}", evening.prefill) == ("day", "20:00", "day")


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('{ role = "committee_chair", reach = "below"', '{ role = "chair", reach = "below"', "gatherings[0].roles"),
        ('{ share = "1/3" }', '{ share = "4/3" }', "gatherings[0].quorum"),
        ('every = "week", weekday = 6', 'every = "week", weekday = 9', "gatherings[0].recurrence"),
        ('prefill = "week"', 'prefill = "year"', "gatherings[0].prefill"),
        ('levels = ["street", "community", "quarter"]', 'levels = ["grid"]', "gatherings[0].levels"),
        ('code = "work_committee"', 'code = "council"', "gatherings[1].code"),
        ('hours = "08:00-21:30"', 'hours = "8 to 9"', "rooms[0].hours"),
        ('level = "community"\npart_time = 264', 'level = "street"\npart_time = 264', "committees[1].level"),
    ],
)
def test_a_wrong_kind_of_gathering_is_refused_with_its_line(changed: Change, old: str, new: str, key: str) -> None:
    file = changed(old, new)
    found = _problems(file)
    assert [problem[1] for problem in found] == [key]
    assert found[0][0] > 1
    assert not any("\u4e00" <= letter <= "\u9fff" for letter in found[0][2])


def test_a_profile_is_read_without_the_rest_of_the_house() -> None:
    """The greeting of ``linli demo`` reads it in a process where neither settings nor languages are set up."""
    program = "from linli.profiles import PROFILES, load_profile\nfor name in PROFILES: load_profile(name)"
    bare = {"PATH": os.environ["PATH"]}
    done = subprocess.run([sys.executable, "-c", program], env=bare, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
