"""What the demo's offices ask of each other: key tasks, orders, bulletins, returns that teach a rule, judged whistles.

Before the month (``before``) what has been going on for longer; after it (``after``) what is of today. Everything goes
through the actions.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from linli.config.demo import pictures
from linli.config.demo.people import Cast
from linli.core.matters import actions
from linli.core.matters.actions.opening import Asked
from linli.core.matters.catalogue import Catalogue
from linli.core.matters.flow import LIVE
from linli.core.matters.models import Call, Matter
from linli.core.people.actor import Actor
from linli.core.people.models import User
from linli.core.people.posts import PostRef
from linli.core.places.tree import STEP, Node
from linli.doors.models import SavedFilter
from linli.kit.ids import as_of
from linli.offices.supervision import actions as supervision

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
# What, a word of its owner's name, whose it is, days until its date counted from the present, how far.
_TASKS = (
    ("老旧小区路灯和楼道灯排查更换。逐栋登记，坏一盏换一盏，换完由社区核查。", "城市管理", "district", 6, "working"),
    ("背街小巷井盖排查。松的、缺的、响的都要换，换完拍照。", "交通", "district", -4, "working"),
    ("充电棚用电安全检查。每个棚查一遍线路，问题挂单整改。", "应急", "street", 2, "accepted"),
    ("汛期前雨水箅子清掏。每条街走一遍，堵的当场掏。", "水务", "street", -12, "done"),
)
_LAMPS = ("三单元路灯不亮，晚上看不清台阶。", "楼前路灯又灭了。", "拐角的路灯一闪一闪。")


def before(cast: Cast, known: Catalogue, now: datetime, start: datetime) -> None:
    """Given and taken on before the month begins, so that the month's own clocks look after it."""
    at = timezone.make_aware(datetime.combine(timezone.localtime(start).date() - 6 * DAY, time(9)))
    if "key_task" in known.kinds:
        for index, (words, owner, giver, days, state) in enumerate(_TASKS):
            post, due_at = _owner(cast, owner), supervision.end_of(timezone.localdate(now) + days * DAY)
            if post is not None:
                _task(cast, words, post, giver, due_at, state, at + index * HOUR)
    for index, words in enumerate(_LAMPS):
        _lamp(cast, known, words, at + (index + 1) * DAY, index)


def after(cast: Cast, known: Catalogue, now: datetime) -> None:
    """Today's: one more return, verdicts on whistles that ended, an issued bulletin and a draft, a kept filter."""
    _returned(cast, known, "路灯杆歪了，灯也不亮。", now - HOUR)
    _judge(cast, now)
    _urge(cast, now)
    since, until = supervision.last_period(timezone.localdate(now))
    _bulletin(cast, "district", since, until, now)
    street = cast.login("street")
    supervision.draft(actor=street, place=cast.tree.by_path[street.posts[0].path].code, since=since, until=until)
    _filter(cast, "community", "快到点的诉求", "tab=all&kind=appeal")


def _owner(cast: Cast, word: str) -> PostRef | None:
    """The department that such work is usually with; the login's own where no name says so."""
    rows = [p for p in cast.roster.by_id.values() if p.role == "department_unit" and len(p.path) == STEP]
    mine = cast.login("department").post_ids
    return min(rows, key=lambda p: (word not in p.name, p.id not in mine, p.code), default=None)


def _task(cast: Cast, words: str, owner: PostRef, giver: str, due_at: datetime, state: str, at: datetime) -> None:
    actor = cast.login(giver)
    place = cast.tree.by_path[actor.posts[0].path]
    made = supervision.give_task(
        actor=actor, text=words, place=place.code, to=owner.code, due_at=due_at, now=at
    )  # fmt: skip
    ids: dict[str, Any] = {"district_id": made.district_id, "matter_id": made.pk}
    worker = cast.of(owner)
    actions.accept(actor=worker, now=at + 2 * HOUR, **ids)
    if state == "accepted":
        return
    actions.progress(actor=worker, text="已经排出清单，分片在查。", now=at + 25 * HOUR, **ids)
    if state == "done":
        _finish(cast, Matter.objects.get(**_key(made)), worker, actor, at + 29 * HOUR)


def _key(made: Matter) -> dict[str, Any]:
    return {"district_id": made.district_id, "pk": made.pk}


def _finish(cast: Cast, matter: Matter, worker: Actor, verifier: Actor, at: datetime) -> None:
    """Done with evidence where the kind asks for it, and checked by another person."""
    ids: dict[str, Any] = {"district_id": matter.district_id, "matter_id": matter.pk}
    shots = [pictures.take(7)]
    actions.resolve(actor=worker, text="办完了，清单附后。", cause="aging", uploads=shots, now=at, **ids)
    actions.verify(actor=verifier, passed=True, text="抽了几处，属实。", now=at + 3 * HOUR, **ids)


