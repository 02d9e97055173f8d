"""Papers around a sitting: the notice that calls it, the figures that lie before it, the sheet that people sign."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from django.utils import timezone

from linli.core.gatherings import queries as sittings
from linli.core.gatherings.models import Gathering, Resolution
from linli.core.people.issuing import office_of
from linli.kit.figures import group, on
from linli.kit.papers import Block, Document, Heading, Labelled, Note, Para, Table, day
from linli.offices.councils.doing import doer

WEEKDAYS = "一二三四五六日"
FEW = 4  # so many are named in the address of a notice; more are 各位
LINES_FOR_RESIDENTS, LINES_FOR_OTHERS = 12, 3  # at least so many empty ones
ON_FIRST, ON_NEXT = 11, 17  # lines that a page holds
SLIP_HIGH = 30  # mm: a strip that can be cut
LINE_HIGH = 12  # mm: room for a name written by hand
OWED = 20


def _where(gathering: Gathering) -> str:
    room = gathering.room.name if gathering.room else gathering.where
    return room if gathering.place.name in room else f"{gathering.place.name}　{room}"


def _when(gathering: Gathering) -> str:
    starts, ends = timezone.localtime(gathering.starts_at), timezone.localtime(gathering.ends_at)
    until = f"{ends:%-H:%M}" if ends.date() == starts.date() else f"{day(ends)} {ends:%H:%M}"
    return f"{day(starts)}（星期{WEEKDAYS[starts.weekday()]}）{starts:%-H:%M}至{until}"


# ── the notice ──────────────────────────────────────────────────────────────────────────────────────────────────
def notice(gathering: Gathering) -> Document:
    """会议通知: to whom, when, where, what about."""
    office = office_of(gathering.district_id, gathering.scope_path)
    asked = list(gathering.invitations.order_by("pk"))
    sent = gathering.called_at or gathering.changed_at
    named = [i.label for i in asked]
    return Document(
        title=f"关于召开“{gathering.title}”的通知", at=timezone.localtime(sent), masthead=office,
        serial=gathering.number if gathering.called_at else "（草稿，还没有发）", on=timezone.localdate(sent),
        to="、".join(named) if 0 < len(named) <= FEW else "各位参会的同志、各参会单位",
        body=tuple(_asking(gathering, named)), signed=office,
    )  # fmt: skip


def _asking(gathering: Gathering, named: list[str]) -> Iterator[Block]:
    yield Para(f"定于{_when(gathering)}召开“{gathering.title}”，有关事项通知如下：")
    yield Heading("时间、地点")
    yield Para(f"{_when(gathering)}，{_where(gathering)}。")
    yield Heading("议程")
    items = [i for i in sittings.agenda(gathering) if i.state != "withdrawn"]
    for item in items:
        yield Heading(f"{item.title}{f'（{item.minutes} 分钟）' if item.minutes else ''}", 3)
    if not items:
        yield Para("议程另行通知。")
    yield Heading("参加人员")
    people = "、".join(named) + ("；" if named and gathering.kind.says.residents else "")
    yield Para(f"{people}{'居民都可以来' if gathering.kind.says.residents else ''}。")
    yield Heading("请回复")
    yield Para("能来、来不了或者派人来，请收到后回一声；派人来的请写明派谁。")
    if gathering.waived:
        yield Note(f"没有按规定的天数提前通知，因为：{gathering.waived}")


def slips(gathering: Gathering, receipts: Mapping[uuid.UUID, str], site: str) -> Document:
    """回执条: one for each who has not answered, to be cut off and handed over with the notice."""
    labels = dict(gathering.invitations.filter(pk__in=list(receipts)).values_list("pk", "label"))
    how = f"{gathering.title}\n{_when(gathering)}\n{_where(gathering)}\n"
    how += f"来不来，请打开下面的网址，填右边的码：\n{site}/calendar/slip/"
    rows = tuple((labels.get(key, ""), how, group(code)) for key, code in receipts.items())
    return Document(
        title="会议回执条", at=timezone.localtime(gathering.changed_at), serial=f"编号 {gathering.number}",
        body=(
            Note("沿线剪开，一人一条。凭码不用登录就能回，丢了可以重印；重印以后旧的码不能用。"),
            Table(("请谁", "开什么会，怎么回", "码"), rows, (22, 60, 24), height=SLIP_HIGH),
        ),
    )  # fmt: skip


# ── the figures ─────────────────────────────────────────────────────────────────────────────────────────────────
def briefing(gathering: Gathering) -> Document:
    """会前简报: the period's figures, what came up again and again, what is late, what is owed since last time."""
    brief = gathering.brief
    since, until = date.fromisoformat(brief["since"]), date.fromisoformat(brief["until"])
    return Document(
        title=f"{gathering.place.name}{day(since)}至{day(until)}办理情况", at=timezone.localtime(gathering.changed_at),
        masthead=f"{gathering.kind.name}会前简报", serial=f"编号 {gathering.number}",
        issuer=office_of(gathering.district_id, gathering.scope_path), on=until,
        body=(*_figures(brief, since, until), *_owed(gathering), *_agenda(gathering)),
        printed=office_of(gathering.district_id, gathering.scope_path),
    )  # fmt: skip


