"""What people do with matters: one function, one act, one transaction. Pages and endpoints never save."""

from linli.core.matters.actions.calling import appraise, report, whistle
from linli.core.matters.actions.closing import close, confirm, decline, rate, resolve, verify
from linli.core.matters.actions.contesting import contest, judge, reopen
from linli.core.matters.actions.following import follow
from linli.core.matters.actions.handling import accept, pause, progress, reply, resume, return_
from linli.core.matters.actions.joining import merge, unmerge
from linli.core.matters.actions.moving import dispatch, escalate, hand_down, supervise, triage, urge
from linli.core.matters.actions.opening import Opened, open_matter
from linli.core.matters.actions.thanking import coached, thank
from linli.core.matters.ledger.erasing import erase, reveal  # last: it needs the ones above

__all__ = [
    "Opened",
    "accept",
    "appraise",
    "close",
    "coached",
    "confirm",
    "contest",
    "decline",
    "dispatch",
    "erase",
    "escalate",
    "follow",
    "hand_down",
    "judge",
    "merge",
    "open_matter",
    "pause",
    "progress",
    "rate",
    "reopen",
    "reply",
    "report",
    "resolve",
    "resume",
    "return_",
    "reveal",
    "supervise",
    "thank",
    "triage",
    "unmerge",
    "urge",
    "verify",
    "whistle",
]
