"""五步议事 of one topic as a page reads it: collect, choose, deliberate, split, review; what, who, when, with what."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from linli.core.decisions.models import Question
from linli.core.gatherings import queries as sittings
from linli.core.gatherings.models import AgendaItem, Resolution
from linli.core.gatherings.rules.spec import outcome_name
from linli.core.matters import masks, seeing
from linli.core.matters.flow import ENDED
from linli.core.matters.models import Entry, Matter
from linli.core.people.actor import Actor
from linli.kit.figures import on
from linli.offices.councils import ballots, queries, rounds
from linli.offices.councils.doing import doer
from linli.offices.councils.models import Dissent, Opinion, Support
from linli.offices.councils.rounds import Line

_DONE = ("verified", "closed", "declined", "merged")
_SHOWN = 20  # words of residents on one page; the rest is counted


@dataclass
class Stage:
    """One of the five steps."""

    code: str
    title: str
    about: str
    state: str = "next"
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True)
class Loop:
    """The whole way of one topic."""

    topic: Matter
    stages: list[Stage]
    supports: int
    votes: list[Question]
    resolutions: list[Resolution]
    withdrawn: str = ""  # why it is talked about nowhere at present

    @property
    def now(self) -> Stage | None:
        return next((s for s in self.stages if s.state == "now"), None)

    @property
    def ended(self) -> bool:
        return self.topic.state in ENDED

    @property
    def dots(self) -> list[dict[str, object]]:
        """For the status line."""
        return [{"state": s.state, "title": s.title, "seal": s.title[0], "notes": []} for s in self.stages]


@dataclass(frozen=True)
class _Read:
    """Everything that the five steps are read from."""

    topic: Matter
    items: list[AgendaItem]
    against: dict[uuid.UUID, list[Dissent]]
    opinions: list[Opinion]
    sources: list[Matter]
    votes: list[Question]
    supports: int
    entries: list[Entry]
    public: bool
    actor: Actor | None

    @property
    def resolutions(self) -> list[Resolution]:
        return [r for i in self.items for r in i.resolutions.all()]

    @property
    def shown(self) -> list[Resolution]:
        """Whoever is not at the desk reads no draft."""
        return [r for r in self.resolutions if not self.public or r.state != "draft"]

    def leads(self, matter: Matter) -> str:
        """Whether a matter's page at the desk opens for who reads; a committee sees topics, not every matter."""
        return "matter" if self.actor is not None and seeing.may_see(self.actor, matter) else ""

    def to(self, item: AgendaItem, kind: str, key: object) -> tuple[str, str]:
        """Where a line leads: nowhere, if it is about a sitting that is not everybody's to read."""
        open_to_all = item.gathering.public and item.gathering.called_at is not None
        return (kind, str(key)) if open_to_all or not self.public else ("", "")


def of(topic: Matter, *, public: bool, actor: Actor | None = None) -> Loop:
    """Read the loop; ``public`` masks residents' words and leaves out who said them. Eleven questions at most, and one
    for each matter that the ``actor`` at the desk has no duty over."""
    items = sittings.tabled(topic.district_id, topic.pk)
    read = _Read(
        topic, items, queries.dissents(topic.district_id, [i.pk for i in items]), queries.opinions(topic),
        queries.sources(topic), queries.votes(topic.district_id, [topic.pk]).get(topic.pk, []),
        Support.counts(topic.district_id, [topic.pk]).get(topic.pk, 0), _entries(topic), public, actor,
    )  # fmt: skip
    stages = [_collect(read), _choose(read), _deliberate(read), _split(read), _review(read)]
    if public:
        for stage in stages:
            stage.lines = [replace(line, text=masks.mask(line.text)) for line in stage.lines]
    _mark(read, stages)
    return Loop(topic, stages, read.supports, read.votes, read.resolutions, _withdrawn(read))


def _withdrawn(read: _Read) -> str:
    """The reason, where the topic was taken off and is on no agenda since."""
    last = read.items[-1] if read.items else None
    return last.text if last is not None and last.state == "withdrawn" else ""


def _collect(read: _Read) -> Stage:
    stage = Stage("collect", _("收集问题"), _("谁说了什么，都留着原话。"))
    for source in sorted(read.sources, key=lambda one: one.opened_at):
        words = masks.excerpt(source.text) if read.public else source.text
        stage.lines.append(Line(words, source.opened_at, _("说过"), read.leads(source), source.number))
    raised = _("立成议题") if read.sources else _("提出")
    stage.lines.append(Line(read.topic.text, read.topic.opened_at, raised, read.leads(read.topic), read.topic.number))
    stage.lines += rounds.lines(read.topic, read.entries, public=read.public)
    for row in read.opinions[:_SHOWN]:
        stage.lines.append(Line(row.words, row.at, _("也说了一句")))
        if row.reply:
            stage.lines.append(Line(row.reply, row.replied_at, _("%s 回复") % row.replied_by))
    if len(read.opinions) > _SHOWN:
        stage.lines.append(Line(_("还有 %d 条。") % (len(read.opinions) - _SHOWN)))
    if read.supports:
        stage.lines.append(Line(_("%d 人觉得该议。只记数，不记名。") % read.supports))
    return stage


