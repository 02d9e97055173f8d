"""A kind of gathering as data: who is asked, how long ahead, how many must come, what may be on the agenda.

Read by ``parse_kind`` and never changed once used: a change is the next version. Rows D1 D2 D3 D4 D6.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override, pgettext_lazy

from linli.core.gatherings.rules.recurrence import Recurrence, parse_recurrence

# What may come of a point; a kind allows some of them.
OUTCOMES: Final = {
    "settled": gettext_lazy("当场定下"),
    "split": gettext_lazy("分流落实"),
    "vote": pgettext_lazy("outcome", "付表决"),
    "decided": gettext_lazy("已经表决"),
    "promised": gettext_lazy("有人承诺"),
    "heard": gettext_lazy("听取意见"),
    "rated": gettext_lazy("已经评议"),
    "noted": pgettext_lazy("outcome", "知道了"),
    "no_consensus": gettext_lazy("没谈拢"),
}
# These bind somebody, so they need a quorum; the others only record what was said.
BINDING: Final = frozenset({"settled", "split", "decided"})
REACHES: Final = ("here", "below", "above")
PREFILLS: Final = ("", "day", "week", "month")  # the period whose figures lie in front of a sitting
_KEYS: Final = {
    "levels", "roles", "residents", "units", "public", "notice_days", "quorum", "agenda", "outcomes", "recurrence",
    "steps", "prefill", "auto",
}  # fmt: skip


@dataclass(frozen=True)
class Invited:
    """Who is asked: posts in ``role`` at the place, in its subtree, or the nearest above; at most ``most``, in turn."""

    role: str
    reach: str = "here"
    most: int = 0
    observer: bool = False


@dataclass(frozen=True)
class Quorum:
    """How many of those asked must come: a share of them, or a least number; neither means anybody will do."""

    share: Fraction | None = None
    least: int = 0

    def members(self, invited: int) -> int:
        """How many of the members asked must be there. A share counts upwards: half of five are three."""
        return math.ceil(self.share * invited) if self.share is not None else 0

    def met(self, invited: int, members: int, heads: int) -> bool:
        """``members`` of those asked are there, and ``heads`` in all, guests and residents counted."""
        return members >= self.members(invited) and heads >= self.least


@dataclass(frozen=True)
class Procedure:
    """A class of topics and what it asks for (五事: 大事共议 实事共办 要事共决 急事共商 难事共解)."""

    code: str
    name: str
    needs_decision: bool = False  # cannot be settled without a counted decision
    needs_no_session: bool = False  # may be settled before the sitting begins
    needs_resolution: bool = False  # ends only with an owner, a day and a review
    due_days: int = 0  # the longest time to carry it out; 0: no limit


@dataclass(frozen=True)
class KindSpec:
    """What a version of a kind says."""

    levels: tuple[str, ...]
    roles: tuple[Invited, ...]
    residents: bool
    units: bool
    public: bool
    notice_days: int
    quorum: Quorum
    needs_matters: bool
    least: int
    procedures: tuple[Procedure, ...]
    outcomes: tuple[str, ...]
    recurrence: Recurrence | None
    steps: tuple[str, ...]
    prefill: str
    auto: bool  # the worker sends the invitations of what comes back, once the notice period begins

    def procedure(self, code: str) -> Procedure | None:
        return next((p for p in self.procedures if p.code == code), None)


def parse_kind(spec: Mapping[str, Any]) -> KindSpec:
    """A kind from its stored form. ValueError in words for whoever wrote it: all that is wrong, one on a line."""
    problems = [text for _key, text in complaints(spec)]
    if problems:
        raise ValueError("\n".join(problems))
    agenda, raw = spec.get("agenda") or {}, spec.get("recurrence")
    return KindSpec(
        levels=tuple(spec.get("levels") or ()),
        roles=tuple(Invited(r["role"], r.get("reach", "here"), r.get("most", 0), r.get("observer", False))
                    for r in spec.get("roles") or ()),
        residents=spec.get("residents", False), units=spec.get("units", False), public=spec.get("public", True),
        notice_days=spec.get("notice_days", 0), quorum=_quorum(spec.get("quorum") or {}),
        needs_matters=agenda.get("matters", True), least=agenda.get("least", 0),
        procedures=tuple(Procedure(**p) for p in agenda.get("classes") or ()),
        outcomes=tuple(spec["outcomes"]), recurrence=parse_recurrence(raw) if raw else None,
        steps=tuple(spec.get("steps") or ()), prefill=spec.get("prefill", ""), auto=spec.get("auto", False),
    )  # fmt: skip


def complaints(spec: Mapping[str, Any]) -> list[tuple[str, str]]:
    """All that is wrong with a kind, each with the key it stands under."""
    return list(_complaints(spec))


def _complaints(spec: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key in sorted(set(spec) - _KEYS):
        yield key, _("会议种类里没有“%s”这一项。") % key
    for key in ("residents", "units", "public", "auto"):
        if not isinstance(spec.get(key, False), bool):
            yield key, _("%s 只能是 true 或 false。") % key
    if spec.get("prefill", "") not in PREFILLS:
        yield "prefill", _("预先备好哪一段的数字，只能是 %s。") % "、".join(PREFILLS[1:])
    yield from _whole(spec, "notice_days", 60)
    yield from _texts(spec, "levels")
    yield from _texts(spec, "steps")
    yield from _wrong_roles(spec.get("roles", []))
    yield from _wrong_quorum(spec.get("quorum") or {})
    yield from _wrong_agenda(spec.get("agenda") or {})
    yield from _wrong_outcomes(spec)
    yield from _wrong_recurrence(spec.get("recurrence"))


def _whole(where: Mapping[str, Any], key: str, most: int, shown: str = "") -> Iterator[tuple[str, str]]:
    value = where.get(key, 0)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        message = _("%(name)s 要是 0 到 %(most)d 的整数。") % {"name": shown or key, "most": most}
        yield shown.partition(".")[0] or key, message


def _texts(spec: Mapping[str, Any], key: str) -> Iterator[tuple[str, str]]:
    value = spec.get(key, [])
    if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
        yield key, _("%s 要是一列文字。") % key


def _wrong_roles(raw: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(raw, list):
        yield "roles", _("请谁来，要一条一条写。")
        return
    for number, each in enumerate(raw, 1):
        if not isinstance(each, Mapping) or not isinstance(each.get("role"), str) or not each["role"]:
            yield "roles", _("第 %d 种人没有写岗位。") % number
        elif unknown := set(each) - {"role", "reach", "most", "observer"}:
            yield "roles", _("第 %(n)d 种人里没有“%(key)s”这一项。") % {"n": number, "key": "、".join(sorted(unknown))}
        elif each.get("reach", "here") not in REACHES:
            yield "roles", _("第 %(n)d 种人的范围只能是 %(known)s。") % {"n": number, "known": "、".join(REACHES)}
        else:
            yield from _whole(each, "most", 500, "roles.most")


def _wrong_quorum(raw: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(raw, Mapping) or set(raw) - {"share", "least"}:
        yield "quorum", _("到会人数只能写 share（占受邀的几分之几）或 least（至少几人）。")
        return
    try:
        good = "share" not in raw or 0 < Fraction(str(raw["share"])) <= 1
    except (ValueError, ZeroDivisionError):
        good = False
    if not good:
        yield "quorum", _("到会比例要写成 1/2 这样，大于 0，不超过 1。")
    yield from _whole(raw, "least", 5000, "quorum.least")


def _quorum(raw: Mapping[str, Any]) -> Quorum:
    return Quorum(Fraction(str(raw["share"])) if "share" in raw else None, raw.get("least", 0))


def _wrong_agenda(raw: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(raw, Mapping) or set(raw) - {"matters", "least", "classes"}:
        yield "agenda", _("议程规则只能写 matters、least、classes。")
        return
    if not isinstance(raw.get("matters", True), bool):
        yield "agenda", _("%s 只能是 true 或 false。") % "agenda.matters"
    yield from _whole(raw, "least", 50, "agenda.least")
    classes = raw.get("classes", [])
    if not isinstance(classes, list):
        yield "agenda", _("议题分类要一条一条写。")
        return
    codes = [c.get("code") for c in classes if isinstance(c, Mapping)]
    if len(set(codes)) != len(codes):
        yield "agenda", _("议题分类里有重样的代码。")
    for number, each in enumerate(classes, 1):
        yield from _wrong_class(number, each)


def _wrong_class(number: int, raw: Any) -> Iterator[tuple[str, str]]:
    flags = ("needs_decision", "needs_no_session", "needs_resolution")
    if not isinstance(raw, Mapping) or set(raw) - {"code", "name", "due_days", *flags}:
        yield "agenda", _("第 %d 类议题读不懂。") % number
    elif not all(isinstance(raw.get(k), str) and raw[k] for k in ("code", "name")):
        yield "agenda", _("第 %d 类议题要有代码和名称。") % number
    elif not all(isinstance(raw.get(k, False), bool) for k in flags):
        yield "agenda", _("第 %d 类议题的要求只能是 true 或 false。") % number
    else:
        yield from _whole(raw, "due_days", 3650, "agenda.due_days")


def _wrong_outcomes(spec: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    raw = spec.get("outcomes")
    if not isinstance(raw, list) or not raw:
        yield "outcomes", _("要写这种会能有哪些结果。")
    elif unknown := [str(o) for o in raw if o not in OUTCOMES]:
        yield "outcomes", _("没有这样的结果：%s。") % "、".join(unknown)


def _wrong_recurrence(raw: Any) -> Iterator[tuple[str, str]]:
    if raw is None:
        return
    try:
        parse_recurrence(raw)
    except ValueError as wrong:
        yield "recurrence", str(wrong)


def outcome_name(code: str) -> str:
    """An outcome as people read it."""
    return str(OUTCOMES.get(code, code))


def recorded_name(code: str) -> str:
    """The same as the ledger keeps it: in Chinese, whatever language the one who records it reads."""
    with override("zh-hans"):
        return outcome_name(code)
