"""A year of a district: who said what, when, and how it went. The same serial gives the same story every time."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from bench.inmemory import Kept, Memory
from linli.config.demo.people import Cast
from linli.core.matters import actions
from linli.core.matters.actions.opening import Asked, prepare
from linli.core.matters.models import Matter
from linli.core.people import duties
from linli.core.people.actor import ANONYMOUS, SYSTEM, Actor
from linli.core.people.posts import PostRef
from linli.core.places.tree import Node
from linli.kit.refusal import Refused

CLOSED_SHARE = 0.8
YEAR, LIVE_DAYS, SETTLED_DAYS = 365, 3.0, 20.0
FRESH = timedelta(hours=6)  # nobody has taken these on yet
KINDS = ("appeal",) * 12 + ("consult",) * 3 + ("dispute", "order", "errand", "wish")
OBJECTS = ("楼道灯", "单元门", "井盖", "路面", "下水道", "垃圾桶", "健身器材", "停车位", "树枝", "围栏", "电梯", "暖气")
TROUBLES = ("坏了", "堵了", "松了", "没人管", "有异味", "影响走路", "晚上很吵", "缺了一块", "一直没修")
ASKS = ("请来看一下。", "麻烦尽快处理。", "老人孩子都不方便。", "上次说过一回，还是这样。", "希望给个说法。")
CAUSES = ("aging", "damage", "upkeep", "misuse", "service", "other")
REPLIES = ("收到，今天就去看。", "看到了，先联系师傅。", "知道了，一会儿到。")


class People(Cast):
    """The demo's cast, remembering whom it found: here it is asked a million times."""

    def __init__(self, district_id: int) -> None:
        super().__init__(district_id)
        self._found: dict[tuple[uuid.UUID, bool], Actor] = {}

    def of(self, ref: PostRef, *, leads: bool = False) -> Actor:
        key = (ref.id, leads)
        if key not in self._found:
            self._found[key] = super().of(ref, leads=leads)
        return self._found[key]


class Past:
    """Makes matters with everything that happened to them, oldest first."""

    def __init__(self, district_id: int, now: datetime) -> None:
        self.district_id, self.now = district_id, now
        self.cast, self.memory = People(district_id), Memory()
        tree = self.cast.tree
        levels = (tree.district.cell_level, "building", "unit")
        low = [n for n in tree.by_path.values() if n.level in levels]
        self.places: list[Node] = [n for n in low if tree.at_level(n, "community")]
        self.resident: Actor = self.cast.resident("resident")

    def matters(self, first: int, last: int, step: int, total: int) -> Iterator[Kept]:
        """Serials ``first``, ``first + step`` … below ``last`` of ``total``."""
        with self.memory.running():
            for serial in range(first, last, step):
                kept = self._one(serial, total)
                self.memory.drop(kept)
                yield kept

    def _one(self, serial: int, total: int) -> Kept:
        dice = random.Random(serial)
        settled = serial < total * CLOSED_SHARE
        at = self._when(serial, total, dice)
        actor = self.resident if dice.random() < 0.2 else ANONYMOUS
        opened, rows = prepare(actor=actor, asked=self.asked(dice), now=at)
        kept = self.memory.take(opened.matter, rows)
        if settled:
            self._settle(kept, dice, at)
        elif at < self.now - FRESH:
            self._begin(kept, dice, at)
        return kept

    def _when(self, serial: int, total: int, dice: random.Random) -> datetime:
        """Settled ones over the year until three weeks ago, live ones in the last days: no promise has run out yet."""
        border = total * CLOSED_SHARE
        if serial < border:
            ago = YEAR - (YEAR - SETTLED_DAYS) * (serial + dice.random()) / border
        else:
            ago = LIVE_DAYS * (1 - (serial - border) / (total - border)) + 0.01
        return self.now - timedelta(days=ago)

    def asked(self, dice: random.Random) -> Asked:
        """What somebody says, and where."""
        place = dice.choice(self.places)
        words = "，".join(f"{dice.choice(OBJECTS)}{dice.choice(TROUBLES)}" for _ in range(dice.randint(1, 6)))
        named = dice.random() < 0.4
        return Asked(
            kind=dice.choice(KINDS), text=f"{words}。{dice.choice(ASKS)}", district_id=self.district_id, place=place,
            lon=place.lon, lat=place.lat, name="周示例" if named else "",
            phone=f"1390000{dice.randint(0, 9999):04d}" if named else "", anonymous=not named and dice.random() < 0.3,
        )  # fmt: skip

    def _begin(self, kept: Kept, dice: random.Random, at: datetime) -> None:
        """Taken on, answered and begun; what is still promised lies ahead."""
        handler = self.cast.handler(kept.matter)
        self._do(actions.accept, kept, handler, at + (self.now - at) * 0.05)
        self._do(actions.reply, kept, handler, at + (self.now - at) * 0.1, text=dice.choice(REPLIES))
        self._do(actions.progress, kept, handler, at + (self.now - at) * 0.3, text="去现场看过了，正在约师傅。")

    def _settle(self, kept: Kept, dice: random.Random, at: datetime) -> None:
        """To the end: resolved, verified, and rated or closed when the rating window passed."""
        matter = kept.matter
        handler = self.cast.handler(matter)
        hours = dice.lognormvariate(2.6, 1.0)  # half of them within 13 hours, some after the promise
        done = at + timedelta(hours=min(hours, 240))
        self._do(actions.accept, kept, handler, at + (done - at) * 0.1)
        self._do(actions.resolve, kept, handler, done, text="已经修好，现场干净。", cause=dice.choice(CAUSES))
        verified = done + timedelta(hours=dice.uniform(1, 40))
        self._do(actions.verify, kept, self._verifier(matter), verified, passed=True, text="去看过了，确实办好了。")
        if dice.random() < 0.6:
            holder = Actor(kind="receipt", district_id=self.district_id, receipt_matter=matter.pk)
            score = dice.choice((5, 5, 5, 4, 4, 3, 2, 1))
            self._do(actions.rate, kept, holder, verified + timedelta(hours=dice.uniform(1, 60)), score=score)
        else:
            self._do(actions.close, kept, SYSTEM, verified + timedelta(days=7, minutes=1))

    def _verifier(self, matter: Matter) -> Actor:
        """The nearest leader who may verify here and did not do the work."""
        leaders = (self.cast.community(matter), self.cast.street(matter), self.cast.district(matter))
        may = (a for a in leaders if a.over(duties.VERIFY, matter.scope_path) and a.person_id != matter.resolver_person)
        return next(may)

    def _do(self, act: Callable[..., object], kept: Kept, actor: Actor, at: datetime, **said: object) -> None:
        try:
            act(actor=actor, district_id=self.district_id, matter_id=kept.matter.pk, now=at, **said)
        except Refused as refused:
            raise RuntimeError(f"{act.__name__} refused: {refused.code}") from refused
