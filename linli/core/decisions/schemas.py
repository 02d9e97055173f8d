"""Shapes of ``/api/v1/questions``."""

from __future__ import annotations

from datetime import date
from typing import Any

from ninja import Schema
from pydantic import AwareDatetime, Field

from linli.kit.api import Body


class OptionIn(Body):
    name: str = Field(max_length=80)
    cost_fen: int | None = None


class QuestionIn(Body):
    """A draft on a topic. ``rule`` is a rule's code; its newest version is taken and kept."""

    matter: str
    title: str = Field(max_length=200)
    text: str = Field("", max_length=10_000)
    place: str
    method: str = "choice"
    options: list[OptionIn] = []
    budget_fen: int | None = None
    seats: int = 1
    rule: str
    roll: str = "households"
    roles: list[str] = []
    parking: bool = False
    secret: bool = False
    binding: bool = False
    closes_at: AwareDatetime
    review_on: date | None = None


class ActIn(Schema):
    """Whatever an act carries; each takes what it needs and says what is missing."""

    choice: Any = None
    entry: int | None = None
    slip: str = ""
    helper: str = Field("", max_length=60)
    text: str = Field("", max_length=500)
    reason: str = Field("", max_length=500)
    closes_at: AwareDatetime | None = None
    state: str = ""
    giver: int | None = None
    holder: int | None = None
    position: int = 0
    passphrase: str = Field("", max_length=200)
    objection: str = ""
    upheld: bool = False
    version: int | None = None


class ListQuery(Schema):
    state: str = ""
    place: str = ""
    mine: bool = False
    cursor: str = ""
    limit: int = Field(50, ge=1, le=200)
