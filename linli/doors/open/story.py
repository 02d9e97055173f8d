"""One matter as the public reads it: the line of steps, the promises, the whistle, the entries, the chain.

Staff appear as they serve: name and title, or the unit. Residents never appear. Of the words only those are shown that
say what was done about the matter; what was said to the resident, or between offices, stays with them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.matters import masks, showing
from linli.core.matters.ledger.board import code_of
from linli.core.matters.ledger.sealing import day_root
from linli.core.matters.models import Entry, Matter
from linli.core.matters.showing import WhistleView
from linli.doors.open import saying
from linli.doors.open.clockwork import Face, counting, faces, length
from linli.doors.open.queries import Ledger, was_contested
from linli.doors.open.saying import Told
from linli.kit.clockface import short_day
from linli.kit.figures import when


@dataclass(frozen=True)
class Story:
    """Everything on the page of one matter."""

    matter: Matter
    title: str
    said: str
    place: str
    holder: str
    holder_title: str
    held: str  # what the name stands for: who holds it now, or who did it
    clock: Face | None
    steps: list[dict[str, Any]]
    promises: list[Face]
    whistles: list[WhistleView]
    entries: list[Told]
    job: str
    contested: bool
    board: str
    board_day: Any
    root: str
    canvassed: bool = False  # made of what people said in an opinion round


def tell(ledger: Ledger, matter: Matter) -> Story:
    """Read the rest of a matter that ``ledger`` has found public, and put it into words."""
    now = timezone.now()
    rows = list(Entry.objects.filter(district_id=matter.district_id, matter_id=matter.pk).order_by("seq"))
    post = ledger.post(matter.handler_id)
    title, said = masks.title(matter.text), masks.excerpt(matter.text, 200)
    sealed = code_of(matter)
    today = day_root(matter.district_id, timezone.localdate())
    return Story(
        matter=matter, title=title, said="" if said.rstrip("。！？!?；;. ") == title else said,
        place=ledger.place_name(matter.place_id), holder=post.name if post else "",
        holder_title=post.title if post and post.person_id else "", held=_held(matter), clock=counting(matter, now),
        steps=steps(matter, rows, ledger, now), promises=faces(matter, now),
        whistles=_whistles(ledger, matter, rows, now),
        entries=[told for row in reversed(rows) if (told := saying.say(row, ledger))], job=_job(ledger, matter),
        contested=was_contested(matter), board=sealed[0] if sealed else "", board_day=sealed[1] if sealed else None,
        root=today.root if today else "", canvassed=any(row.act == "canvass" for row in rows),
    )  # fmt: skip


def _held(matter: Matter) -> str:
    """The seal is vermilion only where somebody holds it now; empty says so."""
    if matter.state == "contested":
        return _("谁办的　等另一家裁定")
    return _("谁办的") if matter.state in ("verified", "closed", "declined", "declining") else ""


# ── the line ────────────────────────────────────────────────────────────────────────────────────────────────────


def steps(matter: Matter, rows: list[Entry], ledger: Ledger, now: datetime) -> list[dict[str, Any]]:
    """From received to closed; the first step without a time is where the matter stands."""
    first = _firsts(rows)
    clock = {(f.stage, f.round): f for f in faces(matter, now)}
    begun = [_step(_("收到"), matter.opened_at, [ledger.catalogue.channel_name(matter.channel)])]
    if matter.state in ("declining", "declined", "merged"):
        return [*begun, _short_end(matter)]
    kept = _kept(_result(clock, matter))
    if matter.imported == "closed" and matter.state == "closed" and matter.rounds == 1:
        # The older books tell of no answer, no check and no rating: only that, and perhaps when, it was done.
        return [begun[0] | {"state": "done"}, _step(_("办结"), matter.closed_at, [kept]) | {"state": "done"}]
    made = [
        *begun,
        _step(_("答复"), matter.replied_at, [first.get("reply", ""), _kept(clock.get(("reply", 1)))]),
        _step(_("行动"), matter.acted_at, [first.get("act", ""), _kept(clock.get(("act", 1)))]),
        _step(_("办好"), _of_now(matter, matter.resolved_at), [first.get("resolve", ""), kept]),
        _step(_("核查"), _of_now(matter, _checked(matter, rows)), [first.get("verify", "") or _("换一个人去看")]),
        _step(_("评价"), matter.rated_at, [_score(matter.score)]),
        _step(_("销号"), matter.closed_at, []),
    ]  # fmt: skip
    return _standing(made, matter, ledger)


def _result(clock: dict[tuple[str, int], Face], matter: Matter) -> Face | None:
    """The promise of this round, else the first one's."""
    return clock.get(("result", matter.rounds)) or clock.get(("result", 1))


