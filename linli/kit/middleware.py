"""Two things every answer carries: what the browser may do with it, and the language it speaks."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import translation
from django.utils.cache import patch_vary_headers

from linli.kit import errors
from linli.kit.rates import TooOften
from linli.kit.refusal import Refused

GetResponse = Callable[[HttpRequest], HttpResponse]

# Cameras for evidence, a microphone for "say it", a position for "where am I"; nothing else, and for nobody else.
PERMISSIONS = (
    "camera=(self), microphone=(self), geolocation=(self), fullscreen=(self), accelerometer=(), autoplay=(), "
    "browsing-topics=(), display-capture=(), gyroscope=(), magnetometer=(), midi=(), payment=(), usb=()"
)
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
TILES = "https://*.tianditu.gov.cn"


def content_policy(*, tiles: bool = False) -> str:
    """The content security policy. ``blob:`` images are the previews of photos not sent yet."""
    also = f" {TILES}" if tiles else ""
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self'",
            "style-src 'self'",
            f"img-src 'self' data: blob:{also}",
            f"connect-src 'self'{also}",
            "font-src 'self'",
            "media-src 'self' blob:",
            "worker-src 'self'",
            "manifest-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


class PolicyMiddleware:
    """Sets the security headers that Django's own middleware leaves out; a view that sets one itself keeps it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.policy = content_policy(tiles=bool(getattr(settings, "TIANDITU_KEY", "")))

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = errors.page_not_found(request) if _clean(request) else self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.policy)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        return response


def _clean(request: HttpRequest) -> bool:
    """Take NUL out of the query, and tell whether one stands in the path: PostgreSQL cannot even be asked for it."""
    asked = request.META.get("QUERY_STRING", "")
    if "%00" in asked or "\0" in asked:
        request.META["QUERY_STRING"] = asked.replace("%00", "").replace("\0", "")
    return "\0" in request.path_info


class LanguageMiddleware:
    """Language: the cookie somebody chose, else the account's, else the browser's wish, else Chinese.

    The account is known only after authentication, which runs later than this; ``process_view`` runs after
    every middleware's first half, so the account's word is asked for there, and only where a session exists.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self._speak(request, translation.get_language_from_request(request))
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", translation.get_language() or settings.LANGUAGE_CODE)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response

    def process_view(self, request: HttpRequest, *_view: object) -> None:
        if settings.LANGUAGE_COOKIE_NAME in request.COOKIES or not _has_login(request):
            return
        wish = getattr(request.user, "language", "")
        if wish in dict(settings.LANGUAGES):
            self._speak(request, wish)

    @staticmethod
    def _speak(request: HttpRequest, language: str) -> None:
        translation.activate(language)
        request.LANGUAGE_CODE = language


def _has_login(request: HttpRequest) -> bool:
    """Without a session cookie nobody is logged in, and the database need not be asked."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or not hasattr(request, "user"):
        return False
    return SESSION_KEY in request.session


class FormMiddleware:
    """Takes NUL out of a form's fields, which PostgreSQL cannot even be asked for; the API reads its bodies itself."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> None:
        if request.method != "POST" or request.path.startswith("/api/") or request.content_type not in _FORMS:
            return
        if any("\0" in value for _name, values in request.POST.lists() for value in values):
            cleaned = request.POST.copy()
            for name, values in request.POST.lists():
                cleaned.setlist(name, [value.replace("\0", "") for value in values])
            request.POST = cleaned  # type: ignore[assignment]


class RefusalMiddleware:
    """An action's refusal that a page did not handle itself becomes the matching error page, never a 500.

    So does the address of a button that somebody opened by itself: Django's answer to it is an empty page.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        bare = isinstance(response, HttpResponseNotAllowed) and not request.path.startswith("/api/")
        return errors.not_allowed(request, response["Allow"]) if bare else response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        if isinstance(exception, TooOften):
            return errors.too_many(request, exception.retry_after)
        if exception.status == 404:
            return errors.page_not_found(request)
        if exception.status == 403:
            return errors.permission_denied(request, exception)
        return errors.refused(request, exception.message)
