"""What a district decides beforehand, changed by its administrator: kinds, categories, causes, promises, rules, team.

One function, one change, one transaction: checked, written, told in a plain sentence, and the district's version raised
so that every process reads it anew. Ending a post or a body stands here too, because what it still holds is a matter.
"""

from linli.core.matters.actions.configuring.kinds import (
    add_category,
    add_cause,
    add_kind,
    change_category,
    change_cause,
    change_kind,
)
from linli.core.matters.actions.configuring.leaving import close_body, end_post, held_by, register_committee
from linli.core.matters.actions.configuring.promises import STAGE_WORDS, STAGES, end_policy, revise_policy, span_words
from linli.core.matters.actions.configuring.rules import Way, add_rule, change_rule, move_rule, where_to
from linli.core.matters.actions.configuring.switches import (
    SWITCHES,
    Force,
    change_settings,
    set_channel,
    set_team,
)

__all__ = [
    "STAGES",
    "STAGE_WORDS",
    "SWITCHES",
    "Force",
    "Way",
    "add_category",
    "add_cause",
    "add_kind",
    "add_rule",
    "change_category",
    "change_cause",
    "change_kind",
    "change_rule",
    "change_settings",
    "close_body",
    "end_policy",
    "end_post",
    "held_by",
    "move_rule",
    "register_committee",
    "revise_policy",
    "set_channel",
    "set_team",
    "span_words",
    "where_to",
]
