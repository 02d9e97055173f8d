"""The demo's councils, lived through act by act: what residents said, where it was talked about, what came of it.

Two stories are the district's own (the e-bike shed, the one-way street), told with invented people; two more show the
four meetings and the five classes where a profile has them. A profile without councils gets none of it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from linli.config.demo import opinions
from linli.config.demo.stage import DAY, ROOM, Stage
from linli.core.decisions.actions.casting import take
from linli.core.decisions.actions.counting import close_due
from linli.core.decisions.models import Question, RuleVersion
from linli.core.gatherings import queries as sittings
from linli.core.gatherings.models import AgendaItem, Resolution
from linli.core.matters import actions as matters
from linli.core.matters.models import Kind, Matter
from linli.kit.models import Outbox
from linli.offices.councils import actions
from linli.offices.councils.models import Dissent


def fill(district_id: int, now: datetime) -> None:
    """Whatever of it the district's profile has kinds of sittings for."""
    if not Kind.objects.filter(district_id=district_id, code="topic").exists():
        return
    stage = Stage(district_id, now)
    if "talk" in stage.kinds:
        _four(stage)
    elif "five" in stage.kinds:
        _five(stage)
    elif "council" in stage.kinds and "evening" in stage.kinds:
        _shed(stage)
        _street(stage)
    if "council" in stage.kinds:
        _coming(stage)
    if "party_committee" in stage.kinds:
        _committee(stage)


# ── the community's committee, its part-time members at one table ───────────────────────────────────────────
def _committee(s: Stage) -> None:
    topic = s.topic("驻区单位的院子和停车位，晚上能不能让给居民用？", 44)
    made = s.call("party_committee", f"{s.community.name}大党委会议", 33, [(topic, "")], place=s.community)
    words = "晚七点到早七点开放六十个车位，社区发证，单位的门卫看着。"
    item = s.settle(s.sit(made, 33)[0], "settled", words, 33)
    s.resolve(item, words, s.post("property_unit", "property_manager", "community_office"), 33, -12, -20, [])
    s.close(made, 33)
    s.go_on(topic, 33, "会上定了，正在和单位对接门禁和时段。")


# ── the e-bike shed: from the first complaint to the review ─────────────────────────────────────────────────
def _shed(s: Stage) -> None:
    said = [
        s.said("楼道里有人拉线给电动车充电，线从三楼垂下来，看着就怕。", 84, s.resident),
        s.said("高层的天天有人推电动车进电梯，挤得老人上不去，充电也没地方。", 82, s.cast.login("grid")),
        s.said("拆了违建空出来那块地，能不能给大家停电动车、充电？", 80, s.resident),
    ]
    topic = s.topic("拆违腾出来的 240 平方米空地，建不建非机动车停放服务站？", 78, said)
    s.support(topic, "resident", "grid", "volunteer", "steward", "committee", "building")
    actions.speak(actor=s.cast.login("volunteer"), topic=topic, retry="0" * 32, now=s.at(76),
                  text="最好离楼远一点，晚上充电也放心。")  # fmt: skip
    made = s.call("council", "秀水怡园议事会：空地做什么", 68, [(topic, "")])
    opinions.before_the_sitting(s.district_id, s.now, topic)
    (item,) = s.sit(made, 68)
    for name, minutes in (("一单元居民代表", 3), ("一楼住户", 3), ("物业经理", 5)):
        actions.queue(actor=s.host, item=_fresh(item), label=name, minutes=minutes)
    for minute in (10, 14, 18, 23):
        actions.next_speaker(actor=s.host, item=_fresh(item), now=s.at(68, ROOM, minute))
    actions.dissent(actor=s.host, item=_fresh(item), retry="1" * 32, label="一楼住户", now=s.at(68, ROOM, 40),
                    text="棚子靠一楼窗户太近，挡光，夜里有声音。")  # fmt: skip
    words = "240 平方米都用来建站，116 个车位全部装充电桩；棚子离一楼窗户退两米，夜里十点后不进车。"
    item = s.settle(item, "split", words, 68)
    row = s.resolve(
        item, "建非机动车停放服务站：240 平方米，116 个车位，全部装充电桩，离一楼窗户退两米。",
        s.post("property_unit", "property_manager", "community_office"), 68, 24, 10,
        SHED,
    )  # fmt: skip
    s.close(made, 68)
    s.finish(row, 60, 27)
    _review(s, topic, row)


SHED = (
    "空地清平，做防水地面，画 116 个车位。",
    "搭顶棚，离一楼窗户退两米，装灯和监火的烟感。",
    "装 116 个充电桩，请供电部门验收。",
)


