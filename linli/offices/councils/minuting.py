"""A first draft of the minutes, out of what was written down while people sat together."""

from __future__ import annotations

from django.utils import timezone

from linli.core.gatherings import queries as sittings
from linli.core.gatherings.models import Gathering
from linli.core.gatherings.rules.spec import recorded_name
from linli.offices.councils import queries


def text(gathering: Gathering) -> str:
    """In Chinese, as the ledger keeps it. Those against are quoted without a name; residents are a number."""
    items = sittings.agenda(gathering)
    against = queries.dissents(gathering.district_id, [i.pk for i in items])
    present = sittings.attended(gathering)
    staff = [r.label for r in present if r.invitation_id is not None or r.evidence == "host"]
    starts = timezone.localtime(gathering.began_at or gathering.starts_at)
    room = gathering.room.name if gathering.room else gathering.where
    lines = [
        f"时间：{starts:%Y年%-m月%-d日 %H:%M}", f"地点：{gathering.place.name}　{room}",
        f"主持：{gathering.host.title}", f"到会：{len(present)} 人，其中受邀 {len(staff)} 人（{'、'.join(staff)}）", "",
    ]  # fmt: skip
    for number, item in enumerate(items, 1):
        lines.append(f"{number}. {item.title}")
        if item.state == "discussed":
            lines.append(f"　　{recorded_name(item.outcome)}。{item.text}")
        else:
            lines.append(f"　　没有议到，下次再议。{item.text}")
        lines += [f"　　不同意见：{row.text}" for row in against.get(item.pk, [])]
        for row in item.resolutions.all():
            owner = row.owner.title if row.owner else ""
            days = f"{row.due_on:%m月%d日}前办完，{row.review_on:%m月%d日}请居民评审" if row.due_on and row.review_on else ""
            lines.append(f"　　决议：{row.text}（{owner}，{days}）")
    return "\n".join(lines)
