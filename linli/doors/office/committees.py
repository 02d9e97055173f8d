"""业主委员会: their terms, those that end within ninety days, quarters without one, and the next term."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods

from linli.core.matters.actions.configuring import register_committee
from linli.core.matters.askpage import line_field, lines_field
from linli.core.people.actions.serving import serving_on
from linli.core.people.models import Organisation, OrganisationKind, Post
from linli.core.places.models import Level, Place
from linli.doors.office.acting import Act, Done, perform, posted
from linli.doors.office.bodies import places_under
from linli.doors.office.forms import PLACE_FINDER, Asking, day_field, names, place_field
from linli.doors.office.gate import Office, office_page, show
from linli.doors.office.lists import keyed, param
from linli.kit.fields import subtree
from linli.kit.figures import comma
from linli.kit.refusal import Invalid

WARN_DAYS = 90


@dataclass(frozen=True)
class Terms:
    """How the committees of a district stand, in four numbers."""

    standing: int
    ending: int
    lapsed: int
    without: int

    @classmethod
    def of(cls, office: Office) -> Terms:
        today = timezone.localdate()
        soon = today + timedelta(days=WARN_DAYS)
        mine = committees(office)
        stands = Q(until=None) | Q(until__gt=today)
        counted = mine.aggregate(
            standing=Count("pk", filter=stands),
            ending=Count("pk", filter=Q(until__gt=today, until__lte=soon)),
            covered=Count("place", filter=stands, distinct=True),
        )
        return cls(counted["standing"], counted["ending"], _lapsed(office).count(), without(office).count())


def committees(office: Office) -> QuerySet[Organisation]:
    return Organisation.objects.filter(district_id=office.district_id, kind=OrganisationKind.OWNERS_COMMITTEE)


def _lapsed(office: Office) -> QuerySet[Organisation]:
    """Whose term ran out and whose quarter has no other: the newest of each such quarter."""
    today = timezone.localdate()
    standing = committees(office).filter(serving_on(today)).values("place_id")
    newest = committees(office).filter(place=OuterRef("place")).order_by("-until").values("pk")[:1]
    return committees(office).filter(until__lte=today, pk=Subquery(newest)).exclude(place_id__in=standing)


def without(office: Office) -> QuerySet[Place]:
    """Quarters in which no committee stands."""
    covered = committees(office).filter(serving_on(timezone.localdate())).values("place_id")
    quarters = Place.objects.filter(district_id=office.district_id, level=Level.QUARTER, until=None, generic=False)
    return quarters.exclude(pk__in=covered)


@require_GET
@office_page
def listing(request: HttpRequest, office: Office) -> HttpResponseBase:
    """Tabs: standing, ending soon, lapsed, and quarters without one."""
    tab, terms = param(request, "tab"), Terms.of(office)
    tabs = [("", _("在任"), terms.standing), ("ending", _("90 天内到期"), terms.ending),
            ("lapsed", _("已到期没换届"), terms.lapsed), ("without", _("没有业委会的小区"), terms.without)]  # fmt: skip
    context: dict[str, Any] = {
        "tab": tab, "word": param(request, "q"), "places": places_under(office, param(request, "in")),
        "tabs": [{"label": name, "url": f"?tab={code}" if code else "?", "current": code == tab, "count": count,
                  "alert": code in ("ending", "lapsed") and count} for code, name, count in tabs],
    }  # fmt: skip
    if tab == "without":
        page = keyed(_in(request, office, without(office), "path", "name"), request, by="path")
        known = office.known.by_path
        context |= {"page": page, "quarters": [(p, [known[x].name for x in _above(p.path) if x in known])
                                               for p in page.items]}  # fmt: skip
    else:
        bodies = keyed(_in(request, office, _tab(office, tab), "scope_path", "name"), request, by="code")
        context |= {"page": bodies, "rows": _rows(office, bodies.items)}
    return show(request, office, "committees", context)


def _tab(office: Office, tab: str) -> QuerySet[Organisation]:
    today = timezone.localdate()
    if tab == "lapsed":
        return _lapsed(office)
    rows = committees(office).filter(serving_on(today))
    return rows.filter(until__lte=today + timedelta(days=WARN_DAYS)) if tab == "ending" else rows


def _in(request: HttpRequest, office: Office, rows: QuerySet[Any], path: str, name: str) -> QuerySet[Any]:
    node, word = office.at(param(request, "in")), param(request, "q")
    if node is not None:
        low, high = subtree(node.path)
        rows = rows.filter(**{f"{path}__gte": low, f"{path}__lt": high})
    return rows.filter(**{f"{name}__icontains": word}) if word else rows


def _above(path: str) -> list[str]:
    return [path[:end] for end in range(8, len(path), 4)]


def _rows(office: Office, bodies: Sequence[Organisation]) -> list[dict[str, Any]]:
    """Each with its members and how long its term still is."""
    today = timezone.localdate()
    members: dict[Any, list[Post]] = {}
    held = Post.objects.filter(district_id=office.district_id, organisation__in=bodies, person__isnull=False)
    for post in held.select_related("person").order_by("role", "code"):
        members.setdefault(post.organisation_id, []).append(post)
    known = office.known.by_id
    rows = []
    for body in bodies:
        seats, node = members.get(body.pk, []), known.get(body.place_id)
        chair = next((p.person.shown for p in seats if p.role == "committee_chair" and p.person), "")
        rows.append({
            "body": body, "chair": chair, "count": len(seats), "term": term(body.until, today),
            "where": office.known.full_name(node) if node else "", "code": node.code if node else "",
        })  # fmt: skip
    return rows


def term(until: date | None, today: date) -> dict[str, str]:
    """How the rest of a term is told: in days once it is short."""
    if until is None:
        return {"tone": "", "words": _("没有写到期日")}
    left = (until - today).days
    if left <= 0:
        return {"tone": "over", "words": _("到期 %s 天了") % comma(-left)}
    return {"tone": "soon" if left <= WARN_DAYS else "", "words": _("还有 %s 天") % comma(left)}


# ── registering a term ──────────────────────────────────────────────────────────────────────────────────────────
class RegisterForm(Asking):
    finders = PLACE_FINDER
    levels = ("quarter",)
    aliases = {"quarter": "place", "on": "since"}

    place = place_field(lazy("哪个小区"))
    name = line_field(lazy("名称"), lazy("不写就是“小区名＋业主委员会”。"), required=False)
    since = day_field(lazy("任期从哪天起"), today=True)
    until = day_field(lazy("任期到哪天"), lazy("最长五年。到期前 90 天会提醒。"))
    chair = line_field(lazy("主任"), limit=20)
    members = lines_field(
        lazy("其他委员"), lazy("一行一个。国家的指导规则是委员 5 到 11 人、单数，连任的写同样的名字。"), rows=6
    )


@require_http_methods(["GET", "POST"])
@office_page
def register(request: HttpRequest, office: Office) -> HttpResponseBase:
    form = RegisterForm(office, posted(request), initial={"place": param(request, "in")})
    about = _("小区原来有业委会的，上一届到新一届起任那天为止；业委会手上的事由新一届接着办。")
    act = Act(_("备案一届业委会"), _("备案"), reverse("office:committees"), about)

    def do(data: dict[str, Any]) -> Done:
        place = form.place_id()
        if place is None:
            raise Invalid(_("没有这个小区。"), fields={"place": _("没有找到这个小区。")})
        made = register_committee(
            actor=office.actor, quarter_id=place, name=data["name"], chair=data["chair"],
            members=names(data["members"]), since=data["since"], until=data["until"],
        )  # fmt: skip
        return reverse("office:body", args=[made.pk]), _("%s备案好了。") % made.name

    return perform(request, office, act, form, do)