def _review(s: Stage, topic: Matter, row: Resolution | None) -> None:
    """The one who was against it is asked first, neighbours say what they think; the topic closes by itself."""
    if row is None:
        return
    against = Dissent.objects.get(district_id=s.district_id, item_id=row.item_id)
    actions.ask_objector(actor=s.host, dissent_id=against.pk, content=True, answer="真退了两米，不挡光，夜里也静。",
                         now=s.at(11))  # fmt: skip
    ids: dict[str, Any] = {"district_id": s.district_id, "matter_id": topic.pk}
    worker = s.cast.handler(Matter.objects.get(pk=topic.pk))
    matters.progress(actor=worker, text="会上定了，正在建。", now=s.at(60), **ids)
    for name, ok, words in VERDICTS:
        actions.judge(actor=s.cast.login(name), resolution=row, satisfied=ok, text=words)
    fresh = Resolution.objects.select_related("item", "owner").get(pk=row.pk)
    actions.review(actor=s.host, resolution=fresh, upheld=True, text="去站里看过，桩都能用，邻居说好。", satisfied=21,
                   dissatisfied=1, now=s.at(10, 15))  # fmt: skip


def _fresh(item: AgendaItem) -> AgendaItem:
    """The point with its sitting as it stands now."""
    rows = AgendaItem.objects.select_related("gathering__kind", "gathering__place", "matter")
    return rows.get(pk=item.pk)


VERDICTS = (
    ("resident", True, "再不用往楼道里推了。"), ("grid", True, ""), ("volunteer", True, "晚上灯够亮。"),
    ("building", False, "周末车位还是紧。"),
)  # fmt: skip


# ── the one-way street ──────────────────────────────────────────────────────────────────────────────────────
def _street(s: Stage) -> None:
    street = s.cast.tree.by_path[s.street.posts[0].path]
    words = "后街早晚两头堵，接孩子的车和下班的车顶在一起，能不能改成单行道？"
    topic = s.topic(words, 56, who=s.resident, place=street)
    s.support(topic, "resident", "resident2", "grid", "property")
    made = s.call("council", "后街怎么不堵：居民议事会", 44, [(topic, "")], host=s.street, place=street)
    (item,) = s.sit(made, 44, s.street)
    for label, key in (("车库在北头的住户", "2"), ("开店的邻居", "3")):  # two who say the same are two
        actions.dissent(actor=s.street, item=_fresh(item), retry=key * 32, label=label, text="要绕一大圈，不方便。",
                        now=s.at(44, ROOM, 40))  # fmt: skip
    item = s.settle(item, "split", "由南向北单行，先试一个月；学校门口放学时段留一条临时等候线。", 44, s.street)
    s.resolve(
        item, "后街改成由南向北单行，学校门口画临时等候线，试行一个月再看。", s.unit("公安"), 44, -6, -12,
        ["后街两头装单行标志，重画地面箭头。", "学校门口画临时等候线，放学时段有人疏导。"], s.street,
    )  # fmt: skip
    s.close(made, 44, s.street)


# ── what is coming: called for the next days, and topics that wait ──────────────────────────────────────────
def _coming(s: Stage) -> None:
    pile = s.topic("楼道里堆的旧家具，大家定一个清理的日子和办法。", 6)
    s.support(pile, "resident", "grid", "building")
    actions.speak(actor=s.cast.login("building"), topic=pile, retry="4" * 32, helper="单元长", now=s.at(5),
                  text="东西要留着的，能不能先挪到车棚边上，给十天。")  # fmt: skip
    dogs = s.topic("遛狗不牵绳，绿地里有狗屎，大家说说怎么管。", 3)
    s.support(dogs, "resident")
    s.call("council", "居民议事会：楼道怎么清", -4, [(pile, "")], before=5)


# ── the four meetings, one after another, about the dark stairs ─────────────────────────────────────────────
def _four(s: Stage) -> None:
    said = s.said("楼道的灯坏了半年，老人晚上不敢下楼。", 80, s.resident)
    topic = s.topic("全小区的楼道灯，怎么换、换什么样的？", 79, [said])
    s.support(topic, "resident", "grid", "building", "volunteer")
    first = s.call("talk", "民情恳谈会：最愁哪件事", 70, [(topic, "")])
    s.settle(s.sit(first, 70)[0], "heard", "来的人里一多半说楼道黑；有人想要声控，有人怕声控老亮。", 70)
    s.close(first, 70)
    second = s.call("coordination", "事务协调会：灯谁来换", 60, [(topic, "")])
    s.settle(s.sit(second, 60)[0], "promised", "物业出人，社区出灯，供电所帮着查线。", 60)
    s.close(second, 60)
    s.go_on(topic, 60, "先把坏得最厉害的三个门洞换了。")
    third = s.call("hearing", "工作听证会：换成声控灯行不行", 48, [(topic, "")], before=10)
    point = s.sit(third, 48)[0]
    actions.dissent(actor=s.host, item=_fresh(point), retry="5" * 32, label="一楼住户", now=s.at(48, ROOM, 40),
                    text="声控的一有动静就亮，夜里晃眼。")  # fmt: skip
    s.settle(point, "heard", "换声控灯，一楼的装延时短的；装之前贴告示。", 48)
    s.close(third, 48)
    fourth = s.call("appraisal", "成效评议会：灯换得怎么样", 20, [(topic, "")])
    s.settle(s.sit(fourth, 20)[0], "rated", "来的人挨个说了：亮了，一楼的也不晃眼；两处接触不好，物业当天去修。", 20)
    s.close(fourth, 20)


