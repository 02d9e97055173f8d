"""The timeline in sentences: what each entry says to somebody who reads the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from linli.core.matters.actions.calling import KINDS, NEEDS, WORKS
from linli.core.matters.actions.handling import PAUSE_REASONS, RETURN_REASONS
from linli.core.matters.catalogue import Catalogue
from linli.core.matters.clocks import STAGE_NAMES
from linli.core.matters.flow import name_of
from linli.core.matters.showing import at, moment
from linli.core.people.posts import Roster
from linli.kit.figures import daytime, listed

Data = Mapping[str, Any]
KEY_ACTS = frozenset({"open", "whistle", "breach", "contest", "judge", "supervise", "miss"})


def spoken(actor: str) -> str:
    """Who acted, for who reads: a name is a name, the nameless are stored in Chinese and told in any language."""
    return {"系统": _("系统"), "一位居民": _("一位居民"), "历史导入": _("历史导入")}.get(actor, actor)


@dataclass(frozen=True)
class Line:
    """One entry as it is read: when, who, the fact, and the words that somebody wrote."""

    seq: int
    at: datetime
    when: str
    who: str
    act: str
    fact: str
    text: str
    pictures: list[dict[str, Any]]
    key: bool
    redacted: bool
    late: bool


class Sentences:
    """Tells entries of one district; ``pictures`` maps a timeline seq to its attachments."""

    def __init__(self, roster: Roster, catalogue: Catalogue, now: datetime) -> None:
        self.roster, self.catalogue, self.now = roster, catalogue, now

    def lines(self, detail: Mapping[str, Any]) -> list[Line]:
        """Newest first."""
        shots: dict[int, list[dict[str, Any]]] = {}
        for picture in detail.get("attachments", []):
            shots.setdefault(picture["seq"], []).append(picture)
        return [self._line(entry, shots.get(entry["seq"], [])) for entry in reversed(detail["timeline"])]

    def _line(self, entry: Mapping[str, Any], pictures: list[dict[str, Any]]) -> Line:
        when = at(entry["at"])
        assert when is not None
        act, text = entry["act"], entry["text"]
        fact = self._fact(act, entry["data"])
        if act == "open":
            text = ""  # the resident's words stand at the head of the page, quoted
        if act == "dispatch":
            fact, text = self._dispatched(entry["data"], text) or fact, ""
        if act in _BY_CLOCK and fact:
            text = ""  # the clock's own words, stored in Chinese: the fact says the same to whoever reads
        return Line(
            seq=entry["seq"], at=when, when=moment(when, self.now), who=spoken(entry["actor"]), act=act, fact=fact,
            text=text, pictures=pictures, key=act in KEY_ACTS, redacted=bool(entry.get("redacted")),
            late=act in ("breach", "miss"),
        )  # fmt: skip

    def _dispatched(self, data: Data, text: str) -> str:
        """Why it went there, as somebody said it; what the rule or the desk left unsaid is told by the fact."""
        to = self.post(data.get("to"))
        if data.get("rule"):
            return _("按规则派给%s。") % to
        return "" if text == f"派给{to}。" else text

    def _fact(self, act: str, data: Data) -> str:
        teller: Callable[[Sentences, Data], str] | None = _TELLERS.get(act)
        return teller(self, data) if teller else _("%s。") % _(name_of(act))

    def post(self, code: object) -> str:
        found = self.roster.find(str(code)) if code else None
        return found.name if found else str(code or "")

    def time(self, text: object) -> str:
        when = at(str(text)) if text else None
        return moment(when, self.now) if when else ""


def _open(told: Sentences, data: Data) -> str:
    channel = told.catalogue.channel_name(str(data.get("channel", "")))
    said = _("报上来，%s。") % channel if channel else _("报上来。")
    return said + _("由邻居代填。") if data.get("helper") else said


def _triage(told: Sentences, data: Data) -> str:
    return _("分到“%s”。") % told.catalogue.category_name(str(data.get("category", "")))


def _return(told: Sentences, data: Data) -> str:
    why = _(RETURN_REASONS.get(str(data.get("reason")), ""))
    words = _("退回：%s。") % why if why else _("退回。")
    return words + (_("建议给%s。") % told.post(data["suggest"]) if data.get("suggest") else "")


def _to(pattern: str) -> Callable[[Sentences, Data], str]:
    return lambda told, data: _(pattern) % told.post(data.get("to"))


def _whistle(told: Sentences, data: Data) -> str:
    names = listed(data.get("names", []))
    facts = {"n": len(data.get("names", [])), "names": names, "kind": _(KINDS.get(str(data.get("kind")), ""))}
    return _("吹哨，%(kind)s，叫了 %(n)d 家：%(names)s。") % facts


def _report(told: Sentences, data: Data) -> str:
    words = {"arrived": _("%s到了。"), "done": _("%s办好了。"), "refused": _("%s说不来。")}
    said = words.get(str(data.get("report")), "%s") % str(data.get("name", ""))
    return said + (_("理由：%s") % str(data["reason"]) if data.get("reason") else "")


def _pause(told: Sentences, data: Data) -> str:
    why = _(PAUSE_REASONS.get(str(data.get("reason")), ""))
    return _("暂停，%(why)s，最晚到 %(until)s。") % {"why": why, "until": told.time(data.get("until"))}


def _resolve(told: Sentences, data: Data) -> str:
    return _("办结，原因是%s。") % str(data["cause_name"]) if data.get("cause_name") else _("办结。")


def _either(name: str, yes: str, no: str) -> Callable[[Sentences, Data], str]:
    return lambda told, data: _(yes) if data.get(name) else _(no)


def _rate(told: Sentences, data: Data) -> str:
    return _("评了 %s 分。") % str(data.get("score", ""))


def _supervise(told: Sentences, data: Data) -> str:
    return _("督办，%s 前要结果。") % told.time(data.get("due_at"))


def _merge(told: Sentences, data: Data) -> str:
    return _("并到 %s，一起办。") % str(data.get("into", ""))


def _member(told: Sentences, data: Data) -> str:
    words = _("%(member)s 拆出去了，现在 %(n)s 户。") if data.get("left") else _("%(member)s 并到这里，现在 %(n)s 户。")
    return words % {"member": data.get("member", ""), "n": data.get("households", "")}


def _decline(told: Sentences, data: Data) -> str:
    return _("拟不受理。该去：%s。") % str(data.get("redirect", ""))


def _appraise(told: Sentences, data: Data) -> str:
    said = _({**WORKS, **NEEDS}.get(str(data.get("verdict")), ""))
    words = _("评%(unit)s这一趟：%(said)s。") if data.get("side") == "work" else _("%(unit)s评这一哨：%(said)s。")
    return words % {"unit": data.get("name", ""), "said": said}


def _urge(told: Sentences, data: Data) -> str:
    return _("催了%s。") % told.post(data["to"]) if data.get("to") else _("催办。")


def _contest(told: Sentences, data: Data) -> str:
    return _("受影响的居民提异议。") if data.get("affected") else _("提异议。")


def _clocked(words: str, unit: str = "") -> Callable[[Sentences, Data], str]:
    """What the sweep said of a clock, from what it noted: the stage or the unit, and until when."""

    def tell(told: Sentences, data: Data) -> str:
        if not data.get("due_at"):
            return ""
        when, name, stage = daytime(str(data["due_at"])), str(data.get("name") or ""), str(data.get("stage"))
        if unit and name:
            return _(unit) % {"unit": name, "when": when}
        return _(words) % {"stage": _(STAGE_NAMES.get(stage, stage)), "when": when} if words else ""

    return tell


def _plain(words: str) -> Callable[[Sentences, Data], str]:
    return lambda told, data: _(words)


_BY_CLOCK: dict[str, Callable[[Sentences, Data], str]] = {
    "warn": _clocked("快到点：%(stage)s，%(when)s 前。"),
    "breach": _clocked("超时：%(stage)s，说好 %(when)s 前。"),
    "miss": _clocked("", "没报到：%(unit)s，说好 %(when)s 前到。"),
    "remind": _clocked("还欠着：%(stage)s，说好 %(when)s 前。", "快到点：%(unit)s还没报到，%(when)s 前。"),
}
_TELLERS: dict[str, Callable[[Sentences, Data], str]] = {
    "open": _open, "triage": _triage, "dispatch": _to("派给%s。"), "return": _return, "whistle": _whistle,
    "escalate": _to("上报给%s。"), "hand_down": _to("交办给%s。"), "report": _report, "pause": _pause,
    "resolve": _resolve, "rate": _rate, "supervise": _supervise, "merge": _merge, "member": _member,
    "decline": _decline, "accept": _plain("接单。"), "resume": _plain("接着办。"), "reply": _plain(""),
    "progress": _plain(""),
    "erase": _plain(""), "verify": _either("passed", "核查过了，办好了。", "核查没过，退回去接着办。"),
    "judge": _either("upheld", "异议成立，重新办。", "异议不成立，维持原来的结果。"),
    "confirm": _either("agreed", "同意不受理。", "不同意不受理，接着办。"),
    "contest": _contest, "thank": _plain("道谢。"), "close": _plain("销号。"), "unmerge": _plain("从并案里拆出来。"),
    "reopen": _plain("重新办。"), "reveal": _plain("看了联系方式。"),
    "urge": _urge, "appraise": _appraise, "exclude": _plain("不计入公布的比率。"),
    "include": _plain("重新计入公布的比率。"), "object": _plain("对怎么算数提了申诉。"),
    "answer": _either("upheld", "申诉成立。", "申诉没有成立，维持不变。"), **_BY_CLOCK,
}  # fmt: skip
