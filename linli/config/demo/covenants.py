"""The demo's covenants, lived through act by act: one voted through twice, one that people are asked about, one draft.

The first follows the story of the e-bike shed where the district has it. Everybody in it is invented.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from linli.config.demo.stage import Stage
from linli.core.decisions.actions.casting import take
from linli.core.decisions.actions.counting import close_due
from linli.core.decisions.models import Question, RuleVersion
from linli.core.matters.models import Kind, Matter
from linli.core.people.actor import ANONYMOUS, Actor
from linli.core.people.models import Holding
from linli.kit.fields import subtree
from linli.kit.ids import as_of
from linli.kit.models import Outbox
from linli.offices.covenants import actions
from linli.offices.covenants.actions import Answering, Drafting, Putting
from linli.offices.covenants.models import Comment, Covenant, Passage, Version
from linli.offices.covenants.text import Article

DAY = timedelta(days=1)
SHED = "非机动车停放服务站"
NOBODY = "anybody"

CHARGING = (
    Article("", "充电", "电动自行车在服务站里充电，不拉线进楼道，电池不拿上楼。"),
    Article("", "停放", "停在划好的线里，车头朝里，不占消防通道。"),
    Article("", "时间", "夜里十点以后不进车，早上六点开门。"),
    Article("", "充满", "充满了两小时内挪开，给后来的人用。"),
    Article("", "旧车", "三个月没人骑的车，管家贴条，再过半个月没人认就挪到旧车区。"),
)
CHARGING_SAID = (
    (2, "我在医院上夜班，十一点半才到家，十点就不让进，车停哪？", "volunteer"),
    (2, "棚子离我家窗户近，十点以后还进车，孩子睡不好。", NOBODY),
    (3, "两小时太短，晚上充上就睡了，谁半夜起来挪车。", "resident"),
)
DOGS = (
    Article("", "牵绳", "出门拴绳，绳长不超过一米五，进电梯收短。"),
    Article("", "清理", "粪便当场捡走，装袋扔进垃圾桶。"),
    Article("", "时间", "早上六点前、晚上十点后，不在楼下遛。"),
    Article("", "儿童", "儿童游乐场和沙坑，狗不进去。"),
    Article("", "打疫苗", "每年打疫苗，证给楼长看一眼就行，不留复印件。"),
)
# Article (-1: the whole), what was said, by whom, days ago, who else says so.
DOGS_SAID: tuple[tuple[int, str, str, float, tuple[str, ...]], ...] = (
    (0, "一米五在楼道里还是长，老人躲不开。进楼收到身边行不行？", NOBODY, 4.6, ("resident", "grid", "building")),
    (1, "袋子常忘带，楼下能不能挂个拾便袋的盒子？", "resident", 4.4, ("volunteer", "steward")),
    (2, "我早上五点半出门上班，只有那会儿能遛。", "volunteer", 4.1, ("resident",)),
    (2, "夏天十点后才凉快，能不能分季节。", NOBODY, 3.9, ()),
    (3, "沙坑里踩过两回了，这条好。", "building", 3.6, ("resident",)),
    (4, "证件给谁看？别弄成登记。", NOBODY, 3.3, ("resident", "volunteer")),
    (-1, "不养狗的也有过敏的，电梯里最好让一让，等下一趟。", "steward", 3.0, ()),
    (0, "导盲犬怎么算？写一句不受限制。", NOBODY, 2.8, ("grid",)),
    (1, "别只说捡，说清扔哪个桶。", "resident", 2.2, ()),
    (-1, "违反了能不能罚款？光说没用。", NOBODY, 1.6, ("steward",)),
    (3, "健身器材那块也别进。", "volunteer", 0.9, ()),
    (2, "我家狗老了夜里要出去，能不能通融。", NOBODY, 0.4, ()),
)
HELPED = {7: "苗青", 11: "苗青"}


class Life:
    """The clock and the people of the demo's covenants."""

    def __init__(self, stage: Stage) -> None:
        self.s, self.said = stage, 0
        self.name = stage.quarter.name
        rows = RuleVersion.objects.filter(district_id=stage.district_id, code="household")
        self.rule = rows.order_by("version").last()

    def has_homes(self) -> bool:
        """Whether anybody could vote here: the demo's votes gave the house its people, where it has one."""
        low, high = subtree(self.s.quarter.path)
        rows = Holding.objects.filter(
            district_id=self.s.district_id, dwelling__place__path__gte=low, dwelling__place__path__lt=high
        )
        return rows.exists()

    def draft(self, title: str, articles: Sequence[Article], days: float, **more: Any) -> Covenant:
        drafting = Drafting("special", f"{self.name}{title}", self.s.quarter, articles=tuple(articles), **more)
        with as_of(self.s.at(days, 9)):
            return actions.start(actor=self.s.host, drafting=drafting, retry=f"demo-{title}", now=self.s.at(days, 9))

    def open(self, covenant: Covenant, days: int, until: int) -> None:
        actions.open_for_comment(
            actor=self.s.host, covenant=covenant, closes_on=self.s.day(until), now=self.s.at(days, 9, 30)
        )  # fmt: skip

    def who(self, name: str) -> Actor:
        return ANONYMOUS if name == NOBODY else self.s.cast.resident(name)

    def say(self, covenant: Covenant, article: int, words: str, who: str, days: float, helper: str = "") -> Comment:
        """At a time of the day that differs from one to the next."""
        self.said += 1
        fresh = Covenant.objects.get(pk=covenant.pk)
        shown = Version.objects.get(covenant=fresh, number=fresh.shown).said
        key = shown.articles[article].key if article >= 0 else ""
        return actions.say(
            actor=self.who(who), covenant=fresh, text=words, article=key, helper=helper, source=f"demo-{self.said % 5}",
            retry=f"demo-{covenant.number}-{self.said:032d}", now=self.s.now - days * DAY,
        ).comment  # fmt: skip

    def answer(self, row: Comment, outcome: str, words: str, days: float, number: int | None = None) -> None:
        said = Answering(outcome, words, number)
        actions.answer(actor=self.s.host, covenant=row.covenant, ids=[row.pk], answering=said,
                       now=self.s.now - days * DAY)  # fmt: skip

    def revise(self, covenant: Covenant, at: datetime, why: str, changed: dict[int, str],
               order: Sequence[int] | None = None, added: Sequence[Article] = ()) -> None:  # fmt: skip
        """The next version: some articles say something else, some stand elsewhere, some are new.

        By the clock, because it lies between acts of the same days that are by the clock: a span before the present
        would fall behind them when the present is late in the evening.
        """
        last = Version.objects.filter(covenant=covenant).order_by("number").last()
        if last is None:
            return
        kept = [replace(a, text=changed.get(n, a.text)) for n, a in enumerate(last.said.articles)]
        articles = tuple(kept[n] for n in (order or range(len(kept)))) + tuple(added)
        actions.revise(actor=self.s.host, covenant=covenant, title=last.title, preamble=last.said.preamble,
                       articles=articles, why=why, now=at)  # fmt: skip

    def pass_(self, covenant: Covenant, days: int, against: int) -> None:
        """Put to the vote so many days ago for a week, counted after its window, published by what the worker does."""
        assert self.rule is not None
        at = self.s.at(days, 10)
        putting = Putting(self.rule.pk, at + 7 * DAY, self.s.day(days - 11), self.s.day(days - 11 - 365))
        fresh = Covenant.objects.get(pk=covenant.pk)
        passage = actions.put_to_vote(actor=self.s.host, covenant=fresh, putting=putting, now=at)
        self._ballots(passage.question, at, against)
        close_due(now=at + 7 * DAY)
        close_due(now=at + 11 * DAY)
        actions.settle(passage=Passage.objects.select_related("covenant").get(pk=passage.pk), now=at + 11 * DAY)

    def _ballots(self, question: Question, at: datetime, against: int) -> None:
        """Eight homes of ten."""
        for entry in question.roll.order_by("seq"):
            if entry.seq % 5 == 4:
                continue
            choice = "no" if entry.seq % against == 0 else "yes"
            when, channel = at + entry.seq % 140 * timedelta(hours=1), "paper" if entry.seq % 4 == 0 else "web"
            take(question, entry, choice, f"demo-{question.number}-{entry.seq}", channel=channel, now=when)
        Outbox.objects.filter(district_id=self.s.district_id, topic="ballot").delete()


