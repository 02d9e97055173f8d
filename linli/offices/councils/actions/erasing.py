"""A speaker asks for an opinion's words to be erased: they go, the opinion stays counted and answered."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters import records, said
from linli.core.people.actor import Actor
from linli.kit.finding import the_one
from linli.offices.councils import booked, queries
from linli.offices.councils.models import Opinion


def erase(
    *, actor: Actor, opinion_id: uuid.UUID, district_id: int, receipt: str = "", reason: str = "",
    now: datetime | None = None,
) -> Opinion:  # fmt: skip
    """By the speaker, who has the account or the receipt; or with a reason by whoever configures the place."""
    at = now or timezone.now()
    with transaction.atomic():
        rows = Opinion.objects.select_for_update(of=("self",)).filter(district_id=district_id, pk=opinion_id)
        row = the_one(rows.select_related("topic"), _("没有找到这条意见。"))
        own = said.is_speakers(row, actor, receipt, queries.receipt_hash)
        said.forget(row, actor=actor, own=own, path=row.topic.scope_path, reason=reason,
                    matters=[row.topic_id], now=at)  # fmt: skip
        row.helper = ""
        row.save(update_fields=["helper"])
        records.keep(booked.OPINION, district_id, [row.pk], now=at)
    return row
