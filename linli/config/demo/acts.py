"""Each act of the demo: who does it and with which words."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from linli.config.demo import pictures
from linli.config.demo.people import Cast
from linli.config.demo.stories import Story
from linli.core.matters import actions
from linli.core.matters.catalogue import Catalogue
from linli.core.matters.models import Call, Matter, Policy
from linli.core.people.actor import Actor
from linli.kit import files
from linli.kit.calendar import Span, due

REPLIES = (
    "收到，今天就去看。", "您说的我记下了，下午过去看一眼。", "看到了，先联系师傅，有消息马上告诉您。",
    "知道了，我正好在附近，一会儿到。", "谢谢您告诉我们，已经报给管这个的人了。", "收到，明天上午约人一起去现场。",
)  # fmt: skip
PROGRESS = (
    "去现场看过了，情况属实，正在约师傅。", "材料已经买到，约好时间就动手。", "和住户商量好了，这两天就办。",
    "已经动工，预计比说好的时间早一点。", "联系上负责的单位，他们派人来看过。",
)  # fmt: skip
VERIFIED = (
    "去看过了，确实办好了。", "打电话问了本人，也到现场拍了照，办好了。", "晚上又去了一趟，没有问题。",
    "和楼长一起去看的，邻居们也说好了。",
)  # fmt: skip
PRAISE = ("办得快，谢谢！", "没想到真有人管，很满意。", "师傅很客气，好。", "", "比以前快多了。", "办得挺好。")
GRUMBLE = "算是办了，就是慢了点。"


@dataclass
class Scene:
    """Everything that an act may need to know of its matter."""

    cast: Cast
    known: Catalogue
    story: Story
    serial: int
    policy: Policy
    matter: Matter
    reporter: Actor
    job: uuid.UUID | None
    now: datetime

    @property
    def ids(self) -> dict[str, Any]:
        """What every action is told: which matter, and when."""
        return {"district_id": self.matter.district_id, "matter_id": self.matter.pk, "now": self.now}

    @property
    def resident(self) -> Actor:
        """The one who spoke up: by account, or with the receipt in hand."""
        if self.reporter.kind == "resident":
            return self.reporter
        return Actor(kind="receipt", district_id=self.matter.district_id, receipt_matter=self.matter.pk)

    @property
    def handler(self) -> Actor:
        return self.cast.handler(self.matter)

    def one_of(self, words: tuple[str, ...]) -> str:
        return words[self.serial % len(words)]

    def after(self, stage: str, share: float) -> datetime:
        """A time some way into a span of the policy, from now."""
        span = Span.parse(self.policy.stages.get(stage, "3d"))
        return self.now + (due(self.now, span, self.known.calendar(self.policy.calendar)).at - self.now) * share


def _accept(s: Scene) -> None:
    actions.accept(actor=s.handler, **s.ids)


def _reply(s: Scene) -> None:
    actions.reply(actor=s.handler, text=s.one_of(REPLIES), **s.ids)


def _progress(s: Scene) -> None:
    actions.progress(actor=s.handler, text=s.story.said or s.one_of(PROGRESS), **s.ids)


def _return(s: Scene) -> None:
    why = s.story.why or "这件事不归网格办，请社区定。"
    actions.return_(actor=s.handler, reason="not_ours", text=why, **s.ids)


def _pause(s: Scene) -> None:
    words = s.story.said or "配件在路上，到了接着装。"
    actions.pause(actor=s.handler, reason=s.story.pause, until=s.after("pause", 0.9), text=words, **s.ids)


def _resume(s: Scene) -> None:
    actions.resume(actor=s.handler, **s.ids)


def _escalate(s: Scene) -> None:
    actions.escalate(actor=s.handler, reason="要动公共部位，网格办不了，请上面牵头。", **s.ids)


def _hand_down(s: Scene) -> None:
    holder = s.cast.roster.nearest("grid_worker", s.matter.scope_path)
    to = holder.code if holder else s.cast.roster.by_id[s.matter.first_id].code if s.matter.first_id else ""
    actions.hand_down(
        actor=s.cast.street(s.matter), to=to, reason="政策已经问清，材料附上，请网格上门讲一遍。", **s.ids
    )


def _whistle(s: Scene) -> None:
    units = [post.code for post in s.cast.units(s.matter)]
    reason = "几家的事搅在一起，请一块儿到现场定。"
    actions.whistle(actor=s.cast.community(s.matter), units=units, reason=reason, kind="joint", **s.ids)


def _arrive(s: Scene) -> None:
    """The first of the called units comes; the others come with ``done``, or not at all."""
    _report(s, _calls(s, "called")[:1], "arrived", "到现场了。")


def _done(s: Scene) -> None:
    calls = _calls(s, "called", "arrived")
    _report(s, calls[:1], "done", "我们这边的活干完了。")
    _report(s, calls[1:], "done", "到场一起办的，该拆的已经拆了。")


def _calls(s: Scene, *states: str) -> list[Call]:
    rows = Call.objects.filter(district_id=s.matter.district_id, matter_id=s.matter.pk, state__in=states)
    return list(rows.order_by("id"))


def _report(s: Scene, calls: list[Call], state: str, words: str) -> None:
    for call in calls:
        post = s.cast.roster.by_id[call.post_id]
        actions.report(actor=s.cast.of(post), unit=post.code, state=state, text=words, **s.ids)


def _supervise(s: Scene) -> None:
    words = "居民反映强烈，请每天报一次进度，办完告诉我们。"
    actions.supervise(actor=s.cast.district(s.matter), text=words, due_at=s.after("result", 0.8), **s.ids)


def _merge(s: Scene) -> None:
    if s.job is None:
        raise LookupError(f"{s.story.words}: there is no job {s.story.joins!r} yet")
    actions.merge(actor=s.cast.community(s.matter), into_id=s.job, reason="说的是同一件事，一起办。", **s.ids)


def _decline(s: Scene) -> None:
    basis, redirect = s.story.basis, s.story.redirect
    actions.decline(actor=s.cast.community(s.matter), basis=basis, redirect=redirect, **s.ids)


def _confirm(s: Scene) -> None:
    actions.confirm(actor=s.cast.street(s.matter), agreed=True, text="依据和去处都写清楚了，同意。", **s.ids)


def _resolve(s: Scene) -> None:
    """With a picture where the kind asks for one, and on every third of the others."""
    wanted = s.known.kinds[s.matter.kind].evidence or s.serial % 3 == 0
    uploads = [pictures.take(s.serial)] if wanted else []
    text, cause = s.story.did or "已经办好。", s.story.cause or "其他原因"
    actions.resolve(actor=s.handler, text=text, cause=cause, uploads=uploads, **s.ids)
    files.used(uploads)


def _verify(s: Scene) -> None:
    actions.verify(actor=s.cast.verifier(s.matter), passed=True, text=s.one_of(VERIFIED), **s.ids)


def _rate(s: Scene) -> None:
    low = s.story.score < 4
    score = s.story.score if low else 5 - (s.serial % 4 == 1)
    actions.rate(actor=s.resident, score=score, text=GRUMBLE if low else s.one_of(PRAISE), **s.ids)
    if score == 5 and s.serial % 3 == 0:
        actions.thank(actor=s.resident, text="师傅跑了两趟，麻烦了。", **s.ids)


def _contest(s: Scene) -> None:
    actions.contest(actor=s.resident, text=s.story.again or "我看还是没办好。", **s.ids)


def _judge(s: Scene) -> None:
    upheld = s.story.life == "upheld"
    words = s.story.finding or "另外派人看过，居民说得对。"
    actions.judge(actor=s.cast.judge(s.matter), upheld=upheld, text=words, **s.ids)


def _reopen(s: Scene) -> None:
    actions.reopen(actor=s.resident, reason=s.story.again or "又坏了。", **s.ids)


ACTS: dict[str, Callable[[Scene], None]] = {
    "accept": _accept, "reply": _reply, "progress": _progress, "return": _return, "pause": _pause,
    "resume": _resume, "escalate": _escalate, "hand_down": _hand_down, "whistle": _whistle, "arrive": _arrive,
    "done": _done, "supervise": _supervise, "merge": _merge, "decline": _decline, "confirm": _confirm,
    "resolve": _resolve, "verify": _verify, "rate": _rate, "contest": _contest, "judge": _judge, "reopen": _reopen,
}  # fmt: skip
