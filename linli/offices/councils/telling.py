"""Notices to those who said something: to their account, where they have one."""

from __future__ import annotations

import uuid
from datetime import datetime

from linli.kit.ids import new_id
from linli.kit.models import Outbox


def tell_account(district_id: int, user_id: uuid.UUID | None, text: str, url: str, now: datetime) -> None:
    """One outbox row, in the transaction of the act; nobody is told where nobody is known."""
    if user_id is None:
        return
    Outbox.objects.create(
        id=new_id(), district_id=district_id, topic="account", at=now, next_at=now,
        payload={"user": str(user_id), "text": text, "url": url, "urgent": False},
    )  # fmt: skip
