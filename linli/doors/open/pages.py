"""``/open/``: what everybody may read without a login."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from linli.core.matters import reckoning
from linli.core.places.meant import district_asked, district_named
from linli.core.places.tree import tree
from linli.doors.open import asking, export, figures, reckoned, roots, rosters, story
from linli.doors.open.queries import Ledger
from linli.kit import errors, rates
from linli.kit.days import read_day
from linli.kit.templatetags.linli import qr_svg
from linli.offices.opinions import queries as opinions
from linli.offices.pairing import queries as pairing


@require_safe
def ledger(request: HttpRequest) -> HttpResponse:
    """The public ledger: filters in the address, newest first."""
    known = Ledger(district_asked(request))
    asked = asking.read(request.GET)
    page = known.page(asked)
    chosen = known.tree.by_code.get(asked.cases.get("place", ""))
    made = {
        "page": page, "asked": asked, "options": asking.options(known.tree, known.kinds, request.GET),
        "district": known.tree.district.name, "place": chosen.name if chosen else "",
        "month": asking.month_name(asked.month) if asked.month else "",
        "most": export.MOST,
    }  # fmt: skip
    return render(request, "open/ledger.html", made)


@require_safe
def ledger_csv(request: HttpRequest) -> HttpResponseBase:
    """The filtered ledger as a table; a few a minute from one address."""
    known = Ledger(district_asked(request))
    asked = asking.read(request.GET)
    try:
        rates.count("open-csv", rates.address(request), limit=export.PER_MINUTE)
    except rates.TooOften as often:
        return errors.too_many(request, often.retry_after)
    return export.answer(known, asked)


@require_safe
def matter(request: HttpRequest, number: str) -> HttpResponse:
    """One public matter; what is confidential or not public looks like what does not exist."""
    known = Ledger(district_named(number))
    told = story.tell(known, known.one(number))
    promises = [{"clock": f, "verdict": story.verdict(f)} for f in told.promises]
    made = {
        "story": told, "matter": told.matter, "promises": promises, "district": known.tree.district.name,
        "kind": known.kinds.get(told.matter.kind, ""),
        "category": known.catalogue.category_name(told.matter.category),
        "left": reckoned.Teller(known).left(reckoning.of_matter_exclusions(told.matter)),
    }  # fmt: skip
    made["canvassed"] = opinions.published_of(told.matter) if told.canvassed else []
    return render(request, "open/matter.html", made)


@require_safe
def figures_page(request: HttpRequest) -> HttpResponse:
    """Figures with their formula; under thirty cases there is no rate."""
    known = tree(district_asked(request))
    made = figures.sheet(known, request.GET)
    # Without a month the figures are of the last thirty days, and the menu says so.
    months = [("", _("近 30 天")), *((f"{m:%Y-%m}", asking.month_name(f"{m:%Y-%m}")) for m in asking.months())]
    context = {"sheet": made, "tabs": figures.tabs(made.by, request.GET), "months": months,
               "minimum": made.minimum, "definitions": figures.defined(made), "district": known.district.name,
               "month": asking.month_name(made.month) if made.month else "",
               "typed": bool(request.GET.get("since") or request.GET.get("until")),
               "place_code": request.GET.get("place", "")}  # fmt: skip
    return render(request, "open/figures.html", context)


@require_safe
def roster(request: HttpRequest) -> HttpResponse:
    """Who serves a place, or whom a word finds."""
    known = tree(district_asked(request))
    q = request.GET.get("q", "").strip()[:40]
    code = request.GET.get("place", "")
    node = known.by_code.get(code) if code else known.root
    if node is None:
        raise Http404
    # An empty search, or a single letter of any name, would list half the district.
    found = rosters.search(known, q) if len(q) > 1 else rosters.of_place(known, node)
    paired = pairing.public_of(known, node) if len(q) < 2 and node.level not in ("district", "unit") else []
    return render(request, "open/roster.html", {"found": found, "q": q, "short": len(q) == 1, "paired": paired,
                                                "district": known.district.name})  # fmt: skip


@require_safe
def roots_page(request: HttpRequest) -> HttpResponse:
    """The roots of a month."""
    known = tree(district_asked(request))
    asked = request.GET.get("month", "")
    if asked and not asking.MONTH.fullmatch(asked):
        raise BadRequest
    found = roots.month(known.district.id, _first(asked) if asked else timezone.localdate().replace(day=1))
    if not asked and not found.days and found.before:  # the month is too young for a root: the newest are those before
        found = roots.month(known.district.id, _first(found.before))
    made = {"month": found, "name": asking.month_name(f"{found.first:%Y-%m}"), "district": known.district.name}
    return render(request, "open/roots.html", made)


def _first(month: str) -> date:
    return date(int(month[:4]), int(month[5:]), 1)


@require_safe
def root(request: HttpRequest, day: str) -> HttpResponse:
    """The sheet of one day, made for the notice board of a community."""
    try:
        on = read_day(day)
    except ValueError as error:
        raise Http404 from error
    known = tree(district_asked(request))
    made = roots.sheet(known, on, request.GET.get("place", ""))
    path = reverse("open:root", args=[day]) + (f"?place={made.place.code}" if made.place else "")
    context = {"sheet": made, "qr": qr_svg(request.build_absolute_uri(path)), "district": known.district.name,
               "example": _example(known.district.letters)}  # fmt: skip
    return render(request, "open/root.html", context)


@require_safe
def how(request: HttpRequest) -> HttpResponse:
    """How somebody checks a receipt against the paper on the board, in plain words."""
    district = tree(district_asked(request)).district
    return render(request, "open/how.html", {"district": district.name, "example": _example(district.letters)})


def _example(letters: str) -> str:
    """A number as it stands on a receipt, for the explanation."""
    return f"{letters}-{timezone.localdate():%y%m}-0031"
