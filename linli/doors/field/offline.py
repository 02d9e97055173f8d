"""What makes the notebook work without a network: the worker of the browser, and what the phone calls the page."""

from __future__ import annotations

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, from an address under ``/field/`` so that it serves the notebook and nothing else."""
    found = finders.find("field/sw.js")
    if not isinstance(found, str):
        raise Http404
    with open(found, encoding="utf-8") as source:
        text = source.read()
    # The shell that must be there without a network. A new release changes these addresses, and with them the worker.
    shell = [reverse("field:offline"), *(static(name) for name in SHELL)]
    shell += [f"{settings.STATIC_URL}{name}" for name in IMPORTED]
    made = text.replace('["SHELL"]', "[" + ", ".join(f'"{path}"' for path in shell) + "]")
    response = HttpResponse(made, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    response["Service-Worker-Allowed"] = "/field/"
    return response


SHELL = (
    "linli/every.css", "matters/matters.css", "field/field.css", "linli/every.js", "linli/toast.js", "field/store.js",
    "field/sending.js", "field/notebook.js", "field/round.js", "field/opinions.js", "vendor/icons.svg",
    "vendor/htmx.min.js", "linli/icon.svg",
)  # fmt: skip

# Modules ask for one another by their plain names.
IMPORTED = ("field/store.js", "field/sending.js", "linli/toast.js")


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What the phone shows where the notebook was put on its first page."""
    icon = {"src": static("linli/icon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}
    body = {
        "name": _("邻理　走访本"), "short_name": _("走访本"), "start_url": "/field/", "scope": "/field/",
        "display": "standalone", "lang": "zh-Hans", "background_color": "#F7F4EE", "theme_color": "#F7F4EE",
        "icons": [icon],
        "shortcuts": [
            {"name": _("记一件"), "url": "/field/new/"}, {"name": _("流动说事点"), "url": "/field/rounds/"},
        ],
    }  # fmt: skip
    return JsonResponse(body, content_type="application/manifest+json")


@require_safe
def gone(request: HttpRequest) -> HttpResponse:
    """The page that stands in for one that the phone has not kept."""
    return render(request, "field/offline.html")
