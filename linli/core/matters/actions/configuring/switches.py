"""Channels, the joint team, a district's switches; what no district may switch on is refused with the reason."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linli.core.matters.actions.configuring.saying import text
from linli.core.people import duties
from linli.core.people.actions import configuring
from linli.core.people.actor import Actor
from linli.core.people.models import OrganisationKind
from linli.core.places.actions import Changing
from linli.core.places.models import District
from linli.kit.refusal import Conflict, Invalid
from linli.kit.refusals import SETTINGS, refusals

_CODE = re.compile(r"[a-z][a-z0-9_]{1,23}")

# What each switch is called, and why what is refused is refused, for the person at the page.
SWITCHES: Final[dict[str, tuple[Any, Any]]] = {
    "anonymous_intake": (lazy("不留名也能说事"), ""),
    "public_ledger": (lazy("公开台账"), ""),
    "verify_call_back_percent": (lazy("办结后抽多少回访（%）"), lazy("填 0 到 100。")),
    "rating_reminder": (lazy("提醒居民评价"), ""),
    "most_reopenings": (lazy("说事的人最多能要求重新办几次"), lazy("填 1 到 9。街道和区里不受这个数限制。")),
    "contact_days": (lazy("销号后几天内还能看联系方式"), lazy("填 0 到 90。")),
    "evidence_photo": (lazy("办结照片"), lazy("要照片的只有按种类定的几类，不会每一步都要。")),
    "check_in": (lazy("打卡"), lazy("打卡只能自愿，谁也不强迫。")),
    "rankings": (lazy("横向比较"), lazy("只比答复和解决得怎么样，不按使用量、积分排名。")),
    "collective_households": (lazy("几户算集体事项"), lazy("处处都是五户，免得被藏起来。")),
    "count_online_time": (lazy("统计在线时长"), lazy("谁的在线时长都不统计。")),
    "usage_in_appraisal": (lazy("使用情况计入考核"), lazy("点赞、登录、学习时长不作为考核依据。")),
    "leaderboard_of_persons": (lazy("个人排行榜"), lazy("不给具名的人排名。")),
    "leaderboard_of_communities": (lazy("社区排行榜"), lazy("不按使用量、积分给社区排名。")),
    "trace_upload": (lazy("上传轨迹"), lazy("不上传人的行踪。")),
    "gift_shop_sales": (lazy("礼品店卖东西"), lazy("积分兑换里不做买卖。")),
}

# Who answers a whistle for a kind of organisation, and who may be called in person beside an organisation.
_ANSWERS: Final = {
    "department": "department_unit", "unit": "department_unit", "street_office": "street_office",
    "residents_committee": "community_office", "property": "property_unit", "owners_committee": "committee_unit",
    "social": "social_unit", "team": "social_unit",
}  # fmt: skip
_IN_PERSON: Final = {
    "department_unit": "department_officer", "street_office": "street_cadre",
    "community_office": "community_secretary", "property_unit": "property_manager",
    "committee_unit": "committee_chair", "social_unit": "volunteer",
}  # fmt: skip


@dataclass(frozen=True)
class Force:
    """One of the forces of the joint team: whom a whistle can call for it."""

    code: str
    name: str
    kinds: Sequence[str] = ()
    roles: Sequence[str] = ()
    departments: Sequence[str] = field(default=())


def change_settings(*, actor: Actor, values: Mapping[str, Any]) -> District:
    """Several switches at once: all of them are lawful, or none is set."""
    with configuring(actor) as change:
        wrong = {key: _reason(key) for key in refusals(values)}
        share = values.get("verify_call_back_percent", 0)
        if isinstance(share, int) and not 0 <= share <= 100:
            wrong["verify_call_back_percent"] = _reason("verify_call_back_percent")
        if wrong:
            raise Invalid(_("这样设不行：%s") % "；".join(wrong.values()), code="refused", fields=wrong)
        kept = change.district.settings
        changed = {key: value for key, value in values.items() if kept.get(key, SETTINGS[key].default) != value}
        if changed:
            told = [f"{SWITCHES[key][0]}：{said(kept.get(key, SETTINGS[key].default))} → {said(value)}"
                    for key, value in changed.items()]  # fmt: skip
            _keep(change, **changed)
            change.tell(_("开关"), _("改了开关：%s") % "；".join(told), **changed)
        return change.district


def set_channel(*, actor: Actor, code: str, name: str, resident: bool, new: bool = False) -> District:
    """Name a channel, or add one. None is ever taken out: matters that came through it keep its name."""
    with configuring(actor) as change:
        channels = dict(change.district.settings.get("channels", {}))
        cleaned, named = code.strip().lower(), text(name, "name", 40)
        if new and not _CODE.fullmatch(cleaned):
            message = _("代码用 2 到 24 个小写字母、数字、下划线，字母开头。")
            raise Invalid(message, fields={"code": message})
        if new == (cleaned in channels):
            message = _("代码 %s 已经用过。") % cleaned if new else _("没有这个来源。")
            raise Conflict(message, code="same" if new else "gone", fields={"code": message})
        of_residents = [each for each in change.district.settings.get("resident_channels", []) if each != cleaned]
        wanted = of_residents + ([cleaned] if resident else [])
        before = (channels.get(cleaned), cleaned in change.district.settings.get("resident_channels", []))
        if before != (named, resident):
            channels[cleaned] = named
            _keep(change, channels=channels, resident_channels=[each for each in channels if each in wanted])
            words = _("新设了来源“%s”") % named if new else _("改了来源“%(old)s”：%(new)s") % {
                "old": before[0], "new": _channel_told(before, (named, resident)),
            }  # fmt: skip
            change.tell(named, words, code=cleaned)
        return change.district


def set_team(*, actor: Actor, name: str, forces: Sequence[Force]) -> District:
    """The joint team: its name and its forces. Whom a whistle can call follows from it."""
    with configuring(actor) as change:
        named = text(name, "name", 40)
        made = [_force(force) for force in forces]
        codes = [force["code"] for force in made]
        if not made or len(set(codes)) < len(codes):
            raise Invalid(_("至少一支队伍，代码各不相同。"), fields={"forces": _("至少一支，各不相同。")})
        team = {"name": named, "forces": made}
        before = change.district.settings.get("team") or {"name": "", "forces": []}
        if before != team:
            _keep(change, team=team, callable_roles=callable_roles(made))
            change.tell(named, _("改了联动队伍：%s") % _team_told(before, team))
        return change.district


def callable_roles(forces: Sequence[Mapping[str, Any]]) -> list[str]:
    """The roles that a whistle can call: the forces' own, those that answer for them, and who comes in person."""
    roles = {role for force in forces for role in force["roles"]}
    roles |= {_ANSWERS[kind] for force in forces for kind in force["kinds"] if kind in _ANSWERS}
    if any(force["departments"] for force in forces):
        roles.add("department_unit")
    return sorted(roles | {_IN_PERSON[role] for role in roles if role in _IN_PERSON})


