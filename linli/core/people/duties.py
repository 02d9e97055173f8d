"""Roles and their duties: the one readable table of who may do what.

A duty counts over the subtree of the post's place (``over``), or over what was handed to the post or its organisation
(``held``). Titles are the district's (profile); codes are the same everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass

SEE = "see"  # lists and details
RECORD = "record"  # open on somebody's behalf
TRIAGE = "triage"
DISPATCH = "dispatch"
HANDLE = "handle"  # accept, return, reply, progress, pause, resolve what one holds
ESCALATE = "escalate"
HAND_DOWN = "hand_down"
WHISTLE = "whistle"
REPORT = "report"  # answer a whistle
APPROVE_PAUSE = "approve_pause"  # pause beyond the handler's own limit
VERIFY = "verify"
JUDGE = "judge"
CLOSE = "close"
SUPERVISE = "supervise"
MERGE = "merge"
DECLINE = "decline"
CONFIRM = "confirm"
REOPEN = "reopen"
REVEAL = "reveal"  # see a contact, logged, only of what one has to call back
ADMIT = "admit"  # decide on a department's admission
APPLY = "apply"  # ask for one
STATS = "stats"
CONFIGURE = "configure"
CONVENE = "convene"  # call and host gatherings, put questions to a roll
ANNOUNCE = "announce"  # tell a place's people something: on their doors, in their inbox, on the board
PAIR = "pair"  # arrange who answers for a place (包联)
FACILITIES = "facilities"  # keep the ledger of rest stations and the like

ALL_OVER = frozenset({SEE, STATS})


@dataclass(frozen=True)
class Role:
    """One row: the role's name, what it may do over its subtree, and with what is handed to it."""

    code: str
    name: str
    over: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()
    handles: bool = False  # may be given a matter
    tier: str = ""  # where an escalation lands: grid, community, street, district


def _role(code: str, name: str, over: str = "", held: str = "", *, handles: bool = False, tier: str = "") -> Role:
    return Role(code, name, frozenset(over.split()), frozenset(held.split()), handles, tier)


_FIELD = "handle escalate report reveal"
_UNIT = "see handle escalate report reveal"
_COMMUNITY = (
    "see stats record triage dispatch hand_down whistle approve_pause verify close merge decline confirm supervise "
    "convene announce facilities"
)
_STREET = _COMMUNITY + " judge reopen admit pair"

ROLES: dict[str, Role] = {
    role.code: role
    for role in (
        _role("district_leader", "区级领导", "see stats record supervise judge reopen hand_down approve_pause confirm",
              tier="district"),
        _role("district_office", "区指挥中心", _STREET, _FIELD, handles=True, tier="district"),
        _role("department_unit", "部门", "", _UNIT, handles=True),
        _role("department_officer", "部门干部", "", _UNIT + " apply", handles=True),
        _role("street_office", "街道", _STREET, _FIELD, handles=True, tier="street"),
        _role("street_leader", "街道领导", _STREET, _FIELD, handles=True),
        _role("street_cadre", "街道干部", _STREET, _FIELD, handles=True),
        _role("community_office", "社区", _COMMUNITY + " pair", _FIELD, handles=True, tier="community"),
        _role("community_secretary", "社区书记", _COMMUNITY + " pair", _FIELD, handles=True),
        _role("community_worker", "社区工作者", _COMMUNITY, _FIELD, handles=True),
        _role("quarter_secretary", "小区党支部书记", "see record convene announce", _FIELD, handles=True),
        _role("grid_worker", "网格员", "see record announce", _FIELD, handles=True, tier="grid"),
        _role("grid_head", "网格长", "see record whistle announce", _FIELD, handles=True, tier="grid"),
        _role("steward", "小区管家", "see record whistle", _FIELD, handles=True),
        _role("building_party_head", "楼栋党小组长", "see record announce"),
        _role("building_head", "楼长", "see record announce", _FIELD, handles=True),
        # 双楼长: one knocks at doors, the other answers what the building's people write and passes notices on.
        _role("building_head_online", "网络楼长", "see record announce", _FIELD, handles=True),
        _role("unit_head", "单元长", "see record"),
        _role("resident_group_head", "居民小组长", "record"),
        _role("property_unit", "物业服务企业", "", _UNIT, handles=True),
        _role("property_manager", "物业经理", "", _UNIT, handles=True),
        _role("property_worker", "物业员工", "", _UNIT, handles=True),
        _role("committee_unit", "业主委员会", "", _UNIT, handles=True),
        _role("committee_chair", "业委会主任", "convene", _UNIT, handles=True),
        _role("committee_member", "业委会委员", "", _UNIT, handles=True),
        _role("social_unit", "社会组织", "", _UNIT, handles=True),
        _role("volunteer", "志愿者", "", "see report"),
        _role("rider", "骑手网格员", "record"),
        # Of the committee of a street or community (大工委, 大党委); asked to its sittings, handed nothing as such.
        _role("part_time_member", "兼职委员"),
        _role("auditor", "审计", "see stats"),
        _role("admin", "系统管理员", "stats configure pair"),
        _role("system", "系统"),
    )
}  # fmt: skip


def role(code: str) -> Role:
    """The role's row; an unknown code has a name and no duty, so a profile cannot grant by misspelling."""
    return ROLES.get(code) or Role(code, code)
