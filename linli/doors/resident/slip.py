"""The receipt's short way from the form to the page that shows it once.

It travels in a cookie of that page alone, sealed, for ten minutes: a session lies in the database, where a receipt must
never stand in words that somebody on the staff could read.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString

from linli.kit import crypto
from linli.kit.templatetags.linli import qr_svg

COOKIE = "linli_slip"
PATH = "/say/"
SECONDS = 600
_SALT = "linli.resident.slip"
_CONTEXT = "resident.slip"


def give(response: HttpResponse, receipt: str) -> None:
    """Hand the receipt over with the answer to the form."""
    sealed = base64.urlsafe_b64encode(crypto.seal(receipt, context=_CONTEXT)).decode()
    response.set_cookie(
        COOKIE, signing.TimestampSigner(salt=_SALT).sign(sealed), max_age=SECONDS, path=PATH,
        secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax",
    )  # fmt: skip


def take(request: HttpRequest) -> str:
    """The receipt that was handed over; "" where there is none, it is too old, or it is not ours."""
    try:
        sealed = signing.TimestampSigner(salt=_SALT).unsign(request.COOKIES.get(COOKIE, ""), max_age=SECONDS)
        return crypto.unseal(base64.urlsafe_b64decode(sealed), context=_CONTEXT)
    except (signing.BadSignature, crypto.UnsealError, binascii.Error):
        return ""


def burn(response: HttpResponse) -> None:
    """It has been shown: gone."""
    response.delete_cookie(COOKIE, path=PATH, samesite="Lax")


@dataclass(frozen=True)
class Ticket:
    """The receipt as a page prints it: in fours, as a picture that leads back to the matter, and to be read aloud."""

    receipt: str
    link: str
    qr: SafeString
    spelled: str


def ticket(request: HttpRequest, receipt: str) -> Ticket:
    """Make the ticket of a receipt."""
    link = request.build_absolute_uri(reverse("resident:track", args=[receipt]))
    spelled = "，".join(" ".join(group) for group in receipt.split("-"))
    return Ticket(receipt, link, qr_svg(link), spelled)
