"""Notices to those who said something or follow: to their account, where they have one."""

from __future__ import annotations

from datetime import datetime

from linli.core.people import notices
from linli.offices.covenants.models import Comment, Covenant, Follow

MOST = 5000


def tell_all(covenant: Covenant, text: str, now: datetime) -> None:
    """Those who follow a covenant and those who said something about it under their own account, each once."""
    mine = {"district_id": covenant.district_id, "covenant": covenant}
    users = set(Follow.objects.filter(**mine).values_list("user_id", flat=True)[:MOST])
    said = Comment.objects.filter(**mine, author__isnull=False)
    users |= {user for user in said.values_list("author_id", flat=True).distinct()[:MOST] if user is not None}
    notices.leave(covenant.district_id, text, now, users=sorted(users), url=f"/covenant/{covenant.number}/")
