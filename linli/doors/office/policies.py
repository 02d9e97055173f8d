"""Clock promises: which hold now, all versions of one, and the form that makes the next."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods

from linli.core.matters.actions.configuring import STAGE_WORDS, STAGES, end_policy, revise_policy, span_words
from linli.core.matters.askpage import line_field
from linli.core.matters.models import Kind, Policy, Urgency
from linli.doors.office.acting import Act, Done, perform, posted
from linli.doors.office.forms import PLACE_FINDER, Asking, choice_field, offer, place_field
from linli.doors.office.gate import Office, office_page, show
from linli.kit.figures import listed
from linli.kit.finding import the_one
from linli.kit.refusal import Invalid

ESCALATING = ("accept", "reply", "act", "result")
SHOWN = ("accept", "reply", "act", "result")
# What each stage promises, beside its short name.
ABOUT = {
    "accept": lazy("派到之后，多久要接单或退回"), "reply": lazy("多久要给居民回话"), "act": lazy("多久要动手"),
    "result": lazy("多久要有结果"), "arrive": lazy("吹哨以后，多久要到场"), "pause": lazy("经办人自己最多能暂停多久"),
    "rating": lazy("等居民评价多久，过了自动销号"), "contest": lazy("居民多久之内可以提异议"),
    "reopen": lazy("销号之后多久之内可以要求重办"),
}  # fmt: skip


def scope_words(office: Office, policy: Policy, kinds: dict[str, str]) -> str:
    """Where, what and how urgent a promise is for; the widest says so."""
    node = office.known.by_id.get(policy.place_id)
    where = _("全区") if node is None or node.parent_id is None else office.known.full_name(node, below="street")
    urgency = dict(Urgency.choices).get(policy.urgency, "") if policy.urgency else ""
    parts = [where, kinds.get(policy.kind, policy.kind) if policy.kind else "", str(urgency)]
    named = [part for part in parts if part]
    return "　".join(named if len(named) > 1 else [*named, _("其余各类")])


def _kinds(office: Office) -> dict[str, str]:
    return dict(Kind.objects.filter(district_id=office.district_id).values_list("code", "name"))


@require_GET
@office_page
def listing(request: HttpRequest, office: Office) -> HttpResponseBase:
    """The promises that hold for what is opened now, the widest first."""
    rows = Policy.objects.filter(district_id=office.district_id, until=None).order_by("scope_path", "kind", "urgency")
    kinds = _kinds(office)
    lines = [
        {"policy": row, "scope": scope_words(office, row, kinds), "calendar": calendar_name(office, row.calendar),
         "spans": [span_words(row.stages.get(stage, "—")) for stage in SHOWN]}
        for row in rows
    ]  # fmt: skip
    context = {"lines": lines, "heads": [STAGE_WORDS[stage] for stage in SHOWN]}
    return show(request, office, "policies", context)


def calendars(office: Office) -> list[tuple[str, str]]:
    """Round the clock, and the working calendars that the district has."""
    own = office.known.district.settings.get("calendars", {})
    codes = ["natural", *own, *(() if "office" in own else ("office",))]
    return [(code, calendar_name(office, code)) for code in codes]


def calendar_name(office: Office, code: str) -> str:
    """A calendar by its hours, since that is what tells two of them apart."""
    if code == "natural":
        return _("自然时间，不分昼夜")
    table = office.known.district.settings.get("calendars", {}).get(code, {})
    hours = listed(table.get("hours", []))
    if not hours:
        return _("工作时间") if code == "office" else code
    weekend = table.get("saturday") or table.get("sunday")
    return _("工作日 %s，周末也有班") % hours if weekend else _("工作日 %s") % hours


# ── one promise and its versions ────────────────────────────────────────────────────────────────────────────────
class PolicyForm(Asking):
    name = line_field(lazy("叫什么"))
    calendar = choice_field(lazy("按什么时间算"))
    escalate_on = forms.MultipleChoiceField(
        label=lazy("到点没做到就上报一级"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(stage, STAGE_WORDS[stage]) for stage in ESCALATING],
    )  # fmt: skip

    def arrange(self) -> None:
        offer(self, "calendar", calendars(self.office))
        for stage in STAGES:
            self.fields[stage] = line_field(STAGE_WORDS[stage], ABOUT[stage], limit=8)

    def stages(self) -> dict[str, str]:
        return {stage: self.cleaned_data[stage] for stage in STAGES}

    def spans(self) -> list[Any]:
        return [self[stage] for stage in STAGES]


class NewPolicyForm(PolicyForm):
    finders = PLACE_FINDER
    levels = ("district", "street", "community", "quarter", "grid")

    place = place_field(lazy("哪里"), lazy("越近的越先用：小区的先于社区的，社区的先于全区的。"))
    kind = choice_field(lazy("种类"), required=False)
    urgency = choice_field(lazy("急缓"), [("", lazy("不分急缓")), *Urgency.choices], required=False)
    field_order = ("place", "kind", "urgency")

    def arrange(self) -> None:
        super().arrange()
        offer(self, "kind", list(_kinds(self.office).items()), any_word=str(_("各个种类")))


def policy_of(office: Office, policy_id: uuid.UUID) -> Policy:
    return the_one(
        Policy.objects.select_related("place").filter(district_id=office.district_id, pk=policy_id), _("没有这条时限。")
    )


def _initial(policy: Policy) -> dict[str, Any]:
    return {"name": policy.name, "calendar": policy.calendar, "escalate_on": policy.escalate_on, **policy.stages}


@require_http_methods(["GET", "POST"])
@office_page
def one(request: HttpRequest, office: Office, policy_id: uuid.UUID) -> HttpResponseBase:
    """Every version side by side, and the form for the next."""
    policy = policy_of(office, policy_id)
    same = Policy.objects.filter(
        district_id=office.district_id, place_id=policy.place_id, kind=policy.kind, urgency=policy.urgency
    )
    versions = list(same.order_by("-version"))
    newest = versions[0]
    form = PolicyForm(office, posted(request), initial=_initial(newest))
    scope = scope_words(office, policy, _kinds(office))
    about = _("不改旧的，存成第 %d 版；已经开着的事照开头时的那一版算。") % (newest.version + 1)
    act = Act(newest.name, _("存成新的一版"), reverse("office:policies"), about, template="policy")
    context = {
        "scope": scope, "newest": newest, "versions": [_column(office, row) for row in versions],
        "stands": newest.until is None,
        "stages": [(STAGE_WORDS[s], [(v.version, span_words(v.stages.get(s, "—"))) for v in versions]) for s in STAGES],
        "general": newest.place.parent_id is None and not newest.kind and not newest.urgency,
    }  # fmt: skip

    def do(data: dict[str, Any]) -> Done:
        made = revise_policy(
            actor=office.actor, place_id=policy.place_id, kind=policy.kind, urgency=policy.urgency, name=data["name"],
            calendar=data["calendar"], stages=form.stages(), escalate_on=data["escalate_on"],
        )  # fmt: skip
        said = (
            _("和现在的一样，没有存新的。") if made.pk == newest.pk else _("存成第 %d 版，从现在起算。") % made.version
        )
        return reverse("office:policy", args=[made.pk]), said

    return perform(request, office, act, form, do, context)


def _column(office: Office, policy: Policy) -> dict[str, Any]:
    upward = listed(STAGE_WORDS.get(stage, stage) for stage in policy.escalate_on) or "—"
    return {"policy": policy, "calendar": calendar_name(office, policy.calendar), "upward": upward}


@require_http_methods(["GET", "POST"])
@office_page
def new(request: HttpRequest, office: Office) -> HttpResponseBase:
    """A promise for something particular; it begins with what holds now."""
    general = Policy.objects.filter(district_id=office.district_id, until=None, kind="", urgency="")
    first = general.order_by("scope_path").first()
    initial = _initial(first) | {"name": ""} if first else {}
    form = NewPolicyForm(office, posted(request), initial=initial)
    about = _("给某个地方、某类事、某种急缓单独定。下面先填着全区通用的一条，改成要的。")
    act = Act(_("单独定一条时限"), _("定下来"), reverse("office:policies"), about, template="policy_new")

    def do(data: dict[str, Any]) -> Done:
        place = form.place_id()
        if place is None:
            raise Invalid(_("没有这个地方。"), fields={"place": _("没有找到这个地方。")})
        made = revise_policy(
            actor=office.actor, place_id=place, kind=data["kind"], urgency=data["urgency"], name=data["name"],
            calendar=data["calendar"], stages=form.stages(), escalate_on=data["escalate_on"],
        )  # fmt: skip
        return reverse("office:policy", args=[made.pk]), _("定下来了，从现在起算。")

    return perform(request, office, act, form, do)


@require_http_methods(["GET", "POST"])
@office_page
def end(request: HttpRequest, office: Office, policy_id: uuid.UUID) -> HttpResponseBase:
    policy = policy_of(office, policy_id)
    about = _("以后开的事改用更宽的一条；已经开着的照旧。")
    back = reverse("office:policy", args=[policy.pk])
    act = Act(_("停用时限“%s”？") % policy.name, _("停用"), back, about, grave=True)

    def do(data: dict[str, Any]) -> Done:
        end_policy(actor=office.actor, policy_id=policy.pk)
        return reverse("office:policies"), _("“%s”停用了。") % policy.name

    return perform(request, office, act, Asking(office, posted(request)), do)