def fill(district_id: int, now: datetime) -> None:
    """Where the district has topics and the ready rules."""
    if not Kind.objects.filter(district_id=district_id, code="topic").exists():
        return
    life = Life(Stage(district_id, now))
    if life.rule is None:
        return
    if life.has_homes():
        _charging(life)
    _dogs(life)
    life.draft("楼道公约", [Article("", "堆放", "楼道里不放鞋柜、纸箱和自行车，留足一米二。"),
                       Article("", "安静", "晚上十点后不装修、不拖家具。")], 2)  # fmt: skip


# ── in force, voted through twice ───────────────────────────────────────────────────────────────────────────
def _charging(life: Life) -> None:
    s = life.s
    topic = Matter.objects.filter(district_id=s.district_id, kind="topic", text__contains=SHED).first()
    own = topic is None  # no shed was talked about here: the house's own topic, whose office sees it through
    topic = topic or s.topic("楼下充电停车没个规矩，大家定一份公约？", 61)
    if own:
        s.go_on(topic, 60, "照大家的意思起草了第一稿。")
    made = life.draft(
        "电动自行车停放充电公约", CHARGING, 60, matter=topic.number,
        purpose="棚子建好了，怎么停、怎么充，大家说定。",
        preamble="电动自行车进楼道、拉线充电最怕着火。服务站是大家一起建的，也靠大家一起守。",
    )  # fmt: skip
    life.open(made, 58, 51)
    late, near, short = [life.say(made, n, words, who, 56 - i) for i, (n, words, who) in enumerate(CHARGING_SAID)]
    life.revise(made, s.at(52, 16), "充满挪车的时间放宽。",
                {3: "夜里充满的，早上八点前挪开；白天充满的，两小时内挪开。"})  # fmt: skip
    life.answer(short, "taken", "夜里充的不用半夜起来，早上八点前挪就行。", 51, 2)
    life.answer(late, "not", "先按十点试一个月，晚归的把车停到门口临时区，试完再看。", 51)
    life.answer(near, "noted", "棚子已经退了两米，十点关门也是为了夜里安静。", 51)
    life.pass_(made, 49, 6)
    _again(life, made, late)


