"""Opinion rounds 逐户征求意见: a question carried from door to door, what was said, and what came of it."""

from linli.offices.opinions.models.rounds import Knock, Round, Stretch
from linli.offices.opinions.models.words import Group, Hint, Move, Opinion

__all__ = ["Group", "Hint", "Knock", "Move", "Opinion", "Round", "Stretch"]
