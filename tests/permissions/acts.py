"""Matters brought to the state that an act needs, and the bodies that such an act takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone

from linli.core.matters import actions
from linli.core.matters.models import Matter
from tests.permissions.scene import OWN, Scene, opened
from tests.permissions.verdicts import OFFICES, REPORTER, SEES, UPPER

Step = tuple[str, str, Mapping[str, Any]]  # who, act, keywords

RESOLVED: tuple[Step, ...] = (
    ("grid", "accept", {}),
    ("grid", "progress", {"text": "围上了"}),
    ("grid", "resolve", {"text": "换了", "cause": "aging"}),
)
VERIFIED: tuple[Step, ...] = (*RESOLVED, ("community", "verify", {"passed": True, "text": "看过"}))
OPEN: tuple[Step, ...] = (("grid", "return", {"reason": "not_ours", "text": "归供电所"}),)
DECLINING: tuple[Step, ...] = (*OPEN, ("community", "decline", {"basis": "法定途径", "redirect": "法院"}))
CLOSED: tuple[Step, ...] = (*VERIFIED, ("community", "close", {"text": "回访过"}))
CALLED: Step = ("street", "whistle", {"units": ["O-power", "O-chengguan"], "reason": "断电", "kind": "joint"})
# How a matter that ``resident`` opened, and a rule gave to ``grid``, comes to each state.
STATES: dict[str, tuple[Step, ...]] = {
    "open": OPEN,
    "dispatched": (),
    "accepted": RESOLVED[:1],
    "in_progress": RESOLVED[:2],
    "paused": (*RESOLVED[:1], ("grid", "pause", {"reason": "material", "until": timedelta(hours=2)})),
    "resolved": RESOLVED,
    "verified": VERIFIED,
    "contested": (*VERIFIED, ("resident", "contest", {"text": "又坏了"})),
    "closed": CLOSED,
    "declining": DECLINING,
    "declined": (*DECLINING, ("street", "confirm", {"agreed": True})),
    "merged": (("community", "merge", {"into_id": None, "reason": "同一件"}),),
}


@dataclass(frozen=True)
class Right:
    """One act: a state that it starts from, one that it does not, and exactly who may do it there."""

    state: str
    never: str
    who: frozenset[str]
    body: Mapping[str, Any] = field(default_factory=dict)
    called: bool = False  # after a whistle to two units


HANDLER = frozenset({"grid"})
OFFICE = OFFICES[OWN]
RESIDENT = frozenset({REPORTER[OWN]})
CALLED_UNITS = frozenset({"power", "department"})
RIGHTS: dict[str, Right] = {
    "triage": Right("open", "dispatched", OFFICE, {"category": "0101"}),
    "dispatch": Right("dispatched", "resolved", OFFICE, {"to": "T-gridb"}),
    "accept": Right("dispatched", "accepted", HANDLER),
    "return": Right("accepted", "in_progress", HANDLER, {"reason": "not_ours", "text": "不归我管"}),
    "reply": Right("dispatched", "open", HANDLER, {"text": "下午到"}),
    "progress": Right("accepted", "dispatched", HANDLER, {"text": "在修"}),
    "escalate": Right("in_progress", "resolved", HANDLER, {"reason": "要上面定"}),
    "hand_down": Right("accepted", "closed", OFFICE, {"to": "T-grid", "reason": "去看看"}),
    "whistle": Right("accepted", "verified", OFFICE | {"steward"}, {"units": ["O-firm"], "reason": "来修"}),
    "report": Right("accepted", "resolved", CALLED_UNITS, {"state": "arrived"}, called=True),
    "pause": Right("accepted", "dispatched", HANDLER | OFFICE, {"reason": "material", "until": timedelta(hours=1)}),
    "resume": Right("paused", "accepted", HANDLER | OFFICE),
    "resolve": Right("in_progress", "dispatched", HANDLER, {"text": "好了", "cause": "设施老化"}),
    "verify": Right("resolved", "in_progress", OFFICE, {"passed": True, "text": "亮着"}),
    "rate": Right("verified", "resolved", RESIDENT, {"score": 5}),
    "contest": Right("verified", "accepted", RESIDENT, {"text": "没修好"}),
    "judge": Right("contested", "verified", UPPER[OWN], {"upheld": True, "text": "是没好"}),
    "close": Right("verified", "closed", OFFICE, {"text": "回访过"}),
    "supervise": Right("dispatched", "verified", OFFICE, {"text": "抓紧", "due_at": timedelta(days=1)}),
    "urge": Right("dispatched", "closed", OFFICE, {"text": "到哪一步了"}),
    "merge": Right("dispatched", "resolved", OFFICE, {"into": None, "reason": "同一件"}),
    "unmerge": Right("merged", "accepted", OFFICE, {"reason": "不是同一件"}),
    "decline": Right("open", "dispatched", OFFICE, {"basis": "法定途径", "redirect": "法院"}),
    "confirm": Right("declining", "open", OFFICE - {"community"}, {"agreed": True}),
    "reopen": Right("closed", "verified", RESIDENT | UPPER[OWN], {"reason": "又坏了"}),
}


def prepared(scene: Scene, state: str, *, called: bool = False) -> Matter:
    """A new matter in the own scope, brought to ``state`` by those whose work it is."""
    matter, _receipt = opened(scene.town, scene.actor("resident"), "unit", name="李冬梅", phone="13812345678")
    for who, act, said in (*STATES[state], *((CALLED,) if called else ())):
        run: Callable[..., Matter] = getattr(actions, "return_" if act == "return" else act)
        keywords = {name: _filled(scene, name, value, text=False) for name, value in said.items()}
        matter = run(actor=scene.actor(who), district_id=matter.district_id, matter_id=matter.pk, **keywords)
    assert matter.state == state
    return matter


def body(scene: Scene, act: str) -> dict[str, Any]:
    """What the API takes for this act."""
    return {name: _filled(scene, name, value, text=True) for name, value in RIGHTS[act].body.items()}


def _filled(scene: Scene, name: str, value: Any, *, text: bool) -> Any:
    """Spans become times from now; the job to merge into is the scene's own matter."""
    if isinstance(value, timedelta):
        return (timezone.now() + value).isoformat() if text else timezone.now() + value
    if name in ("into", "into_id"):
        return scene.things[OWN].matter.number if text else scene.things[OWN].matter.pk
    return value


def sees(who: str, *, called: bool = False) -> bool:
    """Whether a member of the cast sees a matter of the own scope."""
    return who in SEES[OWN] | RESIDENT | (CALLED_UNITS if called else frozenset())
