"""Dispatch rules in the order in which they are tried; and a box that says where something would go."""

from __future__ import annotations

import uuid
from typing import Any, Final

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.core.matters import placing
from linli.core.matters.actions import configuring
from linli.core.matters.actions.configuring import STAGE_WORDS, span_words
from linli.core.matters.asking import category_choices
from linli.core.matters.askpage import line_field
from linli.core.matters.catalogue import Catalogue, catalogue
from linli.core.matters.models import Rule, Urgency
from linli.core.people import duties
from linli.core.people.models import Organisation, OrganisationKind
from linli.core.places.tree import Node
from linli.doors.office.acting import Act, Done, perform, posted
from linli.doors.office.forms import PLACE_FINDER, Asking, choice_field, offer, place_field, roles, tick_field
from linli.doors.office.gate import Office, office_page, show
from linli.doors.office.lists import param
from linli.doors.office.policies import SHOWN
from linli.kit.finding import the_one
from linli.kit.pressed import pressed
from linli.offices.returns import queries as returns

RECEIVING = (
    OrganisationKind.DEPARTMENT, OrganisationKind.STREET_OFFICE, OrganisationKind.RESIDENTS_COMMITTEE,
    OrganisationKind.PROPERTY, OrganisationKind.SOCIAL,
)  # fmt: skip


@require_GET
@office_page
def listing(request: HttpRequest, office: Office) -> HttpResponseBase:
    rows = list(Rule.objects.filter(district_id=office.district_id).select_related("to_organisation").order_by("order"))
    offered = catalogue(office.district_id)
    lines = [
        {"rule": row, "when": conditions(office, offered, row), "to": target(office, row), "first": n == 0,
         "last": n == len(rows) - 1}
        for n, row in enumerate(rows)
    ]  # fmt: skip
    context = {"lines": lines, "try": tried(request, office, offered), "offered": offered,
               "categories": category_choices(offered), "urgencies": Urgency.choices,
               "waiting": returns.proposals(office.actor).filter(state="proposed").count()}  # fmt: skip
    return show(request, office, "rules", context)


def conditions(office: Office, offered: Catalogue, rule: Rule) -> str:
    """When the rule holds, in words; one without conditions holds always."""
    node = office.known.by_path.get(rule.scope_path) if rule.scope_path else None
    kind = offered.kinds.get(rule.kind)
    parts = [
        (kind.name if kind else rule.kind) if rule.kind else "",
        (offered.category_name(rule.category) or rule.category) if rule.category else "",
        _("来自%s") % offered.channel_name(rule.channel) if rule.channel else "",
        str(dict(Urgency.choices).get(rule.urgency, rule.urgency)) if rule.urgency else "",
        (node.name if node else _("一个已经不在的地方")) if rule.scope_path else "",
    ]
    return "　".join(part for part in parts if part) or _("所有的事")


def target(office: Office, rule: Rule) -> str:
    if rule.to_organisation is not None:
        return rule.to_organisation.name
    return _("最近的%s") % office.role(rule.to_role)


# ── trying out ──────────────────────────────────────────────────────────────────────────────────────────────────
def tried(request: HttpRequest, office: Office, offered: Catalogue) -> dict[str, Any]:
    """The box: what was asked, what it would come to. Nothing is written."""
    word, at = param(request, "word"), param(request, "at")
    asked = {name: param(request, name, 24) for name in ("kind", "category", "channel", "urgency")}
    said: dict[str, Any] = {"asked": asked, "word": word, "node": None, "several": [], "missing": False}
    node = office.at(at) or _named(office, word, said)
    if node is None or asked["kind"] not in offered.kinds:
        return said
    way = configuring.where_to(office.district_id, node=node, **asked)
    policy = way.policy
    promised = [(STAGE_WORDS[s], span_words(policy.stages.get(s, "—"))) for s in SHOWN] if policy else []
    return said | {"node": node, "full": office.known.full_name(node, below="street"), "way": way, "promised": promised}


def _named(office: Office, word: str, said: dict[str, Any]) -> Node | None:
    """The place that a word means, where it means exactly one."""
    if not word:
        return None
    hits = placing.find(placing.Ground(office.actor, duties.CONFIGURE), word)
    plain = "".join(word.split())
    exact = [hit for hit in hits if plain in _whole(office, hit[0])]  # the finder is kinder than the names
    meant = exact or hits
    said["missing"] = not meant
    if len(meant) == 1:
        return office.at(meant[0][0])
    said["several"] = meant
    return None


def _whole(office: Office, code: str) -> str:
    node = office.at(code)
    return "".join(office.known.full_name(node, below="street").split()) if node else ""


