"""``/api/v1``: what lies beside a matter and is likely the same."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router, Schema

from linli.core.matters import api, seeing
from linli.core.people.actor import Actor
from linli.insight.duplicates import as_items, beside
from linli.kit.refusal import NotFound

router = Router(tags=["insight"])


class LikelyOut(Schema):
    """One likely duplicate. ``sure``: above the threshold that is right in 95 of 100; a person decides either way."""

    number: str
    title: str
    state: str
    place: str
    opened_at: str
    households: int
    likeness: float
    sure: bool
    why: list[str]
    may_merge: bool


class LikelyListOut(Schema):
    items: list[LikelyOut]
    next: str | None


@router.get("/matters/{number}/likely", response={200: LikelyListOut, **api.ERRORS}, auth=None)
def likely(request: HttpRequest, number: str) -> HttpResponse:
    """Matters that are likely the same, best first, among those the caller sees. For staff."""
    actor = api.signed_in(request)
    matter = seeing.get_matter(actor, number)
    _must_be_staff(actor)
    items: list[dict[str, Any]] = as_items(beside(actor, matter))
    return api.reply({"items": items, "next": None})


def _must_be_staff(actor: Actor) -> None:
    """A resident's own matter is theirs to read, but not who else said the same."""
    if not actor.is_staff:
        raise NotFound(_("没有找到这件事。"))
