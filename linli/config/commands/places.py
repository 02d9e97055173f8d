"""``linli grid check``: do the grids of a file, or of the database, tile?"""

from __future__ import annotations

import argparse
from collections.abc import Iterable

import shapely

from linli.config.commands import Told, note, say
from linli.core.places.geo.check import Finding, check, findings_to_json_lines
from linli.core.places.geo.geojson import Feature, read_geojson
from linli.core.places.models import Boundary, District
from linli.core.places.tree import Node, Tree, tree
from linli.kit.fields import subtree


def check_file(asked: argparse.Namespace) -> tuple[list[Feature], list[Feature] | None]:
    outline = read_geojson(asked.outline) if asked.outline else None
    return read_geojson(asked.file), outline


def check_database(asked: argparse.Namespace) -> tuple[list[Feature], list[Feature] | None]:
    """The cells below a place against its own outline, or the district's. A place without one is only looked into."""
    known, place = _place(asked.place)
    low, high = subtree(place.path)
    rows = Boundary.objects.filter(
        district_id=known.district.id, until=None, place__path__gte=low, place__path__lt=high,
        place__level=known.district.cell_level,
    )  # fmt: skip
    cells = _features(rows.order_by("place__code").values_list("place__code", "geojson"))
    if asked.outline:
        return cells, read_geojson(asked.outline)
    own = Boundary.objects.filter(district_id=known.district.id, until=None, place_id=place.id)
    return cells, _features(own.values_list("place__code", "geojson")) or None


def _place(code: str | None) -> tuple[Tree, Node]:
    districts = [tree(pk) for pk in District.objects.order_by("pk").values_list("pk", flat=True)]
    if not districts:
        raise Told("库里还没有区。先运行 make demo，或 linli load PROFILE。")
    if not code:
        if len(districts) > 1:
            raise Told("库里不止一个区，请用 --place 写明：" + "、".join(d.root.code for d in districts), 2)
        return districts[0], districts[0].root
    for known in districts:
        if code in known.by_code:
            return known, known.by_code[code]
    raise Told(f"没有这个地方：{code}", 2)


def _features(rows: Iterable[tuple[str, str]]) -> list[Feature]:
    return [Feature.of(code, shapely.from_geojson(text)) for code, text in rows]


def run_check(asked: argparse.Namespace) -> int:
    """0 where the polygons tile, 1 where they do not, each fault on a line."""
    if asked.file and asked.place:
        raise Told("--place 查的是库里的网格，不和文件一起用。", 2)
    features, outline = check_file(asked) if asked.file else check_database(asked)
    found = check(features, outline)
    if asked.json:
        for line in findings_to_json_lines(found):
            say(line)
        return 1 if found else 0
    for finding in found:
        say(_line(finding))
    against = "正好铺满外边界" if outline is not None else "没有重叠，中间没有空洞"
    note(f"{len(features)} 个面，{f'{len(found)} 处不对' if found else against}。")
    return 1 if found else 0


def _line(finding: Finding) -> str:
    between = "、".join(str(label) for label in finding.between)
    return f"{finding.kind:<8}{finding.area_m2:>14,.2f} m²  {between}  {finding.reason}"
