"""Kinds of facilities: one row each. Services are codes; what they are called stands in SERVICES."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REST = "rest_station"

SERVICES: dict[str, str | Promise] = {
    "rest": _("歇脚"), "water": _("热水"), "charging": _("充电"), "heating": _("取暖"), "cooling": _("纳凉"),
    "microwave": _("热饭"), "toilet": _("卫生间"), "first_aid": _("急救箱"), "wifi": _("无线网"),
    "umbrella": _("借雨伞"), "books": _("看书"), "tools": _("修车工具"),
}  # fmt: skip
# As they are drawn beside the word; what has no drawing of its own gets none.
ICONS = {
    "water": "droplet", "charging": "plug-connected", "heating": "flame", "first_aid": "first-aid-kit", "books": "book",
    "tools": "tool", "wifi": "world", "rest": "home-heart",
}  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """What is said of all of a kind."""

    code: str
    name: str | Promise
    services: tuple[str, ...]
    matter: str  # the kind of matter that a fault becomes


KINDS: dict[str, Kind] = {REST: Kind(REST, _("暖心驿站"), tuple(SERVICES), "appeal")}
