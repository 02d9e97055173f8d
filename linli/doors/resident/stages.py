"""How far a matter has come: the line of steps with promised and used time, its short form, and the one big clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import npgettext

from linli.core.matters.clocks import is_provisional, unknown_holidays
from linli.core.matters.models import Matter
from linli.doors.resident.story import PROMISES, SCORE_WORDS, Line
from linli.kit.calendar import Span, words
from linli.kit.figures import when

Clock = Mapping[str, Any]

GOING: Final = frozenset({"running", "warned", "breached"})
_FIRST: Final = ("reply", "act")  # stages whose time is stamped once and never rewritten
_FIRST_WORDS: Final = ("reply", "progress", "resolve", "confirm")
# Which step a state stands at, where replies and acts do not say it more exactly.
_AT: Final = {
    "open": "reply", "dispatched": "reply", "accepted": "act", "in_progress": "result", "paused": "result",
    "resolved": "verify", "contested": "verify", "verified": "rate", "closed": "", "declining": "weigh",
    "declined": "", "merged": "job",
}  # fmt: skip


@dataclass
class Step:
    """One step, as ``{% line %}`` and ``{% dots %}`` take it."""

    code: str
    title: str
    seal: str
    state: str = "next"
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Standing:
    """What the steps are worked out from: the matter, its clocks of today, its story oldest first, who holds it."""

    matter: Matter
    clocks: Sequence[Clock]
    story: Sequence[Line]
    holder: str
    stages: Mapping[str, str]

    def clock(self, stage: str, *, stopped: bool = False) -> Clock | None:
        """The newest clock of a stage; of those that have stopped the one whose time the matter keeps.

        First words and first acts are kept from the first round, results from the last.
        """
        found = [c for c in self.clocks if c["stage"] == stage and ("stopped_at" in c or not stopped)]
        which = min if stopped and stage in _FIRST else max
        return which(found, key=lambda c: c["round"], default=None)

    def told(self, *acts: str, first: bool = False) -> Line | None:
        """The latest of these acts, or the first."""
        return next((line for line in (self.story if first else reversed(self.story)) if line.act in acts), None)

    def who(self, *acts: str, first: bool = False) -> str:
        """Who did it."""
        found = self.told(*acts, first=first)
        return found.who if found else ""


def line(standing: Standing) -> list[Step]:
    """收到 → 答复 → 动手 → 办理 → 核查 → 您来评 → 销号, or the shorter way of what was declined or joined."""
    steps = _steps(standing.matter)
    at = _at(standing)
    codes = [step.code for step in steps]
    now = codes.index(at) if at in codes else len(steps)
    for position, step in enumerate(steps):
        step.state = "done" if position < now else "now" if position == now else "next"
        _NOTES[step.code](step, standing)
    return steps


def _steps(matter: Matter) -> list[Step]:
    received = Step("open", _("收到"), _("收"))
    if matter.state in ("declining", "declined"):
        return [received, Step("weigh", _("复核归不归这里"), _("核")), Step("declined", _("不受理"), _("止"))]
    if matter.state == "merged":
        return [received, Step("job", _("和邻居的一起办"), _("并")), Step("rate", _("您来评"), _("评"))]
    return [
        received, Step("reply", _("答复"), _("答")), Step("act", _("动手"), _("动")),
        Step("result", _("办理"), _("办")), Step("verify", _("核查"), _("核")), Step("rate", _("您来评"), _("评")),
        Step("close", _("销号"), _("销")),
    ]  # fmt: skip


def _at(standing: Standing) -> str:
    matter = standing.matter
    at = _AT.get(matter.state, "")
    if at == "reply" and matter.replied_at is not None:
        at = "act"
    elif at == "act" and matter.replied_at is None:
        at = "reply"
    if at == "act" and matter.acted_at is not None:
        at = "result"
    return at


def dots(matter: Matter) -> list[dict[str, str]]:
    """The short form for a list: five words, no times."""
    titles = [
        ("open", _("收到")), ("reply", _("答复")), ("result", _("办理")), ("verify", _("核查")), ("rate", _("您评")),
    ]  # fmt: skip
    at = _at(Standing(matter, (), (), "", {}))
    at = "result" if at == "act" else at
    now = next((n for n, (code, _title) in enumerate(titles) if code == at), len(titles))
    return [
        {"title": title, "state": "done" if n < now else "now" if n == now else "next"}
        for n, (_code, title) in enumerate(titles)
    ]


# ── notes of a step ─────────────────────────────────────────────────────────────────────────────────────────────
def _note_open(step: Step, standing: Standing) -> None:
    step.notes = [when(standing.matter.opened_at)]


def _note_reply(step: Step, standing: Standing) -> None:
    _timed(step, standing, "reply", standing.matter.replied_at, *_FIRST_WORDS)


def _note_act(step: Step, standing: Standing) -> None:
    _timed(step, standing, "act", standing.matter.acted_at, "progress", "resolve")


def _note_result(step: Step, standing: Standing) -> None:
    matter = standing.matter
    _timed(step, standing, "result", matter.resolved_at, "resolve")
    if step.state == "now" and matter.state == "paused":
        until = when(matter.paused_until) if matter.paused_until else ""
        step.title, step.notes = _("先停一停"), [_("最晚 %s 接着办") % until] if until else []


def _timed(step: Step, standing: Standing, stage: str, at: datetime | None, *acts: str) -> None:
    clock = standing.clock(stage, stopped=step.state == "done")
    if step.state == "done" and at is not None:
        step.notes = ["　".join(filter(None, (when(at), standing.who(*acts, first=stage in _FIRST))))]
    elif step.state == "now":
        step.seal = standing.holder[:1] or step.seal
        step.title = {"reply": _("等着回话"), "act": _("等着动手"), "result": _("办理中")}[stage]
        step.notes = [standing.holder] if standing.holder else [_("正在找合适的人")]
    if step.state != "next" and (kept := _kept(clock, standing.stages.get(stage, ""))):
        step.notes.append(kept)


def _kept(clock: Clock | None, promised: str) -> str:
    """说好 1 小时，用了 12 分: the promise as the rule words it, what it took by the reader's own watch."""
    if clock is None or not promised:
        return ""
    said = span_words(promised)
    if stopped := clock.get("stopped_at"):
        took = datetime.fromisoformat(stopped) - datetime.fromisoformat(clock["started_at"])
        return _("说好 %(said)s，用了 %(took)s") % {"said": said, "took": lasted(took)}
    if clock["state"] not in GOING:
        return _("说好 %s") % said
    left = words(datetime.fromisoformat(clock["due_at"]) - timezone.now())
    return _("说好 %(said)s，%(left)s") % {"said": said, "left": left}


