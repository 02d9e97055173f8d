"""Notices to those who said something or follow: to their account, where they have one."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from linli.kit.ids import new_id
from linli.kit.models import Outbox
from linli.offices.covenants.models import Comment, Covenant, Follow

MOST = 5000


def tell(district_id: int, users: Iterable[uuid.UUID], text: str, url: str, now: datetime) -> None:
    """One outbox row an account, in the transaction of the act."""
    Outbox.objects.bulk_create(
        Outbox(
            id=new_id(), district_id=district_id, topic="account", at=now, next_at=now,
            payload={"user": str(user), "text": text, "url": url, "urgent": False},
        )
        for user in users
    )  # fmt: skip


def tell_all(covenant: Covenant, text: str, now: datetime) -> None:
    """Those who follow a covenant and those who said something about it under their own account, each once."""
    mine = {"district_id": covenant.district_id, "covenant": covenant}
    users = set(Follow.objects.filter(**mine).values_list("user_id", flat=True)[:MOST])
    said = Comment.objects.filter(**mine, author__isnull=False)
    users |= {user for user in said.values_list("author_id", flat=True).distinct()[:MOST] if user is not None}
    tell(covenant.district_id, sorted(users), text, f"/covenant/{covenant.number}/", now)
