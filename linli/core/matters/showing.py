"""What pages show of a matter beside its form: clocks, the line of steps, the timeline in sentences, whistles.

Made from the plain data of ``present.Presenter.one``, so a page never shows what a program could not read: the masking
is decided there, once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from linli.core.matters.actions.calling import KINDS
from linli.core.matters.clocks import GOING, STAGE_NAMES, is_provisional
from linli.core.matters.models import Call, Matter, Whistle
from linli.core.people.posts import Roster
from linli.kit import figures
from linli.kit.calendar.wording import Style, left_words
from linli.kit.calendar.wording import words as span_words

PROMISED = ("reply", "act", "result")
BESIDE = ("contest", "supervise")  # clocks that stand beside the three promises while they run
ENDED = ("closed", "declined", "merged")


def at(text: str | None) -> datetime | None:
    """The instant of the API's text."""
    return datetime.fromisoformat(text) if text else None


def span(seconds: float) -> str:
    """A length of time in words: 1 小时 46 分."""
    return " ".join(str(p) for p in span_words(timedelta(seconds=max(seconds, 0)), "resident").pieces)


# ── clocks ──────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Face:
    """One clock in the row of three: tone, words, and in small when."""

    name: str
    words: str
    cap: str
    tone: str = ""
    due: str = ""
    warn: str = ""
    provisional: bool = False  # still counted, over days whose holidays are not known yet


def faces(clocks: Iterable[Mapping[str, Any]], now: datetime, style: Style = "staff") -> list[Face]:
    """The three promises of the latest round, then what runs beside them."""
    latest: dict[str, Mapping[str, Any]] = {}
    for clock in clocks:
        stage = clock["stage"]
        if stage in PROMISED or (stage in BESIDE and clock["state"] in GOING):
            latest[stage] = clock
    order = [s for s in (*PROMISED, *BESIDE) if s in latest]
    return [_face(stage, latest[stage], now, style) for stage in order]


def _face(stage: str, clock: Mapping[str, Any], now: datetime, style: Style) -> Face:
    name, state = _(STAGE_NAMES[stage]), clock["state"]
    due, stopped = at(clock["due_at"]), at(clock.get("stopped_at"))
    assert due is not None
    if state in GOING:
        tone = {"breached": "over", "warned": "soon"}.get(state, "")
        cap = _("%s 到点") % moment(due, now)
        return Face(name, left_words((due - now).total_seconds(), style), cap, tone, clock["due_at"],
                    clock.get("warn_at", ""), provisional=is_provisional(clock))  # fmt: skip
    if state == "paused":
        return Face(name, _("停着"), _("还留 %s") % span(clock.get("left_seconds", 0)), "pause")
    if state == "cancelled" or stopped is None:
        return Face(name, _("不计时"), "", "closed")
    late = state == "missed"
    words = left_words((due - stopped).total_seconds(), style) if late else _("按时")
    return Face(name, words, moment(stopped, now), "over" if late else "")


def moment(when: datetime, now: datetime) -> str:
    """14:26 today, 11 月 17 日 14:26 on another day."""
    return figures.when(when, now)