def _again(life: Life, made: Covenant, late: Comment) -> None:
    """After a month: the gate's hour, and what nobody had thought of."""
    actions.amend(actor=life.s.host, covenant=made, reason="试了一个月，上夜班的邻居进不了门。", now=life.s.at(28))
    life.revise(
        made, life.s.at(28, 16), "晚归的刷卡走侧门；旧车那一条挪到前面；新加雨雪天一条。",
        {2: "夜里十点以后走侧门，刷卡进，车推着走，不按喇叭；早上六点开大门。",
         4: "三个月没人骑的车，管家贴条，再过一个月没人认就挪到旧车区。"},
        order=(0, 1, 4, 2, 3), added=[Article("", "雨雪", "雨雪天先擦干再充，插头湿了不插。")],
    )  # fmt: skip
    life.open(made, 27, 19)
    row = life.say(made, 3, "侧门那条道窄，轮椅也走那里，推车要让一让。", "building", 22)
    life.revise(made, life.s.at(20, 16), "侧门让行写明。",
                {3: "夜里十点以后走侧门，刷卡进，车推着走，让行人和轮椅先过，不按喇叭；早上六点开大门。"})  # fmt: skip
    life.answer(row, "taken", "写上了，让行人和轮椅先过。", 19, 4)
    life.answer(late, "partly", "试了一个月，改成晚归的刷卡走侧门。", 19, 4)
    life.pass_(made, 16, 9)
    actions.file(actor=life.s.host, covenant=Covenant.objects.get(pk=made.pk), filed_with="街道办事处",
                 filed_on=life.s.day(2), filed_as="备字第 7 号", now=life.s.at(1))  # fmt: skip


# ── people are asked about it ───────────────────────────────────────────────────────────────────────────────
def _dogs(life: Life) -> None:
    s = life.s
    topic = s.topic("楼下遛狗的多了，要不要一起定一份养犬公约？", 9)
    made = life.draft(
        "文明养犬公约", DOGS, 7, matter=topic.number, purpose="养狗的和不养狗的都住得舒心。",
        preamble="养狗是自家的事，出了门就是大家的事。这几条养狗的人先提，请邻居们添。",
    )  # fmt: skip
    life.open(made, 5, -6)
    rows = [
        life.say(made, n, words, who, days, HELPED.get(i, ""))
        for i, (n, words, who, days, _more) in enumerate(DOGS_SAID) if days > 2
    ]  # fmt: skip
    life.revise(
        made, s.now - 2 * DAY, "进楼收短牵绳；遛狗的时间改早；证件不登记写明。",
        {0: "出门拴绳，绳长不超过一米五；进楼道、进电梯收到身边。导盲犬、导听犬不受限制。",
         2: "早上五点前、晚上十一点后，不在楼下遛。",
         4: "每年打疫苗，证给楼长看一眼就行，不登记、不拍照、不留复印件。"},
    )  # fmt: skip
    for n, (outcome, words, number) in DOGS_ANSWERED.items():
        life.answer(rows[n], outcome, words, 1.8, number)
    rows += [life.say(made, n, words, who, days, HELPED.get(i, ""))
             for i, (n, words, who, days, _more) in enumerate(DOGS_SAID) if days <= 2]  # fmt: skip
    life.answer(
        rows[9], "not", "公约不能罚款，罚款要有法律依据、由有权的机关来。不拴绳伤了人的，打 110，依法处理。", 1.2
    )
    for row, (_n, _words, _who, _days, more) in zip(rows, DOGS_SAID, strict=True):
        for name in more:
            if (actor := life.who(name)).user_id is not None and actor.user_id != row.author_id:
                fresh = Comment.objects.select_related("covenant").get(pk=row.pk)
                actions.support(actor=actor, comment=fresh, now=s.now)
    for name in ("resident", "volunteer"):
        if (actor := life.who(name)).user_id is not None:
            actions.follow(actor=actor, covenant=made)


DOGS_ANSWERED = {
    0: ("taken", "进楼道、进电梯收到身边，写上了。", 2),
    1: ("noted", "拾便袋盒子不用写进公约，物业这周在三个门口各挂一个。", None),
    2: ("partly", "改到五点前，您五点半能遛了。", 2),
    3: ("partly", "没分季节，晚上统一改到十一点。", 2),
    4: ("noted", "谢谢，这条留着。", None),
    5: ("taken", "写明了：不登记、不拍照、不留复印件。", 2),
    7: ("taken", "加了一句，导盲犬、导听犬不受限制。", 2),
}
