"""What people do about gatherings. One function, one act, one transaction; the topics' timelines say it."""

from linli.core.gatherings.actions.agenda import (
    add_item,
    arrange,
    classify,
    postpone,
    recuse,
    stand_as_topic,
    withdraw_item,
)
from linli.core.gatherings.actions.attending import (
    SheetLine,
    Shown,
    agree_sheet,
    attend,
    enter_sheet,
    show_code,
    sign_out,
    vouch,
)
from linli.core.gatherings.actions.calling import Called, answer, answer_slip, call, invite, slips
from linli.core.gatherings.actions.feeding import end_feed, feed_token
from linli.core.gatherings.actions.minuting import propose, publish, speak
from linli.core.gatherings.actions.preparing import (
    Planned,
    add_kind,
    add_room,
    cancel,
    change_room,
    draft,
    edit,
    prefill,
    reschedule,
)
from linli.core.gatherings.actions.resolving import Charge, Part, assign, resolve, review, split
from linli.core.gatherings.actions.series import start_series, stop_series
from linli.core.gatherings.actions.sitting import begin, discuss, end

__all__ = [
    "Called", "Charge", "Part", "Planned", "SheetLine", "Shown", "add_item", "add_kind", "add_room", "agree_sheet",
    "answer", "answer_slip", "arrange", "assign", "attend", "begin", "call", "cancel", "change_room", "classify",
    "discuss", "draft", "edit", "end", "end_feed", "enter_sheet", "feed_token", "invite", "postpone", "prefill",
    "propose", "publish", "recuse", "reschedule", "resolve", "review", "show_code", "sign_out", "slips",
    "speak", "split",
    "stand_as_topic", "start_series", "stop_series", "vouch", "withdraw_item",
]  # fmt: skip