def _choose(read: _Read) -> Stage:
    stage = Stage("choose", _("确定议题"), _("排进哪一次会。"))
    for item in read.items:
        sitting = item.gathering
        to = read.to(item, "gathering", sitting.number)
        stage.lines.append(Line(sitting.title, sitting.starts_at, _class(item), *to))
        if item.state in ("postponed", "withdrawn"):
            stage.lines.append(Line(f"{item.get_state_display()}　{item.text}".strip("　"), sitting.ended_at))
    return stage


def _class(item: AgendaItem) -> str:
    """Where it is talked about, and as which class (五事) where the kind has any."""
    procedure = item.gathering.kind.says.procedure(item.procedure)
    return "　".join(filter(None, (item.gathering.place.name, procedure.name if procedure else "")))


def _deliberate(read: _Read) -> Stage:
    stage = Stage("deliberate", _("协商议事"), _("说了什么，定了什么，谁不同意也写着。"))
    for item in read.items:
        if item.state == "discussed":
            words = f"{outcome_name(item.outcome)}　{item.text}".strip("　")
            to = read.to(item, "gathering", item.gathering.number)
            stage.lines.append(Line(words, item.discussed_at, item.gathering.title, *to))
        for row in read.against.get(item.pk, []):
            who = _("不同意见") if read.public else f"{_('不同意见')}　{row.label}"
            stage.lines.append(Line(row.text, row.at, who, against=True))
    for vote in read.votes:
        stage.lines.append(Line(vote.title, vote.opened_at, f"{_('表决')}　{_outcome(vote)}", "vote", vote.number))
    return stage


def _outcome(vote: Question) -> str:
    where = _("到会的人投的") if vote.gathered else ""
    return f"{where}　{ballots.outcome(vote)}".strip("　")


def _split(read: _Read) -> Stage:
    stage = Stage("split", _("分流落实"), _("谁办，哪天办完，办得怎么样。"))
    for row in read.shown:
        owner = doer(row) or _("还没定谁办")
        due = _("%s 前办完") % on(row.due_on) if row.due_on else ""
        to = read.to(row.item, "resolution", row.pk)
        stage.lines.append(Line(row.text, row.made_at, f"{owner}　{due}".strip("　"), *to))
        for part in row.matters.all():
            state = str(part.matter.get_state_display())
            kind = "matter" if read.public else read.leads(part.matter)
            stage.lines.append(Line(part.matter.title, part.at, state, kind, part.matter.number))
    return stage


def _review(read: _Read) -> Stage:
    stage = Stage("review", _("监督评审"), _("办完了居民来看，当初不同意的先问。"))
    for row in read.resolutions:
        for said in read.against.get(row.item_id, []):
            if said.asked_at:
                word = _("现在满意") if said.content else _("还不满意")
                who = _("当初不同意的") if read.public else said.label
                stage.lines.append(Line(f"{word}　{said.answer}".strip("　"), said.asked_at, who, against=True))
    for entry in (e for e in read.entries if e.act == "review"):
        word = _("评审通过") if entry.data.get("upheld") else _("退回重办")
        heads = _("满意 %(a)d 人，不满意 %(b)d 人") % {
            "a": entry.data.get("satisfied", 0), "b": entry.data.get("dissatisfied", 0),
        }  # fmt: skip
        stage.lines.append(Line(f"{word}　{entry.text}　{heads}", entry.at, _("居民评审")))
    for row in read.resolutions:
        if row.state in ("set", "back") and row.review_on:
            day = _("%s 请居民来看") % on(row.review_on)
            stage.lines.append(Line(day, None, "", *read.to(row.item, "resolution", row.pk)))
    return stage


def _entries(topic: Matter) -> list[Entry]:
    rows = Entry.objects.filter(district_id=topic.district_id, matter=topic, act__in=("review", "canvass"))
    return list(rows.order_by("seq"))


def _mark(read: _Read, stages: list[Stage]) -> None:
    """How far it is: the first step that is not done is where it stands now."""
    live = [i for i in read.items if i.state != "withdrawn"]
    talked = any(i.state == "discussed" for i in live)
    made = read.resolutions
    parts = [p.matter for r in made for p in r.matters.all()]
    ended = read.topic.state in ENDED
    done = [
        bool(live), talked or any(i.gathering.state in ("called", "sitting") for i in live),
        talked and (ended or bool(made)),
        bool(made) and all(r.state != "draft" for r in made) and all(m.state in _DONE for m in parts),
        bool(made) and all(r.state == "closed" for r in made),
    ]  # fmt: skip
    reached = True
    for stage, is_done in zip(stages, done, strict=True):
        stage.state = "done" if reached and is_done else ("now" if reached and not ended else "next")
        reached = reached and is_done
