"""A speaker asks for a comment's words to be erased: they go, the comment stays counted and answered."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from linli.core.matters import records, said
from linli.core.people.actor import Actor
from linli.kit import crypto
from linli.kit.finding import the_one
from linli.offices.covenants import booked
from linli.offices.covenants.actions.common import at
from linli.offices.covenants.models import Comment


def erase(
    *, actor: Actor, comment_id: uuid.UUID, district_id: int, receipt: str = "", reason: str = "",
    now: datetime | None = None,
) -> Comment:  # fmt: skip
    """By the speaker, who has the account or the receipt; or with a reason by whoever configures the place."""
    with transaction.atomic():
        rows = Comment.objects.select_for_update(of=("self",)).filter(district_id=district_id, pk=comment_id)
        row = the_one(rows.select_related("covenant"), _("没有找到这条意见。"))
        own = said.is_speakers(row, actor, receipt, lambda code: crypto.hash_secret(code, "covenant"))
        said.forget(row, actor=actor, own=own, path=row.covenant.scope_path, reason=reason,
                    matters=[row.covenant.matter_id], now=at(now))  # fmt: skip
        row.helper = ""
        row.save(update_fields=["helper"])
        records.keep(booked.COMMENT, district_id, [row.pk], now=at(now))
    return row
