"""Channels, the joint team and the switches. What no district may switch on stands there too, with the reason."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods

from linli.core.matters.actions.configuring import SWITCHES, Force, change_settings, set_channel, set_team
from linli.core.matters.actions.configuring.switches import said
from linli.core.matters.askpage import line_field
from linli.core.people.models import Organisation, OrganisationKind
from linli.doors.office.acting import Act, Done, perform, posted
from linli.doors.office.forms import Asking, roles, tick_field
from linli.doors.office.gate import Office, office_page, show
from linli.kit.figures import listed
from linli.kit.refusals import SETTINGS

MOST_FORCES = 8


def _open(key: str) -> bool:
    """Whether there is anything to choose."""
    allowed = SETTINGS[key].allowed
    return allowed is None or len(allowed) > 1


@require_GET
@office_page
def page(request: HttpRequest, office: Office) -> HttpResponseBase:
    """Three sections: where matters come from, who can be called together, what is on."""
    settings = office.known.district.settings
    own, of_residents = settings.get("channels", {}), settings.get("resident_channels", [])
    values = {key: settings.get(key, setting.default) for key, setting in SETTINGS.items()}
    context = {
        "channels": [{"code": code, "name": name, "resident": code in of_residents} for code, name in own.items()],
        "team": settings.get("team", {}), "forces": [_told(office, force) for force in _forces(office)],
        "open": [(SWITCHES[key][0], said(values[key]), SWITCHES[key][1]) for key in SETTINGS if _open(key)],
        "shut": [(SWITCHES[key][0], SWITCHES[key][1]) for key in SETTINGS if not _open(key)],
    }  # fmt: skip
    return show(request, office, "switches", context)


def _forces(office: Office) -> list[dict[str, Any]]:
    return list(office.known.district.settings.get("team", {}).get("forces", []))


def _told(office: Office, force: dict[str, Any]) -> dict[str, Any]:
    """A force and whom it means, in words."""
    kinds = dict(OrganisationKind.choices)
    means = [office.role(role) for role in force.get("roles", [])]
    means += [str(kinds[kind]) for kind in force.get("kinds", []) if kind in kinds]
    if force.get("departments"):
        means.append(_("%d 个部门") % len(force["departments"]))
    return {"name": force["name"], "means": listed(means)}


# ── switches ────────────────────────────────────────────────────────────────────────────────────────────────────
class SwitchForm(Asking):
    """Every switch with a choice. What else is sent is handed on too, and refused by the action with its reason."""

    def arrange(self) -> None:
        for key in (key for key in SETTINGS if _open(key)):
            self.fields[key] = _field(key)

    def values(self) -> dict[str, Any]:
        forged = {key: True for key in SETTINGS if key not in self.fields and key in self.data}
        return {**{key: self.cleaned_data[key] for key in self.fields}, **forged}


def _field(key: str) -> forms.Field:
    setting, (name, why) = SETTINGS[key], SWITCHES[key]
    if setting.kind is bool:
        return forms.BooleanField(label=name, help_text=why, required=False)
    if setting.kind is int:
        return forms.IntegerField(label=name, help_text=why)
    allowed = sorted(setting.allowed or ())
    return forms.ChoiceField(
        label=name, help_text=why, widget=forms.RadioSelect, choices=[(each, said(each)) for each in allowed]
    )


@require_http_methods(["GET", "POST"])
@office_page
def switches(request: HttpRequest, office: Office) -> HttpResponseBase:
    settings = office.known.district.settings
    initial = {key: settings.get(key, setting.default) for key, setting in SETTINGS.items()}
    form = SwitchForm(office, posted(request), initial=initial)
    about = _("排名、轨迹、强制打卡、统计在线时长这些，哪个区都开不了，这里也没有。")
    act = Act(_("改开关"), _("存下"), reverse("office:switches"), about)

    def do(data: dict[str, Any]) -> Done:
        change_settings(actor=office.actor, values=form.values())
        return reverse("office:switches"), _("开关存下了。")

    return perform(request, office, act, form, do)


# ── channels ────────────────────────────────────────────────────────────────────────────────────────────────────
class ChannelForm(Asking):
    name = line_field(lazy("名称"), lazy("居民和台账上看到的。"), limit=40)
    resident = tick_field(lazy("居民自己可以从这里说事"))


class NewChannelForm(ChannelForm):
    code = line_field(lazy("代码"), lazy("小写字母，给了就不能改。"), limit=24)
    field_order = ("code",)


@require_http_methods(["GET", "POST"])
@office_page
def channel(request: HttpRequest, office: Office, code: str = "") -> HttpResponseBase:
    """Name one, or add one where no code is given."""
    settings = office.known.district.settings
    own = settings.get("channels", {})
    if code and code not in own:
        raise Http404
    initial = {"name": own.get(code, ""), "resident": code in settings.get("resident_channels", [])}
    form = (ChannelForm if code else NewChannelForm)(office, posted(request), initial=initial)
    title = _("来源：%s") % own[code] if code else _("添一个来源")
    about = _("来源只添不删：从它来过的事还要叫得出名字。")
    act = Act(title, _("存下"), reverse("office:switches"), about)

    def do(data: dict[str, Any]) -> Done:
        set_channel(actor=office.actor, code=code or data["code"], name=data["name"], resident=data["resident"],
                    new=not code)  # fmt: skip
        return reverse("office:switches"), _("来源“%s”存下了。") % data["name"]

    return perform(request, office, act, form, do)


# ── the joint team ──────────────────────────────────────────────────────────────────────────────────────────────
class TeamForm(Asking):
    """The team's name, and each force with whom it means; a force without a name is taken out."""

    aliases = {"forces": "name_0", "name": "team"}
    team = line_field(lazy("队伍叫什么"), lazy("居民和各单位听得懂的叫法。"), limit=40)

    def arrange(self) -> None:
        have = _forces(self.office)
        self.codes = [*[str(force["code"]) for force in have][:MOST_FORCES], "new"]
        departments = _departments(self.office, have)
        handling = roles(self.office, handling=True)
        for n in range(len(self.codes)):
            force = have[n] if self.codes[n] != "new" else {}
            self.fields[f"name_{n}"] = line_field(_("名称"), limit=40, required=False)
            self.fields[f"roles_{n}"] = _several(_("角色"), handling)
            self.fields[f"kinds_{n}"] = _several(_("哪几类单位"), OrganisationKind.choices)
            self.fields[f"departments_{n}"] = _several(_("部门"), departments)
            for part in ("name", "roles", "kinds", "departments"):
                self.initial.setdefault(f"{part}_{n}", force.get(part, "" if part == "name" else []))

    def groups(self) -> list[dict[str, Any]]:
        return [
            {"title": self.initial.get(f"name_{n}") or _("再添一支"), "new": code == "new",
             "fields": [self[f"{part}_{n}"] for part in ("name", "roles", "kinds", "departments")]}
            for n, code in enumerate(self.codes)
        ]  # fmt: skip

    def forces(self) -> list[Force]:
        data = self.cleaned_data
        taken = set(self.codes)
        made = []
        for n, code in enumerate(self.codes):
            if not data[f"name_{n}"].strip():
                continue
            own = code if code != "new" else next(c for i in range(1, 99) if (c := f"force{i}") not in taken)
            made.append(Force(own, data[f"name_{n}"], data[f"kinds_{n}"], data[f"roles_{n}"], data[f"departments_{n}"]))
        return made


