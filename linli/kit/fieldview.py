"""A form field as the page shows it: label, help, error, input, in this order, tied together for screen readers."""

from __future__ import annotations

from dataclasses import dataclass, field

from django import forms
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

# Widgets that draw several inputs and therefore stand in a fieldset with a legend instead of a label.
GROUPS = (forms.RadioSelect, forms.CheckboxSelectMultiple)


@dataclass(frozen=True)
class FieldView:
    """Everything ``kit/field.html`` needs, worked out once."""

    bound: BoundField
    id: str
    widget: SafeString
    group: bool
    tick: bool
    cls: str = ""
    errors: list[str] = field(default_factory=list)

    @property
    def hidden(self) -> bool:
        return self.bound.is_hidden


def view(bound: BoundField, *, cls: str = "") -> FieldView:
    """Render the widget with the class and the ARIA of its state."""
    widget = bound.field.widget
    group = isinstance(widget, GROUPS)
    tick = isinstance(widget, forms.CheckboxInput)
    ident = bound.id_for_label or bound.auto_id or bound.html_name
    attrs: dict[str, str | bool] = {}
    if not (group or tick or isinstance(widget, forms.FileInput)):
        attrs["class"] = " ".join(filter(None, ("input", str(widget.attrs.get("class", "")))))
    described = _described(bound, ident)
    if described and not group:
        attrs["aria-describedby"] = described
    if bound.errors and not group:
        attrs["aria-invalid"] = "true"
    return FieldView(
        bound=bound,
        id=ident,
        widget=bound.as_widget(attrs=attrs),
        group=group,
        tick=tick,
        cls=cls,
        errors=complaints(bound),
    )


def complaints(bound: BoundField) -> list[str]:
    """What is wrong, in our words: Django's own "this field is required" says neither what nor why."""
    standard = forms.Field.default_error_messages["required"]
    said = []
    for error in bound.errors.as_data():
        plain = error.code == "required" and bound.field.error_messages["required"] == standard
        said += [_("这里还空着，填上再发。")] if plain else [str(message) for message in error.messages]
    return said


def _described(bound: BoundField, ident: str) -> str:
    """The error first: it is what the reader needs."""
    parts = []
    if bound.errors:
        parts.append(f"{ident}-error")
    if bound.help_text:
        parts.append(f"{ident}-help")
    return " ".join(parts)


@dataclass(frozen=True)
class Problem:
    """One line of the error summary: where it is, and what is wrong."""

    target: str
    label: str
    text: str


def problems(form: forms.BaseForm) -> list[Problem]:
    """Every error of a bound form, form-wide ones first, each with the field it leads to."""
    if not form.is_bound:
        return []
    found = [Problem("", "", str(error)) for error in form.non_field_errors()]
    for bound in form:
        target = _first_input(bound)
        found += [Problem(target, str(bound.label), text) for text in complaints(bound)]
    return found


def _first_input(bound: BoundField) -> str:
    """The id that focus can go to: of a group of radios, the first."""
    if isinstance(bound.field.widget, GROUPS):
        return f"{bound.auto_id}_0"
    return bound.id_for_label or bound.auto_id
