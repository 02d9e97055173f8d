"""Reading the parts of a profile that speak of matters: clocks, calendars, channels, team, rules, settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from linli.kit.calendar import Span, as_json, read_calendar
from linli.kit.refusals import SETTINGS, refusals
from linli.profiles.catalogue import catalogue_rows
from linli.profiles.reading import Section
from linli.profiles.schema import (
    ORGANISATION_KINDS,
    ROLES,
    STAGES,
    URGENCIES,
    Calendar,
    Channel,
    Department,
    Policy,
    Rule,
)
from linli.profiles.team import Force, Team

_NATURAL = "natural"
_MINUTES = {"m": 1, "h": 60, "wh": 60, "d": 1440, "wd": 1440}


def read_calendars(top: Section) -> tuple[Calendar, ...]:
    """Every working calendar; the kit's own reader says what is wrong with one."""
    section = top.table("calendars")
    calendars = []
    for code in section.data:
        table = section.table(code)
        try:
            read_calendar(code, table.data)
        except ValueError as error:
            table.complain(None, str(error))
        if code == _NATURAL:
            table.complain(None, "natural is the round-the-clock calendar that every district has")
        calendars.append(Calendar(code, as_json(table.data)))
    return tuple(calendars)


def read_policies(top: Section, calendars: tuple[Calendar, ...]) -> tuple[Policy, ...]:
    names = frozenset({_NATURAL, *(calendar.code for calendar in calendars)})
    policies = []
    for section in top.tables("policies"):
        policy = Policy(
            name=section.text("name"),
            kind=section.one_of("kind", frozenset(kind.code for kind in catalogue_rows().kinds), ""),
            urgency=section.one_of("urgency", URGENCIES, ""),
            calendar=section.one_of("calendar", names, _NATURAL),
            stages=_read_stages(section, section.data.get("calendar", _NATURAL)),
            escalate_on=section.texts("escalate_on", STAGES),
        )
        section.close()
        policies.append(policy)
    _check_policies(top, policies)
    return tuple(policies)


def _check_policies(top: Section, policies: list[Policy]) -> None:
    matches = [(policy.kind, policy.urgency) for policy in policies]
    if len(set(matches)) != len(matches):
        top.complain("policies", "two policies answer to the same kind and urgency")
    if ("", "") not in matches:
        top.complain("policies", "one policy must answer to every kind and urgency")


def _read_stages(section: Section, calendar: object) -> tuple[tuple[str, str], ...]:
    table = section.table("stages")
    spans: dict[str, Span] = {}
    for stage in sorted(STAGES):
        if not table.has(stage):
            table.complain(stage, "is missing")
        elif span := table.span(stage):
            spans[stage] = span
            if calendar == _NATURAL and not span.natural:
                table.complain(stage, f"{span} counts working time, but this policy keeps no working calendar")
    for early, late in (("accept", "reply"), ("reply", "act"), ("act", "result")):
        if early in spans and late in spans and _minutes(spans[early]) > _minutes(spans[late]):
            table.complain(early, f"{early} ({spans[early]}) must not be longer than {late} ({spans[late]})")
    table.close()
    return tuple((stage, str(span)) for stage, span in sorted(spans.items()))


def _minutes(span: Span) -> int:
    """A span's rough length, good enough to see that stages stand in the wrong order."""
    return span.count * _MINUTES[span.unit]


def read_channels(top: Section) -> tuple[Channel, ...]:
    channels = []
    for section in top.tables("channels"):
        channels.append(
            Channel(section.text("code", limit=24), section.text("name", limit=40), section.flag("resident", False))
        )
        section.close()
    if len({channel.code for channel in channels}) != len(channels):
        top.complain("channels", "a channel stands twice")
    return tuple(channels)


def read_team(top: Section, departments: tuple[Department, ...]) -> Team:
    section = top.table("team")
    known = frozenset(department.code for department in departments)
    forces = []
    for item in section.tables("forces"):
        force = Force(
            code=item.text("code", limit=24),
            name=item.text("name"),
            kinds=item.texts("kinds", ORGANISATION_KINDS),
            roles=item.texts("roles", ROLES),
            departments=item.texts("departments", known),
        )
        if not (force.kinds or force.roles or force.departments):
            item.complain(None, "nobody can be called for this force: name kinds, roles or departments")
        item.close()
        forces.append(force)
    if len({force.code for force in forces}) != len(forces):
        section.complain("forces", "a force stands twice")
    team = Team(section.text("name"), tuple(forces))
    section.close()
    return team


def read_rules(top: Section, channels: tuple[Channel, ...], departments: tuple[Department, ...]) -> tuple[Rule, ...]:
    codes = frozenset(department.code for department in departments)
    known = catalogue_rows()
    kinds = frozenset(kind.code for kind in known.kinds)
    rules = []
    for section in top.tables("rules"):
        rule = Rule(
            name=section.text("name"),
            kind=section.one_of("kind", kinds, ""),
            category=section.text("category", ""),
            channel=section.one_of("channel", frozenset(channel.code for channel in channels), ""),
            urgency=section.one_of("urgency", URGENCIES, ""),
            role=section.one_of("role", ROLES, ""),
            department=section.one_of("department", codes, ""),
        )
        if rule.category and known.category_code(rule.category) is None:
            section.complain("category", f"the catalogue has no category {rule.category!r}")
        if bool(rule.role) == bool(rule.department):
            section.complain("role", "a rule sends either to a role or to a department")
        section.close()
        rules.append(rule)
    return tuple(rules)


def read_settings(top: Section) -> tuple[tuple[str, Any], ...]:
    """The district's switches; the ones that limits.md rule 8 forbids are refused with the reason."""
    section = top.table("settings")
    check_settings(section, section.data)
    chosen = {key: setting.default for key, setting in SETTINGS.items()} | section.data
    return tuple(sorted(chosen.items()))


def check_settings(section: Section, data: Mapping[str, Any]) -> None:
    for key, why in refusals(data).items():
        section.complain(key, why)
