"""The demo's exclusions and objections: one taken in again after an objection, one that stays, one that waits."""

from __future__ import annotations

from linli.config.demo.people import Cast
from linli.core.matters.actions import reckoning as acts
from linli.core.matters.models import Exclusion, Matter
from linli.core.people.actor import Actor

_BASES = (
    ("outage", "answered_in_time", "平台 9 时 10 分到 10 时 40 分停机，见运行日志第 17 号。"),
    ("force", "resolved_in_time", "暴雨红色预警停工一天，见区应急局当日通告。"),
    ("wrong_clock", "acted_in_time", "误定成紧急件，时限短了一半，见改派记录。"),
)


def fill(cast: Cast) -> None:
    """Through the actions, by the street's and the district's own people."""
    street, district = cast.login("street"), cast.login("district")
    found = [matter for matter in _missed(cast) if acts.deciding_post(street, matter)][: len(_BASES)]
    made = [_leave_out(street, matter, *basis) for matter, basis in zip(found, _BASES, strict=False)]
    if len(made) > 1:
        _object(cast, made[0], district, upheld=True)
        _object(cast, made[1], district, upheld=False)
    waiting = next((m for m in _missed(cast)[len(_BASES) :] if m.handler_id in cast.roster.by_id), None)
    if waiting is not None:
        handler = cast.handler(waiting)
        if acts.objecting_post(handler, waiting):
            acts.object_(
                actor=handler, district_id=waiting.district_id, matter_id=waiting.pk, figure="resolved_in_time",
                text="到场时居民不在家，约了第二天，等的这一天不该算。",
            )  # fmt: skip


def _missed(cast: Cast) -> list[Matter]:
    """Public matters that broke a promise, in an order that does not change from one filling to the next."""
    rows = Matter.objects.filter(district_id=cast.district_id, confidential=False, kind="appeal").order_by("opened_at")
    own = cast.tree.at_level(cast.own_cell(), "street")
    broken = [m for m in rows if any(c["state"] in ("missed", "breached") for c in m.clocks)]
    return [m for m in broken if own is None or m.scope_path.startswith(own.path)]


def _leave_out(actor: Actor, matter: Matter, ground: str, figure: str, basis: str) -> Exclusion:
    return acts.exclude(
        actor=actor, district_id=matter.district_id, matter_id=matter.pk, figure=figure, ground=ground, basis=basis
    )


def _object(cast: Cast, made: Exclusion, district: Actor, *, upheld: bool) -> None:
    matter = made.matter
    post = next((p for p in (matter.resolver_id, matter.handler_id) if p in cast.roster.by_id), None)
    if post is None:
        return
    actor = cast.of(cast.roster.by_id[post])
    if acts.objecting_post(actor, matter) is None:
        return
    one = acts.object_(
        actor=actor, district_id=matter.district_id, matter_id=matter.pk,
        text="那一段平台是好的，我们当时就答复了，记录在案。" if upheld else "停工只停了半天，下午就开工了。",
    )  # fmt: skip
    if acts.may_answer(district, one) is None:
        return
    acts.answer(
        actor=district, district_id=matter.district_id, objection_id=one.pk, upheld=upheld,
        words="查了运行日志，停机在那之前就结束了，照算。" if upheld else "通告写明全天停工，时限顺延一天，维持剔除。",
    )  # fmt: skip
