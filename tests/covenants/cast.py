"""A quarter with twelve homes and accounts, its host, and a covenant in each state when it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from linli.core.decisions import actions as decisions
from linli.core.decisions.actions.counting import close_due
from linli.core.decisions.models import Question, RuleVersion
from linli.core.matters.models import Kind
from linli.core.people.actor import ANONYMOUS, Actor, for_user
from linli.core.places.tree import Node, tree
from linli.kit import memory
from linli.offices.covenants import actions
from linli.offices.covenants.actions import Answering, Drafting, Putting
from linli.offices.covenants.models import Comment, Covenant, Passage
from linli.offices.covenants.text import Article
from tests.cast import DISTRICT, Town
from tests.decisions import cast as votes

DAY = timedelta(days=1)
RETRY = "k" * 32
ARTICLES = (
    Article("", "充电", "电动自行车在棚里充电，不拉线进楼道。"),
    Article("", "停放", "停在划好的线里，不占消防通道。"),
    Article("", "时间", "夜里十点以后不进车。"),
)


@dataclass
class Quarter:
    """The town with homes, and the clock of a covenant's life."""

    town: Town
    votes: votes.Votes
    now: datetime

    def who(self, name: str) -> Actor:
        return ANONYMOUS if name == "anybody" else for_user(self.town.users[name].pk)

    def owner(self, n: int) -> Actor:
        return self.votes.actor(n)

    def browser(self, name: str) -> Client:
        client = Client()
        if name.startswith("owner"):
            client.force_login(self.votes.accounts[int(name[5:])])
        elif name != "anybody":
            client.force_login(self.town.users[name])
        return client

    @property
    def host(self) -> Actor:
        return self.who("community")

    def node(self, key: str) -> Node:
        return tree(DISTRICT).by_id[self.town.places[key].pk]

    def draft(self, *, kind: str = "quarter", articles: tuple[Article, ...] = ARTICLES, retry: str = RETRY,
              **more: Any) -> Covenant:  # fmt: skip
        drafting = Drafting(kind, more.pop("title", "电动自行车充电公约"), self.node(more.pop("place", "quarter")),
                            preamble="为了大家晚上睡得安稳。", articles=articles, **more)  # fmt: skip
        return actions.start(actor=self.host, drafting=drafting, retry=retry, now=self.now - 30 * DAY)

    def asking(self, **more: Any) -> Covenant:
        """Open for comment since yesterday, for a week."""
        made = self.draft(**more)
        at = self.now - DAY
        return actions.open_for_comment(
            actor=self.host, covenant=made, closes_on=timezone.localdate(at) + 7 * DAY, now=at
        )  # fmt: skip

    def asked(self, **more: Any) -> Covenant:
        """The days for comments were over yesterday."""
        made = self.draft(**more)
        at = self.now - 9 * DAY
        return actions.open_for_comment(
            actor=self.host, covenant=made, closes_on=timezone.localdate(at) + 8 * DAY, now=at
        )  # fmt: skip

    def say(self, covenant: Covenant, n: int = 0, text: str = "十点太早了。", **more: Any) -> Comment:
        given: dict[str, Any] = {"retry": f"{n:032d}", "now": self.now, **more}
        return actions.say(actor=self.owner(n), covenant=covenant, text=text, **given).comment

    def answer(self, covenant: Covenant, *comments: Comment, outcome: str = "not", number: int | None = None) -> None:
        said = Answering(outcome, "棚子离一楼太近，夜里要安静。", number)
        actions.answer(actor=self.host, covenant=covenant, ids=[c.pk for c in comments], answering=said, now=self.now)

    def putting(self, rule: str = "household", **more: Any) -> Putting:
        today = timezone.localdate(self.now)
        given: dict[str, Any] = {
            "rule_id": self.rule(rule).pk, "closes_at": self.now + 7 * DAY, "since": today + 14 * DAY,
            "review_on": today + 200 * DAY,
        }  # fmt: skip
        return Putting(**(given | more))

    def rule(self, code: str) -> RuleVersion:
        return self.votes.rules[code]

    def put(self, covenant: Covenant, rule: str = "household", **more: Any) -> Passage:
        return actions.put_to_vote(
            actor=self.host, covenant=covenant, putting=self.putting(rule, **more), now=self.now
        )  # fmt: skip

    def vote(self, passage: Passage, choices: list[str]) -> Question:
        """Ballots of the first homes, the window over, counted."""
        question = passage.question
        for n, choice in enumerate(choices):
            decisions.cast(actor=self.owner(n), district_id=DISTRICT, question_id=question.pk, choice=choice,
                           key=f"ballot-{passage.pk}-{n}", now=self.now + DAY)  # fmt: skip
        close_due(now=self.now + 8 * DAY)
        close_due(now=self.now + 20 * DAY)
        return Question.objects.get(pk=question.pk)

    def in_force(self, **more: Any) -> Covenant:
        """Adopted and in force."""
        made = self.asked(**more)
        self.vote(self.put(made, since=timezone.localdate(self.now)), ["yes"] * 9)
        actions.settle_due(now=self.now)
        return Covenant.objects.get(pk=made.pk)


def build(town: Town) -> Quarter:
    Kind.objects.get_or_create(district=town.district, code="topic", defaults={"name": "议题"})
    made = Quarter(town, votes.build(town), timezone.now())
    memory.forget()
    return made
