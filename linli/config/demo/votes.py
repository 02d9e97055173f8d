"""The demo's votes, one in each state: going on by the Civil Code, a draft, in its window with an objection, decided.

Done through the actions in the order of time; fictional owners of the quarter's homes stand in as its people.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from linli.config.demo.people import Cast
from linli.core.decisions import actions
from linli.core.decisions.actions.casting import take
from linli.core.decisions.actions.counting import close_due
from linli.core.decisions.actions.drafting import Asking
from linli.core.decisions.models import Member, Objection, Question, RuleVersion
from linli.core.matters import actions as matters
from linli.core.matters.actions.opening import Asked
from linli.core.matters.catalogue import catalogue
from linli.core.matters.models import Kind, Matter
from linli.core.people.actor import Actor
from linli.core.people.actor import forget as forget_actor
from linli.core.people.models import Holding, Person, User
from linli.core.places.models import Dwelling
from linli.core.places.tree import STEP, Node
from linli.kit.ids import as_of
from linli.kit.models import Outbox

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
HOMES = 36
AREAS = (Decimal("78.50"), Decimal("92.30"), Decimal("118.60"))
PASSPHRASE = "演示用的口令 %d"  # noqa: S105  a demo keeps no secret
SURNAMES = "丁马牛毛石田白尹史冯左邓卢乔汤孟"


def rules(district_id: int) -> dict[str, RuleVersion]:
    """The ready rules, as they were loaded."""
    return {r.code: r for r in RuleVersion.objects.filter(district_id=district_id).order_by("version")}


class Votes:
    """Seven questions of one building."""

    def __init__(self, district_id: int, now: datetime) -> None:
        self.district_id, self.now, self.cast = district_id, now, Cast(district_id)
        self.host = self.cast.login("community")
        self.rules = rules(district_id)

    def fill(self) -> None:
        user = User.objects.filter(district_id=self.district_id, username="resident").first()
        home = self.cast.tree.by_id.get(user.home_id) if user and user.home_id else None
        building = self.cast.tree.at_level(home, "building") if home else None
        if user is None or home is None or building is None:
            return
        self._homes(user, home)
        self._secret(building)
        self._menu(building)
        self._household(building)
        self._disputed(building, user)
        self._going(building, user)
        self._draft(building)

    def _about(self, building: Node, words: str, at: datetime, word: str = "") -> Matter:
        """What the question is about: what a neighbour of the house or its quarter said, else a topic of the house."""
        if word and (found := self._said(building.path, word)) is not None:
            return found
        kind = "topic" if Kind.objects.filter(district_id=self.district_id, code="topic").exists() else "appeal"
        channel = "hall" if "hall" in catalogue(self.district_id).channels else "desk"  # not every district has a hall
        asked = Asked(kind=kind, text=words, district_id=self.district_id, place=building, channel=channel)
        with as_of(at):
            made = matters.open_matter(actor=self.host, asked=asked, now=at).matter
        ids: dict[str, Any] = {"district_id": self.district_id, "matter_id": made.pk}
        worker = self.cast.handler(made)
        matters.accept(actor=worker, now=at + HOUR / 2, **ids)
        matters.reply(actor=worker, text="收到，问过各家再定。", now=at + HOUR / 2, **ids)
        return made

    def _said(self, path: str, word: str) -> Matter | None:
        """Nothing confidential, and nothing of the login's own."""
        rows = Matter.objects.filter(district_id=self.district_id, text__contains=word, confidential=False)
        rows = rows.exclude(opened_by__username="resident").order_by("number")
        near = (rows.filter(scope_path__startswith=path[:n]) for n in (len(path), len(path) - STEP))
        return next((found for one in near if (found := one.first()) is not None), None)

    def _settle(self, matter: Matter, at: datetime, text: str) -> None:
        """The vote answered it: done, seen to and closed, by those whose matter it is."""
        ids: dict[str, Any] = {"district_id": self.district_id, "matter_id": matter.pk}
        fresh = Matter.objects.get(district_id=self.district_id, pk=matter.pk)
        if fresh.state != "accepted":
            return  # a neighbour's matter has a story of its own
        worker = self.cast.handler(fresh)
        matters.progress(actor=worker, text="各家投过了，照结果办。", now=at, **ids)
        matters.resolve(actor=worker, text=text, cause="gap", now=at, **ids)
        fresh = Matter.objects.get(district_id=self.district_id, pk=matter.pk)
        verifier = self.cast.verifier(fresh)
        matters.verify(actor=verifier, passed=True, text="结果贴在楼门口了。", now=at + HOUR, **ids)
        matters.close(actor=verifier, text="各家都看过结果。", now=at + 2 * HOUR, **ids)

    def _homes(self, user: User, home: Node) -> None:
        """The house's own homes where there are enough, with areas and fictional owners; the login owns the first."""
        rows = list(Dwelling.objects.filter(district_id=self.district_id, place_id=home.id).order_by("number"))
        doors, first = (2, 3) if rows else (4, 1)  # on each floor, beside the two that are there
        new = [
            Dwelling(district_id=self.district_id, place_id=home.id, number=f"{n // doors + 1}0{n % doors + first}")
            for n in range(max(0, HOMES - len(rows)))
        ]
        Dwelling.objects.bulk_create(new)
        rows += new
        for n, row in enumerate(rows):
            row.area_m2 = row.area_m2 or AREAS[n % 3]
        Dwelling.objects.bulk_update(rows, ["area_m2"])
        people = [Person(district_id=self.district_id, shown=f"{SURNAMES[n % len(SURNAMES)]}**", fictional=True)
                  for n in range(len(rows))]  # fmt: skip
        if user.person is None:
            user.person = Person.objects.create(district_id=self.district_id, shown="李**", fictional=True)
            user.save(update_fields=["person"])
            forget_actor(user.pk)
        people[0] = user.person
        Person.objects.bulk_create(people[1:])
        self._own(rows, people)

    def _own(self, rows: list[Dwelling], people: list[Person]) -> None:
        """A home of nobody gets an owner; who had the first one sold it to the login: no home is owned twice."""
        today = timezone.localdate(self.now)
        owned = Holding.objects.filter(dwelling__in=[r.pk for r in rows], kind="owner", until=None)
        sold = owned.filter(dwelling=rows[0]).exclude(person=people[0])
        since = max([today - 400 * DAY, *(day + DAY for day in sold.values_list("since", flat=True))])
        sold.update(until=since)
        held = set(owned.values_list("dwelling_id", flat=True))
        Holding.objects.bulk_create(
            Holding(district_id=self.district_id, dwelling=row, person=person, kind="owner", since=since)
            for row, person in zip(rows, people, strict=True)
            if row.pk not in held
        )

    # ── the questions ───────────────────────────────────────────────────────────────────────────────────────────
    def _ask(self, matter: Matter, building: Node, at: datetime, **said: Any) -> Question:
        rule = self.rules[said.pop("rule")]
        asking = Asking(place=building, rule_id=rule.pk, review_on=timezone.localdate(self.now) + 90 * DAY, **said)
        return actions.draft(actor=self.host, district_id=self.district_id, matter_id=matter.pk, asking=asking, now=at)

    def _open(self, question: Question, at: datetime) -> Question:
        return actions.open_question(actor=self.host, district_id=self.district_id, question_id=question.pk, now=at)

    def _ballots(self, question: Question, at: datetime, share: int, say: Callable[[int], Any]) -> None:
        """So many of ten of the house; the login's own households have not voted yet."""
        own = set(Member.objects.filter(question=question, person__account__username="resident")
                  .values_list("entry_id", flat=True))  # fmt: skip
        for entry in question.roll.order_by("seq"):
            if entry.pk in own or entry.seq * 7 % 10 >= share:
                continue
            choice = say(entry.seq)
            when = at + timedelta(minutes=11 * entry.seq)
            channel = "paper" if entry.seq % 6 == 0 else "web"
            take(question, entry, choice, f"demo-ballot-{entry.seq}", channel=channel, now=when)
        # What was said to each household then is long past.
        Outbox.objects.filter(district_id=self.district_id, topic="ballot").delete()

    def _household(self, building: Node) -> None:
        at = self.now - 20 * DAY
        matter = self._about(building, "老人下楼没处坐，楼门口装不装长椅？", at - 3 * DAY)
        made = self._open(self._ask(
            matter, building, at, rule="household", title="楼门口装不装长椅", closes_at=at + 7 * DAY, binding=True,
            text="长椅由社区出钱，装在单元门左边，不占通道。",
        ), at)  # fmt: skip
        self._ballots(made, at, 8, _every(5))
        close_due(now=at + 7 * DAY)
        close_due(now=at + 11 * DAY)
        self._settle(matter, at + 12 * DAY, "各家定了装，两张长椅装在单元门左边。")

    def _secret(self, building: Node) -> None:
        at = self.now - 40 * DAY
        matter = self._about(building, "楼长搬走了，请大家选一位新楼长。", at - 4 * DAY)
        made = self._ask(matter, building, at, rule="household", title="选不选丁师傅当楼长", closes_at=at + 5 * DAY,
                         secret=True, binding=True)  # fmt: skip
        keepers: list[Actor] = [self.host, self.cast.login("grid")]
        for n, keeper in enumerate(keepers, 1):
            actions.become_teller(actor=keeper, district_id=self.district_id, question_id=made.pk, position=n,
                                  passphrase=PASSPHRASE % n)  # fmt: skip
        made = self._open(made, at)
        self._ballots(made, at, 9, _every(6))
        close_due(now=at + 5 * DAY)
        for n, act in enumerate((actions.strip, actions.count_secret)):
            act(actor=keepers[n], district_id=self.district_id, question_id=made.pk, passphrase=PASSPHRASE % (n + 1),
                now=at + 9 * DAY)  # fmt: skip
        self._settle(matter, at + 10 * DAY, "选出来了，新楼长的名字贴在楼门口。")

    def _going(self, building: Node, user: User) -> None:
        at = self.now - 2 * DAY
        matter = self._about(building, "电梯老停，动不动维修资金来修？", at - DAY, "电梯")
        made = self._open(self._ask(
            matter, building, at, rule="cc278s", roll_kind="owners", title="动不动维修资金修电梯",
            closes_at=self.now + 5 * DAY, binding=True,
            text="电梯用了十八年，检验说要换主机和钢丝绳。从维修资金里出，业主不另交钱。",
        ), at)  # fmt: skip
        self._ballots(made, at, 5, _every(7))
        waiting = made.roll.filter(envelopes=None).order_by("-seq")[:1]
        for entry in waiting:  # somebody else still has to type this sheet in
            actions.enter_paper(actor=self.host, district_id=self.district_id, question_id=made.pk, entry=entry.seq,
                                choice="yes", now=self.now - timedelta(hours=3))  # fmt: skip

    def _menu(self, building: Node) -> None:
        at = self.now - 30 * DAY
        matter = self._about(building, "今年改造的钱够改两样，先改哪两样？", at - 2 * DAY, "改造")
        made = self._open(self._ask(
            matter, building, at, rule="menu", method="approval", title="楼里先改哪两样", closes_at=at + 6 * DAY,
            binding=True, options=[{"name": name} for name in ("楼道扶手", "楼顶防水", "单元门禁", "自行车棚")],
            more={"seats": 2}, text="今年的钱够改两样，剩下的明年再排。",
        ), at)  # fmt: skip
        self._ballots(made, at, 6, lambda n: [["o1", "o2"], ["o2"], ["o2", "o4"], ["o1"], ["o3", "o1"]][n % 5])
        close_due(now=at + 6 * DAY)
        close_due(now=at + 10 * DAY)
        self._settle(matter, at + 11 * DAY, "各家选了，今年先改票多的两样。")

    def _disputed(self, building: Node, user: User) -> None:
        """Closed yesterday; one household says that its ballot was not its own."""
        at = self.now - 6 * DAY
        matter = self._about(building, "楼道里放不放鞋柜，各家说法不一样。", at - DAY, "鞋柜")
        made = self._open(self._ask(
            matter, building, at, rule="household", title="楼道里放不放鞋柜", closes_at=self.now - DAY,
            text="消防说楼道要留一米二，放鞋柜的要靠墙、不挡门。",
        ), at)  # fmt: skip
        self._ballots(made, at, 3, _every(3))
        entry = made.roll.filter(envelopes__state="valid").order_by("seq").first()
        if entry is not None:
            Objection.objects.create(
                district_id=self.district_id, question=made, entry=entry, envelope=entry.envelopes.get(state="valid"),
                text="那几天我们全家在外地，谁也没投过。", at=self.now - timedelta(hours=5),
            )  # fmt: skip
        close_due(now=self.now)

    def _draft(self, building: Node) -> None:
        costs = {"换楼道灯": 3_200, "修单元门": 5_600, "门口装长椅": 1_800, "补墙皮": 4_400}
        income = self._about(building, "电梯广告收了一万元，怎么花请大家商量。", self.now - 30 * HOUR)
        self._ask(
            income, building, self.now, rule="budget", method="budget", title="公共收益这一万元怎么花",
            closes_at=self.now + 12 * DAY, binding=True, more={"budget_fen": 1_000_000},
            options=[{"name": name, "cost_fen": yuan * 100} for name, yuan in costs.items()],
            text="今年电梯广告收了一万元。想办的勾上，票多的先办。",
        )  # fmt: skip
        term = self._about(building, "楼管会满三年了，要不要换届？", self.now - 26 * HOUR)
        self._ask(term, building, self.now, rule="household", title="楼管会要不要换届", secret=True, binding=True,
                  closes_at=self.now + 9 * DAY)  # fmt: skip


def _every(against: int) -> Callable[[int], str]:
    """Yes; every so manieth no."""
    return lambda seq: "no" if seq % against == 0 else "yes"


def fill(district_id: int, now: datetime) -> None:
    """The votes of the demo's own house."""
    Votes(district_id, now).fill()
