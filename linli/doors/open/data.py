"""The public pages for programs: the same masked rows and the same figures as JSON and CSV, under keys that stay.

``KEYS`` is what the page 给程序用 shows; a test holds it against what is really sent.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any, Final

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_safe

from linli.core.matters import reckoning
from linli.core.places.meant import district_asked
from linli.core.places.tree import tree
from linli.doors.open import asking, figures, reckoned
from linli.doors.open.clockwork import Face
from linli.doors.open.export import safe
from linli.doors.open.queries import Ledger, Row
from linli.kit import errors, rates
from linli.kit.templatetags.linli import STATES

A_MINUTE: Final = 60
MOST: Final = 200
LEDGER_KEYS: Final = {
    "number": lazy("事号"), "received_at": lazy("收到的时刻"), "kind": lazy("类别：code、name"),
    "category": lazy("分类：code、name，没有分类为 null"), "place": lazy("地点，到楼：code、name"),
    "channel": lazy("来源：code、name"), "title": lazy("什么事，已遮"), "state": lazy("状态：code、name"),
    "holder": lazy("在谁手上"), "clock": lazy("时限：stage、state、due_at、stopped_at，没有为 null"),
    "score": lazy("评分 1–5，没评为 null"), "contested": lazy("有没有过异议"), "households": lazy("户数"),
    "left_out_of": lazy("从哪一项比率里剔除了，没有为 null"), "url": lazy("这件事的页面"),
}  # fmt: skip
FIGURES_KEYS: Final = {
    "key": lazy("组的代码，合计为空"), "name": lazy("组的名字"), "received": lazy("收到的件数，一件不剔"),
    "imported": lazy("其中旧平台导入的件数"),
    "rates": lazy("每项比率：part ÷ sample，excluded 是剔除的件数，percent 不足最小件数为 null"),
    "median_seconds": lazy("办好用时的中位数，秒；不足最小件数为 null"), "cases": lazy("点开是这些事"),
}  # fmt: skip
EXCLUSION_KEYS: Final = {
    "number": lazy("事号，不公开的事为空"), "place": lazy("地点"), "figure": lazy("从哪一项比率里剔除"),
    "ground": lazy("理由"), "basis": lazy("依据"), "by": lazy("谁定的"), "at": lazy("什么时候"),
    "ended_at": lazy("撤掉的时刻，还剔除着为 null"), "ended_by": lazy("谁撤的"), "ended_why": lazy("为什么撤"),
}  # fmt: skip
OBJECTION_KEYS: Final = {
    "number": lazy("事号，不公开的事为空"), "place": lazy("地点"), "figure": lazy("哪一项比率"),
    "against": lazy("对剔除（exclusion）还是对算法（count）"), "who": lazy("谁提的"), "text": lazy("怎么说，已遮"),
    "at": lazy("什么时候"), "state": lazy("open、upheld、refused"), "answer": lazy("答复，已遮"),
    "answered_by": lazy("谁答复的"), "answered_at": lazy("什么时候答复的"),
}  # fmt: skip


def _limited(page: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """So many a minute from one address, like every other way for programs that asks for no login."""

    @require_safe
    def guarded(request: HttpRequest) -> HttpResponse:
        try:
            rates.count(f"open-data-{page.__name__}", rates.address(request), limit=A_MINUTE)
        except rates.TooOften as often:
            return errors.too_many(request, often.retry_after)
        return page(request)

    return guarded


def _json(body: dict[str, Any]) -> HttpResponse:
    response = HttpResponse(orjson.dumps(body, option=orjson.OPT_INDENT_2), content_type="application/json")
    response["Cache-Control"] = "no-store"
    return response


def _when(at: Any) -> str | None:
    return timezone.localtime(at).isoformat() if at else None


def _named(code: str, name: str) -> dict[str, str] | None:
    return {"code": code, "name": name} if code else None


# ── the ledger ──────────────────────────────────────────────────────────────────────────────────────────────────
@_limited
def ledger(request: HttpRequest) -> HttpResponse:
    """A page of the ledger; ``next`` is the cursor of the one behind it."""
    known = Ledger(district_asked(request))
    asked = asking.read(request.GET)
    page = known.page(asked, limit=_limit(request))
    left = reckoning.left_out_numbers(known.district_id, [row.number for row in page.rows])
    items = [_row(row, left.get(row.number), request) for row in page.rows]
    return _json({"district": known.tree.district.name, "items": items, "next": page.next})


def _limit(request: HttpRequest) -> int:
    text = request.GET.get("limit", "")
    return min(max(int(text), 1), MOST) if text.isascii() and text.isdigit() and len(text) < 6 else MOST


def _row(row: Row, left: str | None, request: HttpRequest) -> dict[str, Any]:
    return {
        "number": row.number, "received_at": _when(row.opened_at), "kind": _named(row.kind_code, row.kind),
        "category": _named(row.category_code, row.category), "place": _named(row.place_code, row.place),
        "channel": _named(row.channel_code, row.channel), "title": row.title,
        "state": _named(row.state, str(STATES.get(row.state, row.state))), "holder": row.holder.replace("\u3000", " "),
        "clock": _clock(row.clock), "score": row.score, "contested": row.contested, "households": row.households,
        "left_out_of": left, "url": request.build_absolute_uri(reverse("open:matter", args=[row.number])),
    }  # fmt: skip


def _clock(face: Face | None) -> dict[str, Any] | None:
    if face is None:
        return None
    return {
        "stage": face.stage,
        "state": face.state,
        "due_at": _when(face.due_at),
        "stopped_at": _when(face.stopped_at),
    }


# ── figures ─────────────────────────────────────────────────────────────────────────────────────────────────────
@_limited
def figures_json(request: HttpRequest) -> HttpResponse:
    """The page of figures, group by group, with the formula that counted them."""
    made = figures.sheet(tree(district_asked(request)), request.GET)
    return _json({
        "place": made.place, "by": made.by, "since": made.since.isoformat(), "until": made.until.isoformat(),
        "formula": made.formula, "groups": [_line(line, request) for line in made.lines],
        "total": _line(made.total, request),
    })  # fmt: skip


def _line(line: figures.Line, request: HttpRequest) -> dict[str, Any]:
    return {
        "key": line.key, "name": line.name, "received": line.received, "imported": line.imported,
        "rates": {rate.figure: _rate(rate) for rate in line.rates},
        "median_seconds": None if line.median_few else line.median_seconds,
        "cases": request.build_absolute_uri(line.url),
    }  # fmt: skip


def _rate(rate: figures.Rate) -> dict[str, Any]:
    percent = None if rate.few else round(100 * rate.part / rate.sample, rate.decimals)
    return {"part": rate.part, "sample": rate.sample, "excluded": rate.excluded, "percent": percent}


@_limited
def figures_csv(request: HttpRequest) -> HttpResponse:
    """The same as a table."""
    made = figures.sheet(tree(district_asked(request)), request.GET)
    names = [_("按时答复"), _("按时行动"), _("按时办好"), _("办结率"), _("满意")]
    head = [_("分组"), _("收到"), _("其中导入")]
    for name in names:
        head += [_("%s（件）") % name, _("%s（样本）") % name, _("%s（剔除）") % name, _("%s（%%）") % name]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*head, _("用时中位（秒）"), _("算法")])
    for line in [*made.lines, made.total]:
        cells: list[Any] = [safe(line.name), line.received, line.imported]
        for rate in line.rates:
            cells += [rate.part, rate.sample, rate.excluded, "" if rate.few else rate.text]
        median = "" if line.median_few or line.median_seconds is None else line.median_seconds
        writer.writerow([*cells, median, made.formula["version"]])
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="linli-figures-{made.since}-{made.until}.csv"'
    return response


# ── exclusions and objections ───────────────────────────────────────────────────────────────────────────────────
@_limited
def exclusions(request: HttpRequest) -> HttpResponse:
    known = Ledger(district_asked(request))
    page = reckoned.listed(request.GET, known, _limit(request))
    items = [
        {"number": one.number, "place": one.place, "figure": one.figure_code, "ground": one.ground, "basis": one.basis,
         "by": one.by, "at": _when(one.at), "ended_at": _when(one.ended_at), "ended_by": one.ended_by,
         "ended_why": one.ended_why}
        for one in reckoned.Teller(known).left(page.items)
    ]  # fmt: skip
    return _json({"district": known.tree.district.name, "items": items, "next": page.next})


@_limited
def objections(request: HttpRequest) -> HttpResponse:
    known = Ledger(district_asked(request))
    page = reckoned.objected(request.GET, known, _limit(request))
    told = zip(page.items, reckoned.Teller(known).said(page.items), strict=True)
    items = [
        {"number": one.number, "place": one.place, "figure": row.figure, "against": one.against, "who": one.who,
         "text": one.text, "at": _when(one.at), "state": one.state, "answer": one.answer,
         "answered_by": one.answered_by, "answered_at": _when(one.answered_at)}
        for row, one in told
    ]  # fmt: skip
    return _json({"district": known.tree.district.name, "items": items, "next": page.next})


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """给程序用: every address with its keys."""
    district = tree(district_asked(request)).district
    tables = [
        {"name": _("办件公开"), "urls": [reverse("open:ledger-json"), reverse("open:csv")],
         "asks": "place, kind, state, channel, month, since, until, q, limit, cursor", "keys": LEDGER_KEYS.items()},
        {"name": _("数字"), "urls": [reverse("open:figures-json"), reverse("open:figures-csv")],
         "asks": "by, place, month, since, until", "keys": FIGURES_KEYS.items()},
        {"name": _("剔除"), "urls": [reverse("open:exclusions-json")],
         "asks": "figure, state, place, kind, since, until, limit, cursor", "keys": EXCLUSION_KEYS.items()},
        {"name": _("申诉"), "urls": [reverse("open:objections-json")], "asks": "state, place, limit, cursor",
         "keys": OBJECTION_KEYS.items()},
    ]  # fmt: skip
    return render(request, "open/data.html", {"tables": tables, "most": MOST, "minute": A_MINUTE,
                                              "district": district.name})  # fmt: skip
