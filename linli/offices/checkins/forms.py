"""Forms of the double check-in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linli.core.matters.askpage import PlainForm, day_field, line_field
from linli.core.people.actor import Actor
from linli.core.people.models import Organisation
from linli.offices.checkins import queries
from linli.offices.checkins.models import CheckIn, How


class Plain(PlainForm):
    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, label_suffix="", **kwargs)

    def offer_choices(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


class ReportForm(Plain):
    """Somebody reports to a community by its printed code."""

    how = forms.ChoiceField(label=lazy("来这里报到，因为"), choices=How.choices, widget=forms.RadioSelect)
    name = line_field(lazy("姓名"), limit=20)
    unit = line_field(lazy("单位"), lazy("全称或编码；到居住的社区报到可以不写。"), required=False)
    party_member = forms.BooleanField(label=lazy("我是党员，以党员身份报到"), required=False)

    def __init__(self, actor: Actor, data: Any = None) -> None:
        super().__init__(data, initial={"unit": _own_unit(actor)})
        if actor.person_id is not None:
            del self.fields["name"]


def _own_unit(actor: Actor) -> str:
    """Whoever serves in one unit need not type its name."""
    rows = Organisation.objects.filter(
        district_id=actor.district_id or 0, pk__in=actor.organisation_ids, kind__in=queries.REPORTING
    )
    names = list(rows.values_list("name", flat=True)[:2])
    return names[0] if len(names) == 1 else ""


class SignForm(Plain):
    """The code under the picture on a community's door, typed by hand."""

    code = line_field(lazy("报到码"), lazy("社区门口那张纸上，图下面的一行字。"), limit=40)

    def __init__(self, actor: Actor, data: Any = None) -> None:
        self.district_id = actor.district_id
        super().__init__(data)

    def clean_code(self) -> str:
        found = queries.sign_of(self.cleaned_data["code"])
        if found is None or found[0].district_id != self.district_id:
            raise forms.ValidationError(_("没有这张码，请照着纸上再看一遍。换过新码的，旧的就不用了。"))
        return found[0].code


class ItemForm(Plain):
    """A post or a service that the community would like somebody for."""

    title = line_field(lazy("岗位或服务"), lazy("比如：兼职网格员、周末陪老人读报。"), limit=60)
    what = line_field(lazy("做什么"), limit=300)
    times = line_field(lazy("什么时候"), lazy("比如：周六上午，或周一到周五 18:30 以后。"))
    needed = forms.IntegerField(label=lazy("要几个人"), min_value=1, max_value=200)
    standing = forms.BooleanField(label=lazy("是长期的岗位，不是一次的服务"), required=False)


class UnitForm(Plain):
    """A unit reports to a community."""

    organisation = forms.ChoiceField(label=lazy("单位"))
    place = forms.ChoiceField(label=lazy("到哪个社区"))
    brings = line_field(lazy("能做什么"), lazy("出人、出车、出场地，一句话。"), limit=300)


class RecordForm(Plain):
    """What a member did, written down by the community: who records certifies."""

    checkin = forms.ChoiceField(label=lazy("是谁"))
    what = line_field(lazy("做了什么"), limit=120)
    on = day_field(lazy("哪天"), initial=timezone.localdate)
    minutes = forms.IntegerField(label=lazy("多少分钟"), min_value=1, max_value=720)


class SumForm(Plain):
    """A summary to a unit about a period."""

    unit = forms.ChoiceField(label=lazy("给哪个单位"))
    since = day_field(lazy("从哪天"), initial=lambda: timezone.localdate() - timedelta(days=30))
    until = day_field(lazy("到哪天"), initial=timezone.localdate)


def member_choices(rows: Any) -> list[tuple[str, str]]:
    found: list[CheckIn] = list(rows.order_by("person__shown", "id")[:500])
    return [(str(c.pk), f"{c.person.shown}　{c.organisation.name if c.organisation else ''}") for c in found]


def unit_choices(rows: list[Organisation]) -> list[tuple[str, str]]:
    return [(str(o.pk), o.name) for o in rows]
