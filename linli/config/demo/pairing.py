"""The demo's pairings, reports and surveys: some seats free, visits over the month, services, homes looked at in part.

Done through the actions, one after the other in the order of time; the same every time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone

from linli.config.acting import actor_of
from linli.config.demo.people import Cast
from linli.core.people.models import Organisation, Person, Post
from linli.core.places.models import Dwelling
from linli.core.places.tree import Node
from linli.kit.ids import as_of
from linli.kit.refusal import Refused
from linli.offices.checkins import actions as reporting
from linli.offices.checkins.actions import Reporting
from linli.offices.checkins.models import CheckIn, Item, Service, ServiceState, UnitReport
from linli.offices.dwellings import actions as surveying
from linli.offices.dwellings.models import Survey
from linli.offices.pairing import actions as pairing
from linli.offices.pairing import queries as paired
from linli.offices.pairing.models import Pairing, Visit, VisitState
from linli.offices.pairing.scheme import Scheme, scheme

DAY = timedelta(days=1)
FREE, BARE = 13, 131  # every so manieth quarter lacks somebody, or has nobody at all
NOTES = (
    "和楼长把几个楼道走了一遍，杂物清了大半。", "听居民说停车的事，记下来带回去商量。", "看了新装的门禁，老人说好开。",
    "和社区一起看雨水井，三处要清。", "到几户老人家坐了坐，暖气都好。", "看物业换路灯，晚上再来看一次。",
    "参加小区议事，主要说电梯。", "查看飞线充电，已请物业劝离。",
)  # fmt: skip
FOUND = (
    "车棚东头的灯不亮，晚上看不清台阶。", "南门外的井盖松了，车一过就响。", "3 号楼后面堆了装修垃圾，几天没清。",
    "健身器材有一处螺丝松动，孩子常去玩。",
)  # fmt: skip
OFFERS = (
    ("兼职网格员", "每周走一遍自己那几栋楼，有事记下来。", "周末，自己定时间", 6, True),
    ("楼门长", "自己住的单元里，有事捎个话。", "周一到周五 18:30 以后", 8, True),
    ("陪老人读报", "在党群服务中心，陪六七位老人读读报、说说话。", "周六 9:00 到 11:00", 3, False),
    ("清理楼道", "和邻居一起把楼道里的旧东西搬下楼。", "周日上午", 10, False),
    ("教手机", "教老人挂号、缴费、视频。", "周三 19:00 到 20:30", 2, False),
)  # fmt: skip
CADRES = ("沈小满", "何立春", "吕谷雨", "施白露", "张霜降", "孔清明", "曹芒种", "严立秋", "华处暑")
BRINGS = ("周末出三个人，帮着清楼道、看路口。", "会议室晚上借给居民议事，每月讲一次法。", "出一辆车，接送老人体检。")


class Rooms:
    """Fills the three rooms for one district."""

    def __init__(self, district_id: int, now: datetime) -> None:
        self.district_id, self.now, self.cast = district_id, now, Cast(district_id)
        self.known, self.today = self.cast.tree, timezone.localdate(now)
        self.plan: Scheme = scheme(self.known)
        self.cell = self.cast.own_cell()
        self.home = self.known.at_level(self.cell, "community") or self.cell
        self.refused: list[str] = []

    def fill(self) -> None:
        for step in (self._gaps, self._visits, self._reports, self._services, self._surveys):
            step()

    def _try(self, act: Callable[..., Any], **said: Any) -> Any:
        try:
            return act(**said)
        except Refused as refused:
            # A demo that lacks one act is better than no demo; the tests want none refused.
            self.refused.append(f"{act.__name__}: {refused.message}")
            return None

    # ── pairings ────────────────────────────────────────────────────────────────────────────────────────────────
    def _gaps(self) -> None:
        """Some have moved on and nobody follows yet; one seat was handed over."""
        rows = self._standing()
        quarters = sorted({p.scope_path for p in rows if self.known.by_id[p.place_id].level == "quarter"})
        own = self.known.at_level(self.cell, "quarter")
        order = {path: index for index, path in enumerate(q for q in quarters if not own or q != own.path)}
        chief = self.cast.login("district")
        roles = [r.code for r in self.plan.roles]
        for row in rows:
            at = order.get(row.scope_path, 1)
            whole, one = at % BARE == 17, at % FREE == 5 and row.role == roles[at // FREE % len(roles)]
            if (whole or one) and row.scope_path in order:
                self._try(pairing.end, actor=chief, pairing_id=row.pk, reason="换岗", on=self.today - 9 * DAY)
        # The first person in the order of the tree whose post somebody else holds too: nobody ended his seat above.
        kept = (p for p in rows if p.post_id and order.get(p.scope_path, 0) == 0)
        handed = next(((p, other) for p in kept if (other := self._another(p))), None)
        if handed:
            self._try(pairing.hand_over, actor=chief, pairing_id=handed[0].pk, post_id=handed[1].pk, reason="分工调整",
                      on=self.today - 20 * DAY)  # fmt: skip

    def _standing(self) -> list[Pairing]:
        """Who stands today, in one order on every database: several may share a place and a role."""
        rows = paired.on_day(self.district_id, self.today).select_related("post__person", "organisation", "place")

        def order(row: Pairing) -> tuple[str, str, str]:
            holder = row.post or row.organisation
            return row.scope_path, row.role, holder.code if holder else ""

        return sorted(rows, key=order)

    def _another(self, row: Pairing) -> Post | None:
        role = self.plan.role(row.role)
        rows = Post.objects.filter(district_id=self.district_id, role__in=role.posts if role else (), until=None)
        return rows.exclude(pk=row.post_id or row.pk).exclude(person=None).order_by("code").first()

    def _visits(self) -> None:
        """A month of days on site: many around the demo's own places, some everywhere else."""
        rows = self._standing()
        near = [p for p in rows if p.scope_path.startswith(self.home.path)][:40]
        holders = {p.who[1:] for p in near}
        mine = [p for p in rows if p not in near and p.who[1:] in holders][:40]
        far = [p for p in rows if p not in near][::7][:120]
        made = [*self._days(near, (1, 3, 8, 12, 19, 26)), *self._days(mine, (2, 9)), *self._days(far, (4,))]
        Visit.objects.bulk_create(made)
        self._findings(near)

    def _days(self, rows: Iterable[Pairing], ago: tuple[int, ...]) -> list[Visit]:
        """Bulk, because nothing but a row comes of an ordinary day: the actions would write the same."""
        out = []
        for serial, row in enumerate(rows):
            for turn, days in enumerate(ago):
                if (serial * 7 + turn * 3) % 5 < 2:
                    continue
                on = self.today - timedelta(days=days + serial % 2)
                seen = VisitState.LOGGED if days < 4 else VisitState.UNSEEN if serial % 17 == 3 else VisitState.SEEN
                answered = "" if seen == VisitState.LOGGED else "社区居委会"
                out.append(Visit(
                    district_id=self.district_id, pairing=row, place_id=row.place_id, scope_path=row.scope_path, on=on,
                    note=NOTES[(serial + turn) % len(NOTES)], by_id=row.post_id, state=seen, answered_by=answered,
                    answered_at=self.now - (days - 1) * DAY if answered else None, at=self.now - days * DAY,
                    key=f"demo{days}",
                ))  # fmt: skip
        return out

    def _findings(self, near: list[Pairing]) -> None:
        """What leaders saw on site became matters."""
        led = [p for p in near if p.post_id][: len(FOUND)]
        for serial, row in enumerate(led):
            assert row.post is not None
            found = pairing.Found(FOUND[serial], "appeal", self.known.by_id[row.place_id])
            at = self.now - timedelta(hours=2 + 3 * serial)  # lately, so that their clocks still run
            with as_of(at):
                self._try(pairing.log_visit, actor=actor_of(row.post), pairing_id=row.pk, on=timezone.localdate(at),
                          note=NOTES[serial], found=found, key=f"found{serial}", now=at)  # fmt: skip

    # ── the double check-in ─────────────────────────────────────────────────────────────────────────────────────
    def _reports(self) -> None:
        keeper, home = self.cast.login("community"), self.home
        sign = self._try(reporting.renew_sign, actor=keeper, place=home)
        for title, what, times, needed, standing in OFFERS:
            self._try(reporting.offer, actor=keeper, place=home, title=title, what=what, times=times, needed=needed,
                      standing=standing)  # fmt: skip
        units = self._units()
        for serial, unit in enumerate(units[: len(BRINGS)]):
            row = UnitReport.objects.create(
                district_id=self.district_id, organisation=unit, place_id=home.id, scope_path=home.path,
                brings=BRINGS[serial], reported_by=unit.name, reported_at=self.now - (60 - serial) * DAY,
            )  # fmt: skip
            if serial < 2:
                self._try(reporting.answer_unit, actor=keeper, report_id=row.pk, agree=True)
        self._members(units)
        resident = self.cast.resident("resident")
        if sign is not None and resident.user_id:
            self._try(reporting.check_in, actor=resident, code=sign.code, said=Reporting("home", "李冬梅"))

    def _units(self) -> list[Organisation]:
        rows = Organisation.objects.filter(district_id=self.district_id, kind__in=("unit", "department"), until=None)
        return list(rows.exclude(attrs__has_key="developer").order_by("code")[:6])

    def _members(self, units: list[Organisation]) -> None:
        """Cadres of the units at their unit's community, and some at home."""
        people = [Person(district_id=self.district_id, shown=name, fictional=True) for name in CADRES]
        Person.objects.bulk_create(people)
        CheckIn.objects.bulk_create(
            CheckIn(
                district_id=self.district_id, person=person, organisation=units[n % len(units)] if units else None,
                place_id=self.home.id, scope_path=self.home.path, how="home" if n % 3 == 2 or not units else "unit",
                party_member=n % 2 == 0, via="qr", at=self.now - (50 - n) * DAY,
            )
            for n, person in enumerate(people)
        )  # fmt: skip

    def _services(self) -> None:
        """Services recorded by the community over the month; two that wait, one taken on."""
        keeper = self.cast.login("community")
        rows = list(
            CheckIn.objects.filter(district_id=self.district_id, place_id=self.home.id)
            .exclude(via="roll")
            .order_by("id")
        )
        items = list(Item.objects.filter(district_id=self.district_id, place_id=self.home.id).order_by("id"))
        if not items:
            return
        for n in range(18):
            row, item = rows[n % len(rows)], items[n % len(items)]
            self._try(reporting.record, actor=keeper, checkin_id=row.pk, what=item.title, item_id=item.pk,
                      on=self.today - timedelta(days=n + 1), minutes=60 + 15 * (n % 5), now=self.now)  # fmt: skip
        for n, row in enumerate(rows[:2]):
            at = timezone.make_aware(datetime.combine(self.today - DAY, time(17 + n)))  # after work, whenever it is now
            Service.objects.create(
                district_id=self.district_id, checkin=row, item=items[2 + n], scope_path=self.home.path,
                what=items[2 + n].title, on=self.today - DAY, started_at=at, ended_at=at + timedelta(minutes=95),
                minutes=95, state=ServiceState.DONE, recorded_by=row.person.shown,
            )  # fmt: skip
        resident = self.cast.resident("resident")
        if resident.user_id:
            self._try(reporting.choose, actor=resident, item_id=items[0].pk)

    # ── dwellings ───────────────────────────────────────────────────────────────────────────────────────────────
    def _surveys(self) -> None:
        """Two of three houses looked at, most units given to somebody, three homes lived in again."""
        quarter = self.known.at_level(self.cell, "quarter") or self.cell
        below = [n for n in self.known.by_path.values() if n.level == "unit" and n.path.startswith(quarter.path)]
        units = sorted(below, key=lambda n: n.path)
        self._duties(units)
        homes = self._homes(units)
        grid = self.cast.login("grid")
        for n, home in enumerate(homes[:3]):
            self._try(surveying.survey, actor=grid, dwelling_id=home.pk, status=("owner", "rented", "owner")[n],
                      now=self.now - (2 + 4 * n) * DAY)  # fmt: skip

    def _homes(self, units: list[Node]) -> list[Dwelling]:
        """Looks of the last months in bulk; back come some that stand empty."""
        wanted = units[: len(units) * 2 // 3]
        place = {n.id: n for n in wanted}
        rows = list(
            Dwelling.objects.filter(district_id=self.district_id, place_id__in=place).order_by("place__path", "number")
        )
        looked = [home for n, home in enumerate(rows) if n % 11 != 4]
        Survey.objects.bulk_create(
            (Survey(district_id=self.district_id, dwelling=home, unit_id=home.place_id,
                    scope_path=place[home.place_id].path, status=home.occupancy,
                    at=self.now - timedelta(days=15 + n % 60), by_id=self._grid_post())
             for n, home in enumerate(looked)),
            batch_size=1000,
        )  # fmt: skip
        return [home for home in looked if home.occupancy == "vacant"]

    def _grid_post(self) -> Any:
        return self.cast.login("grid").posts[0].id

    def _duties(self, units: list[Node]) -> None:
        keeper = self.cast.login("community")
        posts = list(
            Post.objects.filter(district_id=self.district_id, place_id=self.home.id, until=None)
            .filter(role__in=("community_secretary", "community_worker")).exclude(person=None).order_by("code")
        )  # fmt: skip
        grid = Post.objects.filter(pk=self._grid_post()).first()
        posts += [grid] if grid else []
        for n, node in enumerate(units):
            if posts and n % 6 != 4:
                self._try(surveying.give_unit, actor=keeper, unit=node, post_id=posts[n % len(posts)].pk,
                          since=self.today - 100 * DAY)  # fmt: skip


def fill(district_id: int, now: datetime) -> list[str]:
    """Fill the rooms; what was refused comes back, and the tests want nothing."""
    rooms = Rooms(district_id, now)
    rooms.fill()
    return rooms.refused
