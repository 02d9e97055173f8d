"""After the vote: filed with the street, looked at again on its day, ended."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from linli.core.matters.step import optional, required
from linli.core.people.actor import Actor
from linli.kit.figures import on
from linli.kit.refusal import Conflict
from linli.offices.covenants.actions.common import at, day_of, locked, log, wrong
from linli.offices.covenants.models import Covenant, Passage
from linli.offices.covenants.telling import tell_all


def in_force(covenant: Covenant, today: date) -> Passage | None:
    """The passage that holds today."""
    rows = Passage.objects.filter(
        district_id=covenant.district_id, covenant=covenant, outcome="adopted", since__lte=today
    )
    found = rows.order_by("-since", "-pk").first()
    return found if found is not None and found.holds(today) else None


def _last_adopted(covenant: Covenant) -> Passage:
    rows = Passage.objects.filter(district_id=covenant.district_id, covenant=covenant, outcome="adopted", until=None)
    found = rows.order_by("-pk").first()
    if found is None:
        raise Conflict(_("还没有通过的一稿。"), code="wrong_state")
    return found


def file(
    *, actor: Actor, covenant: Covenant, filed_with: str, filed_on: date, filed_as: str = "",
    now: datetime | None = None,
) -> Passage:  # fmt: skip
    """Note that the adopted version was filed (备案): with whom, when, under which number."""
    now = at(now)
    with locked(actor, covenant) as row:
        passage = _last_adopted(row)
        if filed_on > day_of(now):
            raise wrong("filed_on", _("还没到的日子，到了再记。"))
        if passage.settled_at is not None and filed_on < day_of(passage.settled_at):
            raise wrong("filed_on", _("备案要在表决通过以后。"))
        passage.filed_with = required(filed_with, "filed_with", limit=80)
        passage.filed_on, passage.filed_as = filed_on, optional(filed_as, "filed_as", limit=80)
        passage.save(update_fields=["filed_with", "filed_on", "filed_as"])
        log(row, actor, "file", now, passage.filed_with, day=filed_on.isoformat(), number=passage.filed_as)
    return passage


def review(
    *, actor: Actor, covenant: Covenant, text: str, review_on: date, now: datetime | None = None
) -> Passage:  # fmt: skip
    """Say how it goes and when to look at it again; to change it is another act (``amend``)."""
    now = at(now)
    with locked(actor, covenant, "settled") as row:
        passage = _last_adopted(row)
        if passage.since > day_of(now):
            raise Conflict(_("还没施行，到了再回头看。"), code="wrong_state")
        if review_on <= day_of(now):
            raise wrong("review_on", _("下一次要在以后。"))
        words = required(text, "text", limit=500)
        passage.review_on = review_on
        passage.save(update_fields=["review_on"])
        log(row, actor, "review", now, words, next=review_on.isoformat())
        tell_all(row, _("《%(title)s》回头看过了：%(said)s") % {"title": row.title, "said": words[:60]}, now)
    return passage


def end(
    *, actor: Actor, covenant: Covenant, reason: str, day: date | None = None, now: datetime | None = None
) -> Covenant:
    """End a covenant on a day, with a reason that everybody can read. Its versions and words stay."""
    now = at(now)
    with locked(actor, covenant, "settled") as row:
        when = day or day_of(now) + timedelta(days=1)
        if when <= day_of(now):
            raise wrong("day", _("最早从明天起。"))
        words = required(reason, "reason", limit=300)
        rows = Passage.objects.filter(district_id=row.district_id, covenant=row, outcome="adopted", until=None)
        rows.update(until=when)
        row.state, row.ended_on = "ended", when
        log(row, actor, "end", now, words, day=when.isoformat())
        told = {"title": row.title, "day": on(when), "why": words[:60]}
        tell_all(row, _("《%(title)s》%(day)s 起不再施行：%(why)s") % told, now)
    return row
