"""Which question an address names for whoever looks. Missing and forbidden look alike."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from linli.core.decisions import queries
from linli.core.decisions.models import Question
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.entering import actor_of
from linli.core.places.meant import district_named
from linli.core.places.tree import tree
from linli.kit.finding import the_one
from linli.kit.lists import param
from linli.kit.refusal import NotFound


def public(number: str) -> Question:
    """What anybody may see by its number."""
    found = queries.public(district_named(number)).filter(number=number.strip().upper()).first()
    if found is None:
        raise Http404
    return found


def hosted(actor: Actor, number: str) -> Question:
    """One that the actor may run."""
    return the_one(queries.hosted(actor).filter(number=number.strip().upper()), _("没有找到这个表决。"))


def typed(actor: Actor, number: str) -> Question:
    """One whose paper ballots the actor may type in: its hosts, and whoever records in that place."""
    rows = Question.objects.filter(district_id=actor.district_id or 0, number=number.strip().upper())
    question = rows.select_related("rule", "place").first()
    if question is None or not (runs(actor, question) or (question.opened_at and records(actor, question))):
        raise NotFound(_("没有找到这个表决。"))
    return question


def runs(actor: Actor, question: Question) -> bool:
    return actor.district_id == question.district_id and actor.over(duties.CONVENE, question.scope_path) is not None


def records(actor: Actor, question: Question) -> bool:
    return actor.district_id == question.district_id and actor.over(duties.RECORD, question.scope_path) is not None


def for_teller(request: HttpRequest, number: str) -> Question:
    """A secret one, for who keeps a key of it or may take one: people of the place, or serving there."""
    actor = actor_of(request)
    question = (
        Question.objects.filter(district_id=actor.district_id or 0, number=number.strip().upper(), secret=True)
        .select_related("rule", "place")
        .first()
    )
    if question is None:
        raise Http404
    if any(t.user_id == actor.user_id for t in question.tellers.all()):
        return question
    if question.state == "draft" and _near(actor, question):
        return question
    raise Http404


def _near(actor: Actor, question: Question) -> bool:
    scope = question.scope_path
    if any(p.path.startswith(scope) or scope.startswith(p.path) for p in actor.posts):
        return True
    home = tree(question.district_id).by_id.get(actor.home_id) if actor.home_id else None
    return home is not None and home.path.startswith(scope)


def may_convene(actor: Actor) -> bool:
    return bool(actor.paths(duties.CONVENE))


def narrowed(rows: QuerySet[Question], request: HttpRequest) -> QuerySet[Question]:
    """By a word of the title or a number, by state, by place."""
    q, tab = param(request, "q", 40), param(request, "tab")
    if q:
        rows = rows.filter(Q(title__icontains=q) | Q(number=q.upper()) | Q(place__name__icontains=q))
    states = TABS.get(tab)
    return rows.filter(state__in=states) if states else rows


TABS = {
    "draft": ("draft",), "open": ("open",), "closed": ("closed", "stripped"), "decided": ("decided",),
    "withdrawn": ("withdrawn",),
}  # fmt: skip
