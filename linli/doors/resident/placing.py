"""Where: a visitor's own door, a scanned one, and choosing a place step by step with plain selects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from linli.core.people.actor import Actor
from linli.core.places import locating
from linli.core.places.models import District
from linli.core.places.tree import Node, Tree, tree
from linli.kit import codes

# Somebody without an account keeps the door on the phone: a place's code, which is public and says nothing of a person.
COOKIE = "linli_door"
YEAR = 365 * 24 * 3600
# A street or a whole district is no place to send anybody to.
TOO_WIDE = frozenset({"district", "street"})


@dataclass(frozen=True)
class Spot:
    """A place that was named, in its district's tree."""

    district_id: int
    node: Node

    @property
    def tree(self) -> Tree:
        return tree(self.district_id)

    @property
    def name(self) -> str:
        """From the quarter down, as neighbours say it; from the community down where it is no deeper than that."""
        return short_name(self.tree, self.node)


@dataclass(frozen=True)
class Select:
    """One step of choosing: what the level is called here, its places, the chosen one."""

    label: str
    options: list[tuple[str, str]]
    value: str


@dataclass(frozen=True)
class Steps:
    """The selects so far and what they have come to."""

    selects: list[Select]
    spot: Spot | None
    trail: list[str] = field(default_factory=list)

    @property
    def more(self) -> bool:
        """Whether a select still waits for its answer."""
        return bool(self.selects) and not self.selects[-1].value

    @property
    def wide(self) -> bool:
        """Not narrow enough yet, although there is something narrower."""
        return self.spot is None or (
            self.spot.node.level in TOO_WIDE and bool(self.spot.tree.children.get(self.spot.node.id))
        )


def short_name(known: Tree, node: Node) -> str:
    """秀水苑 3 号楼 2 单元: the grid between quarter and building is an office's word, not a neighbour's."""
    chain = known.chain(node)
    deep = [n for n in chain if n.level in ("quarter", "building", "unit")]
    named = deep or [n for n in chain if n.level in ("community", "grid")] or chain[-1:]
    return " ".join(n.name for n in named)


def first_district() -> int | None:
    """The district that speaks to a visitor of whom nothing is known."""
    return District.objects.order_by("pk").values_list("pk", flat=True).first()


def by_code(code: str) -> Spot | None:
    """A place by its code."""
    found = locating.find(code.strip()) if code.strip() else None
    return Spot(*found) if found else None


def by_door(typed: str) -> Spot:
    """The place behind a door code. Raises ValueError with the reason, in plain words."""
    code, _district = codes.read_code(typed, "door")
    found = locating.find(code, door=True)
    if found is None:
        raise ValueError(_("没有找到这块门牌，可能换过新的了。请在下面选一处。"))
    return Spot(*found)


def home_of(request: HttpRequest, actor: Actor) -> Spot | None:
    """The account's own door, else the one this phone remembers."""
    if actor.home_id is not None and actor.district_id is not None:
        node = tree(actor.district_id).by_id.get(actor.home_id)
        if node is not None:
            return Spot(actor.district_id, node)
    return by_code(request.COOKIES.get(COOKIE, "")[:32])


def remember(response: HttpResponse, spot: Spot) -> None:
    """Keep the door on this phone."""
    response.set_cookie(
        COOKIE, spot.node.code, max_age=YEAR, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
    )


def forget(response: HttpResponse) -> None:
    response.delete_cookie(COOKIE, samesite="Lax")


def steps(district_id: int, picked: Sequence[str]) -> Steps:
    """Follow ``picked`` (place codes from the top) as far as each lies in the one before; then offer what is below.

    A select changed in the middle drops what stood below it, because that no longer lies inside.
    """
    known = tree(district_id)
    node, selects, trail = known.root, [], []
    remaining = [code for code in picked if code]
    while below := known.children.get(node.id):
        inside = {n.code: n for n in below}
        chosen = inside.get(next((code for code in remaining if code in inside), ""))
        levels = {n.level for n in below}
        label = known.district.titles.get(below[0].level, "") if len(levels) == 1 else _("地方")
        selects.append(Select(label or _("地方"), [(n.code, n.name) for n in below], chosen.code if chosen else ""))
        if chosen is None:
            break
        node = chosen
        trail.append(chosen.code)
    return Steps(selects, Spot(district_id, node) if node is not known.root else None, trail)


def trail_to(spot: Spot) -> list[str]:
    """The codes that lead ``steps`` to a place."""
    return [node.code for node in spot.tree.chain(spot.node)[1:]]