def _figures(brief: dict[str, Any], since: date, until: date) -> Iterator[Block]:
    yield Heading("总的数")
    yield Para(f"{day(since)}至{day(until)}，收到 {brief['received']:,} 件，其中办好 {brief['done']:,} 件。"
               "诉求多少不评高低，没人答才算问题。")  # fmt: skip
    yield Heading("反复出现的")
    often = brief.get("often", ())
    if often:
        rows = tuple((str(n), x["name"], f"{x['n']:,}") for n, x in enumerate(often, 1))
        yield Table(("序号", "哪一类", "件数"), rows, (10, 70, 20), (2,))
    else:
        yield Para("没有同一类来过两次的。")
    yield Heading("超了时还没办结的")
    late = brief.get("overdue", ())
    if late:
        told = tuple((str(n), x["title"], x["number"], x["due"]) for n, x in enumerate(late, 1))
        yield Table(("序号", "什么事", "编号", "应办结"), told, (10, 46, 25, 19))
        yield Note("超时最久的列在前面，最多列十件。")
    else:
        yield Para("没有。")


def _owed(gathering: Gathering) -> Iterator[Block]:
    """What earlier sittings of the same kind here settled and residents have not accepted yet."""
    rows = Resolution.objects.filter(
        district_id=gathering.district_id, gathering__kind__code=gathering.kind.code,
        gathering__place_id=gathering.place_id, state__in=("set", "back"),
    ).exclude(gathering=gathering).select_related("owner").order_by("due_on", "pk")[:OWED]  # fmt: skip
    owed = tuple((str(n), r.text, doer(r), on(r.due_on)) for n, r in enumerate(rows, 1))
    if owed:
        yield Heading("以前定了、还没评审通过的")
        yield Table(("序号", "决议", "谁办", "办完"), owed, (10, 46, 25, 19))


def _agenda(gathering: Gathering) -> Iterator[Block]:
    items = [i for i in sittings.agenda(gathering) if i.state != "withdrawn"]
    if items:
        yield Heading("这次的议程")
        yield from (Heading(item.title, 3) for item in items)


# ── the sheet ───────────────────────────────────────────────────────────────────────────────────────────────────
def sign_sheet(gathering: Gathering) -> Document:
    """签到表: a line for everybody who was asked, and empty ones; two persons enter it afterwards."""
    rows = [_line(n, i.label) for n, i in enumerate(gathering.invitations.order_by("pk"), 1)]
    least = len(rows) + (LINES_FOR_RESIDENTS if gathering.kind.says.residents else LINES_FOR_OTHERS)
    whole = ON_FIRST + -(-max(0, least - ON_FIRST) // ON_NEXT) * ON_NEXT  # no page ends half-way
    rows += [(str(n), "", "", "", "") for n in range(len(rows) + 1, whole + 1)]
    head = ("序号", "姓名", "单位、职务或住址", "本人签名", "备注")
    return Document(
        title="签到表", at=timezone.localtime(gathering.changed_at),
        serial=f"编号 {gathering.number}", body=(
            Labelled("会议", gathering.title), Labelled("时间", _when(gathering)),
            Labelled("地点", _where(gathering)), Labelled("主持", gathering.host.title),
            Note("本人签。替人来的在备注里写明替谁。散会后由两个人录入，对得上才算到会。"),
            Table(head, tuple(rows), (9, 20, 34, 26, 16), height=LINE_HIGH),
        ),
    )  # fmt: skip


def _line(number: int, label: str) -> tuple[str, ...]:
    """王禾苗 网格员: a person's name stands apart from the post; a body's name is no person's."""
    name, _space, post = label.partition(" ")
    return (str(number), name, post, "", "") if post and len(name) <= FEW else (str(number), "", label, "", "")
