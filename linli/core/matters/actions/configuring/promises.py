"""Clock policies: a promise is never rewritten. A change is a new version; open matters keep the one they had."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Final

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linli.core.matters.actions.configuring.saying import found, one_of, text
from linli.core.matters.clocks import STAGE_NAMES
from linli.core.matters.models import Kind, Policy, Urgency
from linli.core.people.actions import configuring
from linli.core.people.actor import Actor
from linli.core.places.actions import Changing
from linli.kit.calendar import Span
from linli.kit.refusal import Conflict, Invalid

STAGES: Final[tuple[str, ...]] = ("accept", "reply", "act", "result", "arrive", "pause", "rating", "contest", "reopen")
# Short names, also of the stages that run no clock of their own.
STAGE_WORDS: Final = {
    **{stage: lazy(name) for stage, name in STAGE_NAMES.items()}, "reopen": lazy("重办"),
}  # fmt: skip
NATURAL: Final = "natural"
_IN_ORDER: Final = (("accept", "reply"), ("reply", "act"), ("act", "result"))
_MINUTES: Final = {"m": 1, "h": 60, "wh": 60, "d": 1440, "wd": 1440}
_UNITS: Final = {"m": lazy("分钟"), "h": lazy("小时"), "d": lazy("天"), "wh": lazy("工作时"), "wd": lazy("个工作日")}
_FIRST: Final = ("reply", "act", "result")
_ESCALATING: Final = frozenset({"accept", "reply", "act", "result"})


def revise_policy(
    *, actor: Actor, place_id: uuid.UUID, kind: str = "", urgency: str = "", name: str, calendar: str,
    stages: Mapping[str, str], escalate_on: Sequence[str] = (),
) -> Policy:  # fmt: skip
    """The next version of the promise for a place × kind × urgency, or the first. The same again makes none."""
    with configuring(actor) as change:
        place = change.place(place_id)
        _known(change, kind, urgency)
        named, spans = text(name, "name", 80), _spans(stages, _calendar(change, calendar))
        upward = [stage for stage in STAGES if stage in escalate_on and stage in _ESCALATING]
        mine = Policy.objects.filter(district_id=change.district.pk, place=place, kind=kind, urgency=urgency)
        stands = mine.filter(until=None).first()
        if stands is not None and _same(stands, named, calendar, spans, upward):
            return stands
        now = timezone.now()
        mine.filter(until=None).update(until=now)
        version = (mine.aggregate(last=Max("version"))["last"] or 0) + 1
        made = Policy.objects.create(
            district_id=change.district.pk, place=place, scope_path=place.path, kind=kind, urgency=urgency,
            version=version, name=named, calendar=calendar, stages=spans, escalate_on=upward, since=now,
        )  # fmt: skip
        change.tell(named, _told(made, stands, place.name), policy=str(made.pk), version=version)
        return made


def end_policy(*, actor: Actor, policy_id: uuid.UUID) -> Policy:
    """A promise for something particular ends; the more general one holds again for what is opened from now on."""
    with configuring(actor) as change:
        policy = found(Policy.objects.select_related("place"), change, policy_id)
        if policy.until is not None:
            raise Conflict(_("这一版已经停了。"), code="ended")
        if policy.place.parent_id is None and not policy.kind and not policy.urgency:
            raise Conflict(_("全区通用的时限不能停：别的都没有时靠它。只能改出新的一版。"), code="last")
        policy.until = timezone.now()
        policy.save(update_fields=["until"])
        change.tell(policy.name, _("停用了时限“%s”，改用更宽的一条") % policy.name, policy=str(policy.pk))
        return policy


def _known(change: Changing, kind: str, urgency: str) -> None:
    kinds = Kind.objects.filter(district_id=change.district.pk).values_list("code", flat=True)
    one_of(kind, set(kinds) if kind else (), "kind")
    one_of(urgency, Urgency.values, "urgency")


def _calendar(change: Changing, calendar: str) -> str:
    known = {NATURAL, "office", *change.district.settings.get("calendars", {})}
    if calendar not in known:
        raise Invalid(_("没有这个工作日历。"), fields={"calendar": _("选一个日历。")})
    return calendar


def _spans(stages: Mapping[str, str], calendar: str) -> dict[str, str]:
    """Every stage as the policy keeps it; what is wrong is told field by field, all at once."""
    wrong: dict[str, str] = {}
    spans: dict[str, Span] = {}
    for stage in STAGES:
        typed = str(stages.get(stage, "")).strip().lower()
        try:
            spans[stage] = Span.parse(typed)
        except ValueError:
            wrong[stage] = _("写成 30m、6h、7d、4wh、2wd 这样。") if typed else _("要写一个时长。")
            continue
        if calendar == NATURAL and not spans[stage].natural:
            wrong[stage] = _("自然时间的时限里不能写工作时、工作日。")
    for early, late in _IN_ORDER:
        if early in spans and late in spans and _minutes(spans[early]) > _minutes(spans[late]):
            wrong.setdefault(early, _("不能比“%s”还长。") % STAGE_WORDS[late])
    if wrong:
        raise Invalid(_("有的时长不对。"), fields=wrong)
    return {stage: str(span) for stage, span in sorted(spans.items())}


def _minutes(span: Span) -> int:
    """A span's rough length, good enough to see that stages stand in the wrong order."""
    return span.count * _MINUTES[span.unit]


def _same(policy: Policy, name: str, calendar: str, spans: dict[str, str], upward: list[str]) -> bool:
    return (policy.name, policy.calendar, policy.stages, sorted(policy.escalate_on)) == (
        name, calendar, spans, sorted(upward),
    )  # fmt: skip


def span_words(text: str) -> str:
    """4wh → 4 工作时."""
    try:
        span = Span.parse(text)
    except ValueError:
        return text
    return f"{span.count}\u00a0{_UNITS[span.unit]}"


def _told(made: Policy, before: Policy | None, place: str) -> str:
    """Which stages became longer or shorter, since that is what a reader looks for; then whatever else is another."""
    if before is None:
        spans = "；".join(f"{STAGE_WORDS[stage]} {span_words(made.stages[stage])}" for stage in _FIRST)
        return _("给%(place)s定了时限“%(name)s”：%(what)s") % {"place": place, "name": made.name, "what": spans}
    changed = [
        f"{STAGE_WORDS.get(stage, stage)} {span_words(before.stages.get(stage, '—'))} → {span_words(span)}"
        for stage, span in made.stages.items()
        if before.stages.get(stage) != span
    ]
    beside = (
        (_("名称"), before.name, made.name),
        (_("日历"), _clock(before), _clock(made)),
        (_("超时上报"), _upward(before), _upward(made)),
    )
    what = "；".join(changed + [f"{field}：{old} → {new}" for field, old, new in beside if old != new])
    return _("把时限“%(name)s”改到第 %(version)d 版：%(what)s") % {
        "name": made.name, "version": made.version, "what": what,
    }  # fmt: skip


def _clock(policy: Policy) -> str:
    return {NATURAL: _("自然时间，不分昼夜"), "office": _("工作时间")}.get(policy.calendar, policy.calendar)


def _upward(policy: Policy) -> str:
    return "、".join(str(STAGE_WORDS[stage]) for stage in STAGES if stage in policy.escalate_on) or _("都不上报")
