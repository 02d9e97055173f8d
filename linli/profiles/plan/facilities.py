"""Facilities of a planned district: as many as its profile says, spread over its communities."""

from __future__ import annotations

import random

from linli.profiles.plan.model import FacilityPlan
from linli.profiles.plan.rank import ranked
from linli.profiles.plan.shapes import Shapes
from linli.profiles.plan.spread import spread
from linli.profiles.plan.tree import Node
from linli.profiles.schema import FacilityKind, Profile

# Where one stands: what a passer-by would call the house.
_HOUSES = (
    "社区党群服务中心一楼",
    "沿街商铺",
    "物业服务中心旁",
    "公交站旁",
    "小区北门",
    "菜市场门口",
    "银行网点",
    "工会服务站",
)
# How far from the middle of its community, in degrees: so that two of one community are two points on the map.
_OFF = 0.0012


def make_facilities(profile: Profile, nodes: dict[str, list[Node]], shapes: Shapes) -> tuple[FacilityPlan, ...]:
    """Rows in order of their codes."""
    made: list[FacilityPlan] = []
    for kind in profile.facilities:
        made += _of_kind(profile, kind, nodes["community"], shapes)
    return tuple(made)


def _of_kind(profile: Profile, kind: FacilityKind, communities: list[Node], shapes: Shapes) -> list[FacilityPlan]:
    rng = random.Random(f"{profile.adcode}:facilities:{kind.code}")
    sites = ranked(communities, f"facility:{kind.code}")
    if kind.count <= len(sites):
        shares = [1] * kind.count + [0] * (len(sites) - kind.count)
    else:
        shares = spread(kind.count, [site.weight for site in sites], 1)
    letters = "".join(part[0] for part in kind.code.split("_")).upper()
    rows: list[FacilityPlan] = []
    for node, share in sorted(zip(sites, shares, strict=True), key=lambda pair: pair[0].code):
        for nth in range(share):
            name = node.name.removesuffix("社区") + kind.title + (f"（{nth + 1} 号）" if share > 1 else "")
            lon, lat = shapes.points[node.code]
            rows.append(
                FacilityPlan(
                    code=f"{letters}-{len(rows) + 1:03d}", kind=kind.code, name=name, place=node.code,
                    address=f"{node.name} {rng.choice(_HOUSES)}",
                    lon=round(lon + rng.uniform(-_OFF, _OFF), 6), lat=round(lat + rng.uniform(-_OFF, _OFF), 6),
                    services=_services(kind, rng), weekday=kind.weekday,
                    weekend=kind.weekend if rng.random() < 0.8 else (),
                )
            )  # fmt: skip
    return rows


def _services(kind: FacilityKind, rng: random.Random) -> tuple[str, ...]:
    """The first two everywhere, of the others most."""
    return tuple(code for n, code in enumerate(kind.services) if n < 2 or rng.random() < 0.65)