# ── one rule ────────────────────────────────────────────────────────────────────────────────────────────────────
class RuleForm(Asking):
    """Conditions left empty hold always; where it goes is a role or an organisation."""

    finders = PLACE_FINDER
    levels = ("street", "community", "quarter", "grid")
    aliases = {"organisation": "unit", "to_organisation": "unit"}

    name = line_field(lazy("叫什么"), lazy("派单时写进经过里，写得让人看懂。"))
    kind = choice_field(lazy("种类"), required=False)
    category = choice_field(lazy("分类"), (), lazy("选了上级，下面的都算。"), required=False)
    channel = choice_field(lazy("来源"), required=False)
    urgency = choice_field(lazy("急缓"), [("", lazy("不论")), *Urgency.choices], required=False)
    place = place_field(lazy("只在哪里"), lazy("不选就是全区。"), required=False)
    to_role = choice_field(lazy("派给最近的"), (), lazy("从事发地往上找，最近的一个。"), required=False)
    unit = choice_field(lazy("或派给单位"), required=False)
    active = tick_field(lazy("在用"))

    def arrange(self) -> None:
        offered = catalogue(self.office.district_id)
        offer(self, "kind", [(k.code, k.name) for k in offered.kinds.values()], any_word=str(_("不论")))
        offer(self, "category", category_choices(offered)[1:], any_word=str(_("不论")))
        offer(self, "channel", list(offered.channels.items()), any_word=str(_("不论")))
        offer(self, "to_role", roles(self.office, handling=True), any_word=str(_("不按角色派")))
        bodies = Organisation.objects.filter(district_id=self.office.district_id, until=None, kind__in=RECEIVING)
        named = [(str(pk), name) for pk, name in bodies.order_by("kind", "name").values_list("pk", "name")]
        offer(self, "unit", named, any_word=str(_("不派给单位")))

    def values(self) -> dict[str, Any]:
        data = self.cleaned_data
        kept = {name: data[name] for name in ("name", "kind", "category", "channel", "urgency", "to_role", "active")}
        unit = data["unit"]
        return kept | {"place_id": self.place_id(), "organisation_id": uuid.UUID(unit) if unit else None}


def rule_of(office: Office, rule_id: uuid.UUID) -> Rule:
    return the_one(
        Rule.objects.select_related("to_organisation").filter(district_id=office.district_id, pk=rule_id),
        _("没有这条规则。"),
    )


@require_http_methods(["GET", "POST"])
@office_page
def new(request: HttpRequest, office: Office) -> HttpResponseBase:
    form = RuleForm(office, posted(request), initial={"active": True})
    about = _("新规则排在最后：前面的先试。存下后可以往上移。")
    act = Act(_("添一条派单规则"), _("添上"), reverse("office:rules"), about)

    def do(data: dict[str, Any]) -> Done:
        made = configuring.add_rule(actor=office.actor, **form.values())
        return reverse("office:rules"), _("添上了“%s”，排在最后。") % made.name

    return perform(request, office, act, form, do)


@require_http_methods(["GET", "POST"])
@office_page
def one(request: HttpRequest, office: Office, rule_id: uuid.UUID) -> HttpResponseBase:
    rule = rule_of(office, rule_id)
    node = office.known.by_path.get(rule.scope_path) if rule.scope_path else None
    initial = {name: getattr(rule, name) for name in ("name", "kind", "category", "channel", "urgency", "to_role")}
    initial |= {"active": rule.active, "place": node.code if node else "",
                "unit": str(rule.to_organisation_id or "")}  # fmt: skip
    form = RuleForm(office, posted(request), initial=initial)
    about = _("改了只管以后来的事，已经派出去的不动。")
    act = Act(_("派单规则：%s") % rule.name, _("存下"), reverse("office:rules"), about)

    def do(data: dict[str, Any]) -> Done:
        made = configuring.change_rule(actor=office.actor, rule_id=rule.pk, **form.values())
        return reverse("office:rules"), _("“%s”存下了。") % made.name

    return perform(request, office, act, form, do)


WAYS: Final = {"up": True, "down": False}


@require_POST
@office_page
def move(request: HttpRequest, office: Office, rule_id: uuid.UUID) -> HttpResponseBase:
    """One place up or down."""
    rule = rule_of(office, rule_id)
    configuring.move_rule(actor=office.actor, rule_id=rule.pk, up=pressed(request, "way", WAYS))
    return HttpResponseRedirect(f"{reverse('office:rules')}#r-{rule.pk}")
