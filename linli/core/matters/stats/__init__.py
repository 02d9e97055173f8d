"""Statistics of matters: live, cheap, without a lock that an act would ever wait for.

``query`` answers, ``cases`` opens the matters behind a figure, ``fold`` is the worker's part, ``rebuild`` and ``check``
count again from the matters themselves.
"""

from linli.core.matters.stats.answer import Group, Result, query
from linli.core.matters.stats.cases import case_filter, cases
from linli.core.matters.stats.folding import fold
from linli.core.matters.stats.leaving import Left, Share
from linli.core.matters.stats.period import Period, parse
from linli.core.matters.stats.recount import check, rebuild
from linli.core.matters.stats.versions import MINIMUM_SAMPLE, RATES, Version, current, every_version

__all__ = [
    "MINIMUM_SAMPLE",
    "RATES",
    "Group",
    "Left",
    "Period",
    "Result",
    "Share",
    "Version",
    "case_filter",
    "cases",
    "check",
    "current",
    "every_version",
    "fold",
    "parse",
    "query",
    "rebuild",
]
