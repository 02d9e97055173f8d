"""``linli posters``: the sheets of a place as whole files in a folder; broken off, it goes on where it was."""

from __future__ import annotations

import argparse
import os
import uuid
from pathlib import Path

from linli.config.commands import Told, note, say

SITE = "LINLI_SITE"


def run(asked: argparse.Namespace) -> int:
    """0 when every file lies there; 1 where one could not be drawn. Files that are there already are kept."""
    from linli.core.places import locating
    from linli.core.places.tree import tree
    from linli.offices.posters import actions, places, sheets

    found = locating.find(asked.place)
    if found is None:
        raise Told(f"没有这个地方：{asked.place}", 2)
    known, site = tree(found[0]), actions.clean_site(asked.site or _site())
    nodes = places.doors(known, [found[1]], asked.level)
    if not nodes:
        raise Told(f"{found[1].name}里一个门也没有。")
    goal = Path(asked.out)
    goal.mkdir(parents=True, exist_ok=True)
    made, bundles = 0, places.bundles(known, nodes)
    suffix = "pdf" if asked.format == "pdf" else "zip"
    for serial, bundle in enumerate(bundles, 1):
        path = goal / f"{serial:04d}-{sheets.plain(bundle.name)}.{suffix}"
        if not path.exists() or asked.again:
            aside = path.with_name(f".{uuid.uuid4().hex}")
            try:
                drawn = sheets.of_doors(known, bundle.nodes, site)
                sheets.press(drawn, shape=asked.shape, format=asked.format, out=aside, name=sheets.plain(bundle.name))
                os.replace(aside, path)
            finally:
                aside.unlink(missing_ok=True)
        made += len(bundle.nodes)
        note(f"{made:,} / {len(nodes):,}　{path.name}")
    say(f"{len(nodes):,} 张，{len(bundles):,} 个文件，在 {goal}")
    return 0


def _site() -> str:
    """Where the codes lead, if nobody says: the deployment's own address."""
    site = os.environ.get(SITE) or next(iter(os.environ.get("LINLI_ORIGINS", "").split(",")), "")
    if not site:
        raise Told(f"二维码通向哪里？用 --site https://名字，或设 {SITE}。", 2)
    return site
