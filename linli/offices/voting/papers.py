"""表决结果公告: the announcement of a counted vote, with everything that anybody needs to check it.

It says what the public page says and nothing more; so the desk and the notice board hold the same paper.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from linli.core.decisions.models import Question
from linli.core.people.issuing import office_of
from linli.kit.papers import Block, Document, Heading, Labelled, Note, Para, Table, day
from linli.offices.voting import words

MOMENT = timedelta(microseconds=1)


def announcement(question: Question, site: str = "") -> Document:
    """Of a decided question. ``site`` is where the paper says that everything lies to be counted again."""
    office = office_of(question.district_id, question.scope_path)
    decided = question.decided_at or question.closes_at
    return Document(
        title=f"关于“{question.title}”表决结果的公告", at=timezone.localtime(decided), masthead=office,
        serial=question.number, on=timezone.localdate(decided), body=tuple(_body(question, site)), signed=office,
    )  # fmt: skip


def _body(question: Question, site: str) -> Iterator[Block]:
    outcome = words.outcome(question)
    if question.imported:
        yield Para(f"“{question.title}”的表决在别处进行，这里转录结果：{outcome}。")
        yield Labelled("来源", question.imported.get("source", ""))
        yield Labelled("文号", question.imported.get("reference", ""))
        return
    yield Para(f"“{question.title}”的表决已经计票，结果是：{outcome}。现公告如下：")
    yield from _asked(question)
    yield from _turnout(question)
    yield from _conditions(question)
    yield from _options(question)
    yield from _silence(question)
    yield from _checking(question, site)


def _asked(question: Question) -> Iterator[Block]:
    yield Heading("表决的事项")
    if question.text:
        yield Para(question.text)
    yield Labelled("谁来投", str(words.ROLLS.get(question.roll_kind, "")))
    secret = "秘密投票" if question.secret else "公开投票"
    yield Labelled("怎么投", f"{words.METHODS[question.method]}，{secret}")
    begins = day(timezone.localdate(question.opened_at)) if question.opened_at else ""
    last = timezone.localdate(question.closes_at - MOMENT)  # a vote that closes at midnight has no day more
    yield Labelled("时　间", f"{begins}至{day(last)}")
    basis = f"，依据{question.rule.basis}" if question.rule.basis else ""
    yield Labelled("规　则", f"{question.rule.name}（第 {question.rule.version} 版）{basis}")
    yield Labelled("效　力", "算数，照办" if question.binding else "征求意见")


def _turnout(question: Question) -> Iterator[Block]:
    """Both counts of Civil Code 278 where the rule weighs area: heads and exclusive area, each for itself."""
    result: dict[str, Any] = question.result or {}
    yield Heading("参加表决的情况")
    unit = words.unit(question.roll_kind, "heads")
    rows = [_share(f"人数（{unit}）" if unit != "户" else "户数（户）", result, "heads")]
    if question.weighted:
        rows.append(_share("专有部分面积（m²）", result, "area_m2"))
    yield Table(("口径", "名册", "参加", "占名册"), tuple(rows), (34, 22, 22, 20), (1, 2, 3))


def _share(name: str, result: dict[str, Any], what: str) -> tuple[str, ...]:
    roll, present = (str(result[part][what]) for part in ("roll", "present"))
    whole = Decimal(roll)
    share = f"{Decimal(present) * 100 / whole:.2f}%" if whole else "—"
    return (name, words.number(roll), words.number(present), share)


def _conditions(question: Question) -> Iterator[Block]:
    reached = words.reached(question)
    if reached:
        yield Heading("规则要的和实际到的")
        rows = tuple((r.label, r.words, "够" if r.met else "不够") for r in reached)
        yield Table(("条件", "实际", "够不够"), rows, (46, 38, 14))


def _options(question: Question) -> Iterator[Block]:
    lines = words.lines(question)
    if not lines:
        return
    yield Heading("各项得票")
    ahead = "在前" if question.method in ("choice", "consent") else "中选"
    counted = "总分" if question.method == "score" else "票"
    marks = [(ahead if line.won else "打平" if line.tied else "") for line in lines]
    told = list(zip(lines, marks, strict=True))
    if question.weighted:
        rows = tuple((line.name, f"{line.heads:,}", line.area, mark) for line, mark in told)
        yield Table(("选项", counted, "面积（m²）", ""), rows, (46, 18, 24, 12), (1, 2))
    else:
        plain = tuple((line.name, f"{line.heads:,}", mark) for line, mark in told)
        yield Table(("选项", counted, ""), plain, (60, 22, 16), (1,))


def _silence(question: Question) -> Iterator[Block]:
    """Always told apart, also where nothing was counted: whoever said nothing stands in no figure above."""
    yield Heading("没有表态的")
    told = words.silence(question)
    if told is None:
        yield Para("没有参加表决的，一律不计入任何一边。上面各项得票只含实际投出的票。")
    else:
        yield Para(told)


def _checking(question: Question, site: str) -> Iterator[Block]:
    yield Heading("怎样核对")
    yield Para("名册（不带姓名）、每一张票和三十行的重算程序在公开页上可以下载，谁都可以重算一遍。")
    if site:
        yield Note(f"公开页：{site}/open/votes/{question.number}/")
    size = f"{question.roll_heads:,} {words.unit(question.roll_kind, 'heads')}"
    yield Note(f"名册 {size}，冻结时的指纹（SHA-256）：{question.roll_hash}")
