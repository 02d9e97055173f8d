"""Who looks at a page: a browser's session or nobody. Bearer tokens are for the API and mean nothing here."""

from __future__ import annotations

from django.http import HttpRequest

from linli.core.people import identify
from linli.core.people.actor import Actor


def visitor(request: HttpRequest) -> Actor:
    """The actor behind a page's request."""
    return identify.of_session(request)
