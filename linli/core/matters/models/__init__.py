"""Matters 事: what was asked, who holds it, which clocks run, and everything that ever happened to it."""

from linli.core.matters.models.catalogue import (
    Admission,
    Category,
    Cause,
    Kind,
    Numbering,
    Policy,
    Rule,
    Urgency,
)
from linli.core.matters.models.figures import Delta, Figure, Folding, Grain, Spread
from linli.core.matters.models.ledger import Entry, Fact, Leaf, Record, Seal
from linli.core.matters.models.matter import Attachment, Contact, Involvement, Link, Matter, Reveal, State
from linli.core.matters.models.origin import Book, Origin
from linli.core.matters.models.reckoning import Exclusion, Formula, Ground, Objection, Rated
from linli.core.matters.models.running import Call, Clock, Coached, Whistle

__all__ = [
    "Admission",
    "Attachment",
    "Book",
    "Call",
    "Category",
    "Cause",
    "Clock",
    "Coached",
    "Contact",
    "Delta",
    "Entry",
    "Exclusion",
    "Fact",
    "Figure",
    "Folding",
    "Formula",
    "Grain",
    "Ground",
    "Involvement",
    "Kind",
    "Leaf",
    "Link",
    "Matter",
    "Numbering",
    "Objection",
    "Origin",
    "Policy",
    "Rated",
    "Record",
    "Reveal",
    "Rule",
    "Seal",
    "Spread",
    "State",
    "Urgency",
    "Whistle",
]