# ── returns ─────────────────────────────────────────────────────────────────────────────────────────────────────
def _returned(cast: Cast, known: Catalogue, words: str, at: datetime, index: int = 3) -> tuple[Matter, PostRef] | None:
    """Said in the grid, sent to its worker by rule, and given back: it is the electricity supply's."""
    cell = cast.own_cell()
    doors = cast.doors(cell)
    place: Node = doors[index * 5 % len(doors)] if doors else cell
    lamp = next((c.code for c in known.categories.values() if c.name == "路灯不亮" and c.active), "")
    asked = Asked(kind="appeal", text=words, district_id=cast.district_id, place=place, lon=place.lon, lat=place.lat,
                  category=lamp)  # fmt: skip
    with as_of(at):
        made = actions.open_matter(actor=cast.resident("resident"), asked=asked, now=at).matter
    owner = _owner(cast, "城市管理")
    if owner is None or made.handler_id is None:
        return None
    done = actions.return_(
        actor=cast.handler(made), reason="no_power", text="灯杆是市政的，网格没有权限开箱。", suggest=owner.code,
        district_id=made.district_id, matter_id=made.pk, now=at + HOUR / 4,
    )  # fmt: skip
    return done, owner


def _lamp(cast: Cast, known: Catalogue, words: str, at: datetime, index: int) -> None:
    """The same, long done: dispatched anew, mended, checked, closed."""
    back = _returned(cast, known, words, at, index)
    if back is None:
        return
    made, owner = back
    ids: dict[str, Any] = {"district_id": made.district_id, "matter_id": made.pk}
    desk, worker = cast.community(made), cast.of(owner)
    actions.dispatch(actor=desk, to=owner.code, now=at + HOUR / 2, **ids)
    actions.accept(actor=worker, now=at + HOUR * 0.6, **ids)
    actions.progress(actor=worker, text="已经派人去看。", now=at + HOUR, **ids)
    actions.resolve(actor=worker, text="换了灯头，亮了。", cause="aging", now=at + 4 * HOUR, **ids)
    actions.verify(actor=desk, passed=True, text="晚上去看，亮着。", now=at + 6 * HOUR, **ids)
    actions.close(actor=desk, text="电话回访，说亮了。", now=at + 8 * HOUR, **ids)


# ── whistles, bulletins, filters ────────────────────────────────────────────────────────────────────────────────
def _judge(cast: Cast, now: datetime) -> None:
    """双考核 of some whistles that ended: the whistler on the work, the unit on the need."""
    rows = Call.objects.filter(district_id=cast.district_id, state="done").select_related("whistle").order_by("id")
    for index, call in enumerate(rows[:6]):
        unit, by = cast.roster.by_id.get(call.post_id), cast.roster.by_id.get(call.whistle.by_id)
        if unit is None or by is None or index % 3 == 2:
            continue
        ids: dict[str, Any] = {
            "district_id": call.district_id,
            "matter_id": call.matter_id,
            "unit": unit.code,
            "now": now,
        }
        verdict, why = ("partly", "人来了，家伙没带全，第二天才办完。") if index == 1 else ("good", "")
        actions.appraise(actor=cast.of(by), verdict=verdict, text=why, **ids)
        actions.appraise(actor=cast.of(unit), verdict="needed", **ids)


def _urge(cast: Cast, now: datetime) -> None:
    """The community asks after the one that is latest of its own."""
    desk = cast.login("community")
    rows = Matter.objects.filter(district_id=cast.district_id, next_due__lt=now, handler__isnull=False, state__in=LIVE)
    late = rows.filter(scope_path__startswith=desk.posts[0].path).order_by("next_due", "pk").first()
    if late is not None:
        actions.urge(
            actor=desk, text="到哪一步了？先给人家回句话。", district_id=late.district_id, matter_id=late.pk, now=now
        )


def _bulletin(cast: Cast, who: str, since: date, until: date, now: datetime) -> None:
    actor = cast.login(who)
    made = supervision.draft(
        actor=actor, place=cast.tree.by_path[actor.posts[0].path].code, since=since, until=until
    )  # fmt: skip
    supervision.edit(
        actor=actor, number=made.number, title=made.title, public=True, good=made.good,
        lead="这一周总的平稳。压着的主要是要几家一起办的事，主责的把日子定下来，定了就按日子办。",
        asks="过了日子的，主责单位三天内说清卡在哪里、几时能完。\n没报到的哨，街道先问清楚，再报到区里。",
    )  # fmt: skip
    supervision.issue(actor=actor, number=made.number, now=now)


def _filter(cast: Cast, who: str, name: str, query: str) -> None:
    user = User.objects.filter(district_id=cast.district_id, username=who).first()
    if user is not None:
        SavedFilter.objects.create(district_id=cast.district_id, user_id=user.pk, name=name, query=query, order=1)
