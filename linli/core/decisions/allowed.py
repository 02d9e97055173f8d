"""What an actor may do with a question now: the page's buttons and the API's ``allowed``."""

from __future__ import annotations

from datetime import datetime

from linli.core.decisions.actions.casting import entries_of
from linli.core.decisions.models import Question
from linli.core.people import duties
from linli.core.people.actor import Actor

_HOSTS: dict[str, tuple[str, ...]] = {
    "draft": ("edit", "open", "withdraw", "import"),
    "open": ("extend", "correct", "proxy", "paper", "slips", "withdraw"),
    "closed": ("judge", "count", "withdraw"),
}


def allowed(question: Question, actor: Actor, now: datetime) -> list[str]:
    """Acts by name, in the order in which they are offered."""
    acts: list[str] = []
    voting = question.state == "open" and now < question.closes_at
    if voting and entries_of(actor, question):
        acts.append("vote")
    within = question.objections_until is not None and now < question.objections_until
    if question.state in ("open", "closed") and within and entries_of(actor, question):
        acts.append("object")
    if actor.over(duties.CONVENE, question.scope_path) is not None:
        ready = not question.secret and _may_be_opened(question, now)
        acts += [act for act in _HOSTS.get(question.state, ()) if (act != "count" or ready) and _fits(question, act)]
    return acts + _tellers(question, actor, now)


_NOT_IN_A_ROOM = ("edit", "import", "extend", "proxy")


def _fits(question: Question, act: str) -> bool:
    """A ballot in a room is asked, opened, ended and counted there."""
    return not question.gathered or act not in _NOT_IN_A_ROOM


def _may_be_opened(question: Question, now: datetime) -> bool:
    """Whether the window is over and every objection has its answer."""
    if question.state != "closed" or question.objections_until is None or now < question.objections_until:
        return question.state == "stripped"
    return not question.objections.filter(state="open").exists()


def _tellers(question: Question, actor: Actor, now: datetime) -> list[str]:
    if not question.secret or actor.user_id is None or question.state not in ("draft", "closed", "stripped"):
        return []
    mine = {t.position for t in question.tellers.all() if t.user_id == actor.user_id}
    if question.state == "draft":
        return ["tell"] if not mine else []
    wanted, act = (1, "strip") if question.state == "closed" else (2, "count")
    return [act] if wanted in mine and _may_be_opened(question, now) else []
