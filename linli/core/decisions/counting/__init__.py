"""The arithmetic of a decision: rules, methods and the result. Pure functions; no database, no clock, no floats."""

from linli.core.decisions.counting.methods import METHODS, Ballot, Choice, check_choice
from linli.core.decisions.counting.result import Outcome, Result, count
from linli.core.decisions.counting.rule import Condition, Meter, Rule, Weight, parse_rule, turnout

__all__ = [
    "METHODS", "Ballot", "Choice", "Condition", "Meter", "Outcome", "Result", "Rule", "Weight", "check_choice", "count",
    "parse_rule", "turnout",
]  # fmt: skip
