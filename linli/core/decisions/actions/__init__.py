"""What people do about decisions. One function, one act, one transaction, one entry in the ledger."""

from linli.core.decisions.actions.amending import correct_entry, extend
from linli.core.decisions.actions.casting import Taken, cast
from linli.core.decisions.actions.counting import count_open, count_secret, strip
from linli.core.decisions.actions.drafting import Asking, add_rule, draft, edit, import_result, withdraw
from linli.core.decisions.actions.gathered import Show, ask_present, finish, record_hands
from linli.core.decisions.actions.objecting import draw_calls, judge_objection, note_call, object_to
from linli.core.decisions.actions.opening import become_teller, issue_slips, open_question, preview_roll
from linli.core.decisions.actions.paper import enter_paper
from linli.core.decisions.actions.proxies import give_proxy, revoke_proxy

__all__ = [
    "Asking", "Show", "Taken", "add_rule", "ask_present", "become_teller", "cast", "correct_entry", "count_open",
    "count_secret", "draft", "draw_calls", "edit", "enter_paper", "extend", "finish", "give_proxy", "import_result",
    "issue_slips", "judge_objection", "note_call", "object_to", "open_question", "preview_roll", "record_hands",
    "revoke_proxy", "strip", "withdraw",
]  # fmt: skip
