"""A first draft of the minutes, out of what was written down while people sat together."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils import timezone

from linli.core.gatherings import queries as sittings
from linli.core.gatherings.models import AgendaItem, Gathering, Resolution
from linli.core.gatherings.rules.spec import recorded_name
from linli.offices.councils import ballots, queries
from linli.offices.councils.doing import doer


def text(gathering: Gathering) -> str:
    """In Chinese, as the ledger keeps it. Those against are quoted without a name; residents are a number."""
    items = sittings.agenda(gathering)
    against = queries.dissents(gathering.district_id, [i.pk for i in items])
    lines, shown = list(_head(gathering)), ballots.of_items(items)
    for number, item in enumerate(items, 1):
        lines += _point(number, item)
        voted = [ballots.summary(b.question) for b in shown.get(item.pk, []) if b.question.state == "decided"]
        lines += [f"　　{words}" for words in voted if words not in item.text]
        lines += [f"　　不同意见：{row.text}" for row in against.get(item.pk, [])]
        lines += [f"　　决议：{_resolution(row)}" for row in item.resolutions.all()]
    return "\n".join(lines)


def _head(gathering: Gathering) -> Iterator[str]:
    present = sittings.attended(gathering)
    asked = [r.label for r in present if r.invitation_id is not None or r.evidence == "host"]
    starts = timezone.localtime(gathering.began_at or gathering.starts_at)
    room = gathering.room.name if gathering.room else gathering.where
    yield f"时间：{starts:%Y年%-m月%-d日 %H:%M}"
    yield f"地点：{gathering.place.name}　{room}"
    yield f"主持：{gathering.host.title}"
    yield f"到会：{len(present)} 人" + (f"，其中受邀 {len(asked)} 人（{'、'.join(asked)}）" if asked else "")
    yield ""


def _point(number: int, item: AgendaItem) -> Iterator[str]:
    yield f"{number}. {item.title}"
    if item.state == "discussed":
        yield f"　　{recorded_name(item.outcome)}。{item.text}"
    elif item.state == "withdrawn":
        yield f"　　撤下，没有议。{item.text}"
    else:
        yield f"　　没有议到，下次再议。{item.text}"


def _resolution(row: Resolution) -> str:
    owner = doer(row)
    if not (row.due_on and row.review_on):
        return f"{row.text}（{owner}）"
    return f"{row.text}（{owner}，{row.due_on:%-m月%-d日}前办完，{row.review_on:%-m月%-d日}请居民评审）"
