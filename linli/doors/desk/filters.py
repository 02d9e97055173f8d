"""存成筛选: filters with names, kept per account, in an order of one's own, each with its count."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from linli.core.matters.catalogue import catalogue
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.core.places.tree import tree
from linli.doors.desk import queue, statements
from linli.doors.desk.gate import district_of, param
from linli.doors.models import SavedFilter
from linli.kit import shell

MOST = 12
KEPT = ("tab", "category", "place", "channel", "kind", "state", "handler", "q", "since", "until", "order")


def own(actor: Actor) -> list[SavedFilter]:
    rows = SavedFilter.objects.filter(district_id=district_of(actor), user=_user(actor))
    return list(rows.order_by("order", "id")[:MOST])


def _user(actor: Actor) -> uuid.UUID:
    if actor.user_id is None:
        raise Http404
    return actor.user_id


def canonical(query: QueryDict | dict[str, str]) -> str:
    """The part of an address that is worth keeping, always in the same order, so that two of one meaning are alike."""
    said = [(name, query[name]) for name in KEPT if query.get(name)]
    return urlencode([pair for pair in said if pair != ("order", "due")])  # what holds anyway is not said


def tabs(actor: Actor, current: str) -> list[dict[str, Any]]:
    """The account's own tabs with their counts: one statement for all of them, none where there are none."""
    kept = own(actor)
    if not kept:
        return []
    known, offered, now = tree(district_of(actor)), catalogue(district_of(actor)), timezone.now()
    asked = [queue.asked(QueryDict(one.query), known, offered) for one in kept]
    counts = statements.counts([queue.sources(actor, each, known, now) for each in asked])
    home = reverse("desk:queue")
    return [
        {"label": one.name, "url": f"{home}?{one.query}", "current": one.query == current,
         "count": n if n < statements.CAP else f"{statements.CAP - 1}+"}
        for one, n in zip(kept, counts, strict=True)
    ]  # fmt: skip


class NameForm(forms.Form):
    name = forms.CharField(
        label=lazy("叫什么"), max_length=20, error_messages={"required": lazy("起个名，好认。")},
        help_text=lazy("比如：柳荫的灯、快到点的物业单。"),
        widget=forms.TextInput(attrs={"autofocus": True}),  # whoever came by the keyboard writes at once
    )  # fmt: skip

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, label_suffix="", **kwargs)


@require_http_methods(["GET", "POST"])
@staff_page
def page(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Rename, move, delete; with ``keep`` in the address a new one is named."""
    wanted = canonical(QueryDict(param(request, "keep", 500)))
    form = NameForm(request.POST if request.method == "POST" else None) if wanted else None
    if request.method == "POST" and not wanted:
        return _change(request, actor)
    if form is not None and request.method == "POST" and form.is_valid() and _keep(actor, form, wanted):
        shell.toast(request, _("存好了，在收件台上面一排。"))
        return HttpResponseRedirect(f"{reverse('desk:queue')}?{wanted}")
    context = {"rows": own(actor), "form": form, "wanted": wanted, "back": f"{reverse('desk:queue')}?{wanted}"}
    return render(request, "desk/filters.html", context, status=422 if form and form.errors else 200)


def _keep(actor: Actor, form: NameForm, wanted: str) -> bool:
    kept = own(actor)
    if len(kept) >= MOST:
        form.add_error(None, _("最多存 %d 个，先删一个。") % MOST)
        return False
    order = max((one.order for one in kept), default=0) + 1
    try:
        with transaction.atomic():
            SavedFilter.objects.create(
                district_id=district_of(actor), user_id=_user(actor), name=form.cleaned_data["name"].strip(),
                query=wanted, order=order,
            )  # fmt: skip
    except IntegrityError:
        form.add_error("name", _("这个名字用过了。"))
        return False
    return True


def _change(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """One row: a new name, one place up or down, or gone. Somebody else's looks like none."""
    kept = own(actor)
    at = next((n for n, one in enumerate(kept) if one.pk == _id(request.POST.get("id", ""))), None)
    if at is None:
        raise Http404
    row, act = kept[at], request.POST.get("act", "")
    if act == "delete":
        row.delete()
        shell.toast(request, _("删了“%s”。") % row.name)
    elif act in ("up", "down"):
        _move(kept, at, at - 1 if act == "up" else at + 1)
    elif act == "rename":
        _rename(request, row)
    return HttpResponseRedirect(reverse("desk:filters"))


def _id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _move(kept: list[SavedFilter], at: int, to: int) -> None:
    if 0 <= to < len(kept):
        kept.insert(to, kept.pop(at))
        with transaction.atomic():
            for n, one in enumerate(kept, start=1):
                if one.order != n:
                    one.order = n
                    one.save(update_fields=["order"])


def _rename(request: HttpRequest, row: SavedFilter) -> None:
    form = NameForm(request.POST)
    name = form.cleaned_data["name"].strip() if form.is_valid() else ""
    taken = SavedFilter.objects.filter(district_id=row.district_id, user_id=row.user_id, name=name).exclude(pk=row.pk)
    if not name or taken.exists():
        shell.toast(request, _("没改成：名字空着，或者用过了。"))
        return
    row.name = name
    row.save(update_fields=["name"])
    shell.toast(request, _("改名“%s”。") % name)
