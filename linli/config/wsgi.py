"""The WSGI entry that granian serves."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from tempfile import SpooledTemporaryFile
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.config.settings")

MOST = 100 * 1024 * 1024  # what a proxy lets through, see docs/deploy.md
_IN_MEMORY = 2 * 1024 * 1024
_PIECE = 64 * 1024
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def measured(application: Application) -> Application:
    """A body sent in chunks names no length, and without one Django takes it for empty: it is read and measured first.

    One longer than ``MOST`` is cut there and named longer than anything that is taken, so that it is refused.
    """

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("CONTENT_LENGTH") or "chunked" not in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
            return application(environ, start_response)
        with SpooledTemporaryFile(max_size=_IN_MEMORY) as body:
            while body.tell() <= MOST and (piece := environ["wsgi.input"].read(_PIECE)):
                body.write(piece)
            length = body.tell()
            body.seek(0)
            return application({**environ, "wsgi.input": body, "CONTENT_LENGTH": str(length)}, start_response)

    return answer


application = measured(get_wsgi_application())
