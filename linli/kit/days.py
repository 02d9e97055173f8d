"""Days that somebody types: none so far off that a month more, or a midnight in UTC, cannot be told of it."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as lazy

FIRST, LAST = date(1900, 1, 1), date(2200, 12, 31)
_WRONG = lazy("日期写成 2026-11-21 这样。")
TYPED: Final = (MinValueValidator(FIRST, _WRONG), MaxValueValidator(LAST, _WRONG))


def read_day(text: str) -> date:
    """``2026-11-21``; ValueError for anything else."""
    day = date.fromisoformat(text)
    if not FIRST <= day <= LAST:
        raise ValueError(text)
    return day
