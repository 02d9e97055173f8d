"""One matter as its reporter sees it: everything ``track.html`` shows, in a fixed number of queries."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters import masks
from linli.core.matters.flow import LIVE
from linli.core.matters.ledger.board import code_of
from linli.core.matters.models import Call, Entry, Matter, Reveal
from linli.core.matters.present import Presenter
from linli.core.people.actor import Actor
from linli.core.people.posts import PostRef
from linli.doors.resident.stages import Big, Standing, Step, big, dots, line, span_words
from linli.doors.resident.story import Book, Line, tell
from linli.kit.figures import day, when

_DONE = ("resolved", "verified", "closed")
_SHARED = ("reply", "progress", "resolve", "verify", "judge")  # entries of a job that its members read as theirs


@dataclass(frozen=True)
class Unit:
    """A called unit: its seal, when it came, its verdict."""

    name: str
    seal: str
    tone: str  # done, here, wait, miss: the seal's class
    came: str
    said: str
    clock: Mapping[str, Any] | None = None
    state: str = ""


@dataclass(frozen=True)
class Blown:
    """A whistle and the units it called."""

    title: str
    kind: str
    why: str
    units: list[Unit]


@dataclass(frozen=True)
class Day:
    """Entries of one day, newest first."""

    name: str
    lines: list[Line]


@dataclass(frozen=True)
class Answer:
    """Who got it, and by when somebody answers."""

    who: str
    role: str
    title: str
    within: str  # 24 小时内给您回话
    by: str  # 11 月 22 日 11:26


@dataclass
class Thread:
    """What the page needs, ready to be laid out."""

    matter: Matter
    item: dict[str, Any]
    holder: PostRef | None
    big: Big
    steps: list[Step]
    days: list[Day]
    whistles: list[Blown]
    board: tuple[str, date] | None
    reveals: list[Reveal] = field(default_factory=list)
    said: Line | None = None  # the resident's own rating, as it stands in the ledger
    job_state: str = ""  # of a merged one: the state of what it was merged into
    thanked: bool = False  # thanks stand there since the work was last done

    @property
    def can_rate(self) -> bool:
        """Open for a rating now: the action would also say why not, but a form that only refuses is no form."""
        return "rate" in self.allowed

    @property
    def can_thank(self) -> bool:
        """Something was done, and no thanks were said since."""
        return self.matter.state in _DONE or self.job_state in _DONE

    @property
    def can_tell(self) -> bool:
        """Whether the quiet way up for who was told how to rate stands open."""
        return self.matter.state in ("verified", "closed") or self.job_state in ("verified", "closed")

    @property
    def allowed(self) -> list[str]:
        return list(self.item["allowed"])

    @property
    def crumbs(self) -> list[str]:
        shown = ("street", "community", "quarter")
        return [step["name"] for step in self.item["place"]["path"] if step["level"] in shown]

    @property
    def quoted(self) -> str:
        """What was said beyond the title; all of it where the title had to be cut."""
        text, title = self.matter.text.strip(), self.matter.title
        return text.removeprefix(title).lstrip("。！？!?；;\r\n ")

    @property
    def waiting(self) -> tuple[str, str]:
        """Why nobody works on it now: a seal and the words."""
        return {
            "closed": (_("结"), _("办完了，已经销号")), "declined": (_("止"), _("不受理，依据在下面")),
            "verified": (_("评"), _("办好了，等您来评")), "resolved": (_("核"), _("办完了，等换一个人去看")),
            "contested": (_("核"), _("有异议，等没经手的单位来看")), "declining": (_("核"), _("看归不归这里，等复核")),
        }.get(self.matter.state, (_("派"), _("正在找合适的人")))  # fmt: skip

    @property
    def count(self) -> int:
        return self.matter.seq


def thread_of(matter: Matter, actor: Actor, receipt: str = "") -> Thread:
    """Read one matter for its reporter."""
    shown = Presenter(matter.district_id, actor)
    item = shown.one(_without_calls(matter))
    job = _job(matter)
    holder = shown.roster.by_id.get(job.handler_id) if job.handler_id and job.state in LIVE else None
    pictures = _pictures(item, receipt)
    book = Book(
        roster=shown.roster, catalogue=shown.catalogue, anonymous=matter.anonymous,
        contact=item["contact"] is not None, confidential=matter.confidential,
    )  # fmt: skip
    story = [tell(entry, book, pictures.get(entry["seq"], ())) for entry in item["timeline"]]
    if job is not matter:
        story = sorted([*story, *_of_job(job, shown, book)], key=lambda told: told.at)
    policy = shown.catalogue.policies.get(matter.policy_id)
    clocks = item["clocks"] if job is matter else shown.opened(job)["clocks"]
    standing = Standing(matter, clocks, story, holder.name if holder else "", dict(policy.stages) if policy else {})
    return Thread(
        matter=matter, item=item, holder=holder, big=big(job, clocks), steps=line(standing), days=_days(story),
        whistles=_whistles(matter, shown), board=code_of(matter), reveals=_reveals(matter, item),
        said=next((told for told in reversed(story) if told.act == "rate"), None),
        job_state="" if job is matter else job.state, thanked=_thanked(story),
    )  # fmt: skip


def _without_calls(matter: Matter) -> Matter:
    """A reporter answers no whistle: what may be done does not depend on open calls, so they are not asked for."""
    same = copy.copy(matter)
    same.calls_open = 0
    return same


def _job(matter: Matter) -> Matter:
    """The matter that is really worked on: of a merged one the job, of which only holder and clock are shown."""
    if matter.job_id is None:
        return matter
    return Matter.objects.get(district_id=matter.district_id, pk=matter.job_id)


def _of_job(job: Matter, shown: Presenter, book: Book) -> list[Line]:
    """What was answered and done for the job, told to a member as told to him: the answer is his as well.

    Masked, since it was said to another neighbour; of a confidential job nothing but what the member's own thread says.
    """
    if job.confidential:
        return []
    rows = Entry.objects.filter(district_id=job.district_id, matter_id=job.pk, act__in=_SHARED).order_by("seq")
    lines = (tell(shown.entry(row), book) for row in rows)
    return [replace(told, words=masks.mask(told.words)) for told in lines]


def _thanked(story: Sequence[Line]) -> bool:
    return next((told.act == "thank" for told in reversed(story) if told.act in ("thank", "resolve")), False)


def _pictures(item: Mapping[str, Any], receipt: str) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    tail = f"?receipt={receipt}" if receipt else ""
    for row in item["attachments"]:
        url = reverse("resident:picture", args=[row["id"]]) + tail
        found.setdefault(row["seq"], []).append({**row, "url": url})
    return found


def _days(story: Sequence[Line]) -> list[Day]:
    days: list[Day] = []
    for told in reversed(story):
        name = day(told.at)
        if not days or days[-1].name != name:
            days.append(Day(name, []))
        days[-1].lines.append(told)
    return days


def _reveals(matter: Matter, item: Mapping[str, Any]) -> list[Reveal]:
    if item["contact"] is None or all(entry["act"] != "reveal" for entry in item["timeline"]):
        return []
    return list(Reveal.objects.filter(district_id=matter.district_id, matter_id=matter.pk).order_by("-at")[:50])


# ── whistles ────────────────────────────────────────────────────────────────────────────────────────────────────
def _whistles(matter: Matter, shown: Presenter) -> list[Blown]:
    if not any(clock["stage"] == "arrive" for clock in matter.clocks):
        return []
    calls = Call.objects.filter(district_id=matter.district_id, matter_id=matter.pk).select_related("whistle")
    by_whistle: dict[Any, list[Call]] = {}
    for call in calls.order_by("-whistle_id", "id"):
        by_whistle.setdefault(call.whistle_id, []).append(call)
    return [_blown(rows, shown) for rows in by_whistle.values()]


def _blown(calls: list[Call], shown: Presenter) -> Blown:
    whistle = calls[0].whistle
    own = shown.tree.district.name
    units = [_unit(call, shown.roster.by_id.get(call.post_id), own) for call in calls]
    came = sum(unit.tone in ("done", "here") for unit in units)
    title = _("吹哨：%(all)d 家到 %(came)d 家") % {"all": len(units), "came": came}
    who = whistle.actor.partition(" ")[0]
    why = _("%(when)s　%(who)s吹哨。%(why)s") % {"when": when(whistle.at), "who": who, "why": whistle.reason}
    return Blown(title, whistle.get_kind_display(), why, units)


def _unit(call: Call, post: PostRef | None, district: str) -> Unit:
    name = post.name if post else _("一家单位")
    # Half of a district's units begin with its name: the seal takes what tells them apart.
    seal = (name.removeprefix(district) or name)[:1]
    if call.state == "refused":
        return Unit(name, seal, "miss", _("说不来"), call.reason, state=_("不来"))
    due = when(call.due_at)
    if call.state == "called":
        late = timezone.now() > call.due_at
        clock = {"state": "running", "due_at": call.due_at}
        came = _("%s 应到　现在还没到") % due if late else _("%s 前要到") % due
        said = _("已报街道和区里。") if late else ""
        return Unit(name, seal, "miss" if late else "wait", came, said, clock=clock)
    came = _("%s 到") % when(call.arrived_at) if call.arrived_at else ""
    if call.late:
        came = _("%(came)s　说好 %(due)s") % {"came": came, "due": due}
    if call.state == "done":
        return Unit(name, seal, "done", came, call.text, clock={"state": "met", "label": _("办好了")})
    return Unit(name, seal, "here", came, call.text, state=_("在办"))


# ── short forms ─────────────────────────────────────────────────────────────────────────────────────────────────
def answer_of(matter: Matter, actor: Actor) -> Answer:
    """For the page after the form: a name and a time, never 提交成功. Who follows a neighbour is promised the job's."""
    shown = Presenter(matter.district_id, actor)
    job = _job(matter)
    post = shown.roster.by_id.get(job.handler_id or job.first_id or job.pk)
    reply = next((c for c in shown.opened(job)["clocks"] if c["stage"] == "reply"), None)
    if reply and reply.get("stopped_at"):
        reply = None  # of a job that was answered before
    by = when(datetime.fromisoformat(reply["due_at"])) if reply else ""
    policy = shown.catalogue.policies.get(job.policy_id)
    promised = policy.stages.get("reply", "") if policy and reply else ""
    within = _("%s内给您回话") % span_words(promised) if promised else ""
    if promised and job is not matter:
        within = _("和邻居的一起办，给您回话")
    if post is None:
        return Answer("", "", _("收到了。"), within, by)
    return Answer(post.name, post.title if post.person_id else "", _("%s收到了。") % post.name, within, by)


