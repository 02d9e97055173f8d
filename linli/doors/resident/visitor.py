"""Who looks at a page: a browser's session or nobody. Bearer tokens are for the API and mean nothing here."""

from __future__ import annotations

from django.http import HttpRequest

from linli.core.people import actor as actors
from linli.core.people.actor import ANONYMOUS, Actor


def visitor(request: HttpRequest) -> Actor:
    """The actor behind a page's request."""
    user = request.user
    return actors.for_user(user.pk) if user.is_authenticated and user.pk else ANONYMOUS
