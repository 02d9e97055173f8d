"""What people do about covenants. One function, one act, one transaction; the acting person first."""

from linli.offices.covenants.actions.commenting import Answering, Spoken, answer, follow, say, support
from linli.offices.covenants.actions.drafting import Drafting, amend, drop, extend, open_for_comment, revise, start
from linli.offices.covenants.actions.ending import end, file, review
from linli.offices.covenants.actions.erasing import erase
from linli.offices.covenants.actions.passing import Putting, put_to_vote, settle, settle_due

__all__ = [
    "Answering", "Drafting", "Putting", "Spoken", "amend", "answer", "drop", "end", "erase", "extend", "file", "follow",
    "open_for_comment", "put_to_vote", "review", "revise", "say", "settle", "settle_due", "start", "support",
]  # fmt: skip
