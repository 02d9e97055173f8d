"""The demo's books of gatherings: what the halls had talked through before, and what comes back by itself.

The past is an older book copied in as rows, as many as the district says it had; what lies ahead is arranged through
the actions and written by the worker's own job. Everything said in them is invented.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count, cycle, islice

from django.utils import timezone

from linli.config.demo.people import Cast
from linli.core.gatherings import actions, booked, jobs, queries
from linli.core.gatherings.models import AgendaItem, Gathering, GatheringKind, Minutes, Room
from linli.core.gatherings.numbers import gathering_number
from linli.core.gatherings.rules.spec import recorded_name
from linli.core.matters import records
from linli.core.people.actor import Actor
from linli.core.people.models import Post
from linli.core.places.models import District
from linli.core.places.tree import Node, tree
from linli.kit.ids import new_id
from linli.profiles import load_profile

DAY = timedelta(days=1)
HOSTS = {"street": "street_leader", "community": "community_secretary"}
A_YEAR = 350
# What was talked about, what came of it, in which words.
TALKED = (
    ("单元门口停车占道", "settled", "门口十米划黄线，车停到后院，物业每天看两遍。"),
    ("晾衣杆立在哪里", "settled", "南墙根立三排，不挡一楼窗户。"),
    ("楼道堆物清到哪天", "split", "月底前各家自己清，剩下的社区和物业一起清。"),
    ("老人送餐几点送", "settled", "午饭十一点半，晚饭不送，愿意的报名。"),
    ("健身器材旁边要不要加灯", "split", "加一盏，九点半自动灭。"),
    ("广场舞几点收", "settled", "晚八点半收，音响朝外摆。"),
    ("宠物粪便怎么管", "promised", "养狗的几家轮流带头，捡袋挂在三个门口。"),
    ("暖气温度不够找谁", "split", "供热公司入户测温，测完一周内回话。"),
    ("快递柜放在哪里", "no_consensus", "东门西门各有一半人要，下次再议。"),
    ("电梯广告的钱怎么花", "heard", "先修门禁，余下的贴出来再听意见。"),
    ("垃圾桶挪到哪里", "settled", "挪到车棚北侧，早晚各清一次。"),
    ("路边树枝挡灯", "split", "园林队下周来剪，物业看着。"),
    ("小广告谁来清", "promised", "志愿者周六清，物业给工具。"),
)
JOINED = (
    ("驻区单位的停车场晚上开不开放", "settled", "晚七点到早七点开放六十个车位，社区发证。"),
    ("学校门口放学堵车", "settled", "错峰十五分钟放学，交警和志愿者站岗。"),
    ("会议室借给居民用", "settled", "周末白天可借，向社区登记。"),
)
Talk = tuple[str, str, str]


class Book:
    """Past sittings of a kind, copied in as rows; each of them was minuted."""

    def __init__(self, district_id: int, now: datetime, kind: GatheringKind) -> None:
        self.district_id, self.now, self.kind = district_id, now, kind
        rooms = Room.objects.filter(district_id=district_id, purpose="hall").select_related("place").order_by("code")
        hosts: dict[object, Post] = {}
        for post in Post.objects.filter(district_id=district_id, role__in=HOSTS.values()).order_by("code"):
            hosts.setdefault(post.place_id, post)
        self.halls = [(room, hosts[room.place_id]) for room in rooms if room.place_id in hosts]
        self.sittings: list[Gathering] = []
        self.items: list[AgendaItem] = []
        self.minutes: list[Minutes] = []

    def write(self, sittings: int, items: int, said: tuple[Talk, ...]) -> None:
        """So many sittings with so many points in all, spread over the halls and a year."""
        if not self.halls or sittings < 1:
            return
        talks = islice(cycle(said), items)
        halls = cycle(self.halls)
        for number in range(sittings):
            share = items // sittings + (number < items % sittings)
            self._sitting(number, sittings, next(halls), list(islice(talks, share)))
        Gathering.objects.bulk_create(self.sittings, batch_size=500)
        AgendaItem.objects.bulk_create(self.items, batch_size=500)
        Minutes.objects.bulk_create(self.minutes, batch_size=500)
        records.keep(booked.GATHERING, self.district_id, [row.pk for row in self.sittings])
        records.keep(booked.MINUTES, self.district_id, [row.pk for row in self.minutes])

    def _sitting(self, number: int, of: int, hall: tuple[Room, Post], talks: list[Talk]) -> None:
        room, host = hall
        starts = self._at(A_YEAR - (A_YEAR - 9) * number // of, 9 + number % 3 * 5)
        ends = starts + timedelta(hours=2)
        made = Gathering(
            id=new_id(), district_id=self.district_id, number=gathering_number(self.district_id, starts),
            kind=self.kind, place=room.place, scope_path=room.scope_path, public=self.kind.says.public,
            title=f"{room.place.name}{self.kind.name}", starts_at=starts, ends_at=ends, room=room, host=host,
            state="minuted", made_at=starts - 9 * DAY, called_at=starts - 7 * DAY, began_at=starts, ended_at=ends,
            changed_at=ends, secret=secrets.token_hex(32),
        )  # fmt: skip
        self.sittings.append(made)
        self.items += [
            AgendaItem(id=new_id(), district_id=self.district_id, gathering=made, position=position, title=title,
                       state="discussed", outcome=outcome, text=text, discussed_at=starts + timedelta(minutes=30))
            for position, (title, outcome, text) in zip(count(1), talks, strict=False)
        ]  # fmt: skip
        text = "\n".join(f"{n}. {t}：{recorded_name(o)}。{w}" for n, (t, o, w) in enumerate(talks, 1))
        self.minutes.append(
            Minutes(id=new_id(), district_id=self.district_id, gathering=made, version=1, text=text,
                    digest=hashlib.sha256(text.encode()).hexdigest(), by=host.title, published_at=ends + DAY)
        )  # fmt: skip

    def _at(self, days: int, hour: int) -> datetime:
        day = timezone.localtime(self.now) - days * DAY
        return day.replace(hour=hour, minute=30, second=0, microsecond=0)


def _past(district_id: int, now: datetime, kinds: dict[str, GatheringKind]) -> None:
    """Up to what the district's own account says: what others of the demo sat through counts towards it."""
    says = load_profile(District.objects.get(pk=district_id).profile).demo
    mine = AgendaItem.objects.filter(district_id=district_id, state="discussed")
    held = Gathering.objects.filter(district_id=district_id, state__in=("ended", "minuted"))
    council, joint = kinds.get("council"), kinds.get("joint_meeting")
    if council and says.sessions:
        more = says.sessions - held.filter(kind=council).count()
        Book(district_id, now, council).write(more, more, TALKED)
    elif council:
        more = says.deliberated - mine.filter(gathering__kind=council).count()
        Book(district_id, now, council).write(more * 5 // 8, more, TALKED)
    if joint:
        more = (says.settled or 8) - mine.filter(gathering__kind=joint, outcome="settled").count()
        Book(district_id, now, joint).write(more // 4, more, JOINED)


# ── ahead ───────────────────────────────────────────────────────────────────────────────────────────────────
def _regular(cast: Cast, kinds: dict[str, GatheringKind]) -> Iterator[tuple[Actor, GatheringKind, Node]]:
    """What comes back, and who hosts it: at the demo's own community, its street, the district."""
    community, street, above = (cast.login(name) for name in ("community", "street", "district"))
    known = cast.tree
    for code, host in (("council", community), ("party_committee", community), ("five", community),
                       ("joint_meeting", street), ("analysis", above), ("dispatch", above),
                       ("review", above)):  # fmt: skip
        if (kind := kinds.get(code)) and host.posts and kind.spec.get("recurrence"):
            yield host, kind, known.by_path[host.posts[0].path]


def _ahead(district_id: int, now: datetime, kinds: dict[str, GatheringKind]) -> None:
    cast = Cast(district_id)
    for host, kind, place in _regular(cast, kinds):
        if kind.says.levels and place.level not in kind.says.levels:
            continue
        room = Room.objects.filter(district_id=district_id, place_id=place.id, purpose="hall").first()
        actions.start_series(
            actor=host, district_id=district_id, kind_id=kind.pk, place=place, title=f"{place.name}{kind.name}",
            room_id=room.pk if room else None, now=now - DAY,
        )  # fmt: skip
    jobs.run_due(now)
    _joint(cast, now)


def _joint(cast: Cast, now: datetime) -> None:
    """The street's next joint meeting has its agenda and is called, wherever its draft is written already."""
    host = cast.login("street")
    rows = queries.convened(host, queries.Filters(kind="joint_meeting", state="draft"))
    draft = rows.filter(starts_at__gt=now).order_by("starts_at").first()
    if draft is None:
        return
    ids = {"actor": host, "district_id": draft.district_id, "gathering_id": draft.pk, "now": now}
    for matter in queries.topics_to_table(host, draft.scope_path)[:-3:-1]:  # the two that wait longest
        actions.add_item(**ids, matter_id=matter.pk)  # type: ignore[arg-type]
    if draft.items.exists():
        actions.call(**ids, waive="草稿备得晚了。")  # type: ignore[arg-type]


def fill(district_id: int, now: datetime) -> None:
    """Whatever of it the district's profile has kinds for."""
    kinds = {kind.code: kind for kind in queries.kinds(district_id)}
    if not kinds or not tree(district_id).by_path:
        return
    _past(district_id, now, kinds)
    _ahead(district_id, now, kinds)
