"""What people do in an opinion round: prepare and end it, write down what was said, group it, answer it."""

from linli.offices.opinions.actions.answering import answer, answer_group, raise_matter
from linli.offices.opinions.actions.erasing import erase
from linli.offices.opinions.actions.grouping import gather, merge, refuse_hint, rename, take_out
from linli.offices.opinions.actions.recording import Heard, correct, record, say
from linli.offices.opinions.actions.rounds import Plan, begin, change, draft, drop, end, publish
from linli.offices.opinions.actions.tying import tie

__all__ = [
    "Heard",
    "Plan",
    "answer",
    "answer_group",
    "begin",
    "change",
    "correct",
    "draft",
    "drop",
    "end",
    "erase",
    "gather",
    "merge",
    "publish",
    "raise_matter",
    "record",
    "refuse_hint",
    "rename",
    "say",
    "take_out",
    "tie",
]