def _note_verify(step: Step, standing: Standing) -> None:
    matter = standing.matter
    if step.state == "done":
        checked = standing.told("verify", "judge")  # the row keeps when it was found done for the first time
        at = checked.at if checked else matter.verified_at
        step.notes = ["　".join(filter(None, (when(at) if at else "", checked.who if checked else "")))]
    elif matter.state == "contested":
        step.title, step.notes = _("换一家来看"), [_("没经手的单位")]
        if kept := _kept(standing.clock("contest"), standing.stages.get("contest", "")):
            step.notes.append(kept)
    elif step.state == "now":
        step.title, step.notes = _("等着核查"), [_("换一个人去看")]
    else:
        step.notes = [_("换一个人去看")]


def _note_rate(step: Step, standing: Standing) -> None:
    matter, span = standing.matter, standing.stages.get("rating", "")
    if matter.score is not None:
        step.notes = [str(SCORE_WORDS[matter.score])]
    elif step.state == "done":
        step.title, step.notes = _("没有评"), []
    elif step.state == "now":
        clock = standing.clock("rating")
        left = words(datetime.fromisoformat(clock["due_at"]) - timezone.now()) if clock else ""
        step.notes = [str(left)] if left else []
    elif span:
        step.notes = [_("%s内") % span_words(span)]


