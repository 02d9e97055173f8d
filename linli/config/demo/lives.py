"""How a matter can go: which act comes when. ``act@stage:fraction`` means so far into that promise, from the opening;
``+`` goes on from there. ``now`` is the point at which the present finds a matter that is still going on; ``rest`` is
time in which nothing is done. ``a~b`` is somewhere between the two, another for each matter.

Fractions and not hours, because one district promises a result in six hours and another in seven days.
"""

from __future__ import annotations

from dataclasses import dataclass

_TAKEN = "accept@accept:.3 reply@reply:.4"
_WORKED = f"{_TAKEN} progress@act:.5"
_DONE = f"{_WORKED} resolve@result:.4 verify@result:.5"

LIVES = {
    # at an end
    "praised": f"{_DONE} rate@result:.65",
    "thanked": f"{_TAKEN} resolve@result:.2 verify@result:.3 rate@result:.35",
    "grumbled": f"{_DONE} rate@result:.7",
    "silent": f"{_DONE} rest@result:.5+rating:1.1",
    "mediated": f"{_DONE} rate@result:.7",
    "ordered": f"{_TAKEN} resolve@result:.15 verify@result:.25 rate@result:.3",
    "upward": f"{_TAKEN} escalate@act:.3 accept@act:.4 progress@act:.6 resolve@result:.8 verify@result:.85 "
    "rate@result:.95",
    "whistled": f"{_TAKEN} whistle@act:.2 arrive@act:.2+arrive:.5 done@act:.2+arrive:3 progress@act:.7 "
    "resolve@result:.6 verify@result:.7 rate@result:.8",
    "waited": f"{_WORKED} pause@act:.6 resume@act:.6+pause:.5 resolve@result:.9 verify@result:1 rate@result:1.2",
    "late": f"{_WORKED} resolve@result:1.02 verify@result:1.1 rate@result:1.3",
    "stood": f"{_DONE} contest@result:.6 judge@result:.6+contest:.4",
    "declined": "return@accept:.3 decline@accept:.3+reply:.2 confirm@accept:.3+reply:.5",
    "merged": "merge@accept:.4 rate@result:.8",
    # going on
    "new": "now@accept:.05~.8",
    "taken": "accept@accept:.3 now@reply:.5~.9",
    "working": f"{_WORKED} now@act:.6~.98",
    "paused": f"{_WORKED} pause@act:.6 now@act:.6+pause:.1~.8",
    "resolved": f"{_WORKED} resolve@result:.4 now@result:.45~.9",
    "verified": f"{_DONE} now@result:.55~.9",
    "contested": f"{_DONE} contest@result:.6 now@result:.6+contest:.1~.7",
    "upheld": f"{_DONE} contest@result:.6 judge@result:.6+contest:.4 progress@result:.6+contest:.5 "
    "now@result:.6+contest:.6~1",
    "reopened": f"{_DONE} rate@result:.6 reopen@result:.9 now@result:.95~1.2",
    "returned": "return@accept:.4 now@accept:.4+reply:.1~.5",
    "declining": "return@accept:.3 decline@accept:.3+reply:.2 now@accept:.3+reply:.3~.6",
    "unanswered": "accept@accept:.4 now@reply:1.1~1.8",
    "unstarted": f"{_TAKEN} now@act:1.03~1.3",
    "overdue": f"{_WORKED} now@result:1.01~1.06",
    "whistling": f"{_TAKEN} whistle@act:.3 arrive@act:.3+arrive:.4 now@act:.3+arrive:.5~.9",
    "noshow": f"{_TAKEN} whistle@act:.3 arrive@act:.3+arrive:.4 now@act:.3+arrive:1.2~3",
    "supervised": f"{_TAKEN} supervise@act:.5 now@act:.6~.95",
    "handed": f"{_TAKEN} escalate@act:.3 accept@act:.35 hand_down@act:.5 accept@act:.55 now@act:.6~.95",
    "job": f"{_WORKED} now@act:.7~.95",
    "joined": "merge@accept:.4",
    "task": f"{_TAKEN} now@act:.45~.9",
}
_NO_ACT = ("now", "rest")


@dataclass(frozen=True)
class Point:
    """A moment in a matter's life: parts of promises, one after the other."""

    parts: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Life:
    """The acts with their moments; ``end`` is when the last thing happens, ``going`` whether that is the present."""

    acts: tuple[tuple[str, Point], ...]
    end: Point
    going: bool


def _point(text: str, where: float) -> Point:
    split = (part.partition(":") for part in text.split("+"))
    return Point(tuple((stage, _between(fraction, where)) for stage, _, fraction in split))


def _between(text: str, where: float) -> float:
    low, _, high = text.partition("~")
    return float(low) + (float(high or low) - float(low)) * where


def life(name: str, where: float = 0.5) -> Life:
    """A life by its name; ``where`` (0 to 1) chooses within its ranges."""
    beats = [(act, _point(when, where)) for act, _, when in (beat.partition("@") for beat in LIVES[name].split())]
    acts = tuple(beat for beat in beats if beat[0] not in _NO_ACT)
    return Life(acts, beats[-1][1], beats[-1][0] == "now")