def _of_now(matter: Matter, at: datetime | None) -> datetime | None:
    """After an upheld contest the work is done again: what was checked once is not done any more."""
    again = matter.rounds > 1 and matter.state in ("open", "dispatched", "accepted", "in_progress", "paused")
    return None if again or matter.state == "in_progress" else at


def _checked(matter: Matter, rows: list[Entry]) -> datetime | None:
    """When it was last found to be done (the row keeps the first time); None while that is still awaited."""
    if matter.verified_at is None or matter.state == "resolved":
        return None
    return next((row.at for row in reversed(rows) if row.act == "verify"), matter.verified_at)


def _standing(made: list[dict[str, Any]], matter: Matter, ledger: Ledger) -> list[dict[str, Any]]:
    """Mark where it stands: everything before is done, even a step that was skipped; closed has no 'now'."""
    if matter.state == "closed":
        return [{**step, "state": "done"} for step in made if step["at"] or step["title"] != _("评价")]
    last = max((i for i, step in enumerate(made[:6]) if step["at"]), default=0)
    post = ledger.post(matter.handler_id)
    for i, step in enumerate(made):
        step["state"] = "done" if i <= last else "now" if i == last + 1 else "next"
    if matter.state == "contested":
        made[last]["notes"] = [*made[last]["notes"], _("居民有异议")]
        made[last + 1 : last + 1] = [_step(_("复查"), None, [_("换一家没经手的单位去看")]) | {"state": "now"}]
        for step in made[last + 2 :]:
            step["state"] = "next"
    elif last < 3 and post is not None:
        made[last + 1]["seal"] = post.name[:1]
    return made


def _step(title: str, at: datetime | None, notes: list[str]) -> dict[str, Any]:
    said = [when(at)] if at else []
    return {"title": title, "at": at, "state": "done" if at else "next", "notes": [*said, *filter(None, notes)],
            "seal": title[:1]}  # fmt: skip


def _short_end(matter: Matter) -> dict[str, Any]:
    ends = {"declining": _("拟不受理"), "declined": _("不予受理"), "merged": _("并到另一件")}
    state = "now" if matter.state == "declining" else "done"
    return _step(ends[matter.state], matter.closed_at, []) | {"state": state}


def _firsts(rows: list[Entry]) -> dict[str, str]:
    """Who was the first to answer and to act, and the last to resolve and to verify."""
    found: dict[str, str] = {}
    for row in rows:
        if row.act in ("reply", "progress", "resolve"):
            found.setdefault("reply", row.actor)
        if row.act in ("progress", "resolve"):
            found.setdefault("act", row.actor)
        if row.act in ("resolve", "verify"):
            found[row.act] = row.actor
    return found


def _kept(clock: Face | None) -> str:
    """说好 1 小时，用了 12 分."""
    if clock is None or clock.state == "cancelled":
        return ""
    if clock.stopped_at:
        return _("说好 %(promised)s，用了 %(used)s") % {"promised": clock.promised, "used": clock.used}
    return _("说好 %(promised)s，%(day)s前") % {"promised": clock.promised, "day": when(clock.due_at)}


def verdict(clock: Face) -> str:
    """How a promise ended, in one sentence."""
    if clock.state == "met":
        return _("按时，用了 %s") % clock.used
    if clock.state == "missed":
        late = length((clock.stopped_at or clock.due_at) - clock.due_at)
        return _("晚了 %(late)s，用了 %(used)s") % {"late": late, "used": clock.used}
    if clock.state == "paused":
        return _("停到%s") % short_day(clock.until) if clock.until else _("停着")
    return _("不再计时") if clock.state == "cancelled" else ""


def _score(score: int | None) -> str:
    return _("居民打了 %d 分") % score if score else ""


# ── whistle, links ──────────────────────────────────────────────────────────────────────────────────────────────


def _whistles(ledger: Ledger, matter: Matter, rows: list[Entry], now: datetime) -> list[WhistleView]:
    """As the other doors show them, with every word masked; nothing is asked where nobody whistled."""
    if not any(row.act == "whistle" for row in rows):
        return []
    return [
        replace(one, reason=masks.mask(one.reason), calls=[replace(c, text=masks.mask(c.text)) for c in one.calls])
        for one in showing.whistles(matter, ledger.roster, now)
    ]


def _job(ledger: Ledger, matter: Matter) -> str:
    """The job that this one was merged into, where that one is public too. Never the other way: who else spoke up."""
    if matter.job_id is None:
        return ""
    found = ledger.public().filter(pk=matter.job_id).values_list("number", flat=True).first()
    return found or ""
