"""督办通报 on paper: an issue as it was frozen, never the working copy.

For everybody it says what the public page says: figures, the overall words and good practice; no orders, no units.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from linli.core.matters import masks
from linli.core.people.issuing import office_of
from linli.kit.papers import Block, Document, Heading, Note, Para, Part, Table, day
from linli.offices.supervision.models import Issue

_STATES = {"open": "在办", "overdue": "过了日子"}


def bulletin(issue: Issue, *, public: bool = False) -> Document:
    """One issue of a bulletin. ``issue.bulletin`` is read for its scope alone."""
    said = issue.content
    since, until = (day(date.fromisoformat(said[name])) for name in ("since", "until"))
    office = office_of(issue.district_id, issue.bulletin.scope_path)
    version = f"（第{issue.version}版）" if issue.version > 1 else ""
    gathered = said["gathered"]
    body = [*_opening(issue, since, until, public=public), *_figures(gathered["figures"], public=public)]
    if not public:
        body += [*_orders(gathered), *_misses(gathered["misses"])]
    body += [*_words("好做法", said["good"], public=public)]
    if not public:
        body += [*_words("下一步", said["asks"], public=public)]
    at = timezone.localtime(issue.at)
    return Document(
        title=said["title"], at=at, masthead="督办通报", serial=f"{said['year']}年第{said['serial']}期{version}",
        issuer=office, on=at.date(), body=(*body, *_seal(issue)),
        parts=() if public else _list(gathered["orders"]), printed=office,
    )  # fmt: skip


def _seal(issue: Issue) -> Iterator[Block]:
    yield Note(f"发出时冻结，校验码 {issue.digest[:16]}，编号 {issue.content['number']}。")


def _opening(issue: Issue, since: str, until: str, *, public: bool) -> Iterator[Block]:
    said = issue.content
    if issue.reason:
        yield Para(f"更正：{masks.mask(issue.reason) if public else issue.reason}")
    yield Para(f"{said['place']}{since}至{until}的情况通报如下。")
    yield from _words("总的情况", said["lead"], public=public)


def _words(title: str, text: str, *, public: bool) -> Iterator[Block]:
    if text.strip():
        yield Heading(title)
        yield Para(masks.mask(text) if public else text)


# ── figures ─────────────────────────────────────────────────────────────────────────────────────────────────────
def _figures(figures: dict[str, Any], *, public: bool) -> Iterator[Block]:
    w = figures["whole"]
    yield Heading("数字")
    late = "" if public else f"眼下还有 {figures['late_now']:,} 件超时。"
    yield Para(f"收到 {w['received']:,} 件。按时答复 {w['answered_in_time']:,} 件，"
               f"按时解决 {w['resolved_in_time']:,} 件，解决 {w['resolved']:,} 件。"
               f"评价 {w['rated']:,} 件，满意 {w['satisfied']:,} 件。{late}")  # fmt: skip
    if figures["places"] and not public:
        names = ("received", "answered_in_time", "resolved_in_time", "resolved")
        rows = tuple(
            (p["name"], *(f"{p[name]:,}" for name in names), f"{p['satisfied']:,} / {p['rated']:,}")
            for p in figures["places"]
        )
        head = ("地方", "收到", "按时答复", "按时解决", "解决", "满意/评价")
        yield Table(head, rows, (30, 12, 14, 14, 12, 18), (1, 2, 3, 4, 5))
    yield Note("按地名的次序排，不排名。诉求多少不计分，没人答才计。")


# ── orders and whistles ─────────────────────────────────────────────────────────────────────────────────────────
def _orders(gathered: dict[str, Any]) -> Iterator[Block]:
    n = gathered["counts"]
    yield Heading("督办和重点任务")
    carried = f"其中 {gathered['carried']} 件上一期就在。" if gathered["carried"] else ""
    yield Para(f"按期完成 {n['done']} 件，晚了才完成 {n['late']} 件，在办 {n['open']} 件，过了日子 {n['overdue']} 件。"
               f"{carried}{'逐件见附件。' if gathered['orders'] else '这一段没有督办。'}")  # fmt: skip


def _list(orders: list[dict[str, Any]]) -> tuple[Part, ...]:
    if not orders:
        return ()
    rows = tuple(
        (str(n), f"{'【重点任务】' if o['task'] else ''}{o['title']}\n{o['where']}　{o['number']}",
         o["owner"] or "还没派", o["due"], _how(o))
        for n, o in enumerate(orders, 1)
    )  # fmt: skip
    return (
        Part(
            "督办和重点任务清单", (Table(("序号", "什么事", "谁主责", "期限", "到哪了"), rows, (10, 42, 22, 19, 19)),)
        ),
    )


def _how(order: dict[str, Any]) -> str:
    told = _STATES.get(order["state"]) or f"{order['done']} {'完成，晚了' if order['state'] == 'late' else '按期完成'}"
    return f"{told}\n第{order['times']}次通报" if order["times"] > 1 else told


def _misses(misses: list[dict[str, Any]]) -> Iterator[Block]:
    yield Heading("哨响没到的")
    if not misses:
        yield Para("这一段的哨都到了。")
        return
    rows = tuple((m["unit"], f"{m['title']}\n{m['number']}", _moment(m["due"]), _came(m)) for m in misses)
    yield Table(("哪一家", "什么事", "应到", "怎么样"), rows, (26, 38, 18, 22))


def _came(miss: dict[str, Any]) -> str:
    if miss["refused"]:
        return f"不来：{miss['reason']}" if miss["reason"] else "不来"
    return f"{_moment(miss['came'])} 才到" if miss["came"] else "没有到"


def _moment(text: str) -> str:
    """2026-11-20T09:30+08:00 → 11月20日 09:30, as official papers write it."""
    at = datetime.fromisoformat(text)
    return f"{at.month}月{at.day}日 {at:%H:%M}"
