"""What the office's forms are made of: fields, naming a place, and handing back an action's refusal."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linli.core.matters.asking import One, Words
from linli.core.matters.askpage import PlainForm
from linli.core.matters.askpage import day_field as any_day
from linli.core.matters.placing import PLACES, Ground
from linli.core.people import duties
from linli.doors.office.gate import Office


class Asking(PlainForm):
    """A form of the office. ``levels``: which places may be named in it; none means any."""

    levels: ClassVar[tuple[str, ...]] = ()

    def __init__(self, office: Office, data: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        self.office = office
        self.about = Ground(office.actor, duties.CONFIGURE, self.levels)
        super().__init__(data, initial=initial, label_suffix="")
        self.arrange()
        self.prepare()

    def arrange(self) -> None:
        """Fill what depends on the district: choices, mostly."""

    def clean(self) -> dict[str, Any]:
        """A place that is none here is refused also where naming one may be left out: "nowhere" would mean all."""
        super().clean()
        if "place" in self.finders and self.cleaned_data.get("place") and self.place_id() is None:
            self.add_error("place", _("没有找到这个地方。"))
        return self.cleaned_data

    def place_id(self, name: str = "place") -> uuid.UUID | None:
        """The place that was named."""
        node = self.office.at(str(self.cleaned_data.get(name) or ""))
        return node.id if node else None


def place_field(label: Words, help_text: Words = "", *, required: bool = True) -> One:
    return One(label=label, help_text=help_text, required=required)


PLACE_FINDER = {"place": PLACES}


def shape_field(label: Words, help_text: Words = "", *, required: bool = True) -> forms.CharField:
    """GeoJSON as text: what the map writes, and what one may paste without a map."""
    attrs = {"rows": 5, "spellcheck": "false", "class": "mono code"}
    return forms.CharField(
        label=label, help_text=help_text, required=required, max_length=2_000_000, widget=forms.Textarea(attrs=attrs)
    )


def day_field(label: Words, help_text: Words = "", *, required: bool = True, today: bool = False) -> forms.DateField:
    return any_day(label, help_text, required=required, initial=timezone.localdate if today else None)


def choice_field(
    label: Words, choices: Iterable[Any] = (), help_text: Words = "", *, required: bool = True
) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=list(choices), help_text=help_text, required=required,
        error_messages={"invalid_choice": lazy("没有这一项，重新选一个。")},
    )  # fmt: skip


def tick_field(label: Words, help_text: Words = "") -> forms.BooleanField:
    return forms.BooleanField(label=label, help_text=help_text, required=False)


def offer(form: forms.Form, name: str, choices: Sequence[Any], *, any_word: str = "") -> None:
    """Fill a choice, with a first line for none where ``any_word`` says what none means."""
    field = form.fields[name]
    assert isinstance(field, (forms.ChoiceField, forms.MultipleChoiceField))
    field.choices = [("", any_word), *choices] if any_word else list(choices)


def roles(office: Office, *, handling: bool = False) -> list[tuple[str, str]]:
    """Roles that can be given, by the district's titles."""
    rows = [r for r in duties.ROLES.values() if r.code != "system" and (r.handles or not handling)]
    return [(r.code, office.role(r.code)) for r in rows]


def names(text: str) -> list[str]:
    """Names typed one a line, or with commas between them."""
    for mark in "、，,；;\t":
        text = text.replace(mark, "\n")
    return [name for line in text.splitlines() if (name := line.strip())]


class DayForm(Asking):
    """An act that needs nothing but its day."""

    on = day_field(lazy("从哪天起"), today=True)


def nothing() -> str:
    return _("没有变化。")
