"""The same for programs: the list, the comments, and one covenant with everything a stranger needs to check it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from linli.core.matters import masks
from linli.core.people.actor import ANONYMOUS
from linli.core.places.meant import district_asked
from linli.kit.lists import as_csv
from linli.offices.covenants import queries
from linli.offices.covenants.models import Covenant, Passage, Version
from linli.offices.covenants.pages import board, comments
from linli.offices.covenants.pages.common import asked, shown, wanted


@require_safe
def covenants_csv(request: HttpRequest) -> HttpResponseBase:
    """The list of the open ledger as a file."""
    district_id = district_asked(request)
    rows = queries.narrowed(district_id, queries.public(district_id), wanted(request)).order_by("-made_at", "-pk")
    return as_csv("covenants", board.head(), board.lines(district_id, rows))


@require_safe
def comments_csv(request: HttpRequest, number: str) -> HttpResponseBase:
    """What was said about one, masked, with what became of it."""
    covenant = shown(number)
    text = queries.version(covenant, covenant.shown, upto=covenant.shown).said
    rows = queries.comments(covenant, asked(request)).order_by("at", "pk")
    return as_csv("covenant-comments", comments.head(), comments.lines(ANONYMOUS, covenant, rows, text, masks.mask))


@require_safe
def whole(request: HttpRequest, number: str) -> HttpResponseBase:
    """Every version with its digest and the one before: whoever has it can recompute the chain (``text.digest``)."""
    covenant = shown(number)
    body = {
        **_head(covenant), "versions": [_version(v) for v in queries.versions(covenant, upto=covenant.shown)],
        "votes": [_vote(p) for p in queries.passages(covenant)], "comments": queries.tally(covenant),
        "history": [
            {"seq": e.seq, "act": e.act, "version": e.number, "text": e.text, "data": e.data, "by": e.by,
             "at": e.at.isoformat()}
            for e in queries.public_events(covenant)
        ],
    }  # fmt: skip
    return JsonResponse(body, json_dumps_params={"ensure_ascii": False})


def _head(covenant: Covenant) -> dict[str, Any]:
    return {
        "number": covenant.number, "kind": covenant.kind, "title": covenant.title, "purpose": covenant.purpose,
        "place": {"code": covenant.place.code, "name": covenant.place.name, "level": covenant.place.level},
        "state": covenant.state, "opens_on": covenant.opens_on, "closes_on": covenant.closes_on,
        "replaces": covenant.replaces.number if covenant.replaces else None, "ended_on": covenant.ended_on,
    }  # fmt: skip


def _version(version: Version) -> dict[str, Any]:
    return {
        "version": version.number, "title": version.title, **version.text, "why": version.why, "by": version.by,
        "at": version.at.isoformat(), "previous": version.previous, "digest": version.digest,
    }  # fmt: skip


def _vote(passage: Passage) -> dict[str, Any]:
    return {
        "version": passage.number, "digest": passage.digest, "question": passage.question.number,
        "rule": passage.question.rule.code, "outcome": passage.outcome or None, "since": passage.since,
        "until": passage.until, "review_on": passage.review_on, "cautions": passage.cautions,
        "cautions_read_by": passage.by if passage.cautions else None, "cautions_why": passage.why or None,
        "filed_with": passage.filed_with or None, "filed_on": passage.filed_on, "filed_as": passage.filed_as or None,
    }  # fmt: skip
