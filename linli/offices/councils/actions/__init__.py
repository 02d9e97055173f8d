"""What the council adds to matters and gatherings. One function, one act, one transaction; the acting person first."""

from linli.offices.councils.actions.erasing import erase
from linli.offices.councils.actions.opinions import Spoken, answer, speak
from linli.offices.councils.actions.reviewing import ask_objector, judge, review
from linli.offices.councils.actions.sitting import (
    Vote,
    ask_room,
    dissent,
    end_sitting,
    next_speaker,
    put_to_vote,
    queue,
    resolve,
    withdraw,
)
from linli.offices.councils.actions.topics import link_sources, propose, raise_topic, support

__all__ = [
    "Spoken", "Vote", "answer", "ask_objector", "ask_room", "dissent", "end_sitting", "erase", "judge",
    "link_sources", "next_speaker", "propose", "put_to_vote", "queue", "raise_topic", "resolve", "review",
    "speak", "support", "withdraw",
]  # fmt: skip
