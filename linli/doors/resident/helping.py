"""Before it is said: what neighbours have said already near there, at most three, and never in the way.

What is shown is asked of ``insight``, which only suggests: the form below it can always be sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from linli.core.matters.actions import following
from linli.core.matters.actions.opening import TEXT_LIMIT
from linli.core.matters.models import Matter
from linli.core.places.tree import tree
from linli.doors.resident import placing, where
from linli.doors.resident.placing import Spot
from linli.doors.resident.visitor import visitor
from linli.doors.resident.where import Where
from linli.insight.before import before
from linli.insight.duplicates import Offered
from linli.insight.guidance import Guidance, Note, Reply
from linli.kit import errors, rates
from linli.kit.refusal import NotFound, Refused

SHORTEST: Final = 6  # fewer characters say nothing that could be compared
MOST: Final = 3
A_MINUTE: Final = 60


@dataclass(frozen=True)
class Help:
    """What stands above the button; falsy where there is nothing to say."""

    offered: Sequence[Offered] = field(default=())
    guidance: Guidance = field(default_factory=Guidance)

    def __bool__(self) -> bool:
        return bool(self.offered or self.notes or self.replies)

    @property
    def replies(self) -> Sequence[Reply]:
        """What others asked in nearly the same words, and how it ended."""
        return self.guidance.replies

    @property
    def notes(self) -> list[Note]:
        """Danger first, then who handles it, then what the law keeps out of here: with its basis."""
        known = self.guidance
        return [note for note in (known.urgent, known.redirect, known.stop, *known.answers) if note][:MOST]

    def is_news(self, data: QueryDict) -> bool:
        """Whether somebody who sends the form now has not been shown this yet: once is enough, and nothing blocks."""
        seen = set(data.getlist("offered"))
        if data.get("anyway"):
            return False
        return any(one.number not in seen for one in self.offered) or (
            self.guidance.asks_first and "guided" not in seen
        )


def help_with(text: str, place: Where) -> Help:
    """Asked of what was typed and where; nothing where either is still missing."""
    words = text.strip()
    if not SHORTEST <= len(words) <= TEXT_LIMIT:
        return Help()
    try:
        spot, lon, lat = place.settle()
    except Refused:
        return Help()
    found = before(spot.district_id, words, spot.node, lon, lat)
    return Help(found.offered[:MOST], found.guidance)


@never_cache
@require_POST
def helping(request: HttpRequest) -> HttpResponse:
    """``/say/help/``: the fragment while somebody types. A post, so that no words stand in an address or a log."""
    actor = visitor(request)
    try:
        rates.count("help", str(actor.user_id or rates.address(request)), limit=A_MINUTE)
    except rates.TooOften as refused:
        return errors.too_many(request, refused.retry_after)
    home = placing.home_of(request, actor)
    district_id = home.district_id if home else actor.district_id or placing.first_district()
    if district_id is None:
        return render(request, "resident/_help.html", {"help": Help()})
    found = help_with(request.POST.get("text", ""), where.read(request.POST, district_id, home))
    return render(request, "resident/_help.html", {"help": found})


def job_of(data: QueryDict) -> Matter | None:
    """The job that the pressed button names; NotFound where it is none that strangers may follow."""
    number = data.get("follow", "")[:24]
    if not number:
        return None
    job = following.followed(number)
    if not following.may_follow(job):
        raise NotFound(_("那一件已经办完了。要是还没好，请照常说一件。"))
    return job


def place_of(job: Matter, place: Where) -> tuple[Spot, float | None, float | None]:
    """Where the follower's own matter lies: as the form says it, else where the job does."""
    try:
        spot, lon, lat = place.settle()
    except Refused:
        spot, lon, lat = None, None, None
    if spot is None or spot.district_id != job.district_id:
        node = following.public_place(job)
        return Spot(job.district_id, tree(job.district_id).by_id.get(node.id, node)), None, None
    return spot, lon, lat
