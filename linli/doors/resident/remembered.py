"""What this phone has said: a short signed list, so that somebody without an account finds it again.

The cookie holds the hashes of receipts, as the database does, and never a receipt: nobody who looks over a shoulder or
into a backup can open a matter with it elsewhere. It is signed, so that a hash from a stolen database opens nothing.
Ten at the most, ninety days, cleared by one tap.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from linli.core.matters.models import Matter
from linli.core.people.actor import Actor
from linli.kit import crypto

COOKIE = "linli_mine"
MOST = 10
DAYS = 90
_SALT = "linli.resident.mine"


def _read(request: HttpRequest) -> list[list[Any]]:
    try:
        kept = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=DAYS * 24 * 3600)
    except signing.BadSignature:
        return []
    return [row for row in kept if isinstance(row, list) and len(row) == 2][:MOST] if isinstance(kept, list) else []


def add(request: HttpRequest, response: HttpResponse, district_id: int, receipt: str) -> None:
    """Remember one more, newest first; the oldest falls off the end."""
    mine = [district_id, crypto.hash_secret(receipt, "receipt")]
    rows = [mine, *(row for row in _read(request) if row != mine)][:MOST]
    response.set_cookie(
        COOKIE, signing.dumps(rows, salt=_SALT, compress=True), max_age=DAYS * 24 * 3600,
        secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax",
    )  # fmt: skip


def clear(response: HttpResponse) -> None:
    """Forget all of it on this phone; the matters themselves go on."""
    response.delete_cookie(COOKIE, samesite="Lax")


def matters(request: HttpRequest) -> list[Matter]:
    """The matters this phone remembers, newest first; one query a district, and there is nearly always one."""
    by_district: dict[int, list[str]] = {}
    for district_id, hashed in _read(request):
        by_district.setdefault(int(district_id), []).append(str(hashed))
    found: list[Matter] = []
    for district_id, hashes in by_district.items():
        found += Matter.objects.filter(district_id=district_id, receipt_hash__in=hashes)
    return sorted(found, key=lambda m: m.pk, reverse=True)


def holder(request: HttpRequest, matter: Matter) -> Actor | None:
    """The actor who filed this matter on this phone; None where it was another."""
    if [matter.district_id, matter.receipt_hash] not in _read(request):
        return None
    return Actor(kind="receipt", district_id=matter.district_id, receipt_matter=matter.pk)
