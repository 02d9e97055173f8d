"""Which database is meant, in words without its password."""

from __future__ import annotations


def database() -> str:
    """``var/linli.sqlite3`` or ``PostgreSQL linli@host:port/name``."""
    from django.conf import settings

    asked = settings.DATABASES["default"]
    if asked["ENGINE"].endswith("sqlite3"):
        return str(asked["NAME"])
    return f"PostgreSQL {asked.get('USER') or ''}@{asked.get('HOST') or ''}:{asked.get('PORT') or 5432}/{asked['NAME']}"
