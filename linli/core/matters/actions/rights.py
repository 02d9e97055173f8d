"""The resident's side of an act: whose matter it is, and for how long it may be taken up again."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from linli.core.matters.models import Matter
from linli.core.matters.step import Step
from linli.core.people.actor import Actor
from linli.kit.calendar import Span, due
from linli.kit.refusal import Forbidden


def is_reporter(matter: Matter, actor: Actor) -> bool:
    """The one who spoke up: by account, or by holding the receipt."""
    if actor.receipt_matter == matter.pk:
        return True
    return actor.user_id is not None and actor.user_id == matter.opened_by_id


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
