"""The secret address of one's own calendar: made anew, ended, and read back to whose it is."""

from __future__ import annotations

import secrets

from django.utils.translation import gettext as _

from linli.core.gatherings.models import FeedToken
from linli.core.people.actor import Actor
from linli.kit import crypto
from linli.kit.ids import new_id
from linli.kit.refusal import Forbidden


def feed_token(*, actor: Actor) -> str:
    """A new secret for the actor's calendar feed, shown once. The old address stops at once."""
    if actor.user_id is None or actor.district_id is None:
        raise Forbidden(_("请先登录。"))
    token = secrets.token_urlsafe(32)
    hashed = hashed_token(token)
    FeedToken.objects.update_or_create(
        district_id=actor.district_id, user_id=actor.user_id, defaults={"hash": hashed},
        create_defaults={"id": new_id(), "hash": hashed},
    )  # fmt: skip
    return token


def end_feed(*, actor: Actor) -> bool:
    """No feed from now on; whether there was one."""
    if actor.user_id is None or actor.district_id is None:
        raise Forbidden(_("请先登录。"))
    gone, _each = FeedToken.objects.filter(district_id=actor.district_id, user_id=actor.user_id).delete()
    return bool(gone)


def hashed_token(token: str) -> str:
    """How a token is stored."""
    return crypto.hash_secret(token, "gathering-feed")
