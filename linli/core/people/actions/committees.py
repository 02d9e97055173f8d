"""业主委员会: registered with its term and its members; a new term follows the old one without a gap."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _

from linli.core.people.actions.bodies import end_posts, put_body
from linli.core.people.actions.gate import configuring
from linli.core.people.actions.serving import names_of, person_of, put_post, term_of
from linli.core.people.actor import Actor
from linli.core.people.models import Organisation, OrganisationKind, Person, Post
from linli.core.places.actions import Changing
from linli.core.places.models import Level, Place
from linli.kit.refusal import Conflict, Invalid

LONGEST_TERM = 5  # years, by the national guidelines for owners' meetings and committees
FEWEST, MOST = 3, 15  # members with the chair; the guidelines' five to eleven stand in the form's help


def register_committee(
    *, actor: Actor, quarter_id: uuid.UUID, name: str, chair: str, members: Sequence[str], since: date, until: date
) -> Organisation:
    """Register a committee of a quarter for its term.

    1. The one before ends on the day the new one begins, with its members' posts.
    2. Its own post goes on under the new term, so that no matter that it holds is left without anybody.
    3. Chair and members get posts for the term; who was in the one before stays the same person.
    """
    with configuring(actor) as change:
        quarter = change.place(quarter_id, "quarter")
        if quarter.level != Level.QUARTER:
            raise Invalid(_("业委会在小区备案。"), fields={"quarter": _("选一个小区。")})
        begins, ends = _term(since, until)
        chosen = _people(chair, members)
        before = _before(quarter, begins)
        known = _known(before)
        unit = _close(before, begins) if before else None
        made = put_body(change, name=name or _("%s业主委员会") % quarter.name, kind=OrganisationKind.OWNERS_COMMITTEE,
                        place=quarter, since=begins, until=ends, unit=unit is None)  # fmt: skip
        if unit is not None:
            Post.objects.filter(pk=unit.pk).update(organisation=made, title=made.name[:60], until=ends)
        _seat(change, made, quarter, chosen, known)
        told = {"name": made.name, "since": begins, "until": ends, "count": len(chosen)}
        words = _("备案了%(name)s，任期 %(since)s 到 %(until)s，委员 %(count)d 人") % told
        change.tell(made.name, words, code=made.code, place=quarter.code)
        return made


def _term(since: date, until: date) -> tuple[date, date]:
    begins, _ends = term_of(since, until)
    try:
        limit = begins.replace(year=begins.year + LONGEST_TERM)
    except ValueError:  # the 29th of February
        limit = begins.replace(year=begins.year + LONGEST_TERM, day=28)
    if until > limit:
        message = _("任期最长 %d 年。") % LONGEST_TERM
        raise Invalid(message, fields={"until": message})
    return begins, until


def _people(chair: str, members: Sequence[str]) -> list[str]:
    """Everybody, the chair first."""
    chosen = names_of([chair, *members])
    if not "".join(chair.split()):
        raise Invalid(_("主任是谁？"), fields={"chair": _("写主任的姓名。")})
    if not FEWEST <= len(chosen) <= MOST:
        message = _("委员连主任要 %(few)d 到 %(most)d 人，现在是 %(now)d 人。") % {
            "few": FEWEST, "most": MOST, "now": len(chosen),
        }  # fmt: skip
        raise Invalid(message, fields={"members": message})
    return chosen


def _before(quarter: Place, day: date) -> Organisation | None:
    """The committee whose term would reach into the new one's, if there is one."""
    rows = Organisation.objects.filter(
        Q(until=None) | Q(until__gt=day), district_id=quarter.district_id, place=quarter,
        kind=OrganisationKind.OWNERS_COMMITTEE,
    )  # fmt: skip
    found = rows.order_by("-since").first()
    if found is not None and found.since >= day:
        message = _("“%(name)s”从 %(since)s 起任职，新一届要晚于这一天。") % {"name": found.name, "since": found.since}
        raise Conflict(message, code="overlap", fields={"since": message})
    if found is None:
        lapsed = Organisation.objects.filter(
            district_id=quarter.district_id, place=quarter, kind=OrganisationKind.OWNERS_COMMITTEE
        )
        found = lapsed.order_by("-since").first()
    return found


def _known(before: Organisation | None) -> dict[str, Person]:
    """Members of the term before, by name: who is elected again is the same person."""
    if before is None:
        return {}
    posts = Post.objects.filter(district_id=before.district_id, organisation=before, person__isnull=False)
    return {post.person.shown: post.person for post in posts.select_related("person") if post.person}


def _close(before: Organisation, day: date) -> Post | None:
    """End the term before; the unit's own post is handed on and therefore left out."""
    units = Post.objects.filter(district_id=before.district_id, organisation=before, person=None, role="committee_unit")
    unit = units.order_by("-since").first()
    end_posts(before, day, but=unit.pk if unit else None)
    ended = day if before.until is None else min(day, before.until)
    Organisation.objects.filter(pk=before.pk).update(until=ended, name=_term_name(before))
    return unit


def _term_name(before: Organisation) -> str:
    """The name is the new one's; the old one says which term it was."""
    return f"{before.name[:60]}（{before.since.year} 届）"


def _seat(
    change: Changing, made: Organisation, quarter: Place, chosen: Sequence[str], known: dict[str, Person]
) -> None:
    for number, name in enumerate(chosen):
        person = known.get(name) or person_of(change, None, name)
        role = "committee_member" if number else "committee_chair"
        put_post(change, role=role, place=quarter, person=person, body=made, since=made.since, until=made.until)