def _note_close(step: Step, standing: Standing) -> None:
    if step.state == "done" and standing.matter.closed_at:
        step.notes = [when(standing.matter.closed_at)]


def _note_weigh(step: Step, standing: Standing) -> None:
    step.notes = [standing.who("confirm")] if step.state == "done" else [_("换一个人来定")]


def _note_job(step: Step, standing: Standing) -> None:
    step.seal = standing.holder[:1] or step.seal
    step.notes = [standing.holder] if standing.holder else []


_NOTES: Final = {
    "open": _note_open, "reply": _note_reply, "act": _note_act, "result": _note_result, "verify": _note_verify,
    "rate": _note_rate, "close": _note_close, "weigh": _note_weigh, "declined": _note_close, "job": _note_job,
}  # fmt: skip


# ── lengths of time ─────────────────────────────────────────────────────────────────────────────────────────────
def span_words(text: str) -> str:
    """``2h`` → 2 小时, ``3wd`` → 3 个工作日: the rule's own count, never what a holiday makes of it."""
    span = Span.parse(text)
    unit = {
        "m": npgettext("duration", "分", "分", span.count), "h": npgettext("duration", "小时", "小时", span.count),
        "d": npgettext("duration", "天", "天", span.count),
        "wh": npgettext("duration", "个工作小时", "个工作小时", span.count),
        "wd": npgettext("duration", "个工作日", "个工作日", span.count),
    }[span.unit]  # fmt: skip
    return f"{span.count} {unit}"


def lasted(time: timedelta) -> str:
    """How long something took: 1 小时 50 分; what took no time at all took a minute."""
    return " ".join(str(piece) for piece in words(time).pieces)


# ── the one big clock ───────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Big:
    """The clock that matters now, what it promises, and, where it is late, what happens next."""

    clock: Clock | None
    promise: str = ""
    sorry: str = ""
    note: str = ""


def big(matter: Matter, clocks: Sequence[Clock]) -> Big:
    """The promise that runs out first; a resident cares for what comes next, not for the office's own windows."""
    if matter.state == "paused":
        return Big({"state": "paused", "until": matter.paused_until})
    wanted = {"verified": ("rating",), "contested": ("contest",)}.get(matter.state, ("reply", "act", "result"))
    running = [c for c in clocks if c["stage"] in wanted and c["state"] in GOING]
    if not running:
        return Big(None)
    nearest = min(running, key=lambda c: datetime.fromisoformat(c["due_at"]))
    due = datetime.fromisoformat(nearest["due_at"])
    shown = {**nearest, "due_at": due, "warn_at": _instant(nearest.get("warn_at"))}
    what = PROMISES[nearest["stage"]]
    if nearest["stage"] == "rating":
        return Big(shown, _("%s 前评都算数") % when(due))
    if due >= timezone.now():
        note = unknown_holidays() if is_provisional(nearest) else ""
        return Big(shown, _("%(when)s 前%(what)s　每分钟更新") % {"when": when(due), "what": what}, note=note)
    told = any((c["stage"], c["round"], c["state"]) == (*_name(nearest), "breached") for c in matter.clocks)
    promise = _("说好 %(when)s 前%(what)s") % {"when": when(due), "what": what}
    return Big(shown, promise, _sorry(running, due, told=told))


def _name(clock: Clock) -> tuple[str, int]:
    return clock["stage"], clock["round"]


def _sorry(running: Sequence[Clock], late: datetime, *, told: bool) -> str:
    """Once, plainly, with what comes next. ``told``: the sweep has been there, so the level above knows."""
    later = [datetime.fromisoformat(c["due_at"]) for c in running]
    ahead = min((due for due in later if due > timezone.now()), default=None)
    said = _("是我们慢了，上一级已经知道。") if told else _("是我们慢了。")
    return said + (_("最晚 %s 有下一步。") % when(ahead) if ahead and ahead > late else "")


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
