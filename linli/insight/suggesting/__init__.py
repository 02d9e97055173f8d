"""Suggestions (建议): a category and a handler for a matter that waits. A person takes or refuses them in one tap."""

from __future__ import annotations

from linli.insight.suggesting.answering import Shown, Suggested, answer, hint_of
from linli.insight.suggesting.making import suggest, suggest_handler

__all__ = ["Shown", "Suggested", "answer", "hint_of", "suggest", "suggest_handler"]
