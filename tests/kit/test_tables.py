"""No table is wider than a phone: it folds, or it is one of the few that are narrow."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2] / "linli"
TABLE = re.compile(r"<table\b.*?</table>", re.S)
FOLDS = re.compile(r'<table class="[^"]*\b(slips|ot|adm|picks|gz-figs|gz-rates|pr-board|si-month)\b')
# Two or three short columns, the queue's own fold (``.picks > .table``), pages for programs and for looking at parts.
NARROW = {
    "kit/gallery_open.html", "kit/gallery_desk.html", "config/apidocs.html", "open/matter.html", "desk/pressing.html",
    "desk/order_owners.html", "desk/queue.html", "desk/counted.html", "voting/_result.html", "voting/public.html",
    "voting/_meters.html",
}  # fmt: skip


def test_every_table_folds_or_is_narrow() -> None:
    wide, narrow = set(), set()
    for file in ROOT.rglob("templates/**/*.html"):
        name = file.as_posix().partition("/templates/")[2]
        for table in TABLE.findall(file.read_text(encoding="utf-8")):
            if not FOLDS.match(table):
                (narrow if name in NARROW else wide).add(name)
    assert not wide
    assert narrow == NARROW


def test_what_folds_names_its_figures() -> None:
    """On a phone the heads are gone: a figure without its name beside it is a number only."""
    bare = {
        file.name
        for file in ROOT.rglob("templates/**/*.html")
        for table in TABLE.findall(file.read_text(encoding="utf-8"))
        if "slips" in table[:80] and "<td" in table and "data-label=" not in table
    }
    assert bare == {"bulletins.html", "orders.html", "quarter.html"}  # cells that say themselves what they are
