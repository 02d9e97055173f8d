"""How a matter is counted, and who says otherwise: leaving it out, taking it in again, objecting, answering."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from linli.core.matters import reckoning
from linli.core.matters.actions import reckoning as acts
from linli.core.matters.askpage import Ask, Done, PlainForm, perform, posted
from linli.core.matters.models import Exclusion, Matter, Objection
from linli.core.matters.reckonforms import AnswerForm, ExcludeForm, LiftForm, ObjectForm, counts_for
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.core.people.models import Post
from linli.core.people.posts import roster
from linli.doors.desk.gate import param, seen
from linli.kit import paging

PAGE = 30


def _here(matter: Matter) -> str:
    return reverse("desk:counted", args=[matter.number])


@require_GET
@staff_page
def counted(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """What one matter counts for, what was left out and said, and what this visitor may do about it."""
    matter = seen(actor, number)
    found = _named(reckoning.of_matter(matter))
    context = {
        "matter": matter, "found": found, "counts": counts_for(matter, found.in_force),
        "decides": reckoning.may_decide(actor, matter), "objects": _objects(actor, matter, found),
        "answers": _answerable(actor, found),
    }  # fmt: skip
    return render(request, "desk/counted.html", context)


def _objects(actor: Actor, matter: Matter, found: reckoning.Reckoned) -> bool:
    """Whether there is an objection to be made: the unit's own last one is answered."""
    post = acts.objecting_post(actor, matter)
    return post is not None and not any(o.post_id == post and o.state == "open" for o in found.objections)


def _answerable(actor: Actor, found: reckoning.Reckoned) -> set[uuid.UUID]:
    return {o.pk for o in found.objections if o.state == "open" and acts.may_answer(actor, o) is not None}


def _named(found: reckoning.Reckoned) -> reckoning.Reckoned:
    """Every row with who stands behind it as people serve: ``by_name`` and the like."""
    for row in (*([found.in_force] if found.in_force else []), *found.ended):
        _name_exclusion(row)
    for said in found.objections:
        _name_objection(said)
    return found


def _name_exclusion(row: Exclusion) -> Exclusion:
    row.by_name, row.ended_by_name = _served(row.by), _served(row.ended_by)  # type: ignore[attr-defined]
    return row


def _name_objection(row: Objection) -> Objection:
    row.who = _served(row.post)  # type: ignore[attr-defined]
    row.answered_by_name = _served(row.answered_by)  # type: ignore[attr-defined]
    return row


def _served(post: Post | None) -> str:
    """The name that the roster has today, else the title that the post had."""
    if post is None:
        return ""
    known = roster(post.district_id).by_id.get(post.pk)
    return f"{known.name} {known.title}".strip() if known else post.title


@require_http_methods(["GET", "POST"])
@staff_page
def act(request: HttpRequest, actor: Actor, number: str, name: str) -> HttpResponseBase:
    """Leave out, take in again, object: each on a page of its own."""
    matter = seen(actor, number)
    found = reckoning.of_matter(matter)
    make = {"exclude": _exclude, "lift": _lift, "object": _object}.get(name)
    if make is None:
        raise Http404
    return make(request, actor, matter, found)


def _exclude(request: HttpRequest, actor: Actor, matter: Matter, found: reckoning.Reckoned) -> HttpResponseBase:
    if found.in_force is not None or not reckoning.may_decide(actor, matter):
        raise Http404
    about = _("%s。收到的件数照算，这件事照办。理由、依据和您的岗位当场公开，谁都可以申诉。") % matter.title
    ask = Ask(_("把这件事从比率里剔除？"), _("剔除"), _here(matter), about, grave=True)

    def do(data: dict[str, Any]) -> Done:
        acts.exclude(
            actor=actor, district_id=matter.district_id, matter_id=matter.pk, figure=data["figure"],
            ground=data["ground"], basis=data["basis"],
        )  # fmt: skip
        return _here(matter), _("剔除了，公开页上已经写着。")

    return perform(request, ask, ExcludeForm(posted(request)), do)


