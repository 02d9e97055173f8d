"""What ``linli verify`` says of minutes: each version of which a topic's timeline holds the digest reads so still."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from linli.core.gatherings.models import AgendaItem, Minutes

Row = dict[str, Any]
Told = tuple[str, int, str]  # reason, entry, sentence


def rows() -> QuerySet[AgendaItem]:
    return AgendaItem.objects.select_related("gathering")


def judge(entries: Sequence[Row], items: Sequence[AgendaItem]) -> Iterator[Told]:
    """What does not hold of the minutes in which a matter whose chain holds was a topic."""
    told = [row for row in entries if row["act"] == "deliberate" and "minutes" in row["data"]]
    if not told:
        return
    gatherings = {item.gathering.number: item.gathering_id for item in items}
    known = {
        (row.gathering_id, row.version): row
        for row in Minutes.objects.filter(district_id=told[0]["district_id"], gathering_id__in=gatherings.values())
    }
    for row in told:
        number, version, digest = (row["data"][name] for name in ("gathering", "minutes", "digest"))
        held = gatherings.get(number)
        found = known.get((held, version)) if held is not None else None
        if found is None or not digest == found.digest == hashlib.sha256(found.text.encode()).hexdigest():
            told_of = {"number": number, "version": version}
            yield "minutes", row["seq"], _("%(number)s 的纪要第 %(version)d 版和公布时的不一样") % told_of
