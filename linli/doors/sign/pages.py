"""The page behind a door's sign, open to everybody: who serves this very door, what is announced, and how to say it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from linli.doors.resident import placing
from linli.doors.resident.visitor import visitor
from linli.doors.sign import finding
from linli.doors.sign.finding import Sign
from linli.kit import bridge
from linli.offices.notices import queries
from linli.offices.opinions import queries as opinions

LONGEST = 40


@never_cache
@require_safe
def ask(request: HttpRequest) -> HttpResponse:
    """The code typed by hand, for whoever cannot scan."""
    typed = request.GET.get("code", "").strip()[:LONGEST]
    if not typed:
        return render(request, "sign/ask.html", {"typed": "", "complaint": ""})
    found = finding.read(typed)
    if found.spot is not None or found.heirs:
        return redirect("sign:door", found.code)
    return lost(request, found, typed)


@never_cache
@require_safe
def door(request: HttpRequest, door: str) -> HttpResponse:
    """``/d/{door}``: a sign of today shows its people; an older one leads on; a wrong one says how to go on."""
    found = finding.read(door)
    if len(found.heirs) == 1:
        return redirect("sign:door", finding.code_of(found.heirs[0].node))
    if found.heirs:
        return render(request, "sign/moved.html", {"heirs": [(h, finding.code_of(h.node)) for h in found.heirs]})
    if found.spot is None:
        return lost(request, found, door[:LONGEST])
    if door != found.code:
        return redirect("sign:door", found.code)
    return render(request, "sign/door.html", _context(request, found))


def lost(request: HttpRequest, found: Sign, typed: str) -> HttpResponse:
    """No such sign: what may be wrong with it, and three ways on."""
    words = found.complaint or _("没有这块门牌，可能换过新的了。")
    return render(request, "sign/ask.html", {"typed": typed, "complaint": words}, status=404)


def _context(request: HttpRequest, found: Sign) -> dict[str, Any]:
    spot = found.spot
    assert spot is not None, "only a found place has a page"
    say = reverse("resident:say")
    home = placing.home_of(request, visitor(request))
    return {
        "spot": spot, "code": found.code, "groups": finding.groups(spot),
        "announcements": [(row, queries.address(row)) for row in queries.standing(spot.tree, spot.node)],
        "asked": opinions.around(spot.tree.district.id, spot.node),
        "say": f"{say}?door={found.code}" if spot.node.door else f"{say}?place={spot.node.code}",
        "bridge": bridge.current().ready, "trail": placing.trail_to(spot),
        "mine": home is not None and home.node.id == spot.node.id,
        "chain": [n.name for n in spot.tree.chain(spot.node) if n.level in ("street", "community")],
    }  # fmt: skip
