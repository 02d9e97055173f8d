"""What a sitting leaves on paper, in the layout of an office: its minutes, and each resolution on a sheet of its own.

Papers are in Chinese, as the ledger keeps its words. What goes to everybody says no more than the public page does.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.utils import timezone

from linli.core.gatherings import queries as sittings
from linli.core.gatherings.models import Correction, Gathering, Minutes, Resolution
from linli.core.gatherings.rules.spec import recorded_name
from linli.core.matters import masks
from linli.core.matters.models import Matter
from linli.core.people.issuing import office_of
from linli.kit.papers import Block, Document, Heading, Labelled, Note, Para, Part, Table, blocks, day
from linli.offices.councils import minuting, queries
from linli.offices.councils.doing import doer

MOST_COPIES = 8
DRAFT = "（草稿，还没有公布）"
_CAME = frozenset({"到会", "出席", "参会"})


# ── minutes ─────────────────────────────────────────────────────────────────────────────────────────────────────
def minutes(gathering: Gathering, *, public: bool = False) -> Document:
    """会议纪要: the newest published version word for word, or the draft, marked as one.

    ``public`` masks residents' words and names nobody whom the published words do not name.
    """
    newest = sittings.newest_minutes(gathering)
    text = newest.text if newest else minuting.text(gathering)
    words = list(blocks(masks.mask(text) if public else text))
    known = {block.label for block in words if isinstance(block, Labelled)}
    rest = [] if public else [*_who(gathering, known), *_recused(gathering)]
    versions = _versions(gathering, newest, public=public)
    resolutions = [row for row in sittings.resolutions(gathering) if row.state != "draft"]
    at = newest.published_at if newest else gathering.changed_at
    office = office_of(gathering.district_id, gathering.scope_path)
    return Document(
        title=gathering.title, at=timezone.localtime(at), masthead=head_of(gathering),
        serial=f"编号 {gathering.number}" if newest else DRAFT, issuer=office, on=timezone.localdate(at),
        body=(*_opening(gathering, known), *words, *rest, *versions), parts=_list(resolutions, public=public),
        copies=_copies(resolutions), printed=office,
    )  # fmt: skip


def head_of(gathering: Gathering) -> str:
    """柳荫社区党建联席会议纪要."""
    kind = gathering.kind.name
    return f"{gathering.place.name}{kind}{'纪要' if kind.endswith('会议') else '会议纪要'}"


def _opening(gathering: Gathering, known: set[str]) -> Iterator[Block]:
    """When, where and under whom, where the words themselves do not begin with it."""
    if "时间" in known or "会议时间" in known:
        return
    starts = timezone.localtime(gathering.began_at or gathering.starts_at)
    room = gathering.room.name if gathering.room else gathering.where
    where = room if gathering.place.name in room else f"{gathering.place.name}{room}"
    office = office_of(gathering.district_id, gathering.scope_path)
    yield Para(f"{day(starts)}，{office}在{where}召开“{gathering.title}”，{gathering.host.title}主持。纪要如下：")


def _who(gathering: Gathering, known: set[str]) -> Iterator[Block]:
    """出席、列席、请假, as the standard closes minutes; residents are a number."""
    there = sittings.attended(gathering)
    came = {row.invitation_id for row in there}
    asked = [row for row in there if row.invitation is not None]
    members = [row.label for row in asked if row.invitation and not row.invitation.observer]
    hosts = [row.label for row in there if row.invitation is None and row.evidence == "host"]
    others = len(there) - len(asked) - len(hosts)
    named = [*hosts, *members, *([f"居民 {others} 人"] if others else [])]
    observers = [row.label for row in asked if row.invitation and row.invitation.observer]
    away = [i for i in gathering.invitations.order_by("pk") if i.pk not in came and i.answer in ("no", "substitute")]
    if named and not known & _CAME:
        yield Labelled("出席", "、".join(named))
    if observers and "列席" not in known:
        yield Labelled("列席", "、".join(observers))
    if away and "请假" not in known:
        yield Labelled("请假", "、".join(f"{i.label}（{i.substitute}代）" if i.substitute else i.label for i in away))


def _recused(gathering: Gathering) -> Iterator[Block]:
    for item in sittings.agenda(gathering):
        if names := "、".join(row.label for row in item.recusals.all()):
            yield Labelled("回避", f"{names}（“{item.title}”一项）")


def _versions(gathering: Gathering, newest: Minutes | None, *, public: bool) -> Iterator[Block]:
    """Which version this is, what was corrected in it, and how a copy is told from it."""
    if newest is None:
        return
    agreed = Correction.objects.filter(district_id=gathering.district_id, gathering=gathering, state="agreed")
    for row in agreed.order_by("settled_at"):
        reason = masks.mask(row.reason) if public else row.reason
        settled = f"，{day(timezone.localdate(row.settled_at))}" if row.settled_at else ""
        yield Note(f"第 {row.base + 1} 版{settled}由到会的人过半数同意更正：{reason}")
    yield Note(f"本纪要第 {newest.version} 版，{day(timezone.localdate(newest.published_at))}由{newest.by}公布，"
               f"原文校验码 {newest.digest[:16]}。公布以后只由到会的人更正。")  # fmt: skip


# ── resolutions ─────────────────────────────────────────────────────────────────────────────────────────────────
def _list(rows: list[Resolution], *, public: bool) -> tuple[Part, ...]:
    """决议事项清单: each with its owner, its day and the day on which residents look."""
    if not rows:
        return ()
    told = tuple(
        (str(at), masks.mask(row.text) if public else row.text, doer(row), _iso(row.due_on), _iso(row.review_on))
        for at, row in enumerate(rows, 1)
    )
    head = ("序号", "决议事项", "谁办", "办完", "居民评审")
    return (Part("决议事项清单", (Table(head, told, (10, 40, 22, 19, 19)),)),)


def _iso(value: date | None) -> str:
    return value.isoformat() if value else ""


def _copies(rows: list[Resolution]) -> str:
    """抄送: those who carry something out."""
    return "，".join(list(dict.fromkeys(filter(None, (doer(row) for row in rows))))[:MOST_COPIES])


def resolution(row: Resolution) -> Document:
    """One resolution: what was settled, who does it by when, into what it was split, and what residents found."""
    g, item = row.gathering, row.item
    made = timezone.localdate(row.made_at)
    office = office_of(g.district_id, g.scope_path)
    body: list[Block] = [
        Para(f"{day(timezone.localdate(g.began_at or g.starts_at))}召开的“{g.title}”（{g.number}）议了“{item.title}”，"
             f"结果是{recorded_name(item.outcome)}，形成决议如下："),
        Heading("决议"), Para(row.text), Heading("落实"),
        Labelled("谁　　办", doer(row) or "还没有定"),
        Labelled("办完日期", day(row.due_on) if row.due_on else "还没有定"),
        Labelled("居民评审", day(row.review_on) if row.review_on else "还没有定"),
        *_split(row), *_against(row), *_reviewed(row),
    ]  # fmt: skip
    return Document(
        title=f"关于“{item.title}”的决议", at=timezone.localtime(row.made_at), masthead=office,
        serial=f"{g.number} 第{row.seq}号", on=made, to=doer(row), body=tuple(body), signed=office,
    )  # fmt: skip


def _split(row: Resolution) -> Iterator[Block]:
    parts = [part.matter for part in row.matters.all()]
    if parts:
        yield Heading("分成的事")
        yield Table(("编号", "什么事", "现在"), tuple((m.number, title_of(m), m.get_state_display()) for m in parts),
                    (26, 56, 18))  # fmt: skip


def _against(row: Resolution) -> Iterator[Block]:
    against = queries.dissents(row.district_id, [row.item_id]).get(row.item_id, [])
    if against:
        yield Heading(f"不同意见 {len(against)} 条")
        yield from (Para(masks.mask(one.text)) for one in against)
        yield Note("不同意见只记话，不记名；评审时先问当初不同意的。")


def _reviewed(row: Resolution) -> Iterator[Block]:
    if row.reviewed_at is None:
        return
    yield Heading("居民评审")
    verdict = {"closed": "评审通过", "back": "退回重办"}.get(row.state, "")
    heads = f"满意 {row.satisfied} 人，不满意 {row.dissatisfied} 人"
    yield Para(f"{day(timezone.localdate(row.reviewed_at))}评审，{heads}。{verdict}{'。' if verdict else ''}"
               f"{masks.mask(row.review)}")  # fmt: skip


def title_of(matter: Matter) -> str:
    """A matter on a paper that goes round: nothing of a confidential one, nothing that leads to somebody."""
    return "（保密）" if matter.confidential else masks.title(matter.text)
