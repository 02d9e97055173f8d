"""``/field/visits/``: my places, and writing down a day on site. ``/open/pairings/``: who answers for my quarter."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from linli.core.matters.askpage import Ask, perform, posted
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.core.places.models import District
from linli.core.places.tree import Node, Tree, tree
from linli.kit import files
from linli.kit.lists import param
from linli.kit.models import Upload
from linli.kit.refusal import Invalid
from linli.offices.pairing import actions, queries
from linli.offices.pairing.forms import VisitForm
from linli.offices.pairing.scheme import scheme


@require_safe
@staff_page
def mine(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The places I answer for, what I promised and how far I am; my last visits."""
    known = tree(actor.district_id or 0)
    plan = scheme(known)
    rows = queries.mine(actor)
    kept = queries.kept(rows, timezone.localdate())
    names = {r.code: r.name for r in plan.roles}
    held = [{"p": p, "role": names.get(p.role, ""), "kept": kept.get(p.pk), "where": _where(known, p.place_id)}
            for p in rows]  # fmt: skip
    last = queries.visits(actor).filter(pairing__in=[p.pk for p in rows]).order_by("-on", "-id")[:20]
    return render(request, "pairing/mine.html", {"rows": held, "visits": list(last), "scheme": plan})


def _where(known: Tree, place_id: uuid.UUID) -> str:
    node = known.by_id.get(place_id)
    return " ".join(n.name for n in known.chain(node)[1:-1]) if node else ""


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def log(request: HttpRequest, actor: Actor, pairing_id: uuid.UUID) -> HttpResponseBase:
    """A day on site; what was found becomes a matter."""
    pairing = queries.of_mine(actor, pairing_id)
    form = VisitForm(actor, pairing, posted(request))
    back = reverse("pairing:mine")
    ask = Ask(_("记一次走访　%s") % pairing.place.name, _("记下"), back, _("只记哪天、在哪儿，不记行踪。"),
              base="field/base.html", template="pairing/log.html")  # fmt: skip

    def do(data: dict[str, Any]) -> tuple[str, str]:
        found = None
        if data["text"].strip():
            found = actions.Found(data["text"], data["kind"] or "appeal", form.spot_node(), _pictures(request, actor))
        visit = actions.log_visit(
            actor=actor, pairing_id=pairing.pk, on=data["on"], note=data["note"], found=found, key=data["key"]
        )
        said = _("记下了。问题开成了 %s。") % visit.matter.number if visit.matter else _("记下了。")
        return back, said

    return perform(request, ask, form, do, {"kept": request.POST.getlist("attachments")})


def _pictures(request: HttpRequest, actor: Actor) -> list[Upload]:
    taken = []
    for shot in request.FILES.getlist("attachments_files")[: files.MOST_PICTURES]:
        try:
            taken.append(files.take(shot, owner=files.owner(actor.user_id)))
        except files.UnsupportedMedia as refused:
            raise Invalid(refused.message, fields={"text": refused.message}) from refused
    return [*files.waiting(request.POST.getlist("attachments"), actor.user_id), *taken]


# ── for everybody ───────────────────────────────────────────────────────────────────────────────────────────────
@require_safe
def public(request: HttpRequest) -> HttpResponse:
    """Who answers for a quarter: names, roles and promises, as they hang at the gate."""
    known = tree(_district(request))
    code, q = param(request, "place"), param(request, "q", 40)
    node = known.by_code.get(code) if code else None
    if code and node is None:
        raise Http404
    home = getattr(request.user, "home_id", None)
    if node is None and not q and home in known.by_id:
        node = known.at_level(known.by_id[home], "quarter") or known.by_id[home]
    found = _named(known, q) if q and node is None else []
    below = _below(known, node or known.root) if not q else []
    context = {
        "node": node, "q": q, "found": found, "below": below, "district": known.district.name,
        "rows": queries.public_of(known, node) if node else [], "scheme": scheme(known),
        "chain": known.chain(node) if node else [],
    }  # fmt: skip
    return render(request, "pairing/public.html", context)


def _district(request: HttpRequest) -> int:
    """The one asked for, else the visitor's own, else the only one there is."""
    asked, own = param(request, "district"), getattr(request.user, "district_id", None)
    known = list(District.objects.order_by("pk").values_list("pk", flat=True))
    if asked:
        known = [code for code in known if str(code) == asked]
    if not known:
        raise Http404
    return own if own in known and not asked else known[0]


def _named(known: Tree, q: str) -> list[tuple[Node, str]]:
    hits = [n for n in known.by_path.values() if n.level in ("community", "quarter") and q in n.name]
    return [(n, known.full_name(n, below="street")) for n in sorted(hits, key=lambda n: n.path)[:40]]


def _below(known: Tree, node: Node) -> list[Node]:
    found = [n for n in known.children.get(node.id, []) if n.level in ("street", "community", "quarter")]
    return sorted((n for n in found if not n.generic), key=lambda n: n.path)
