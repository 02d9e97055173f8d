"""A version of a covenant as a paper, for Word and PDF: what the page for the wall says, set as an office sets it."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import timezone

from linli.kit.papers import Article, Block, Document, Note, Para, day
from linli.offices.covenants.models import Covenant, Passage, Version
from linli.offices.covenants.text import ordinal


def paper(covenant: Covenant, version: Version, passage: Passage | None) -> Document:
    """``passage`` is the vote by which the version came into force; None where it never did."""
    return Document(
        title=version.title, at=timezone.localtime(version.at), serial=f"{covenant.number}　第 {version.number} 稿",
        body=tuple(_body(version, passage)), signed=covenant.place.name,
        on=passage.since if passage else timezone.localdate(version.at),
    )  # fmt: skip


def _body(version: Version, passage: Passage | None) -> Iterator[Block]:
    yield from (Para(line) for line in version.said.preamble.splitlines() if line.strip())
    for number, article in version.said.numbered:
        first, *more = [line for line in article.text.splitlines() if line.strip()] or [""]
        head = f"{article.heading}：" if article.heading else ""
        yield Article(ordinal(number), f"{head}{first}")
        yield from (Para(line) for line in more)
    yield Note(f"{_standing(passage)}校验码 {version.digest[:16]}。")


def _standing(passage: Passage | None) -> str:
    if passage is None:
        return "这一稿还没有通过，不施行。"
    ends = f"，{day(passage.until)}起不再施行" if passage.until else ""
    filed = f"；{day(passage.filed_on)}报{passage.filed_with}备案" if passage.filed_on else ""
    return (
        f"{day(passage.since)}起施行{ends}。表决 {passage.question.number}，{passage.question.rule.name}；"
        f"{day(passage.review_on)}回头看{filed}。"
    )
