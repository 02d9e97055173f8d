"""What the API takes in and gives out, apart from the models (habit 12)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from linli.kit.api import Body

# Any offset added to an instant between these leaves a date that a calendar has.
Moment = Annotated[AwareDatetime, Field(ge=datetime(1900, 1, 1, tzinfo=UTC), le=datetime(2200, 1, 1, tzinfo=UTC))]
Crs = Literal["wgs84", "gcj02"]


class ContactIn(BaseModel):
    """Not ninja's ``Schema``: that reads any value by its attributes, so a mere string would pass for an empty one."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(max_length=40)] = ""
    phone: Annotated[str, Field(max_length=40)] = ""


class MatterIn(Body):
    """A new matter: one of ``lon``+``lat``, ``place`` or ``door`` says where."""

    kind: str = Field(max_length=24)
    text: str
    lon: float | None = Field(None, ge=-180, le=180)
    lat: float | None = Field(None, ge=-90, le=90)
    crs: Crs = "wgs84"
    place: str | None = Field(None, max_length=32)
    door: str | None = Field(None, max_length=32)
    contact: ContactIn | None = None
    anonymous: bool = False
    confidential: bool | None = None
    channel: str | None = Field(None, max_length=24)
    category: str | None = Field(None, max_length=8)
    happened_at: Moment | None = None
    attachments: list[str] = []


class FollowIn(Body):
    """Following a matter: everything may be left out. Without a place the matter's own stands."""

    text: str = ""
    lon: float | None = Field(None, ge=-180, le=180)
    lat: float | None = Field(None, ge=-90, le=90)
    crs: Crs = "wgs84"
    place: str | None = Field(None, max_length=32)
    door: str | None = Field(None, max_length=32)
    contact: ContactIn | None = None
    anonymous: bool = False
    confidential: bool | None = None
    channel: str | None = Field(None, max_length=24)
    attachments: list[str] = []


class StepOut(Schema):
    code: str
    name: str
    level: str


class PlaceOut(StepOut):
    path: list[StepOut]


class PostOut(Schema):
    post: str
    title: str
    name: str


class ClockOut(Schema):
    stage: str
    due_at: datetime
    state: Literal["running", "warned", "breached", "paused", "met", "missed", "cancelled"]
    round: int = 1
    started_at: datetime | None = None
    warn_at: datetime | None = None
    stopped_at: datetime | None = None
    provisional: bool = False


class SuggestionOut(Schema):
    category: str
    confidence: float


class OpenedOut(Schema):
    """The only reply that ever holds a receipt."""

    number: str
    receipt: str
    kind: str
    state: str
    place: PlaceOut
    handler: PostOut | None
    clocks: list[ClockOut]
    suggestion: SuggestionOut | None


class FollowedOut(OpenedOut):
    """``job`` is what it was joined to, ``households`` how many say the same now."""

    job: str
    households: int


class EntryOut(Schema):
    seq: int
    at: datetime
    act: str
    actor: str
    text: str
    data: dict[str, Any]


class MatterOut(Schema):
    """An item of a list; the detail adds the timeline."""

    number: str
    kind: str
    state: str
    place: PlaceOut
    handler: PostOut | None
    clocks: list[ClockOut]
    suggestion: SuggestionOut | None
    title: str
    text: str
    urgency: str
    channel: str
    opened_at: datetime
    score: int | None
    households: int
    version: int
    links: list[dict[str, str]]
    allowed: list[str]
    attachments: list[dict[str, Any]]
    contact: dict[str, Any] | None


class DetailOut(MatterOut):
    timeline: list[EntryOut]


class ListOut(Schema):
    items: list[MatterOut]
    next: str | None


class UploadOut(Schema):
    id: str
    width: int
    height: int
    mime: str


class ErrorBody(Schema):
    code: str
    message: str
    fields: dict[str, str]


class ErrorOut(Schema):
    error: ErrorBody


class ListQuery(Schema):
    state: str = ""
    kind: str = ""
    place: str = ""
    q: str = Field("", max_length=80)
    channel: str = ""
    category: str = ""
    urgency: str = ""
    overdue: bool = False
    mine: bool = False
    since: Moment | None = None
    until: Moment | None = None
    limit: int = Field(50, ge=1, le=200)
    cursor: str = Field("", max_length=64)


class ActIn(Schema):
    """What every act takes; ``version`` refuses a page that is older than the matter.

    A word more than an act needs does no harm, and callers send one body to several acts: it is passed over.
    """

    version: int | None = None


class TriageIn(ActIn):
    category: str
    urgency: str = ""


class ToIn(ActIn):
    to: str


class ReturnIn(ActIn):
    reason: str
    text: str
    suggest: str | None = None


class TextIn(ActIn):
    text: str


class ProgressIn(TextIn):
    attachments: list[str] = []


class ReasonIn(ActIn):
    reason: str


class EraseIn(ReasonIn):
    text: bool = False


class ContactOut(Schema):
    name: str
    phone: str


class HandDownIn(ToIn):
    reason: str


class WhistleIn(ActIn):
    units: list[str]
    reason: str
    kind: str = "problem"


class ReportIn(ActIn):
    unit: str = ""
    state: str
    text: str | None = None
    reason: str | None = None


class PauseIn(ActIn):
    reason: str
    until: Moment
    text: str | None = None


class ResolveIn(ActIn):
    text: str
    cause: str
    attachments: list[str] = []


class VerifyIn(ActIn):
    passed: bool
    text: str


class RateIn(ActIn):
    score: Annotated[int, Field(strict=True)]  # true is no mark of one
    text: str | None = None


class ContestIn(ActIn):
    text: str
    attachments: list[str] = []


class CoverIn(ActIn):
    """A box of a picture, in parts of its width and height from the upper left."""

    x: float
    y: float
    w: float
    h: float


class HideIn(ActIn):
    hidden: bool = True
    reason: str = ""


class JudgeIn(ActIn):
    upheld: bool
    text: str


class CloseIn(ActIn):
    text: str | None = None


class SuperviseIn(ActIn):
    text: str
    due_at: Moment


class UrgeIn(ActIn):
    text: str | None = None


class AppraiseIn(ActIn):
    unit: str
    verdict: str
    text: str | None = None


class MergeIn(ActIn):
    into: str
    reason: str


class DeclineIn(ActIn):
    basis: str
    redirect: str


class ConfirmIn(ActIn):
    agreed: bool
    text: str | None = None
