"""Versions of the formula as the district has them: which holds today, and what each of them said."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from django.utils import timezone

from linli.core.matters import figures
from linli.core.matters.models import Formula
from linli.kit import memory

MINIMUM_SAMPLE = 30  # where a district has no version of its own: below it a rate is not published
RATES = ("answered_in_time", "acted_in_time", "resolved_in_time", "resolved", "satisfied")


@dataclass(frozen=True)
class Version:
    """One version; without ``since`` the programme's own, where a district's profile names none."""

    version: str = figures.FORMULA
    counting: str = figures.FORMULA
    since: date | None = None
    minimum_sample: int = MINIMUM_SAMPLE
    rates: tuple[dict[str, str], ...] = ()
    leaves_out: tuple[str, ...] = ()
    changed: str = ""
    until: date | None = field(default=None, compare=False)  # the day on which the next one begins


def _read(district_id: int) -> list[Version]:
    found: list[Version] = []
    for row in Formula.objects.filter(district_id=district_id).order_by("-since"):
        found.append(
            Version(
                row.version, row.counting, row.since, row.minimum_sample, tuple(row.rates), tuple(row.leaves_out),
                row.changed, found[-1].since if found else None,
            )
        )  # fmt: skip
    return found or [Version()]


_versions: memory.PerDistrict[list[Version]] = memory.PerDistrict(_read)


def every_version(district_id: int) -> list[Version]:
    """Every version, the newest first; one that begins later is announced, not yet in force."""
    return _versions.get(district_id)


def current(district_id: int) -> Version:
    """The version in force today."""
    today, known = timezone.localdate(), every_version(district_id)
    return next((v for v in known if v.since is None or v.since <= today), known[-1])
