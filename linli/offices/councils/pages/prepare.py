"""A sitting before and after: planned, changed, its file with agenda, who comes, figures, and what came of it."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from linli.core.gatherings import actions as core
from linli.core.gatherings import queries as sittings
from linli.core.gatherings.actions import Planned
from linli.core.gatherings.briefing import brief, days_of
from linli.core.gatherings.models import Gathering
from linli.core.matters.askpage import Ask, perform, posted
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.core.places.tree import tree
from linli.kit.refusal import Invalid
from linli.offices.councils import ballots, minuting, queries
from linli.offices.councils.forms import MinutesForm, SittingForm
from linli.offices.councils.pages.common import here, hosted, must_host
from linli.offices.councils.pages.printing import kept


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def new(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Plan a sitting: nobody is told yet."""
    must_host(actor)
    form = SittingForm(actor, posted(request))
    ask = Ask(_("筹备一次会"), _("先备着"), reverse("councils:board"), _("还不通知任何人，都能改。"))

    def do(data: dict[str, Any]) -> tuple[str, str]:
        kind = form.kinds[data["kind"]]
        made = core.draft(
            actor=actor, district_id=actor.district_id or 0, kind_id=kind.pk, planned=_planned(actor, data)
        )  # fmt: skip
        _carry(actor, made)
        return here(made), _("备好了。定议题，再发通知。")

    return perform(request, ask, form, do)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def edit(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """Change a sitting that nobody was told of yet."""
    gathering = hosted(actor, number)
    initial = {
        "kind": gathering.kind.code, "place": gathering.place.code, "title": gathering.title,
        "starts_at": gathering.starts_at, "ends_at": gathering.ends_at, "where": gathering.where,
        "room": str(gathering.room_id or ""), "text": gathering.text,
    }  # fmt: skip
    form = SittingForm(actor, posted(request), initial)
    form.fields["kind"].disabled = True
    ask = Ask(_("改这次会"), _("改好了"), here(gathering))

    def do(data: dict[str, Any]) -> tuple[str, str]:
        core.edit(
            actor=actor, district_id=gathering.district_id, gathering_id=gathering.pk, planned=_planned(actor, data)
        )  # fmt: skip
        return here(gathering), _("改好了。")

    return perform(request, ask, form, do)


def _planned(actor: Actor, data: dict[str, Any]) -> Planned:
    place = tree(actor.district_id or 0).by_code[data["place"]]
    room = uuid.UUID(data["room"]) if data["room"] else None
    if room is None and not data["where"].strip():
        message = _("选一间屋子，或者写在哪儿。")
        raise Invalid(message, fields={"where": message})
    return Planned(data["title"], place, data["starts_at"], data["ends_at"], room, data["where"], data["text"])


def _carry(actor: Actor, gathering: Gathering) -> None:
    """What was not reached last time comes first, and the period's figures lie in front of the sitting."""
    ids: dict[str, Any] = {"actor": actor, "district_id": gathering.district_id, "gathering_id": gathering.pk}
    says = gathering.kind.says
    for item in sittings.carried_over(gathering.district_id, gathering.kind.code, gathering.place_id):
        known = says.procedure(item.procedure) or (says.procedures[0] if says.procedures else None)
        core.add_item(**ids, matter_id=item.matter_id, procedure=known.code if known else "")
    figures = brief(gathering.district_id, gathering.scope_path, timezone.now(), days_of(gathering))
    core.prefill(**ids, brief=figures)


@require_safe
@staff_page
def one(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """One sitting: agenda, who comes, figures, what came of it, minutes."""
    gathering = hosted(actor, number)
    items = sittings.agenda(gathering)
    says = gathering.kind.says
    against = queries.dissents(gathering.district_id, [i.pk for i in items])
    shown = ballots.of_items(items)
    for i in items:
        i.shown = [b for b in shown.get(i.pk, []) if b.question.state != "draft"]  # type: ignore[attr-defined]
    context = {
        "g": gathering, "early": gathering.state in ("draft", "called"),
        "items": [(i, says.procedure(i.procedure), against.get(i.pk, [])) for i in items],
        "invitations": list(gathering.invitations.order_by("pk")), "meter": sittings.quorum(gathering),
        "before": sittings.follow_up(gathering) if gathering.state in ("draft", "called", "sitting") else [],
        "resolutions": sittings.resolutions(gathering), "minutes": sittings.minutes(gathering),
        "waiting": list(gathering.attendances.filter(state="waiting", evidence="sheet").order_by("at")),
        "papers": kept(gathering),
    }  # fmt: skip
    return render(request, "councils/one.html", context)


# ── minutes ─────────────────────────────────────────────────────────────────────────────────────────────────
@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def minutes(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """The minutes, drafted from the sitting's own notes, then published."""
    gathering = hosted(actor, number)
    form = MinutesForm(posted(request), {"text": minuting.text(gathering)})
    ask = Ask(_("会议纪要"), _("公布"), here(gathering), _("按会上记的起好了草稿。公布以后，只由到会的人更正。"))

    def do(data: dict[str, Any]) -> tuple[str, str]:
        core.publish(actor=actor, district_id=gathering.district_id, gathering_id=gathering.pk, text=data["text"])
        return here(gathering), _("纪要公布了。")

    return perform(request, ask, form, do)


@require_safe
@staff_page
def paper(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """The minutes as a sheet to print, in the layout of an official paper."""
    gathering = hosted(actor, number)
    newest = sittings.newest_minutes(gathering)
    context = {
        "g": gathering, "text": newest.text if newest else minuting.text(gathering), "minutes": newest,
        "office": gathering.host.title, "has_file": gathering.state in ("ended", "minuted"),
    }  # fmt: skip
    return render(request, "councils/paper.html", context)