def _several(label: str, choices: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=False, widget=forms.CheckboxSelectMultiple
    )  # fmt: skip


def _departments(office: Office, forces: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Departments by the code under which they are called; one that a force names and nobody is any more stays."""
    bodies = Organisation.objects.filter(
        district_id=office.district_id, kind=OrganisationKind.DEPARTMENT, until=None
    ).order_by("name")
    found: dict[str, str] = {}
    for name, attrs in bodies.values_list("name", "attrs"):
        code = str(attrs.get("department", ""))
        if code:
            found.setdefault(code, name)
    for code in (code for force in forces for code in force.get("departments", [])):
        found.setdefault(code, code)
    return list(found.items())


@require_http_methods(["GET", "POST"])
@office_page
def team(request: HttpRequest, office: Office) -> HttpResponseBase:
    now = office.known.district.settings.get("team", {})
    form = TeamForm(office, posted(request), initial={"team": now.get("name", "")})
    about = _("吹哨能叫到谁，就看这里。去掉名称就是去掉这一支。")
    act = Act(_("联动队伍"), _("存下"), reverse("office:switches"), about, template="team")

    def do(data: dict[str, Any]) -> Done:
        set_team(actor=office.actor, name=data["team"], forces=form.forces())
        return reverse("office:switches"), _("联动队伍存下了。")

    return perform(request, office, act, form, do)
