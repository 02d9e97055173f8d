"""The resident's side of an act: whose matter it is, and for how long it may be taken up again."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters.flow import CLOSED, ENDED, MERGED, RESOLVED, VERIFIED
from linli.core.matters.models import Kind, Matter
from linli.core.matters.step import Step
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.models import Post
from linli.core.people.posts import Roster
from linli.core.places.tree import tree
from linli.kit.calendar import Span, due
from linli.kit.refusal import Conflict, Forbidden
from linli.kit.refusals import SETTINGS

# After so many contests of one verified result the last word is spoken: one, and one more once it was judged. A
# neighbour may raise the first of them only, so that nobody uses up what belongs to the one who spoke up.
MOST_CONTESTS = {"reporter": 2, "affected": 1}


def is_reporter(matter: Matter, actor: Actor) -> bool:
    """The one who spoke up: by account, or by holding the receipt."""
    if actor.receipt_matter == matter.pk:
        return True
    return actor.user_id is not None and actor.user_id == matter.opened_by_id


def may_rate(matter: Matter, actor: Actor) -> bool:
    """The resident; or, of a matter recorded on somebody's behalf, another person who called that somebody back.

    That other person may verify here, and neither recorded the matter, nor holds it, nor resolved it.
    """
    if is_reporter(matter, actor):
        return True
    if matter.recorded_by_id is None or actor.over(duties.VERIFY, matter.scope_path) is None:
        return False
    took_part = {matter.recorded_by_id, matter.handler_id, matter.resolver_id} & actor.post_ids
    return not took_part and actor.person_id != matter.resolver_person


def must_not_have_served(caller: Actor, matter: Matter) -> None:
    """Forbidden for who recorded, holds, resolved or verified the matter: a slip that passed through his hands rates
    nothing, at whichever door. Whose own matter it is by account speaks for himself."""
    if caller.user_id is None or caller.user_id == matter.opened_by_id:
        return
    took_part = {matter.recorded_by_id, matter.handler_id, matter.resolver_id, matter.verifier_id} & caller.post_ids
    if took_part or (caller.person_id is not None and caller.person_id in persons_involved(matter)):
        raise Forbidden(_("经手的人不能替居民评价。"), code="took_part")


def reopened_so_far(matter: Matter) -> int:
    """How often work began anew without a contest: each round is one or the other."""
    return matter.rounds - 1 - sum(1 for c in matter.clocks if c["stage"] == "contest")


def most_reopenings(matter: Matter) -> int:
    """The district's ``most_reopenings`` (kit/refusals.py)."""
    kept = tree(matter.district_id).district.settings
    return int(kept.get("most_reopenings", SETTINGS["most_reopenings"].default))


def must_have_reopening_left(matter: Matter) -> None:
    """The one who spoke up may have it done anew so often; after that an office may, or it is said as a new one."""
    most = most_reopenings(matter)
    if reopened_so_far(matter) >= most:
        words = _("这件事已经重新办过 %d 次，不能再点重新办。又坏了请重新说一件，或者请社区替您重新办。")
        raise Conflict(words % most, code="reopened_enough")


def may_contest_affected(matter: Matter, actor: Actor, kind: Kind | None) -> bool:
    """受影响的居民: signed in, living in the matter's community or following it, and with no hand in it.

    Only what stands on the public ledger can be contested by somebody else than the one who said it.
    """
    if actor.user_id is None or actor.district_id != matter.district_id or is_reporter(matter, actor):
        return False
    if matter.confidential or kind is None or kind.confidential or not kind.public:
        return False
    took_part = {matter.recorded_by_id, matter.handler_id, matter.resolver_id, matter.verifier_id} & actor.post_ids
    if took_part or (actor.person_id is not None and actor.person_id in persons_involved(matter)):
        return False
    return _lives_there(matter, actor) or _follows(matter, actor)


def _lives_there(matter: Matter, actor: Actor) -> bool:
    known = tree(matter.district_id)
    home = known.by_id.get(actor.home_id) if actor.home_id else None
    community = known.at_level(home, "community") if home else None
    return community is not None and community.id == matter.community_id


def _follows(matter: Matter, actor: Actor) -> bool:
    """Whose own words were merged into this job, wherever home may be."""
    mine = Matter.objects.filter(district_id=matter.district_id, job_id=matter.pk, opened_by_id=actor.user_id)
    return mine.exists()


def verified_round(matter: Matter) -> int:
    """The round of the newest passed verification: each one opens a rating clock. 0 where there was none."""
    return max((int(c["round"]) for c in matter.clocks if c["stage"] == "rating"), default=0)


