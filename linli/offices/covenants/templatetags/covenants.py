"""``{{ n|ordinal }}``: 第三条, Article 3; ``{% marked pieces %}``: what came underlined, what went struck, in words."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from linli.core.matters import masks
from linli.offices.covenants.comparing import Piece
from linli.offices.covenants.text import called

register = template.Library()
register.filter("ordinal", called)
register.filter("masked", masks.mask)


@register.simple_tag
def marked(pieces: Iterable[Piece]) -> SafeString:
    """Inside ``ins`` and ``del`` stand words for who does not see lines: 加了…, 删了…."""
    return format_html_join("", "{}", ((_one(op, said),) for op, said in pieces))


def _one(op: str, said: str) -> SafeString | str:
    if op == "add":
        return format_html('<ins><span class="vh">{}</span>{}<span class="vh">{}</span></ins>', _("［加："), said, "］")
    if op == "cut":
        return format_html('<del><span class="vh">{}</span>{}<span class="vh">{}</span></del>', _("［删："), said, "］")
    return format_html("{}", said)
