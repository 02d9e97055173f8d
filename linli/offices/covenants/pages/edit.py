"""The editor: by article, without a script; whatever is wrong, what was typed stands there again."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from linli.core.matters.askpage import posted
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.core.places.tree import tree
from linli.kit import shell
from linli.kit.lists import param
from linli.kit.refusal import NotFound, Refused
from linli.offices.covenants import actions, cautions, editor, queries
from linli.offices.covenants.actions import Drafting
from linli.offices.covenants.editor import Row
from linli.offices.covenants.forms import NewForm, TextForm
from linli.offices.covenants.pages.common import hosted, must_host
from linli.offices.covenants.text import Text

_NEW = "covenant-new"


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def new(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Begin a covenant: what kind, where, and its first text."""
    must_host(actor)
    rows = editor.rows_of(request.POST) if request.method == "POST" else editor.rows_from(None)
    first = {"matter": param(request, "matter", 24), "kind": "special"}
    op, data = str(request.POST.get("op", "")), posted(request)
    if op == "split":
        data, rows = _split(request, rows)
    form = NewForm(actor, None if op else data, _kept(data, first) if op else first)
    if request.method == "POST" and not op and form.is_valid():
        try:
            made = actions.start(actor=actor, drafting=_drafting(actor, form.cleaned_data, rows),
                                 retry=form.cleaned_data["retry"])  # fmt: skip
        except Refused as refused:
            form.refuse(refused)
        else:
            shell.toast(request, _("第 1 稿存下了，%s。") % made.number, draft=_NEW)
            return HttpResponseRedirect(reverse("covenants:one", args=[made.number]))
    context = {"title": _("起草一份公约"), "back": reverse("covenants:board"), "verb": _("存成第 1 稿"), "new": True,
               "draft": _NEW}  # fmt: skip
    return _page(request, form, editor.applied(rows, op), context)


def _split(request: HttpRequest, rows: list[Row]) -> tuple[Any, list[Row]]:
    """The pasted text as rows; what stood there already stays in front."""
    opening, found = editor.split(str(request.POST.get("paste", "")))
    data = request.POST.copy()
    data["paste"] = ""
    if opening and not str(data.get("preamble", "")).strip():
        data["preamble"] = opening
    return data, [row for row in rows if row.text.strip() or row.heading.strip()] + found


def _kept(data: Any, first: dict[str, Any]) -> dict[str, Any]:
    """What was typed, where only a button beside a row was pressed: nothing is judged yet."""
    return first | {name: data.get(name, "") for name in data if name not in ("csrfmiddlewaretoken", "op")}


def _drafting(actor: Actor, data: dict[str, Any], rows: list[Row]) -> Drafting:
    return Drafting(
        kind=data["kind"], title=data["title"], place=tree(actor.district_id or 0).by_code[data["place"]],
        purpose=data["purpose"], preamble=data["preamble"], articles=editor.articles(rows), matter=data["matter"],
        replaces=uuid.UUID(data["replaces"]) if data.get("replaces") else None,
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def text(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """Write the next version."""
    covenant = hosted(actor, number)
    newest = queries.version(covenant, covenant.newest, upto=covenant.newest)
    op, data = str(request.POST.get("op", "")), posted(request)
    rows = editor.rows_of(request.POST) if request.method == "POST" else editor.rows_from(newest.said)
    first = {"title": newest.title, "preamble": newest.said.preamble, "version": covenant.version}
    form = TextForm(None if op else data, _kept(data, first) if op else first)
    back = reverse("covenants:one", args=[covenant.number])
    draft = f"covenant-{covenant.number}-{covenant.newest}"  # what was written over another version is no draft of this
    if request.method == "POST" and not op and form.is_valid():
        said = form.cleaned_data
        try:
            made = actions.revise(actor=actor, covenant=covenant, title=said["title"], preamble=said["preamble"],
                                  articles=editor.articles(rows), why=said["why"], version=said["version"])  # fmt: skip
        except NotFound:
            raise
        except Refused as refused:
            form.refuse(refused)
        else:
            shell.toast(request, _("第 %d 稿存下了。") % made.number, draft=draft)
            return HttpResponseRedirect(back)
    context = {
        "title": _("改《%s》") % covenant.title, "back": back, "c": covenant, "public": covenant.state == "comment",
        "verb": _("存成第 %d 稿") % (covenant.newest + 1), "counts": queries.per_article(covenant),
        "editable": covenant.state in ("draft", "comment"), "draft": draft,
    }  # fmt: skip
    return _page(request, form, editor.applied(rows, op), context)


def _page(request: HttpRequest, form: TextForm, rows: list[Row], context: dict[str, Any]) -> HttpResponseBase:
    found = cautions.find(Text("", editor.articles(rows)))
    counts: dict[str, int] = context.get("counts", {})
    shown = [(n, row, counts.get(row.key, 0) if row.key else 0) for n, row in enumerate(rows, 1)]
    status = 422 if form.is_bound and form.errors else 200
    told = {"form": form, "rows": shown, "cautions": found, **context}
    return render(request, "covenants/editor.html", told, status=status)
