"""What an administrator does with people: posts given and ended, bodies, committees and their terms, accounts.

One function, one act, one transaction, with a sentence in the history of changes. Whoever holds something that is open
is looked after by the room above (``matters.actions.configuring``): this room knows no matters.
"""

from linli.core.people.actions.accounts import Opened, open_account, reset_password, set_active
from linli.core.people.actions.bodies import close_body, found_body, rename_body
from linli.core.people.actions.committees import register_committee
from linli.core.people.actions.gate import configuring, may_configure
from linli.core.people.actions.serving import end_post, give_post, namesakes

__all__ = [
    "Opened",
    "close_body",
    "configuring",
    "end_post",
    "found_body",
    "give_post",
    "may_configure",
    "namesakes",
    "open_account",
    "register_committee",
    "rename_body",
    "reset_password",
    "set_active",
]
