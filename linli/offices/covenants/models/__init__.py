"""Covenants 公约: what neighbours agree on, version by version, and what was said about it."""

from linli.offices.covenants.models.comments import Answer, Comment, Follow, Support
from linli.offices.covenants.models.covenant import Covenant, Event, Passage, Version

__all__ = ["Answer", "Comment", "Covenant", "Event", "Follow", "Passage", "Support", "Version"]