def said(value: Any) -> str:
    """A switch's value in words."""
    words = {True: _("开"), False: _("关"), "by_kind": _("按种类"), "optional": _("都可不拍"), "voluntary": _("自愿"),
             "off": _("关"), "by_service": _("只比服务")}  # fmt: skip
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else words.get(value, str(value))


def _force(force: Force) -> dict[str, Any]:
    named = text(force.name, "forces", 40)
    if not _CODE.fullmatch(force.code):
        raise Invalid(_("队伍的代码不对：%s") % force.code, fields={"forces": _("代码用小写字母、数字。")})
    kinds = [kind for kind in force.kinds if kind in OrganisationKind.values]
    roles = [role for role in force.roles if duties.role(role).handles]
    departments = [str(code)[:24] for code in force.departments]
    if not (kinds or roles or departments):
        message = _("“%s”叫不到人：至少选一类单位、一个角色或一个部门。") % named
        raise Invalid(message, fields={"forces": message})
    return {"code": force.code, "name": named, "kinds": kinds, "roles": roles, "departments": departments}


def _channel_told(before: tuple[str | None, bool], after: tuple[str, bool]) -> str:
    use = [_("居民可用") if resident else _("工作人员用") for resident in (before[1], after[1])]
    told = [f"{_('名称')}：{before[0]} → {after[0]}"] if before[0] != after[0] else []
    return "；".join([*told, *([f"{use[0]} → {use[1]}"] if use[0] != use[1] else [])])


def _team_told(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """The name and the forces, from what to what; a force that only calls others now is named."""
    told = [f"{before['name'] or _('空')} → {after['name']}"] if before["name"] != after["name"] else []
    old, new = ("、".join(force["name"] for force in team["forces"]) or _("空") for team in (before, after))
    if old != new:
        told.append(f"{old} → {new}")
    was = {force["code"]: force for force in before["forces"]}
    others = [f["name"] for f in after["forces"] if f["code"] in was and {**was[f["code"]], "name": f["name"]} != f]
    if others:
        told.append(_("“%s”叫的人换了") % "、".join(others))
    return "；".join(told)


def _reason(key: str) -> str:
    """Why, in Chinese; a key that nobody knows is refused as such."""
    name, why = SWITCHES.get(key, (key, _("没有这一项设置。")))
    return f"{name}：{why or _('这个值不能用。')}"


def _keep(change: Changing, **values: Any) -> None:
    """Merge into the district's settings, under its lock."""
    change.district.settings = {**change.district.settings, **values}
    change.district.save(update_fields=["settings"])
