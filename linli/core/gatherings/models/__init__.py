"""Gatherings 会: people who come together at a time and a place, what they talk about, and what comes of it."""

from linli.core.gatherings.models.kind import GatheringKind, Room, Series
from linli.core.gatherings.models.outcome import Resolution, ResolutionState, SplitMatter
from linli.core.gatherings.models.record import Attendance, Correction, FeedToken, Minutes, Voice
from linli.core.gatherings.models.sitting import AgendaItem, Gathering, GatheringState, Invitation, ItemState, Recusal

__all__ = [
    "AgendaItem",
    "Attendance",
    "Correction",
    "FeedToken",
    "Gathering",
    "GatheringKind",
    "GatheringState",
    "Invitation",
    "ItemState",
    "Minutes",
    "Recusal",
    "Resolution",
    "ResolutionState",
    "Room",
    "Series",
    "SplitMatter",
    "Voice",
]  # fmt: skip
