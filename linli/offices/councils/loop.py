"""五步议事 of one topic as a page reads it: collect, choose, deliberate, split, review; what, who, when, with what."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from linli.core.gatherings import queries as sittings
from linli.core.gatherings.models import AgendaItem, Resolution
from linli.core.gatherings.rules.spec import outcome_name
from linli.core.matters import masks
from linli.core.matters.flow import ENDED
from linli.core.matters.models import Entry, Matter
from linli.offices.councils import queries
from linli.offices.councils.models import Dissent


@dataclass(frozen=True)
class Line:
    """One thing that happened in a step. ``gathering`` and ``number`` lead to where it stands."""

    text: str
    at: datetime | None = None
    who: str = ""
    gathering: str = ""
    number: str = ""
    against: bool = False


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

    @property
    def now(self) -> Stage | None:
        return next((s for s in self.stages if s.state == "now"), None)

    @property
    def dots(self) -> list[dict[str, object]]:
        """For the status line."""
        return [{"state": s.state, "title": s.title, "seal": s.title[0], "notes": []} for s in self.stages]


def of(topic: Matter, *, public: bool) -> Loop:
    """Read the loop; ``public`` masks residents' words and leaves out who said them. Nine questions at most."""
    show = masks.mask if public else str
    items = sittings.tabled(topic.district_id, topic.pk)
    against = queries.dissents(topic.district_id, [i.pk for i in items])
    resolutions = [r for i in items for r in i.resolutions.all()]
    supports = queries.supports(topic.district_id, [topic.pk]).get(topic.pk, 0)
    stages = [
        _collect(topic, supports, public=public),
        _choose(items),
        _deliberate(topic, items, against, public=public),
        _split(resolutions),
        _review(topic, resolutions, against, public=public),
    ]
    for stage in stages:
        stage.lines = [Line(show(x.text), x.at, x.who, x.gathering, x.number, x.against) for x in stage.lines]
    _mark(topic, stages, items, resolutions)
    return Loop(topic, stages, supports)


def _collect(topic: Matter, supports: int, *, public: bool) -> Stage:
    stage = Stage("collect", _("收集问题"), _("谁说了什么，都留着原话。"))
    stage.lines.append(Line(topic.text, topic.opened_at, _("提出")))
    for source in queries.sources(topic):
        words = masks.excerpt(source.text) if public else source.text
        stage.lines.append(Line(words, source.opened_at, number="" if public else source.number))
    if supports:
        stage.lines.append(Line(_("%d 人觉得该议。只记数，不记名。") % supports))
    return stage


def _choose(items: list[AgendaItem]) -> Stage:
    stage = Stage("choose", _("确定议题"), _("排进哪一次会。"))
    for item in items:
        stage.lines.append(
            Line(item.gathering.title, item.gathering.starts_at, item.gathering.place.name, item.gathering.number)
        )
    return stage


def _deliberate(
    topic: Matter, items: list[AgendaItem], against: dict[object, list[Dissent]] | dict, *, public: bool  # type: ignore[type-arg]
) -> Stage:
    stage = Stage("deliberate", _("协商议事"), _("说了什么，定了什么，谁不同意也写着。"))
    for item in items:
        if item.state == "discussed":
            words = f"{outcome_name(item.outcome)}　{item.text}".strip("　")
            stage.lines.append(Line(words, item.discussed_at, item.gathering.title, item.gathering.number))
        elif item.state in ("postponed", "withdrawn"):
            words = f"{item.get_state_display()}　{item.text}".strip("　")
            stage.lines.append(Line(words, item.gathering.ended_at, item.gathering.title, item.gathering.number))
        for row in against.get(item.pk, []):
            who = _("不同意见") if public else f"{_('不同意见')}　{row.label}"
            stage.lines.append(Line(row.text, row.at, who, against=True))
    for entry in Entry.objects.filter(
        district_id=topic.district_id, matter=topic, act__in=("count", "decide")
    ).order_by("seq"):
        stage.lines.append(Line(entry.text, entry.at, _("表决")))
    return stage


def _split(resolutions: list[Resolution]) -> Stage:
    stage = Stage("split", _("分流落实"), _("谁办，哪天办完，办得怎么样。"))
    for row in resolutions:
        owner = row.owner.title if row.owner else _("还没定谁办")
        due = _("%s 前办完") % f"{row.due_on:%Y-%m-%d}" if row.due_on else ""
        stage.lines.append(Line(row.text, row.made_at, f"{owner}　{due}".strip("　")))
        for part in row.matters.all():
            state = str(part.matter.get_state_display())
            stage.lines.append(Line(part.matter.title, part.at, state, number=part.matter.number))
    return stage


def _review(
    topic: Matter, resolutions: list[Resolution], against: dict, *, public: bool  # type: ignore[type-arg]
) -> Stage:
    stage = Stage("review", _("监督评审"), _("办完了居民来看，当初不同意的先问。"))
    for row in resolutions:
        for said in against.get(row.item_id, []):
            if said.asked_at:
                word = _("现在满意") if said.content else _("还不满意")
                who = _("当初不同意的") if public else said.label
                stage.lines.append(Line(f"{word}　{said.answer}".strip("　"), said.asked_at, who, against=True))
    for entry in Entry.objects.filter(district_id=topic.district_id, matter=topic, act="review").order_by("seq"):
        word = _("评审通过") if entry.data.get("upheld") else _("退回重办")
        heads = _("满意 %(a)d 人，不满意 %(b)d 人") % {
            "a": entry.data.get("satisfied", 0), "b": entry.data.get("dissatisfied", 0),
        }  # fmt: skip
        stage.lines.append(Line(f"{word}　{entry.text}　{heads}", entry.at, _("居民评审")))
    for row in resolutions:
        if row.state in ("set", "back") and row.review_on:
            stage.lines.append(Line(_("%s 请居民来看") % f"{row.review_on:%Y-%m-%d}"))
    return stage


def _mark(topic: Matter, stages: list[Stage], items: list[AgendaItem], resolutions: list[Resolution]) -> None:
    """How far it is: the first step that is not done is where it stands now."""
    ended = topic.state in ENDED
    talked = any(i.state == "discussed" for i in items)
    parts = [p.matter for r in resolutions for p in r.matters.all()]
    whole = bool(resolutions) and all(r.state != "draft" for r in resolutions)
    done = [
        bool(items), talked or any(i.state == "listed" and i.gathering.state in ("called", "sitting") for i in items),
        talked and (ended or bool(resolutions)),
        whole and all(m.state in ("verified", "closed", "declined", "merged") for m in parts),
        bool(resolutions) and all(r.state == "closed" for r in resolutions),
    ]  # fmt: skip
    reached = True
    for stage, is_done in zip(stages, done, strict=True):
        stage.state = "done" if reached and is_done else ("now" if reached and not ended else "next")
        reached = reached and is_done
