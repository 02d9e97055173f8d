"""Resolutions: written whole, split into matters, those against asked first, reviewed by residents."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from linli.core.gatherings import actions as core
from linli.core.gatherings import queries as sittings
from linli.core.gatherings.actions import Charge, Part
from linli.core.gatherings.models import Resolution
from linli.core.matters import seeing
from linli.core.matters.askpage import Ask, perform, posted
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.core.people.posts import roster
from linli.core.places.tree import tree
from linli.kit.refusal import NotFound
from linli.offices.councils import actions, queries
from linli.offices.councils.forms import AssignForm, ObjectorForm, PartForm, ResolveForm, ReviewForm
from linli.offices.councils.pages.common import here, hosted


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def resolve(request: HttpRequest, actor: Actor, number: str, item_id: uuid.UUID) -> HttpResponseBase:
    """A resolution, whole: who, by when, when residents look, and into which matters it is split."""
    gathering = hosted(actor, number)
    item = queries.item(gathering, item_id)
    form = ResolveForm(gathering, posted(request), {"text": item.text[:1000]})
    ask = Ask(_("写决议"), _("写好了"), here(gathering), item.title)

    def do(data: dict[str, Any]) -> tuple[str, str]:
        made = actions.resolve(
            actor=actor, item=item, text=data["text"], charge=_charge(gathering.district_id, data),
            parts=data["parts"].splitlines(), retry=data["retry"],
        )  # fmt: skip
        return reverse("councils:resolution", args=[made.pk]), _("决议写好了。")

    return perform(request, ask, form, do)


def _charge(district_id: int, data: dict[str, Any]) -> Charge:
    owner = roster(district_id).find(data["owner"]) if data.get("owner") else None
    return Charge(owner.id if owner else None, data["due_on"], data["review_on"])


def hosted_resolution(actor: Actor, resolution_id: uuid.UUID) -> Resolution:
    """A resolution of a sitting that the actor may run."""
    found = sittings.resolution(actor, resolution_id)
    if actor.over(duties.CONVENE, found.scope_path) is None:
        raise NotFound(_("没有找到这条决议。"))
    return found


@require_safe
@staff_page
def resolution(request: HttpRequest, actor: Actor, resolution_id: uuid.UUID) -> HttpResponseBase:
    """One resolution: its matters, those who were against it, and what residents found."""
    row = hosted_resolution(actor, resolution_id)
    against = queries.dissents(row.district_id, [row.item_id]).get(row.item_id, [])
    yes, no = queries.verdicts(row)
    # A committee runs its sittings and sees not every matter that comes of them: such a one is told without a link.
    parts = [p.matter for p in row.matters.all()]
    context = {
        "r": row, "against": against, "parts": parts, "opens": seeing.seen_among(actor, [m.pk for m in parts]),
        "yes": yes, "no": no, "said": queries.verdict_words(row), "open": row.state in ("set", "back"),
    }  # fmt: skip
    return render(request, "councils/resolution.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def assign(request: HttpRequest, actor: Actor, resolution_id: uuid.UUID) -> HttpResponseBase:
    """Another owner or other days."""
    row = hosted_resolution(actor, resolution_id)
    back = reverse("councils:resolution", args=[row.pk])
    form = AssignForm(row, posted(request))

    def do(data: dict[str, Any]) -> tuple[str, str]:
        core.assign(actor=actor, district_id=row.district_id, resolution_id=row.pk,
                    charge=_charge(row.district_id, data))  # fmt: skip
        return back, _("改好了。")

    return perform(request, Ask(_("谁办，哪天办完，哪天评审"), _("改好了"), back, row.text), form, do)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def split(request: HttpRequest, actor: Actor, resolution_id: uuid.UUID) -> HttpResponseBase:
    """One more matter of a resolution, handed to who does it. The key in the form makes a repeat harmless."""
    row = hosted_resolution(actor, resolution_id)
    back = reverse("councils:resolution", args=[row.pk])
    form = PartForm(row.gathering, posted(request))
    place = tree(row.district_id).by_id[row.item.matter.place_id if row.item.matter else row.gathering.place_id]

    def do(data: dict[str, Any]) -> tuple[str, str]:
        part = Part(retry=data["retry"], kind="appeal", text=data["text"], place=place, to=data["to"])
        made = core.split(actor=actor, district_id=row.district_id, resolution_id=row.pk, parts=[part])
        return back, _("分出去了：%s") % made[0].number

    return perform(request, Ask(_("分成一件事"), _("分出去"), back, row.text), form, do)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def objector(request: HttpRequest, actor: Actor, resolution_id: uuid.UUID, dissent_id: uuid.UUID) -> HttpResponseBase:
    """Somebody who was against it has been asked."""
    row = hosted_resolution(actor, resolution_id)
    against = queries.dissents(row.district_id, [row.item_id]).get(row.item_id, [])
    one = next((d for d in against if d.pk == dissent_id), None)
    if one is None:
        raise NotFound(_("没有找到这条意见。"))
    back = reverse("councils:resolution", args=[row.pk])
    form = ObjectorForm(posted(request), {"answer": one.answer})
    ask = Ask(_("问%s") % one.label, _("记下来"), back, one.text)

    def do(data: dict[str, Any]) -> tuple[str, str]:
        actions.ask_objector(actor=actor, dissent_id=one.pk, content=data["content"], answer=data["answer"])
        return back, _("问过了，记下了。")

    return perform(request, ask, form, do)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def review(request: HttpRequest, actor: Actor, resolution_id: uuid.UUID) -> HttpResponseBase:
    """The residents' review."""
    row = hosted_resolution(actor, resolution_id)
    back = reverse("councils:resolution", args=[row.pk])
    yes, no = queries.verdicts(row)
    form = ReviewForm(posted(request))
    about = _("自己在页上说了的：满意 %(a)d 人，不满意 %(b)d 人，会加进来。") % {"a": yes, "b": no}
    ask = Ask(_("记居民评审"), _("记下来"), back, f"{row.text}　{about}")

    def do(data: dict[str, Any]) -> tuple[str, str]:
        again = Charge(None, data["due_on"], data["review_on"])
        actions.review(
            actor=actor, resolution=row, upheld=data["upheld"], text=data["text"], satisfied=data["satisfied"],
            dissatisfied=data["dissatisfied"], again=again,
        )  # fmt: skip
        return back, _("评审记下了。")

    return perform(request, ask, form, do)
