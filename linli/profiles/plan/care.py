"""Who keeps which quarter (property), how many households live there, and which quarters have a committee."""

from __future__ import annotations

from linli.profiles.plan.rank import ranked
from linli.profiles.plan.spread import spread
from linli.profiles.plan.tree import Node
from linli.profiles.schema import Profile


def give_care(profile: Profile, quarters: list[Node]) -> None:
    """Fill in each quarter's ``property``, ``households`` and ``committee``; the sums are the profile's."""
    named = {quarter.name: quarter for quarter in profile.quarters}
    for node in quarters:
        if node.name in named:
            node.attrs["property"] = named[node.name].property
    counts = profile.counts
    _assign(quarters, "self", counts.self_managed, "self")
    _assign(quarters, "none", counts.property_none, "none")
    _assign(quarters, "main", counts.property_main, "main")
    for node in quarters:
        node.attrs.setdefault("property", "firm")
    _count_households(profile, quarters)
    _elect(profile, quarters)


def _assign(quarters: list[Node], care: str, count: int, purpose: str) -> None:
    """Give so many quarters in all this kind of keeper; apartment blocks keep firms."""
    have = sum(1 for node in quarters if node.attrs.get("property") == care)
    free = [node for node in quarters if "property" not in node.attrs and node.attrs["kind"] == "quarter"]
    old = sorted(ranked(free, purpose), key=lambda node: node.attrs["storeys"] > 7)  # old ones are low ones
    for node in old[: count - have]:
        node.attrs["property"] = care


def _count_households(profile: Profile, quarters: list[Node]) -> None:
    fixed = {quarter.name: quarter.households for quarter in profile.quarters if quarter.households}
    main = [node for node in quarters if node.attrs["property"] == "main"]
    rest = [node for node in quarters if node.attrs["property"] != "main" and node.name not in fixed]
    counts = profile.counts
    if not counts.households_main:
        main, rest = [], [node for node in quarters if node.name not in fixed]
    for nodes, total in (
        (main, counts.households_main),
        (rest, counts.households - counts.households_main - sum(fixed.values())),
    ):
        weights = [float(sum(b.attrs["storeys"] * len(b.children) for b in _buildings(node))) for node in nodes]
        for node, share in zip(nodes, spread(total, weights, 8) if nodes else [], strict=True):
            node.attrs["households"] = share
    for node in quarters:
        if node.name in fixed:
            node.attrs["households"] = fixed[node.name]


def _buildings(quarter: Node) -> list[Node]:
    return [node for node in quarter.walk() if node.level == "building"]


def _elect(profile: Profile, quarters: list[Node]) -> None:
    """Committees: where the profile says so, in self-managed quarters, then in others up to the count."""
    named = {quarter.name for quarter in profile.quarters if quarter.committee}
    sure = [node for node in quarters if node.name in named or node.attrs["property"] == "self"]
    others = [node for node in ranked(quarters, "committee") if node not in sure]
    for node in [*sure, *others][: profile.counts.owners_committees]:
        node.attrs["committee"] = True
