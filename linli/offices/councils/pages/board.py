"""``/desk/councils/``: the host's lists: sittings to come and past, what is to be reviewed, topics and support."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from linli.core.gatherings import queries as sittings
from linli.core.matters import seeing
from linli.core.matters.askpage import Ask, perform, posted
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.core.places.tree import tree
from linli.kit.finding import the_one
from linli.kit.lists import as_csv, param
from linli.kit.refusal import Invalid, NotFound
from linli.offices.councils import actions, loop, queries
from linli.offices.councils.forms import AnswerForm, RaiseForm
from linli.offices.councils.models import Opinion, Support
from linli.offices.councils.pages.common import must_host, page_of

TABS = {"": "draft,called,sitting,ended", "past": "minuted,lapsed,cancelled"}


@require_safe
@staff_page
def board(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Sittings to come and past; what has to be reviewed."""
    must_host(actor)
    tab = param(request, "tab")
    tab = tab if tab in TABS else ""
    filters = sittings.Filters(kind=param(request, "kind"), state=TABS[tab], q=param(request, "q"))
    page = page_of(request, sittings.convened(actor, filters), "starts_at")
    context = {
        "page": page, "tab": tab, "q": filters.q, "due": list(sittings.unreviewed(actor)[:20]),
        "kinds": [(k.code, k.name) for k in sittings.kinds(actor.district_id or 0)], "kind": filters.kind,
    }  # fmt: skip
    return render(request, "councils/board.html", context)


@require_safe
@staff_page
def topics(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """Topics of one's scope with their support."""
    must_host(actor)
    state, q = "ended" if param(request, "state") == "ended" else "open", param(request, "q")
    page = page_of(request, queries.staff_topics(actor, q=q, state=state).order_by("-opened_at", "-id"), "opened_at")
    found = Support.counts(actor.district_id or 0, [m.pk for m in page.items])
    known = tree(actor.district_id or 0)
    rows = [(m, found.get(m.pk, 0), known.by_id[m.place_id].name) for m in page.items]
    return render(request, "councils/topics.html", {"page": page, "rows": rows, "q": q, "state": state})


@require_safe
@staff_page
def topics_csv(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """The same list as a file."""
    must_host(actor)
    state, q = "ended" if param(request, "state") == "ended" else "open", param(request, "q")
    rows = queries.staff_topics(actor, q=q, state=state).order_by("-opened_at", "-id")
    found = Support.counts(actor.district_id or 0, rows.values_list("pk", flat=True))
    known = tree(actor.district_id or 0)

    def lines() -> Iterator[list[Any]]:
        for m in rows.iterator(chunk_size=500):
            day = f"{timezone.localdate(m.opened_at):%Y-%m-%d}"
            yield [m.number, m.text, known.by_id[m.place_id].name, day, found.get(m.pk, 0), m.get_state_display()]

    return as_csv("topics", [_("编号"), _("议题"), _("地方"), _("提出"), _("附议"), _("现在")], lines())


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def topic_new(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """One topic of what several people said."""
    must_host(actor)
    numbers = param(request, "from", 600)
    form = RaiseForm(actor, posted(request), {"sources": numbers, "place": _likely(actor, numbers)})
    ask = Ask(_("立一个议题"), _("立议题"), reverse("councils:topics"), _("说过的话都连到议题上，原话不动。"))

    def do(data: dict[str, Any]) -> tuple[str, str]:
        node = tree(actor.district_id or 0).by_code[data["place"]]
        made = actions.raise_topic(
            actor=actor, sources=_sources(actor, data["sources"]), place=node, text=data["text"]
        )  # fmt: skip
        return reverse("councils:topic", args=[made.number]), _("议题立好了。")

    return perform(request, ask, form, do)


def _sources(actor: Actor, typed: str) -> list[Any]:
    """The matters named, each once; a number that names nothing stands beside its field."""
    found = []
    for number in dict.fromkeys(typed.replace("、", " ").replace("，", " ").replace(",", " ").split()):
        try:
            found.append(seeing.get_matter(actor, number))
        except NotFound as missing:
            message = _("没有找到 %s。") % number
            raise Invalid(message, fields={"sources": message}) from missing
    return found


def _likely(actor: Actor, numbers: str) -> str:
    """The quarter in which the first of them lies, where the actor convenes there."""
    for number in numbers.split()[:1]:
        try:
            matter = seeing.get_matter(actor, number)
        except NotFound:
            return ""
        known = tree(actor.district_id or 0)
        node = known.by_path.get(queries.quarter_of(known.district.id, matter.scope_path))
        if node is not None and actor.over(duties.CONVENE, node.path):
            return node.code
    return ""


@require_safe
@staff_page
def topic(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """The five steps of one topic, with the words and those who said them."""
    found = queries.staff_topic(actor, number)
    blocked = sittings.blocked(found.district_id, [found.pk]).get(found.pk, "")
    context = {
        "loop": loop.of(found, public=False, actor=actor), "blocked": blocked, "opinions": queries.opinions(found),
        "opens": seeing.may_see(actor, found),
    }  # fmt: skip
    return render(request, "councils/topic.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def answer(request: HttpRequest, actor: Actor, number: str, opinion_id: uuid.UUID) -> HttpResponseBase:
    """Answer one opinion on a topic."""
    found = queries.staff_topic(actor, number)
    row = the_one(
        Opinion.objects.filter(district_id=found.district_id, topic=found, pk=opinion_id), _("没有找到这条意见。")
    )
    back = reverse("councils:topic", args=[found.number])
    form = AnswerForm(posted(request), {"text": row.reply})
    ask = Ask(_("回复这条意见"), _("回复"), back, row.words, template="councils/answer.html")

    def do(data: dict[str, Any]) -> tuple[str, str]:
        actions.answer(actor=actor, opinion_id=row.pk, text=data["text"])
        return back, _("回复了。")

    return perform(request, ask, form, do, {"said": row})