# ── the five classes, each with its procedure ───────────────────────────────────────────────────────────────
FIVE = (
    ("big", "小区停车位重新划，消防通道让出来。", "split", "先划消防线，再按户数分车位，贴图公示七天。"),
    ("practical", "东门口的路坑坑洼洼，补一补。", "split", "物业两周内补平，社区看着。"),
    ("vital", "公共收益拿出来装电梯口的雨棚，装不装？", "vote", "公共收益装电梯口的雨棚"),
    ("urgent", "三号楼下水返上来了，得马上疏通。", "settled", "不等开会，物业当晚叫了疏通车，费用会上再对。"),
    ("hard", "没有房本的老楼怎么立账收维修钱，拖了好几年。", "split", "先摸清户数，请房管来讲政策，半年内给办法。"),
)


def _five(s: Stage) -> None:
    topics = [(s.topic(words, 40, who=s.resident, place=s.community), code) for code, words, _o, _t in FIVE]
    for (topic, _code), who in zip(topics, (("grid", "building", "volunteer"), ("grid",), ("building", "volunteer"),
                                            ("grid", "building"), ("volunteer",)), strict=True):  # fmt: skip
        s.support(topic, "resident", *who)
    made = s.call("five", "五事联办会", 30, topics, place=s.community)
    items = sittings.agenda(made)
    for item, (code, _words, _outcome, text) in zip(items, FIVE, strict=True):
        if code == "urgent":  # need not wait for the sitting
            s.settle(item, "settled", text, 35)
    points = s.sit(made, 30)
    for point, (code, words, outcome, text) in zip(points, FIVE, strict=True):
        if code == "vital":
            _vital(s, point, text)
        elif code != "urgent":
            _split(s, s.settle(point, outcome, text, 30), code, words, text)
    s.close(made, 30)
    for topic, _code in topics:
        s.go_on(topic, 30, "会上议过，按纪要办。")
    close_due(now=s.now - 16 * DAY)
    close_due(now=s.now - 10 * DAY)
    _counted(s, _fresh(points[2]))


def _counted(s: Stage, point: AgendaItem) -> None:
    counted = Question.objects.filter(district_id=s.district_id, matter=point.matter, state="decided").first()
    if counted is not None and (counted.result or {}).get("outcome") == "adopted":
        s.settle(point, "decided", "一户一票，过半数同意：装。", 9)


def _split(s: Stage, item: AgendaItem, code: str, words: str, text: str) -> None:
    """Who does it by when; the practical one is done by now, the others wait for those whom it also takes."""
    due = {"practical": 12, "big": -20, "hard": -120}[code]
    owner = s.post("property_unit", "property_manager", "community_office")
    row = s.resolve(item, text, owner, 30, due, due - 5, [words])
    for part in row.matters.select_related("matter").order_by("pk") if row and due < 0 else ():
        s.begun(part.matter, 29, "会上定了的，这就办。")
        matters.pause(actor=s.host, reason="third_party", until=s.at(-20), text="等房管、交警一起把方案定下来。",
                      now=s.at(28), district_id=s.district_id, matter_id=part.matter_id)  # fmt: skip
    s.finish(row if due > 0 else None, 29, 14)


def _vital(s: Stage, point: AgendaItem, title: str) -> None:
    """A vital matter: put to the households, counted, and only then settled."""
    rule = RuleVersion.objects.filter(district_id=s.district_id, code="household").order_by("-version").first()
    if rule is None:
        return
    vote = actions.Vote(title, rule.pk, "households", s.now - 17 * DAY, s.day(-60), "钱从公共收益出，住户不另交。")
    made = actions.put_to_vote(actor=s.host, item=_fresh(point), vote=vote, now=s.at(30, ROOM + 1))
    for entry in made.roll.order_by("seq"):
        if entry.seq * 7 % 10 < 8:
            take(made, entry, "no" if entry.seq % 6 == 0 else "yes", f"demo-five-{entry.seq}", channel="paper",
                 now=s.at(28) + timedelta(minutes=entry.seq % 600))  # fmt: skip
    Outbox.objects.filter(district_id=s.district_id, topic="ballot").delete()
