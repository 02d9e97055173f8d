"""The host's board of comments: filtered, answered one by one or several that say the same, taken out as a file."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from linli.core.matters.askpage import Ask, perform, posted
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.kit.lists import as_csv
from linli.offices.covenants import actions, queries
from linli.offices.covenants.actions import Answering
from linli.offices.covenants.actions.commenting import MOST_AT_ONCE
from linli.offices.covenants.forms import AnswerForm
from linli.offices.covenants.models import Comment, Covenant
from linli.offices.covenants.models.comments import Outcome
from linli.offices.covenants.pages.common import Shown, article_pairs, asked, hosted, page_of, told
from linli.offices.covenants.text import Text


@require_safe
@staff_page
def comments(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """What was said, the newest first."""
    covenant, narrow = hosted(actor, number), asked(request)
    text = queries.version(covenant, covenant.newest, upto=covenant.newest).said
    page = page_of(request, queries.comments(covenant, narrow), "at")
    tally = queries.tally(covenant)
    context = {
        "c": covenant, "page": page, "rows": told(actor, covenant, list(page.items), text), "asked": narrow,
        "tally": tally, "articles": article_pairs(text),
        "outcomes": [(o.value, o.label, tally.get(o.value, 0)) for o in Outcome],
    }  # fmt: skip
    return render(request, "covenants/comments.html", context)


@require_safe
@staff_page
def comments_csv(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """The same as a file, word for word; who said it is not in it."""
    covenant = hosted(actor, number)
    text = queries.version(covenant, covenant.newest, upto=covenant.newest).said
    rows = queries.comments(covenant, asked(request)).order_by("at", "pk")
    return as_csv("covenant-comments", head(), lines(actor, covenant, rows, text))


def head() -> list[str]:
    """What the columns are called."""
    return [_("日期"), _("看的是第几稿"), _("哪一条"), _("原话"), _("代写"), _("也这么说的"), _("怎么处理"),
            _("写进第几稿"), _("回复"), _("谁回的")]  # fmt: skip


def lines(actor: Actor, covenant: Covenant, rows: Any, text: Text, hide: Any = str) -> Iterator[list[Any]]:
    """By the five hundred, so that a file of any length needs little memory."""
    batch: list[Comment] = []
    for row in rows.iterator(chunk_size=500):
        batch.append(row)
        if len(batch) == 500:
            yield from (_line(s, hide) for s in told(actor, covenant, batch, text))
            batch = []
    yield from (_line(s, hide) for s in told(actor, covenant, batch, text))


def _line(said: Shown, hide: Any) -> list[Any]:
    c, last = said.comment, said.last
    return [
        f"{timezone.localtime(c.at):%Y-%m-%d}", c.number, said.article or _("整份"), hide(c.words),
        _("邻居代写") if c.helper else "", said.supports, c.get_outcome_display(),
        last.number if last and last.number else "", hide(last.text) if last else "", last.by if last else "",
    ]  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def answer(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """Answer one comment, or those that were picked."""
    covenant = hosted(actor, number)
    if request.method != "POST" and not request.GET.getlist("pick"):  # the button below the list, nothing ticked
        messages.error(request, _("先勾上要回复的意见。"))
        return HttpResponseRedirect(reverse("covenants:comments", args=[covenant.number]))
    picked = _picked(request, covenant)
    text = queries.version(covenant, covenant.newest, upto=covenant.newest).said
    form = AnswerForm(covenant, picked, posted(request))
    back = reverse("covenants:comments", args=[covenant.number])
    title = _("回复这条意见") if len(picked) == 1 else _("一起回复 %d 条意见") % len(picked)
    ask = Ask(title, _("回复"), back, template="covenants/answer.html",
              draft=f"covenant-answer-{picked[0].pk}")  # fmt: skip
    context = {"c": covenant, "rows": told(actor, covenant, picked, text)}

    def do(data: dict[str, Any]) -> tuple[str, str]:
        said = Answering(data["outcome"], data["text"], data["number"])
        done = actions.answer(actor=actor, covenant=covenant, ids=[c.pk for c in picked], answering=said)
        return back, _("回复了 %d 条。") % len(done)

    return perform(request, ask, form, do, context)


def _picked(request: HttpRequest, covenant: Covenant) -> list[Comment]:
    """The comments that the address or the form names: all of them of this covenant, or the page is not there."""
    named = request.POST.getlist("pick") if request.method == "POST" else request.GET.getlist("pick")
    try:
        ids = list(dict.fromkeys(uuid.UUID(each) for each in named[:MOST_AT_ONCE]))
    except ValueError as wrong:
        raise Http404 from wrong
    rows = Comment.objects.filter(district_id=covenant.district_id, covenant=covenant, pk__in=ids)
    found = list(rows.order_by("at", "pk"))
    if not found or len(found) != len(ids):
        raise Http404
    return found
