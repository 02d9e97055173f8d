"""Decisions 决: a question put to a frozen roll under a rule, its ballots, and what came of it."""

from linli.core.decisions.models.ballots import Counted, Envelope, Objection, PaperEntry, Slip, Teller
from linli.core.decisions.models.question import Amendment, Question, QuestionState, RuleVersion
from linli.core.decisions.models.roll import Member, Proxy, RollEntry

__all__ = [
    "Amendment", "Counted", "Envelope", "Member", "Objection", "PaperEntry", "Proxy", "Question", "QuestionState",
    "RollEntry", "RuleVersion", "Slip", "Teller",
]  # fmt: skip
