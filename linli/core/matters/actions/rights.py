"""The resident's side of an act: whose matter it is, and for how long it may be taken up again."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from linli.core.matters.models import Kind, Matter
from linli.core.matters.step import Step
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.kit.calendar import Span, due
from linli.kit.refusal import Forbidden


def is_reporter(matter: Matter, actor: Actor) -> bool:
    """The one who spoke up: by account, or by holding the receipt."""
    if actor.receipt_matter == matter.pk:
        return True
    return actor.user_id is not None and actor.user_id == matter.opened_by_id


def may_call_back(matter: Matter, actor: Actor, kind: Kind | None) -> bool:
    """Whether this handler is the one who has to call back.

    A department, a firm or a committee that a complaint was handed to may be what the complaint is about: it works on
    the matter and never sees who complained, unless the kind itself is an order to it (limits, rule 2).
    """
    held = actor.held(duties.REVEAL, matter.handler_id)
    if held is None:
        return False
    as_unit = duties.SEE in duties.role(held.role).held
    return not as_unit or (kind is not None and kind.units_call)


def must_be_resident(current: Step, actor: Actor) -> None:
    """Forbidden for everybody but the one who spoke up: no office rates or contests in a resident's name."""
    if not is_reporter(current.matter, actor):
        raise Forbidden(_("评价和异议由说事的居民自己来。"))
    current.label = "一位居民"


def window_open(current: Step, stage: str, since: datetime | None) -> bool:
    """Whether the policy's window still stands open, counted from ``since``."""
    if since is None:
        return True
    text = current.policy.stages.get(stage, "30d")
    return current.now <= due(since, Span.parse(text), current.catalogue.calendar(current.policy.calendar)).at
