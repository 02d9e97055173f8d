"""A ballot's receipt on its short way to the page that shows it once: sealed in a cookie, never in a session."""

from __future__ import annotations

import base64
import binascii

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from linli.kit import crypto

COOKIE, PATH, SECONDS = "linli_ballot", "/vote/", 600
_SALT, _CONTEXT = "linli.voting.slip", "voting.slip"


def give(response: HttpResponse, number: str, receipt: str, board: str) -> None:
    sealed = crypto.seal("\n".join((number, receipt, board)), context=_CONTEXT)
    worth = signing.TimestampSigner(salt=_SALT).sign(base64.urlsafe_b64encode(sealed).decode())
    response.set_cookie(COOKIE, worth, max_age=SECONDS, path=PATH, secure=settings.SESSION_COOKIE_SECURE,
                        httponly=True, samesite="Lax")  # fmt: skip


def take(request: HttpRequest, number: str) -> tuple[str, str]:
    """Receipt and board code of a ballot on this question; two empty words where there is none, or it is too old."""
    try:
        sealed = signing.TimestampSigner(salt=_SALT).unsign(request.COOKIES.get(COOKIE, ""), max_age=SECONDS)
        told = crypto.unseal(base64.urlsafe_b64decode(sealed), context=_CONTEXT).split("\n")
    except (signing.BadSignature, crypto.UnsealError, binascii.Error):
        return "", ""
    return (told[1], told[2]) if len(told) == 3 and told[0] == number else ("", "")


def burn(response: HttpResponse) -> None:
    response.delete_cookie(COOKIE, path=PATH, samesite="Lax")
