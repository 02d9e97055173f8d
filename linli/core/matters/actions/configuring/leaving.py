"""Whoever leaves a post must hold nothing any more: a matter that nobody holds is a matter that nobody answers."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import date

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters.flow import ENDED
from linli.core.matters.models import Matter
from linli.core.people import actions as people
from linli.core.people.actor import Actor
from linli.core.people.models import Organisation, OrganisationKind, Post
from linli.kit.refusal import Conflict


def held_by(district_id: int, post_ids: Iterable[uuid.UUID]) -> int:
    """How many matters that are not ended these posts hold, or have first."""
    ids = list(post_ids)
    open_ones = Matter.objects.filter(district_id=district_id).exclude(state__in=[str(state) for state in ENDED])
    return open_ones.filter(Q(handler_id__in=ids) | Q(handler=None, first_id__in=ids)).count() if ids else 0


def end_post(*, actor: Actor, post_id: uuid.UUID, on: date | None = None) -> Post:
    """``people.actions.end_post``, refused while the post holds something and the day has come."""
    with transaction.atomic():
        post = people.end_post(actor=actor, post_id=post_id, on=on)
        _refuse_full_hands(post.district_id, [post.pk], on)
        return post


def close_body(*, actor: Actor, organisation_id: uuid.UUID, on: date | None = None) -> Organisation:
    """``people.actions.close_body``, refused while one of its posts holds something and the day has come."""
    with transaction.atomic():
        body = people.close_body(actor=actor, organisation_id=organisation_id, on=on)
        posts = Post.objects.filter(district_id=body.district_id, organisation=body)
        _refuse_full_hands(body.district_id, list(posts.values_list("pk", flat=True)), on)
        return body


def register_committee(
    *, actor: Actor, quarter_id: uuid.UUID, name: str, chair: str, members: Sequence[str], since: date, until: date
) -> Organisation:
    """``people.actions.register_committee``, refused while a member of the term before personally holds something.

    What the committee as such holds goes on: its own post serves the new term.
    """
    with transaction.atomic():
        made = people.register_committee(
            actor=actor, quarter_id=quarter_id, name=name, chair=chair, members=members, since=since, until=until
        )
        before = Post.objects.filter(
            district_id=made.district_id, place_id=made.place_id, person__isnull=False, until=since,
            organisation__kind=OrganisationKind.OWNERS_COMMITTEE,
        )  # fmt: skip
        _refuse_full_hands(made.district_id, list(before.values_list("pk", flat=True)), since)
        return made


def _refuse_full_hands(district_id: int, post_ids: Sequence[uuid.UUID], on: date | None) -> None:
    """Within the transaction, after the change: what was dispatched meanwhile is seen too."""
    if on is not None and on > timezone.localdate():
        return
    count = held_by(district_id, post_ids)
    if count:
        message = _("手上还有 %d 件没办完的事，先请社区或街道派给别人。") % count
        raise Conflict(message, code="hands_full", fields={"on": message})
