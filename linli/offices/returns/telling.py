"""A line in a post's inbox about returns and the rules that they ask for."""

from __future__ import annotations

import uuid
from datetime import datetime

from linli.kit.ids import new_id
from linli.kit.models import Outbox


def tell(district_id: int, post_id: uuid.UUID, text: str, url: str, at: datetime) -> None:
    """Left in the outbox, in the caller's transaction."""
    payload = {"post": str(post_id), "text": text, "url": url}
    Outbox.objects.create(id=new_id(), district_id=district_id, topic="notice", at=at, next_at=at, payload=payload)
