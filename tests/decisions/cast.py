"""A quarter that votes: twelve homes in one building, their owners, and the hosts of the small town."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from linli.core.decisions import actions
from linli.core.decisions.actions import counting
from linli.core.decisions.actions.drafting import Asking
from linli.core.decisions.models import Question, RuleVersion
from linli.core.decisions.ready import READY
from linli.core.matters import actions as matters
from linli.core.matters.actions.opening import Asked
from linli.core.people.actor import SYSTEM, Actor, for_user
from linli.core.people.models import Holding, Organisation, Person, User
from linli.core.places.models import Dwelling
from linli.core.places.tree import tree
from tests.cast import DISTRICT, SINCE, Town

NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
CLOSES = NOW + timedelta(days=7)
COUNTED = CLOSES + timedelta(days=8)


@dataclass
class Votes:
    """The town with homes, owners and rules."""

    town: Town
    homes: list[Dwelling] = field(default_factory=list)
    owners: list[Person] = field(default_factory=list)
    accounts: list[User] = field(default_factory=list)
    rules: dict[str, RuleVersion] = field(default_factory=dict)

    def actor(self, n: int) -> Actor:
        return for_user(self.accounts[n].pk)

    def staff(self, name: str) -> Actor:
        return for_user(self.town.users[name].pk)

    def topic(self) -> Any:
        place = tree(DISTRICT).by_id[self.town.places["quarter"].pk]
        asked = Asked("appeal", "没有地方给电动车安全充电。", DISTRICT, place)
        return matters.open_matter(actor=for_user(self.town.users["resident"].pk), asked=asked, now=NOW).matter

    def asking(self, rule: str = "household", **more: Any) -> Asking:
        place = tree(DISTRICT).by_id[self.town.places["quarter"].pk]
        given: dict[str, Any] = {
            "title": "建不建充电棚",
            "place": place,
            "closes_at": CLOSES,
            "rule_id": self.rules[rule].pk,
            "review_on": (CLOSES + timedelta(days=60)).date(),
        }
        return Asking(**(given | more))  # fmt: skip

    def draft(self, rule: str = "household", **more: Any) -> Question:
        return actions.draft(actor=self.staff("community"), district_id=DISTRICT, matter_id=self.topic().pk,
                             asking=self.asking(rule, **more), now=NOW)  # fmt: skip

    def open(self, rule: str = "household", **more: Any) -> Question:
        question = self.draft(rule, **more)
        if question.secret:
            self.tellers(question)
        return actions.open_question(
            actor=self.staff("community"), district_id=DISTRICT, question_id=question.pk, now=NOW
        )

    def tellers(self, question: Question) -> None:
        for position, name in ((1, "community"), (2, "steward")):
            actions.become_teller(actor=self.staff(name), district_id=DISTRICT, question_id=question.pk,
                                  position=position, passphrase=f"只有{name}知道的口令")  # fmt: skip

    def vote(self, question: Question, n: int, choice: Any, *, key: str = "", **more: Any) -> actions.Taken:
        return actions.cast(actor=self.actor(n), district_id=DISTRICT, question_id=question.pk, choice=choice,
                            key=key or f"key-of-{n}-{choice}", now=more.pop("now", NOW), **more)  # fmt: skip

    def count(self, question: Question, now: datetime = COUNTED) -> Question:
        counting.close_due(now=now) if question.secret else None
        if not question.secret:
            counting.close_due(now=now)
            return Question.objects.get(pk=question.pk)
        actions.strip(actor=self.staff("community"), district_id=DISTRICT, question_id=question.pk,
                      passphrase="只有community知道的口令", now=now)  # fmt: skip
        return actions.count_secret(actor=self.staff("steward"), district_id=DISTRICT, question_id=question.pk,
                                    passphrase="只有steward知道的口令", now=now)  # fmt: skip


def build(town: Town, homes: int = 12) -> Votes:
    """Homes of 80 m² (every third of 120), an owner each, an account each."""
    votes, unit = Votes(town), town.places["unit"]
    for n in range(homes):
        area = Decimal("120.00") if n % 3 == 0 else Decimal("80.00")
        home = Dwelling.objects.create(district=town.district, place=unit, number=f"{101 + n}", area_m2=area)
        owner = Person.objects.create(district=town.district, shown=f"业**{n}", fictional=True)
        Holding.objects.create(district=town.district, dwelling=home, person=owner, kind="owner", since=SINCE)
        user = User.objects.create(username=f"owner{n}", district=town.district, person=owner, home=unit, demo=True)
        votes.homes.append(home)
        votes.owners.append(owner)
        votes.accounts.append(user)
    for each in READY:
        votes.rules[each["code"]] = actions.add_rule(actor=SYSTEM, district_id=DISTRICT, **each)
    return votes


def developer(votes: Votes, *, homes: int = 3) -> Organisation:
    """The developer's unsold stock: several homes of one organisation."""
    firm = Organisation.objects.create(
        district=votes.town.district, code="O-dev", name="示范开发公司", kind="unit",
        place=votes.town.places["quarter"],
        scope_path=votes.town.places["quarter"].path, since=SINCE,
    )  # fmt: skip
    for n in range(homes):
        where, area = votes.town.places["unitb"], Decimal("100.00")
        home = Dwelling.objects.create(district=votes.town.district, place=where, number=f"{n + 1}", area_m2=area)
        Holding.objects.create(
            district=votes.town.district, dwelling=home, organisation=firm, kind="owner", since=SINCE
        )
    return firm
