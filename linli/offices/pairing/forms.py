"""Forms of pairings: who takes a seat, when it ends, a day on site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as lazy

from linli.core.matters.asking import Finder, One, text_field
from linli.core.matters.askpage import PlainForm, day_field, line_field
from linli.core.matters.catalogue import catalogue
from linli.core.matters.targets import Choice, two_lines
from linli.core.people.actor import Actor
from linli.core.people.models import Organisation, Post
from linli.core.places.tree import Node, tree
from linli.offices.pairing.models import Pairing
from linli.offices.pairing.scheme import Role

FEW, MOST = 8, 20


@dataclass
class Vacancy:
    """The seat that somebody is looked for."""

    district_id: int
    role: Role
    at: Node


def _serving() -> Q:
    today = timezone.localdate()
    return Q(since__lte=today) & (Q(until=None) | Q(until__gt=today))


def _posts(about: Vacancy) -> QuerySet[Post]:
    rows = Post.objects.filter(_serving(), district_id=about.district_id, role__in=about.role.posts)
    return rows.exclude(person=None).select_related("person", "organisation", "place")


def _units(about: Vacancy) -> QuerySet[Organisation]:
    rows = Organisation.objects.filter(_serving(), district_id=about.district_id, kind__in=("unit", "department"))
    return rows.exclude(attrs__has_key="developer")


def _near(about: Vacancy, rows: list[Post]) -> list[Post]:
    """Whose place has most of its path in common with the seat's comes first."""
    path = about.at.path
    return sorted(rows, key=lambda p: (-len(p.scope_path) if path.startswith(p.scope_path) else 0, p.code))


def _post(post: Post) -> Choice:
    unit = post.organisation.name if post.organisation else ""
    return post.code, two_lines(post.person.shown if post.person else "", post.title, unit, post.place.name)


def _unit(body: Organisation) -> Choice:
    return body.code, two_lines(body.name)


def _suggest(about: Vacancy) -> list[Choice]:
    if about.role.unit:
        return [_unit(b) for b in _units(about).order_by("pairings__id", "code").distinct()[:FEW]]
    around = [about.at.path[:n] for n in range(4, len(about.at.path) + 1, 4)]
    rows = list(_posts(about).filter(scope_path__in=around).order_by("code")[:60])
    return [_post(p) for p in _near(about, rows)[:FEW]]


def _find(about: Vacancy, word: str) -> list[Choice]:
    if about.role.unit:
        rows = _units(about).filter(Q(name__icontains=word) | Q(code=word))
        return [_unit(b) for b in rows.order_by("code")[:MOST]]
    said = Q(person__shown__icontains=word) | Q(organisation__name__icontains=word) | Q(code=word)
    return [_post(p) for p in _near(about, list(_posts(about).filter(said).order_by("code")[:60]))[:MOST]]


def _keep(about: Vacancy, codes: list[str]) -> list[Choice]:
    if about.role.unit:
        return [_unit(b) for b in _units(about).filter(code__in=codes)]
    return [_post(p) for p in _posts(about).filter(code__in=codes)]


HOLDERS = Finder(_suggest, _find, _keep, lazy("姓名、单位，或编码"))


class TakeForm(PlainForm):
    """Who answers for the place, and from when."""

    finders = {"to": HOLDERS}

    to = One(label=lazy("谁来包联"))
    on = day_field(lazy("从哪天起"), initial=timezone.localdate)

    def __init__(self, about: Vacancy, data: Any = None) -> None:
        self.about = about
        super().__init__(data, label_suffix="")
        self.prepare()

    def holder(self) -> dict[str, Any]:
        """What the action takes: the post's id, or the unit's."""
        code = self.cleaned_data["to"]
        if self.about.role.unit:
            return {"organisation_id": _units(self.about).filter(code=code).values_list("pk", flat=True).first()}
        return {"post_id": _posts(self.about).filter(code=code).values_list("pk", flat=True).first()}


class HandForm(TakeForm):
    """Another takes over on a day."""

    reason = line_field(lazy("为什么"), limit=120, required=False)


class EndForm(PlainForm):
    """It ends on a day."""

    on = day_field(lazy("从哪天起不再包联"), initial=timezone.localdate)
    reason = line_field(lazy("为什么"), limit=120, required=False)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="")


class VisitForm(PlainForm):
    """A day on site: the day, a few words, and what was found."""

    on = day_field(lazy("哪天去的"), initial=timezone.localdate)
    note = line_field(
        lazy("做了什么"), lazy("一句话，比如：和楼长看了车棚。不写居民的姓名。"), limit=300, required=False
    )
    text = text_field(lazy("发现的问题"), lazy("写了就开一件事，派下去办，您看得到办得怎样。"), required=False)
    kind = forms.ChoiceField(label=lazy("是哪一类"), required=False)
    spot = forms.ChoiceField(label=lazy("在哪一处"), required=False)
    key = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, actor: Actor, pairing: Pairing, data: Any = None) -> None:
        super().__init__(data, label_suffix="", initial={"key": uuid4().hex})
        known = tree(pairing.district_id)
        node = known.by_id[pairing.place_id]
        kinds = [(k.code, k.name) for k in catalogue(pairing.district_id).kinds.values()
                 if k.residents and not k.admission]  # fmt: skip
        self._offer("kind", kinds)
        self._offer("spot", [("", node.name), *_below(node, pairing.district_id)])
        self.node, self.known = node, known

    def _offer(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def spot_node(self) -> Node:
        return self.known.by_code.get(self.cleaned_data.get("spot") or "") or self.node


def _below(node: Node, district_id: int) -> list[tuple[str, str]]:
    """Two levels down: the quarters of a community, the houses of a quarter; a street's list would be endless."""
    known = tree(district_id)
    out: list[tuple[str, str]] = []
    for child in sorted(known.children.get(node.id, []), key=lambda n: n.path):
        out.append((child.code, child.name))
        if node.level == "quarter" and child.level == "grid":
            out += [(n.code, f"{child.name} {n.name}") for n in known.children.get(child.id, [])]
    return out[:200]
