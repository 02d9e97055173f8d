"""Posts: who serves where in which role; given to somebody, and ended."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods

from linli.core.matters.actions.configuring import end_post, held_by
from linli.core.matters.askpage import line_field
from linli.core.people import actions
from linli.core.people.actions.serving import serving_on
from linli.core.people.models import Organisation, Person, Post
from linli.doors.office.acting import Act, Done, perform, posted
from linli.doors.office.bodies import places_under
from linli.doors.office.forms import PLACE_FINDER, Asking, DayForm, choice_field, day_field, offer, place_field, roles
from linli.doors.office.gate import Office, office_page, show
from linli.doors.office.lists import as_csv, keyed, param, tabs
from linli.kit.fields import subtree
from linli.kit.finding import the_one
from linli.kit.refusal import Invalid

ANOTHER = "another"  # a namesake: somebody else of that name


def narrowed(request: HttpRequest, office: Office) -> QuerySet[Post]:
    """By role, place, organisation, word; those that serve, those that will, those that ended."""
    rows = Post.objects.filter(district_id=office.district_id)
    today, tab = timezone.localdate(), param(request, "tab")
    if tab == "ended":
        rows = rows.filter(until__lte=today)
    elif tab == "coming":
        rows = rows.filter(since__gt=today)
    else:
        rows = rows.filter(serving_on(today))
    if role := param(request, "role"):
        rows = rows.filter(role=role)
    if node := office.at(param(request, "in")):
        low, high = subtree(node.path)
        rows = rows.filter(scope_path__gte=low, scope_path__lt=high)
    if word := param(request, "q"):
        said = Q(person__shown__icontains=word) | Q(organisation__name__icontains=word)
        rows = rows.filter(said | Q(title__icontains=word) | Q(code__istartswith=word))
    return rows.select_related("person", "organisation", "place")


@require_GET
@office_page
def listing(request: HttpRequest, office: Office) -> HttpResponseBase:
    page, tab = keyed(narrowed(request, office), request, by="code"), param(request, "tab")
    named = [("", _("在岗")), ("coming", _("还没上岗")), ("ended", _("已结束"))]
    known = office.known.by_path
    rows = [{"post": p, "above": " ".join(known[x].name for x in _above(p.scope_path) if x in known)}
            for p in page.items]  # fmt: skip
    context = {
        "page": page, "rows": rows, "roles": roles(office), "places": places_under(office, param(request, "in")),
        "word": param(request, "q"), "tab": tab,
        "tabs": tabs(named, tab),
        "narrowed": any(param(request, name) for name in ("q", "role", "in")),
    }  # fmt: skip
    return show(request, office, "posts", context)


def _above(path: str) -> list[str]:
    return [path[:end] for end in range(8, len(path), 4)]


@require_GET
@office_page
def export(request: HttpRequest, office: Office) -> HttpResponseBase:
    """The same list as a file: public names, never a telephone."""
    head = [_("岗位编码"), _("角色"), _("称谓"), _("姓名"), _("单位"), _("地点编码"), _("地点"), _("起"), _("止")]
    rows = narrowed(request, office).order_by("code")
    cells = (
        [r.code, office.role(r.role), r.title, r.person.shown if r.person else "",
         r.organisation.name if r.organisation else "", r.place.code, r.place.name, r.since, r.until]
        for r in rows.iterator(1000)
    )  # fmt: skip
    return as_csv("posts", head, cells)


def post_of(office: Office, post_id: uuid.UUID) -> Post:
    rows = Post.objects.select_related("person", "organisation", "place")
    return the_one(rows.filter(district_id=office.district_id, pk=post_id), _("没有这个岗位。"))


# ── giving ──────────────────────────────────────────────────────────────────────────────────────────────────────
class GiveForm(Asking):
    """Who, as what, where. A name that somebody bears already is asked about before a second person is made."""

    finders = PLACE_FINDER
    aliases = {"organisation": "unit"}

    role = choice_field(lazy("角色"))
    place = place_field(lazy("在哪里"), lazy("它的职责管到这里和下面的地方。"))
    name = line_field(lazy("姓名"), lazy("单位本身的岗位不写姓名，只写单位。"), limit=20, required=False)
    person = forms.ChoiceField(label=lazy("是哪一位？"), required=False, widget=forms.RadioSelect)
    unit = line_field(lazy("单位"), lazy("全称或编码；不属于哪个单位的不写。"), required=False)
    title = line_field(lazy("称谓"), lazy("不写就用本区对这个角色的叫法。"), limit=60, required=False)
    hours = line_field(lazy("什么时候在岗"), lazy("例如：工作日 8:30 到 17:30。"), limit=60, required=False)
    since = day_field(lazy("从哪天起"), today=True)
    until = day_field(lazy("到哪天为止"), lazy("有任期的写；那一天起不再在岗。"), required=False)

    def arrange(self) -> None:
        offer(self, "role", roles(self.office), any_word=str(_("请选一个角色")))
        self.namesakes: list[Person] = []
        typed = "".join(str(self.data.get("name", "")).split()) if self.is_bound else ""
        if typed:
            self.namesakes = actions.namesakes(self.office.district_id, typed)
        offer(self, "person", [*((str(p.pk), _who(p)) for p in self.namesakes), (ANOTHER, _("是另一位同名的人"))])

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.namesakes and not self.cleaned_data.get("person") and "find" not in self.data:
            self.add_error("person", _("已经有叫这个名字的人在岗，请选是哪一位。"))
        word = str(self.cleaned_data.get("unit", "")).strip()
        if word:
            mine = Organisation.objects.filter(serving_on(timezone.localdate()), district_id=self.office.district_id)
            found = list(mine.filter(Q(name=word) | Q(code=word))[:2])
            if len(found) != 1:
                self.add_error("unit", _("没有找到“%s”，要写全称或编码。") % word)
            else:
                self.cleaned_data["organisation_id"] = found[0].pk
        return self.cleaned_data

    def meant(self) -> tuple[str, uuid.UUID | None]:
        """The name of somebody new, or who of those of that name is meant."""
        chosen = str(self.cleaned_data.get("person") or "")
        if self.namesakes and chosen not in ("", ANOTHER):
            return "", uuid.UUID(chosen)
        return str(self.cleaned_data.get("name") or ""), None


def _who(person: Person) -> str:
    """A namesake, told by what he serves as."""
    posts = [f"{post.place.name}{post.title}" for post in person.posts.select_related("place")[:2]]
    return f"{person.shown}　{'、'.join(posts)}"


@require_http_methods(["GET", "POST"])
@office_page
def give(request: HttpRequest, office: Office) -> HttpResponseBase:
    """A new post."""
    initial = {"role": param(request, "role"), "place": param(request, "in")}
    form = GiveForm(office, posted(request), initial=initial)
    act = Act(_("安排一个岗位"), _("安排上"), reverse("office:posts"), template="give")

    def do(data: dict[str, Any]) -> Done:
        place = form.place_id()
        if place is None:
            raise Invalid(_("没有这个地方。"), fields={"place": _("没有找到这个地方。")})
        name, person = form.meant()
        made = actions.give_post(
            actor=office.actor, role=data["role"], place_id=place, name=name, person_id=person,
            organisation_id=data.get("organisation_id"), title=data["title"], hours=data["hours"],
            since=data["since"], until=data["until"],
        )  # fmt: skip
        who = made.person.shown if made.person else (made.organisation.name if made.organisation else "")
        return f"{reverse('office:posts')}?q={made.code}", _("%(who)s担任%(title)s，安排好了。") % {
            "who": who, "title": made.title,
        }  # fmt: skip

    return perform(request, office, act, form, do)


@require_http_methods(["GET", "POST"])
@office_page
def end(request: HttpRequest, office: Office, post_id: uuid.UUID) -> HttpResponseBase:
    """A post ends on a day."""
    post = post_of(office, post_id)
    who = post.person.shown if post.person else (post.organisation.name if post.organisation else "")
    count = held_by(office.district_id, [post.pk])
    about = _("从那天起不再有这个岗位的职责，办过的事还在。")
    if count:
        about += _("手上还有 %d 件没办完，要先派给别人。") % count
    said = {"who": who, "where": post.place.name, "title": post.title}
    act = Act(_("%(who)s不再担任%(where)s%(title)s？") % said, _("结束"), reverse("office:posts"), about, grave=True)

    def do(data: dict[str, Any]) -> Done:
        end_post(actor=office.actor, post_id=post.pk, on=data["on"])
        return reverse("office:posts"), _("%(who)s从 %(day)s 起不再担任。") % {"who": who, "day": data["on"]}

    return perform(request, office, act, DayForm(office, posted(request)), do)