def is_rated(matter: Matter, job: Matter | None = None) -> bool:
    """Whether the resident's word about the newest verified result is in; work done anew is rated anew."""
    about = job or matter
    if matter.score is None or (about is matter and matter.state == VERIFIED):
        return False
    return matter.rated_round >= verified_round(about)


def contests_so_far(matter: Matter) -> int:
    """How often the newest verified result (or the decline) was contested: each contest opens a clock of its own."""
    since = verified_round(matter)
    return sum(1 for c in matter.clocks if c["stage"] == "contest" and int(c["round"]) > since)


def must_have_contest_left(matter: Matter, who: str) -> None:
    """One contest, and one more after it was judged; a neighbour only the first."""
    if contests_so_far(matter) >= MOST_CONTESTS[who]:
        raise Conflict(_("这次办的结果已经裁定过，不能再提异议。又坏了可以重新说一件。"), code="contested_enough")


def may_thank(matter: Matter, actor: Actor, job_state: str = "") -> bool:
    """The one who spoke up, once there is something to be thankful for."""
    done = (RESOLVED, VERIFIED, CLOSED)
    return is_reporter(matter, actor) and (matter.state in done or (matter.state == MERGED and job_state in done))


def may_call_back(matter: Matter, actor: Actor, kind: Kind | None, now: datetime | None = None) -> bool:
    """Whether this handler is the one who has to call back.

    A department, a firm or a committee that a complaint was handed to may be what the complaint is about: it works on
    the matter and never sees who complained, unless the kind itself is an order to it (limits, rule 2). Some days
    after the closing there is nothing left to call about, and the contact shuts.
    """
    held = actor.held(duties.REVEAL, matter.handler_id)
    if held is None or contact_shut(matter, now or timezone.now()):
        return False
    as_unit = duties.SEE in duties.role(held.role).held
    return not as_unit or (kind is not None and kind.units_call)


def contact_shut(matter: Matter, now: datetime) -> bool:
    """Whether the matter ended longer ago than the district's ``contact_days`` (kit/refusals.py)."""
    if matter.closed_at is None or matter.state not in ENDED:
        return False
    kept = tree(matter.district_id).district.settings
    days = kept.get("contact_days", SETTINGS["contact_days"].default)
    return now > matter.closed_at + timedelta(days=days)


def must_be_resident(current: Step, actor: Actor) -> None:
    """Forbidden for everybody but the one who spoke up: no office rates or contests in a resident's name."""
    if not is_reporter(current.matter, actor):
        raise Forbidden(_("评价和异议由说事的居民自己来。"))
    current.label = "一位居民"


def units_involved(matter: Matter, roster: Roster) -> set[uuid.UUID]:
    """The units that resolved and verified: who judges must be of another one.

    A post that has ended since stands in no roster; its unit is as little independent as before.
    """
    posts = [post for post in (matter.resolver_id, matter.verifier_id) if post]
    gone = [post for post in posts if post not in roster.by_id]
    found = {roster.by_id[post].unit for post in posts if post in roster.by_id}
    if gone:
        rows = Post.objects.filter(district_id=matter.district_id, pk__in=gone)
        found |= set(rows.values_list(Coalesce("organisation_id", "id"), flat=True))
    return found


def persons_involved(matter: Matter) -> set[uuid.UUID]:
    """Who resolved, verified or proposed to decline: none of them judges a contest of it."""
    return {p for p in (matter.resolver_person, matter.verifier_person, matter.decliner_person) if p}


def judging_office(current: Step) -> uuid.UUID | None:
    """The office that judges: neither the resolver's nor the verifier's unit; if there is none, the next level up."""
    matter = current.matter
    involved = units_involved(matter, current.roster)
    for tier in ("street", "district"):
        office = current.roster.office(tier, matter.scope_path)
        if office is not None and office.unit not in involved:
            return office.id
    return None


def taking_up(current: Step) -> uuid.UUID | None:
    """Who works on it anew: whoever held it last and still serves, else the office of the place."""
    matter, roster = current.matter, current.roster
    for post_id in (matter.handler_id, matter.resolver_id, matter.first_id):
        if post_id in roster.by_id:
            return post_id
    path = matter.scope_path
    office = roster.office("community", path) or roster.office("street", path)
    if office is None:
        return matter.handler_id
    current.involve(office, "handler")
    return office.id


def ended_at(matter: Matter) -> datetime | None:
    """From when its windows count; where imported books tell no end, from its opening."""
    return matter.closed_at or (matter.opened_at if matter.imported == "closed" else None)


def window_open(current: Step, stage: str, since: datetime | None) -> bool:
    """Whether the policy's window still stands open, counted from ``since``."""
    if since is None:
        return True
    text = current.policy.stages.get(stage, "30d")
    return current.now <= due(since, Span.parse(text), current.catalogue.calendar(current.policy.calendar)).at
