"""Field shapes that every room shares."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models

from linli.kit.ids import new_id


def key() -> models.UUIDField[uuid.UUID, uuid.UUID]:
    """The primary key of every table: a UUIDv7 made by the application, so that a whole act is written in one go."""
    return models.UUIDField(primary_key=True, default=new_id, editable=False)


class PathField(models.CharField):  # type: ignore[type-arg]
    """A materialised path compared byte by byte, so that a subtree is one index range on both databases."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 64)
        super().__init__(*args, **kwargs)

    def db_type(self, connection: Any) -> str | None:
        kind = super().db_type(connection)
        return f'{kind} COLLATE "C"' if connection.vendor == "postgresql" else kind


def subtree(path: str) -> tuple[str, str]:
    """The half-open range of paths at and below ``path``: digits and capitals only, so '~' ends it."""
    return path, path + "~"