@dataclass(frozen=True)
class Card:
    """A matter in a list of one's own."""

    matter: Matter
    url: str
    clock: Mapping[str, Any] | None
    note: str
    sorry: str
    dots: list[dict[str, str]]
    who: str
    role: str
    rate: bool


def cards(district_id: int, matters: Sequence[Matter], actor: Actor) -> list[Card]:
    """Cards for one's own matters; no query for any of them."""
    shown = Presenter(district_id, actor)
    return [_card(matter, shown) for matter in matters if matter.district_id == district_id]


def _note(matter: Matter, promise: str) -> str:
    return _("和邻居说的是同一件，一起办") if matter.state == "merged" else promise


def _card(matter: Matter, shown: Presenter) -> Card:
    clocks = shown.opened(matter)["clocks"]
    face = big(matter, clocks)
    post = shown.roster.by_id.get(matter.handler_id) if matter.handler_id and matter.state in LIVE else None
    rate = matter.state == "verified" and matter.score is None
    return Card(
        matter=matter, url=reverse("resident:matter", args=[matter.number]), clock=None if rate else face.clock,
        note=_note(matter, face.promise if rate else ""), sorry=face.sorry,
        dots=[] if matter.state in ("declined", "declining", "merged") else dots(matter),
        who=post.name if post else "", role=post.title if post and post.person_id else "", rate=rate,
    )  # fmt: skip
