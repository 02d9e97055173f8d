"""Statistics of matters: live, cheap, without a lock that an act would ever wait for.

``query`` answers, ``cases`` opens the matters behind a figure, ``fold`` is the worker's part, ``rebuild`` and ``check``
count again from the matters themselves.
"""

from linli.core.matters.stats.answer import Group, Result, query
from linli.core.matters.stats.cases import case_filter, cases
from linli.core.matters.stats.folding import fold
from linli.core.matters.stats.formula import MINIMUM_SAMPLE
from linli.core.matters.stats.period import Period, parse
from linli.core.matters.stats.recount import check, rebuild

__all__ = [
    "MINIMUM_SAMPLE",
    "Group",
    "Period",
    "Result",
    "case_filter",
    "cases",
    "check",
    "fold",
    "parse",
    "query",
    "rebuild",
]
