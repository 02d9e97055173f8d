"""What the notice board prints of a day: numbers with short codes, and the root that holds them all.

The paper carries no word of any reporter: what a matter is about stands there as kind and category, and of a
confidential one not even that. Whoever follows a matter compares the code on the wall with the code on the screen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters.catalogue import Catalogue, catalogue
from linli.core.matters.ledger.sealing import day_root, on_day
from linli.core.matters.models import Leaf, Matter
from linli.kit import codes
from linli.kit.fields import subtree


class Line(NamedTuple):
    """One matter on the board."""

    number: str
    code: str
    about: str  # 诉求 · 照明; empty where the matter is confidential


@dataclass(frozen=True)
class Board:
    """A day's sheet, ready for a template. ``count`` is the district's, ``lines`` those of the board's own place."""

    day: date
    seal: int
    at: datetime
    root: str
    count: int
    lines: list[Line]
    explained: list[str] = field(default_factory=list)


def board(district_id: int, day: date, path: str = "") -> Board | None:
    """The sheet of a local day for the places at and below ``path``; None where nothing was sealed that day."""
    last = day_root(district_id, day)
    if last is None:
        return None
    taken = Leaf.objects.filter(district_id=district_id, matter__isnull=False, **on_day(day, "seal__"))
    lines = _lines(district_id, day, path)
    return Board(
        day=day, seal=last.seq, at=last.at, root=last.root, count=taken.values("matter_id").distinct().count(),
        lines=lines, explained=explained(),
    )  # fmt: skip


def code_of(matter: Matter) -> tuple[str, date] | None:
    """The code that the matter's own page shows, and the day whose sheet carries it; None before its first seal."""
    leaf = (
        Leaf.objects.filter(district_id=matter.district_id, matter_id=matter.pk)
        .order_by("-seal__seq")
        .values_list("head", "seal__root", "seal__at")
        .first()
    )
    if leaf is None:
        return None
    head, root, at = leaf
    return codes.board_code(head, root), timezone.localtime(at, timezone.get_default_timezone()).date()


def explained() -> list[str]:
    """What the sheet says about itself."""
    return [
        _("编号后面的八位码，由这件事到当天为止的全部办理记录算出。记录改动一个字，码就不一样。"),
        _("拿回执在网页上打开您的那件事，页面上的码应当和这张纸上的一样。不一样，请找社区或区里的审计。"),
        _("最下面的总码把当天所有的事和以前每一天的总码连在一起。拍张照留着，以后谁也不能悄悄改动。"),
        _("纸上没有姓名、电话和原话；保密的事只有编号和码。"),
    ]


def _lines(district_id: int, day: date, path: str) -> list[Line]:
    """The newest leaf of each matter that day, by number, each coded with the root of its own seal."""
    rows = Leaf.objects.filter(district_id=district_id, matter__district_id=district_id, **on_day(day, "seal__"))
    if path:
        low, high = subtree(path)
        rows = rows.filter(matter__scope_path__gte=low, matter__scope_path__lt=high)
    known = catalogue(district_id)
    newest: dict[str, Line] = {}
    for number, head, root, kind, category, confidential in rows.order_by("seal__seq", "position").values_list(
        "number", "head", "seal__root", "matter__kind", "matter__category", "matter__confidential"
    ):
        newest[number] = Line(number, codes.board_code(head, root), _about(known, kind, category, confidential))
    return [newest[number] for number in sorted(newest)]


def _about(known: Catalogue, kind: str, category: str, confidential: bool) -> str:
    row = known.kinds.get(kind)
    if confidential or row is None or row.confidential or not row.public:
        return ""
    found = known.categories.get(category)
    return " · ".join(filter(None, (row.name, found.name if found else "")))
