"""A speaker asks for the words to be erased: they go, the voice stays counted, and the trail says that they went."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters import records, said
from linli.core.people.actor import Actor
from linli.kit.finding import the_one
from linli.offices.opinions import booked, queries
from linli.offices.opinions.models import Hint, Opinion


def erase(
    *, actor: Actor, opinion_id: uuid.UUID, district_id: int, receipt: str = "", reason: str = "",
    now: datetime | None = None,
) -> Opinion:  # fmt: skip
    """By the speaker, who has the account or the receipt; or with a reason by whoever configures the place.

    With the words go the correction and whatever name was left. The count, the group and the reply stay.
    """
    at = now or timezone.now()
    with transaction.atomic():
        rows = Opinion.objects.select_for_update(of=("self",)).filter(district_id=district_id, pk=opinion_id)
        row = the_one(rows.select_related("round", "group"), _("没有找到这条意见。"))
        matters = {row.round.matter_id, row.group.matter_id if row.group else None} - {None}
        own = said.is_speakers(row, actor, receipt, queries.receipt_hash)
        said.forget(row, actor=actor, own=own, path=row.round.scope_path, reason=reason,
                    matters=[m for m in matters if m is not None], now=at)  # fmt: skip
        row.name = row.helper = row.names_salt = row.correction = ""
        row.save(update_fields=["name", "helper", "names_salt", "correction"])
        records.keep(booked.VOICE, district_id, [row.pk], now=at)
        Hint.objects.filter(district_id=district_id, opinion=row).delete()
    return row