def leading(matter: Matter, clocks: Iterable[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The one clock that counts now: the earliest promise still owed, the pause, or the rating window."""
    if matter.state == "paused":
        return {"state": "paused", "due_at": matter.paused_until, "until": matter.paused_until}
    going = [c for c in clocks if c["state"] in GOING and c["stage"] != "pause"]
    owed = [c for c in going if c["stage"] != "rating"] or going
    if not owed:
        return None
    first: Mapping[str, Any] = min(owed, key=_due)
    made: dict[str, Any] = dict(first)
    for name in ("due_at", "warn_at"):
        if isinstance(made.get(name), str):
            made[name] = at(made[name])
    return made


def leading_cap(matter: Matter, clocks: Iterable[Mapping[str, Any]], now: datetime) -> str:
    """Under the one big clock: which promise it is, and until when."""
    first = leading(matter, clocks)
    if first is None or first["due_at"] is None:
        return ""
    if first["state"] == "paused":
        return _("%s 自动接着办") % moment(first["due_at"], now)
    return _("%(stage)s，%(when)s 到点") % {
        "stage": _(STAGE_NAMES[first["stage"]]),
        "when": moment(first["due_at"], now),
    }


def _due(clock: Mapping[str, Any]) -> datetime:
    due = clock["due_at"]
    return due if isinstance(due, datetime) else datetime.fromisoformat(str(due))


# ── the line of steps ───────────────────────────────────────────────────────────────────────────────────────────

_STEPS = (
    ("replied_at", "reply", "答复"), ("acted_at", "act", "行动"), ("resolved_at", "result", "办结"),
    ("verified_at", "", "核查"), ("", "", "评价"), ("closed_at", "", "销号"),
)  # fmt: skip
# How many of the steps lie behind a state at least, whatever their times say.
_BEHIND = {"resolved": 3, "verified": 4, "contested": 4, "closed": 6}


def steps(detail: Mapping[str, Any], now: datetime) -> list[dict[str, Any]]:
    """Done, now, next: each ``{state, title, seal, notes}`` for the kit's ``{% line %}``."""
    state = detail["state"]
    opened = at(detail["opened_at"])
    assert opened is not None
    made = [_step("done", _("收到"), [f"{moment(opened, now)}　{detail['channel_name']}"])]
    behind = _BEHIND.get(state, 0)
    done = [_is_done(detail, n, behind) for n in range(len(_STEPS))]
    made += [_done_step(detail, n, now) for n in range(len(_STEPS)) if done[n]]
    if state == "closed":
        return made
    made.append(_now_step(detail, now))
    if state in ("declined", "merged", "declining"):
        return made
    skip = {"in_progress": 2, "resolved": 3, "verified": 4}.get(state)
    made += [
        _step("next", _(title), [], _(title)[:1])
        for n, (_at, _stage, title) in enumerate(_STEPS)
        if not done[n] and n != skip
    ]
    return made


def _is_done(detail: Mapping[str, Any], n: int, behind: int) -> bool:
    name = _STEPS[n][0]
    if _STEPS[n][2] == "评价":
        return detail["score"] is not None
    if name in ("resolved_at", "verified_at", "closed_at"):
        return n < behind  # a second round has these times from the first one
    return bool(detail[name]) or (n < behind and bool(detail[name]))


def _done_step(detail: Mapping[str, Any], n: int, now: datetime) -> dict[str, Any]:
    name, stage, title = _STEPS[n]
    if title == "评价":
        return _step("done", _("评价"), [_("评了 %d 分") % detail["score"]])
    when = _checked(detail) if name == "verified_at" else at(detail[name])
    clock = next((c for c in detail["clocks"] if stage and c["stage"] == stage), None)  # the first round's
    notes = [moment(when, now)] if when else []
    if clock and when and clock.get("started_at"):
        started, due = at(clock["started_at"]), at(clock["due_at"])
        assert started is not None and due is not None  # noqa: PT018
        promise = _("说好 %s") % span((due - started).total_seconds())
        notes.append(_("%(promise)s，用了 %(used)s") % {
            "promise": promise, "used": span((when - started).total_seconds()),
        })  # fmt: skip
    return _step("done", _(title), notes)


def _checked(detail: Mapping[str, Any]) -> datetime | None:
    """When it was last found to be done: the matter itself keeps the first time."""
    told = (row["at"] for row in reversed(detail.get("timeline", ())) if row["act"] == "verify")
    return at(next(told, detail["verified_at"]))


def _now_step(detail: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    handler = detail["handler"]
    waits = {
        "open": _("等人派"), "resolved": _("换一个人去看"), "verified": _("等居民评价"), "declining": _("等人复核"),
        "contested": _("换一家去查"),
    }  # fmt: skip
    holder = waits.get(detail["state"]) or (handler["name"] if handler else "")
    clock = next((c for c in detail["clocks"] if c["state"] in GOING and c["stage"] == "result"), None)
    notes = [holder] if holder else []
    if clock and (due := at(clock["due_at"])):
        notes.append(left_words((due - now).total_seconds(), "resident"))
    seal = holder[:1] if handler and detail["state"] not in waits else detail["state_name"][:1]
    return _step("now", detail["state_name"], notes, seal)


def _step(state: str, title: str, notes: list[str], seal: str = "") -> dict[str, Any]:
    return {"state": state, "title": title, "notes": notes, "seal": seal or title[:1]}


# ── whistles ────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class CallRow:
    """One called unit: its seal, when it came, its word."""

    name: str
    seal: str
    cap: str
    text: str
    state: str
    clock: dict[str, Any] | None
    call: Call | None = None


@dataclass(frozen=True)
class WhistleView:
    """One whistle with its calls."""

    kind: str
    reason: str
    by: str
    at: datetime
    calls: list[CallRow] = field(default_factory=list)
    came: int = 0


def whistles(matter: Matter, roster: Roster, now: datetime) -> list[WhistleView]:
    """Newest first, in two queries; none where nobody was called."""
    rows = Whistle.objects.filter(district_id=matter.district_id, matter_id=matter.pk).order_by("-id")
    blown = list(rows.prefetch_related("calls"))
    out = []
    for one in blown:
        calls = sorted(one.calls.all(), key=lambda c: c.pk)
        shown = [call_row(call, roster, now) for call in calls]
        came = sum(1 for c in calls if c.arrived_at is not None)
        out.append(WhistleView(_(KINDS.get(one.kind, one.kind)), one.reason, one.actor, one.at, shown, came))
    return out


def call_row(call: Call, roster: Roster, now: datetime) -> CallRow:
    known = roster.by_id.get(call.post_id)
    name = known.name if known else _("已撤的岗位")
    late = call.state == "called" and now > call.due_at
    seal = {"done": "done", "arrived": "here", "refused": "miss"}.get(call.state, "miss" if late else "wait")
    clock = {"state": "running", "due_at": call.due_at} if call.state == "called" else None
    return CallRow(name, seal, _cap(call, now, late=late), call.reason or call.text, call.state, clock, call)


def _cap(call: Call, now: datetime, *, late: bool) -> str:
    if call.arrived_at is not None:
        came = _("%s 到") % moment(call.arrived_at, now)
        return f"{came}　{_('来晚了')}" if call.late else came
    if call.state == "refused":
        return _("%s 说不来") % moment(call.ended_at or now, now)
    due = _("%s 应到") % moment(call.due_at, now)
    return f"{due}　{_('现在还没到')}" if late else due


def words(matter: Matter) -> str:
    """What the resident said; empty where the title has said it all."""
    text = matter.text.strip()
    return "" if text.rstrip("。！？!?；;. ") == matter.title else text
