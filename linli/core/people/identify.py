"""Who is calling: a bearer token, a browser session, or nobody."""

from __future__ import annotations

import secrets
import time
import uuid
from dataclasses import replace
from datetime import timedelta

from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.people import actor as actors
from linli.core.people.actor import ANONYMOUS, Actor
from linli.core.people.models import Token, User
from linli.kit import crypto, reader
from linli.kit.refusal import Refused

TOKEN_DAYS = 30
_KEEP_SECONDS = 0.0 if settings.TESTING else 3.0
_kept: dict[str, tuple[float, uuid.UUID, str]] = {}


class Unauthorized(Refused):
    """No valid token or session where one is needed."""

    status = 401
    code = "unauthorized"


def of_request(request: HttpRequest) -> Actor:
    """The actor behind a request. Raises Unauthorized for a bearer token that is wrong, expired or revoked."""
    header = request.headers.get("Authorization", "")
    if header:
        scheme, _space, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthorized(_("登录凭证不对。"))
        return _of_token(token.strip())
    return of_session(request)


def of_session(request: HttpRequest) -> Actor:
    """The actor of a browser's session, read once a request: the page's gate asks, and every entry of its navigation.

    Bearer tokens are for the API and mean nothing here.
    """
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return ANONYMOUS
    kept: Actor | None = getattr(request, "kept_actor", None)
    if kept is None or kept.user_id != user.pk:  # somebody may sign in, or out, in the middle of a request
        kept = actors.for_user(user.pk)
        request.kept_actor = kept  # type: ignore[attr-defined]
    return kept


def _of_token(token: str) -> Actor:
    hashed = crypto.hash_secret(token, "token")
    now = time.monotonic()
    kept = _kept.get(hashed)
    if kept is None or now - kept[0] >= _KEEP_SECONDS:
        found = reader.fetch(Token, "WHERE hash = %s", hashed)
        # Whose account it is, open or closed, demo or not, is asked with the actor.
        if not found or found[0].expires_at <= timezone.now() or not actors.for_user(found[0].user_id).user_id:
            _kept.pop(hashed, None)
            raise Unauthorized(_("登录过期了，请重新登录。"))
        if len(_kept) > 5000:
            _kept.clear()
        kept = _kept[hashed] = (now, found[0].user_id, found[0].channel)
    actor = actors.for_user(kept[1])
    return replace(actor, channel=kept[2]) if kept[2] else actor


def forget() -> None:
    """Drop what is kept of tokens."""
    _kept.clear()


def sign_in(request: HttpRequest, username: str, password: str) -> User | None:
    """The account, if name and password fit and it is open. Demo accounts only exist for a demo."""
    user = authenticate(request, username=username, password=password)
    if not isinstance(user, User) or (user.demo and not settings.DEMO):
        return None
    return user


def give_token(user: User, *, channel: str = "", days: int = TOKEN_DAYS) -> str:
    """A new bearer token; only its hash is kept."""
    token = secrets.token_urlsafe(32)
    Token.objects.create(
        hash=crypto.hash_secret(token, "token"), user=user, channel=channel,
        expires_at=timezone.now() + timedelta(days=days),
    )  # fmt: skip
    return token


def revoke(token: str) -> None:
    """End a token."""
    Token.objects.filter(hash=crypto.hash_secret(token, "token")).delete()
    forget()
