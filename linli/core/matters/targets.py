"""Whom an act may name: the posts and units worth suggesting for a matter, and a search over all of them.

Suggestions are a place to begin and never chosen beforehand; the search finds whoever may hold a matter by name, title,
place or code. Nearness is the part of the place's path that two have in common.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from linli.core.matters.flow import ENDED, LIVE
from linli.core.matters.models import Matter
from linli.core.people import duties
from linli.core.people.posts import PostRef
from linli.core.places.tree import STEP, Node, Tree

if TYPE_CHECKING:
    from linli.core.matters.asking import About

NEAR_ROLES = (
    "grid_worker", "grid_head", "steward", "quarter_secretary", "building_head", "community_office",
    "property_unit", "committee_unit", "street_office",
)  # fmt: skip
MOST_NEAR, MOST_UNITS, MOST_FOUND = 6, 5, 20
_SPLIT = re.compile(r"[\s、，,；;]+")
Choice = tuple[str, SafeString]
Fits = Callable[[PostRef], bool]


@dataclass(frozen=True)
class Found:
    """What a typed word led to: exactly one, several to choose from, or none."""

    one: PostRef | None
    several: list[PostRef]


def anybody(about: About) -> Fits:
    """Whoever may hold a matter and does not hold it already."""
    return lambda post: duties.role(post.role).handles and post.id != about.matter.handler_id


def below(about: About) -> Fits:
    """For handing down: inside what the actor's own post covers."""
    held = about.actor.over(duties.HAND_DOWN, about.matter.scope_path)
    reach = held.path if held else "~"
    fits = anybody(about)
    return lambda post: fits(post) and post.path.startswith(reach)


def callable_units(about: About) -> Fits:
    """For a whistle: who belongs to the district's joint team; anybody who handles where none is named."""
    team = about.tree.district.settings.get("callable_roles")
    own = about.actor.post_ids
    return lambda post: (
        duties.role(post.role).handles and post.id not in own and (not team or post.role in team)
    )  # fmt: skip


def suggested(about: About, fits: Fits) -> list[PostRef]:
    """Those nearest to the matter, then the units that its rules, its kind and its place speak for."""
    path, roster = about.matter.scope_path, about.roster
    near = [post for role in NEAR_ROLES if (post := roster.nearest(role, path)) and fits(post)]
    units = [post for post in _units(about) if fits(post)]
    return list(dict.fromkeys([*near[:MOST_NEAR], *units[:MOST_UNITS]]))


def suggested_units(about: About, fits: Fits, most: int = 12) -> list[PostRef]:
    """For a whistle: organisations first, those whose place is nearest in front."""
    units = [p for p in about.roster.by_id.values() if p.person_id is None and fits(p)]
    near = [p for p in units if about.matter.scope_path.startswith(p.path)]
    return sorted(near, key=lambda p: (p.role != "department_unit", -len(p.path), p.code))[:most]


def _units(about: About) -> list[PostRef]:
    """Departments: those that a rule of this kind or category names come first."""
    matter = about.matter
    named = [
        post
        for rule in about.catalogue.rules
        if rule.to_organisation is not None
        and (rule.kind in ("", matter.kind) or (rule.category and matter.category.startswith(rule.category)))
        and (post := about.roster.find(rule.to_organisation.code, matter.scope_path))
    ]
    every = (p for posts in about.roster.by_role.get("department_unit", {}).values() for p in posts)
    return [*named, *sorted(every, key=lambda p: p.code)]


def search(about: About, words: str, fits: Fits, most: int = MOST_FOUND) -> Found:
    """By exact code or name, else by every word typed; the nearest first."""
    typed = words.strip()
    exact = about.roster.find(typed, about.matter.scope_path) if typed else None
    if exact is not None and fits(exact):
        return Found(exact, [exact])
    tokens = [t.casefold() for t in _SPLIT.split(typed) if t]
    if not tokens:
        return Found(None, [])
    path = about.matter.scope_path
    hits = [p for p in about.roster.by_id.values() if fits(p) and _has(p, tokens, about.tree)]
    hits.sort(key=lambda p: (-_shared(p.path, path), p.person_id is not None, p.code))
    return Found(hits[0] if len(hits) == 1 else None, hits[:most])


def _has(post: PostRef, tokens: list[str], tree: Tree) -> bool:
    node = tree.by_id.get(post.place_id)
    hay = f"{post.name} {post.title} {post.code} {duties.role(post.role).name} {node.name if node else ''}".casefold()
    return all(token in hay for token in tokens)


def _shared(one: str, other: str) -> int:
    """How many levels two paths have in common."""
    steps = range(STEP, min(len(one), len(other)) + 1, STEP)
    return sum(1 for n in steps if one[:n] == other[:n])


def choices(about: About, posts: Iterable[PostRef]) -> list[Choice]:
    """Posts as a form shows them: the name, and in small what it serves as and where."""
    return [(post.code, label(post, about.tree)) for post in posts]


def label(post: PostRef, tree: Tree) -> SafeString:
    node = tree.by_id.get(post.place_id)
    title = post.title if post.title != post.name else duties.role(post.role).name
    where = tree.full_name(node) if node and node.level != "district" else ""
    return two_lines(post.name, title, where)


def two_lines(name: str, *facts: str) -> SafeString:
    """A name with its facts under it, for a choice."""
    return format_html('<span>{}<span class="cap">{}</span></span>', name, "　".join(f for f in facts if f))


# ── other matters, for merging ──────────────────────────────────────────────────────────────────────────────────


def alike(about: About, words: str = "", most: int = MOST_NEAR) -> list[Matter]:
    """Live matters near this one that it may be merged into: same cell or community, same kind first."""
    matter = about.matter
    rows = Matter.objects.filter(district_id=matter.district_id, state__in=LIVE).exclude(state__in=ENDED)
    rows = rows.exclude(pk=matter.pk)
    if matter.community_id:
        rows = rows.filter(community_id=matter.community_id)
    elif matter.street_id:
        rows = rows.filter(street_id=matter.street_id)
    typed = words.strip()
    if typed:
        rows = rows.filter(number__iexact=typed) | rows.filter(text__icontains=typed)
    found = list(rows.order_by("-pk")[:60])
    found.sort(key=lambda m: (-_shared(m.scope_path, matter.scope_path), m.kind != matter.kind))
    return found[:most]


def matter_choices(about: About, matters: Iterable[Matter]) -> list[Choice]:
    def place(matter: Matter) -> str:
        node: Node | None = about.tree.by_id.get(matter.place_id)
        return about.tree.full_name(node) if node else ""

    return [
        (m.number, two_lines(m.title, m.number, place(m), str(m.get_state_display()), _households(m))) for m in matters
    ]


def _households(matter: Matter) -> str:
    return _("%d 户") % matter.households if matter.households > 1 else ""
