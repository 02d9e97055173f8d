"""``/desk/opinions/<code>/words/``: every sentence, grouping by hand, what the machine finds alike, one answer."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.core.matters.askpage import Ask, perform, posted
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.core.places.tree import tree
from linli.kit import shell
from linli.kit.lists import as_csv, param
from linli.kit.refusal import NotFound, Refused
from linli.offices.opinions import actions, queries
from linli.offices.opinions.forms import ReplyForm
from linli.offices.opinions.models import Move, Opinion, Round
from linli.offices.opinions.pages.board import page_of
from linli.offices.opinions.queries import Filters

VIAS = Opinion._meta.get_field("via").flatchoices


def _filters(request: HttpRequest) -> Filters:
    names = ("q", "group", "building", "question", "via", "answered")
    return Filters(**{name: param(request, name) for name in names})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def listed(request: HttpRequest, actor: Actor, code: str) -> HttpResponseBase:
    """Every sentence as it was said; those ticked go into a group that is there or a new one."""
    row = queries.own(actor, code)
    wrong, title = "", ""
    if request.method == "POST":
        try:
            return _grouped(request, actor, row)
        except Refused as refused:
            wrong, title = refused.message, request.POST.get("title", "")[:60]
    context = {**_context(request, row), "wrong": wrong, "title": title, "picked": request.POST.getlist("pick")}
    return render(request, "opinions/words.html", context, status=422 if wrong else 200)


def _grouped(request: HttpRequest, actor: Actor, row: Round) -> HttpResponseBase:
    picked = _picked(request)
    made = actions.gather(
        actor=actor, row=row, opinions=picked, title=request.POST.get("title", ""), group_id=_into(request)
    )
    shell.toast(request, _("归到“%(title)s”，%(n)d 条。") % {"title": made.title, "n": len(picked)})
    here = request.POST.get("next", "")
    return HttpResponseRedirect(here if here.startswith("?") else reverse("opinions:words", args=[row.code]))


def _id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _picked(request: HttpRequest) -> list[uuid.UUID]:
    """The sentences that were ticked; what names none is told of, not passed over."""
    found = [_id(text) for text in request.POST.getlist("pick")]
    if None in found:
        raise NotFound(_("有一条不在这次征求里。"), fields={"pick": _("有一条不在这次征求里。")})
    return [key for key in found if key]


def _into(request: HttpRequest) -> uuid.UUID | None:
    """The group that they go to; None for a new one."""
    asked = request.POST.get("into", "")
    found = _id(asked) if asked else None
    if asked and found is None:
        raise NotFound(_("没有这一组。"), fields={"into": _("没有这一组。")})
    return found


def _context(request: HttpRequest, row: Round) -> dict[str, Any]:
    known, f = tree(row.district_id), _filters(request)
    page = page_of(request, queries.words(row, f), "at", limit=50)
    groups = queries.groups(row)
    inside = row.stretches.order_by("path").values_list("building_id", flat=True)
    houses = [known.by_id[i] for i in inside if i in known.by_id]
    return {
        "round": row, "page": page, "f": f, "groups": groups,
        "rows": [(o, known.full_name(known.by_id[o.building_id]) if o.building_id in known.by_id else "")
                 for o in page.items],
        "group_options": [("none", _("还没归组")), *((str(g.pk), g.title) for g in groups)],
        "houses": [(n.code, known.full_name(n)) for n in houses],
        "questions": [(str(n), q) for n, q in enumerate(row.questions)] if len(row.questions) > 1 else [],
        "vias": VIAS,
        "answers": [("yes", _("回复过")), ("no", _("还没回复"))],
        "export": f"{reverse('opinions:words-csv', args=[row.code])}?{request.GET.urlencode()}",
        "here": f"?{request.GET.urlencode()}",
    }  # fmt: skip


@require_safe
@staff_page
def export(request: HttpRequest, actor: Actor, code: str) -> HttpResponseBase:
    """The words as they were said, for whoever answers them. No door; names stay on the page."""
    row = queries.own(actor, code)
    head = [
        _("哪天"),
        _("楼栋"),
        _("哪一问"),
        _("原话"),
        _("更正"),
        _("哪一组"),
        _("怎么来的"),
        _("替写的人"),
        _("回复"),
    ]
    return as_csv(f"opinions-{row.code}", head, _lines(row, _filters(request)))


def _lines(row: Round, f: Filters) -> Iterator[list[Any]]:
    known = tree(row.district_id)
    for o in queries.words(row, f).order_by("pk").iterator(chunk_size=500):
        node = known.by_id.get(o.building_id) if o.building_id else None
        where, question = known.full_name(node) if node else "", row.questions[o.question]
        yield [timezone.localtime(o.at).date(), where, question, o.words, o.correction,
               o.group.title if o.group else "", o.get_via_display(), o.helper, o.reply]  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def one(request: HttpRequest, actor: Actor, code: str, opinion_id: uuid.UUID) -> HttpResponseBase:
    """One sentence, the way it went, and its own answer."""
    row = queries.own(actor, code)
    said = queries.opinion(row, opinion_id)
    back = reverse("opinions:words", args=[row.code])
    ask = Ask(_("回复这一条"), _("回复"), back, template="opinions/word.html",
              draft=f"opinion-reply-{said.pk}")  # fmt: skip
    moves = Move.objects.filter(district_id=row.district_id, opinion=said).select_related("source", "target")
    known = tree(row.district_id)
    context = {
        "round": row, "said": said, "moves": list(moves.order_by("pk")[:100]), "question": row.questions[said.question],
        "where": known.full_name(known.by_id[said.building_id]) if said.building_id in known.by_id else "",
    }  # fmt: skip

    def do(data: dict[str, Any]) -> tuple[str, str]:
        actions.answer(actor=actor, row=row, opinion_id=said.pk, text=data["text"])
        return reverse("opinions:word", args=[row.code, said.pk]), _("回了。有账号的收得到，没有的凭回执看。")

    return perform(request, ask, ReplyForm(posted(request), {"text": said.reply}), do, context)


@require_POST
@staff_page
def out(request: HttpRequest, actor: Actor, code: str, opinion_id: uuid.UUID) -> HttpResponseBase:
    """Take one sentence out of its group again."""
    row = queries.own(actor, code)
    group_id = queries.opinion(row, opinion_id).group_id
    actions.take_out(actor=actor, row=row, opinion_id=opinion_id)
    shell.toast(request, _("移出来了，原话还在。"))
    back = (
        reverse("opinions:group", args=[row.code, group_id]) if group_id else reverse("opinions:words", args=[row.code])
    )
    return HttpResponseRedirect(back)


@require_safe
@staff_page
def group(request: HttpRequest, actor: Actor, code: str, group_id: uuid.UUID) -> HttpResponseBase:
    """One group with every sentence in it."""
    row = queries.own(actor, code)
    found = queries.group(row, group_id)
    if found.merged_into_id:
        return HttpResponseRedirect(reverse("opinions:group", args=[row.code, found.merged_into_id]))
    known = tree(row.district_id)
    rows = queries.words(row, Filters(group=str(found.pk)))
    page = page_of(request, rows, "at", limit=50)
    context = {
        "round": row, "group": found, "page": page, "count": rows.count(), "waiting": rows.filter(reply="").count(),
        "over": queries.hosted(actor, [found.matter]),
        "rows": [(o, known.full_name(known.by_id[o.building_id]) if o.building_id in known.by_id else "")
                 for o in page.items],
    }  # fmt: skip
    return render(request, "opinions/group.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def alike(request: HttpRequest, actor: Actor, code: str) -> HttpResponseBase:
    """What the machine finds alike. A person reads, leaves out, names it, or says no in one tap."""
    row = queries.own(actor, code)
    wrong = ""
    if request.method == "POST":
        try:
            return _answered(request, actor, row)
        except NotFound as missing:
            if not missing.fields:
                raise
            wrong = missing.message
        except Refused as refused:
            wrong = refused.message
    context = {"round": row, "clusters": queries.clusters(row), "wrong": wrong, "at": request.POST.get("cluster", ""),
               "title": request.POST.get("title", "")[:60], "picked": request.POST.getlist("pick")}  # fmt: skip
    return render(request, "opinions/alike.html", context, status=422 if wrong else 200)


def _answered(request: HttpRequest, actor: Actor, row: Round) -> HttpResponseBase:
    cluster = _id(request.POST.get("cluster", ""))
    if cluster is None:
        raise Http404
    if request.POST.get("answer") == "no":
        actions.refuse_hint(actor=actor, row=row, cluster=cluster)
        shell.toast(request, _("记下了，这几条不再放在一起提。"))
    else:
        picked = _picked(request)
        made = actions.gather(
            actor=actor, row=row, opinions=picked, title=request.POST.get("title", ""), group_id=_into(request)
        )
        shell.toast(request, _("归到“%(title)s”，%(n)d 条。") % {"title": made.title, "n": len(picked)})
    return HttpResponseRedirect(reverse("opinions:alike", args=[row.code]))
