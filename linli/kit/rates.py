"""How often one address may do one thing: counted in the database, so that it holds over all web processes."""

from __future__ import annotations

import time

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils.translation import gettext as _

from linli.kit.calendar.wording import wait_words
from linli.kit.refusal import Refused


class TooOften(Refused):
    """Over the rate; ``retry_after`` seconds until the window ends."""

    status = 429
    code = "too_often"

    def __init__(self, retry_after: int) -> None:
        super().__init__(_("太快了，请过 %s再试。您写的还在。") % wait_words(retry_after))
        self.retry_after = retry_after


def address(request: HttpRequest) -> str:
    """The caller's address: the connection's own, or what the trusted proxies in front say it was.

    With n proxies the n-th address from the right of X-Forwarded-For is the one that the outermost of *our* proxies
    saw; anything further left is only what the caller claims.
    """
    if settings.PROXIES:
        hops = [h.strip() for h in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if h.strip()]
        if len(hops) >= settings.PROXIES:
            return str(hops[-settings.PROXIES])
    return str(request.META.get("REMOTE_ADDR", ""))


def count(what: str, who: str, *, limit: int, seconds: int = 60, now: float | None = None) -> None:
    """Count one use; raises TooOften beyond ``limit`` uses in a window that begins with the first use."""
    moment = int(now if now is not None else time.time())
    key = f"{what}:{who}"[:80]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kit_rate (key, started, count) VALUES (%s, %s, 1) ON CONFLICT (key) DO UPDATE SET "
            "count = CASE WHEN kit_rate.started <= %s THEN 1 ELSE kit_rate.count + 1 END, "
            "started = CASE WHEN kit_rate.started <= %s THEN %s ELSE kit_rate.started END "
            "RETURNING started, count",
            [key, moment, moment - seconds, moment - seconds, moment],
        )
        started, used = cursor.fetchone()
    if used > limit:
        raise TooOften(max(1, started + seconds - moment))
