"""Parts of a matter's page that every door shares. The templates lie in ``templates/matters``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.forms.boundfield import BoundField
from django.template import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from linli.core.matters.asking import ActForm
from linli.core.matters.clocks import unknown_holidays
from linli.kit import fieldview

register = template.Library()


@register.inclusion_tag("matters/finder.html")
def finder(form: ActForm, name: str, find_url: str = "") -> dict[str, object]:
    """Naming somebody: what is suggested, and a box for whoever is not. ``find_url`` answers while one types."""
    bound: BoundField = form[name]
    word: BoundField = form[f"{name}_word"]
    return {"f": fieldview.view(bound), "word": word, "name": name, "bound": bound,
            "find_url": f"{find_url}?for={name}" if find_url else ""}  # fmt: skip


@register.inclusion_tag("matters/act_form.html", takes_context=True)
def act_form(context: Context, dialog: bool = False) -> dict[str, object]:
    """The form of the act under way, in a dialog or on a page of its own."""
    named = ("form", "action", "find_url", "back", "matter", "csrf_token", "outcome")
    wrong = context["form"].errors.get("attachments")
    return {name: context.get(name) for name in named} | {"dialog": dialog, "bad": wrong[0] if wrong else ""}


@register.simple_tag
def paragraphs(text: str) -> SafeString:
    """Somebody's words as paragraphs, quoted: the first opens the quotation, the last closes it."""
    parts = [line.strip() for line in str(text).splitlines() if line.strip()]
    if not parts:
        return mark_safe("")
    quoted = [f"{'“' if n == 0 else ''}{part}{'”' if n == len(parts) - 1 else ''}" for n, part in enumerate(parts)]
    return format_html_join("", "<p>{}</p>", ((part,) for part in quoted))


@register.simple_tag
def provisional(faces: Iterable[Any]) -> SafeString:
    """Under the clocks: that one of them counts working days over holidays nobody here knows yet."""
    if any(each.provisional for each in faces):
        return format_html('<p class="cap">{}</p>', unknown_holidays())
    return mark_safe("")


@register.simple_tag
def face(clock: Any) -> SafeString:
    """One cell of the row of clocks; a running one carries its times for ``clock.js``."""
    data = (
        format_html(' data-clock data-due="{}" data-warn="{}" data-style="staff"', clock.due, clock.warn)
        if clock.due
        else ""
    )
    return format_html(
        '<div class="{}"{}><dt>{}</dt><dd><span class="w">{}</span></dd><dd class="cap">{}</dd></div>',
        clock.tone, data, clock.name, clock.words, clock.cap,
    )  # fmt: skip