def _lift(request: HttpRequest, actor: Actor, matter: Matter, found: reckoning.Reckoned) -> HttpResponseBase:
    excluded = found.in_force
    if excluded is None or not reckoning.may_decide(actor, matter):
        raise Http404
    ask = Ask(
        _("撤掉这条剔除？"), _("撤掉"), _here(matter), _("这件事重新算进比率。原来那一条留着，写明什么时候撤的。")
    )

    def do(data: dict[str, Any]) -> Done:
        acts.lift(actor=actor, district_id=matter.district_id, exclusion_id=excluded.pk, why=data["why"])
        return _here(matter), _("撤掉了，这件事重新算数。")

    return perform(request, ask, LiftForm(posted(request)), do)


def _object(request: HttpRequest, actor: Actor, matter: Matter, found: reckoning.Reckoned) -> HttpResponseBase:
    if not _objects(actor, matter, found):
        raise Http404
    ask = Ask(
        _("对这件事的算法申诉？"),
        _("提上去"),
        _here(matter),
        _("由没有经手、也没有定过剔除的人答复。提的和答的都公开。"),
    )
    form: PlainForm = ObjectForm(posted(request), excluded=found.in_force)

    def do(data: dict[str, Any]) -> Done:
        acts.object_(
            actor=actor, district_id=matter.district_id, matter_id=matter.pk, text=data["text"],
            figure=data.get("figure", ""),
        )  # fmt: skip
        return _here(matter), _("提上去了，答复了这里看得到。")

    return perform(request, ask, form, do)


# ── the queue of who answers ────────────────────────────────────────────────────────────────────────────────────
@require_GET
@staff_page
def objections(request: HttpRequest, actor: Actor) -> HttpResponseBase:
    """What waits for an answer from here, and what was answered."""
    if not actor.has(duties.JUDGE):
        raise Http404
    tab = "done" if param(request, "tab") == "done" else "open"
    rows = reckoning.waiting(actor)
    rows = rows.filter(state="open") if tab == "open" else rows.exclude(state="open")
    try:
        page = paging.page(rows, cursor=request.GET.get("cursor") or None, limit=PAGE, at="at")
    except paging.BadCursorError:
        page = paging.page(rows, limit=PAGE, at="at")
    names = {"open": _("等答复的"), "done": _("答复过的")}
    context = {
        "page": page, "tab": tab, "rows": [_name_objection(row) for row in page.items],
        "answers": {o.pk for o in page.items if o.state == "open" and acts.may_answer(actor, o) is not None},
        "tabs": [{"label": label, "url": f"?tab={code}", "current": code == tab, "count": None}
                 for code, label in names.items()],
    }  # fmt: skip
    return render(request, "desk/objections.html", context)


@require_http_methods(["GET", "POST"])
@staff_page
def answer(request: HttpRequest, actor: Actor, objection_id: uuid.UUID) -> HttpResponseBase:
    """Uphold or refuse, with the reason; not for who had a hand in it, which looks like what is not there."""
    found = reckoning.waiting(actor).filter(pk=objection_id).first()
    if found is None or found.state != Objection.State.OPEN or acts.may_answer(actor, found) is None:
        raise Http404
    about = _("申诉说：%s") % found.text
    if found.exclusion is not None:
        _name_exclusion(found.exclusion)
    ask = Ask(_("答复这条申诉？"), _("答复"), reverse("desk:objections"), about, template="desk/objection.html")

    def do(data: dict[str, Any]) -> Done:
        acts.answer(
            actor=actor, district_id=found.district_id, objection_id=found.pk, upheld=data["upheld"],
            words=data["words"],
        )  # fmt: skip
        return reverse("desk:objections"), _("答复了，公开页上已经写着。")

    return perform(request, ask, AnswerForm(posted(request)), do, {"objection": _name_objection(found)})
