"""The demo's opinion rounds: what people said when somebody came by, grouped, answered, and made into matters.

Rounds, groups, answers and matters come about through the actions. The words themselves, hundreds of them, are put
together from invented halves and written in one go, with receipts made as a real door's are.
"""

from __future__ import annotations

import random
import tomllib
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from linli.config.demo.people import Cast
from linli.core.matters import actions as matters
from linli.core.matters import records
from linli.core.matters.models import Kind, Matter
from linli.core.matters.said import committed
from linli.core.people.actor import Actor
from linli.core.places.models import District, Dwelling
from linli.core.places.tree import Node
from linli.kit import crypto
from linli.kit.filling import fill as write
from linli.kit.ids import as_of, id_at
from linli.offices.opinions import actions, booked, queries
from linli.offices.opinions.actions import Heard, Plan
from linli.offices.opinions.actions.recording import receipt_for
from linli.offices.opinions.models import Group, Knock, Opinion, Round
from linli.offices.opinions.models.words import left
from linli.offices.opinions.telling import compare

DAY = timedelta(days=1)
COLUMNS = tuple(field.attname for field in Opinion._meta.local_concrete_fields)
KNOCK_COLUMNS = tuple(field.attname for field in Knock._meta.local_concrete_fields)
GOERS = ("grid_worker", "grid_head", "building_head", "unit_head", "community_worker", "part_time_member")


class Stage:
    """One district's rounds."""

    def __init__(self, district_id: int, now: datetime) -> None:
        self.district_id, self.now, self.cast = district_id, now, Cast(district_id)
        self.host = self.cast.login("community")
        self.luck = random.Random(f"opinions {district_id}")
        self.community = self.cast.tree.by_path[self.host.posts[0].path]

    def at(self, days: float, minutes: int = 0) -> datetime:
        return self.now - days * DAY + timedelta(minutes=minutes)

    def begin(self, place: Node, title: str, questions: Sequence[str], since: int, until: int, **more: Any) -> Round:
        """A round that began ``since`` days ago and ends ``until`` days ago (or ahead, where negative)."""
        day = timezone.localtime(self.now).date()
        plan = Plan(place=place, title=title, questions=list(questions), roles=GOERS, starts_on=day - since * DAY,
                    ends_on=day - until * DAY, **more)  # fmt: skip
        made = actions.draft(actor=self.host, plan=plan, now=self.at(since, -60))
        return actions.begin(actor=self.host, row=made, now=self.at(since, -30))

    def hear(self, row: Round, said: Sequence[tuple[str, int]], since: float, until: float) -> list[uuid.UUID]:
        """So many sentences, each with the question it answers, spread over the buildings and the days."""
        houses = list(row.stretches.order_by("path").values_list("building_id", flat=True))
        made = [self._row(row, n, text, question, houses, since, until, len(said))
                for n, (text, question) in enumerate(said)]  # fmt: skip
        write(Opinion, COLUMNS, ([values[name] for name in COLUMNS] for values in made))
        ids = [values["id"] for values in made]
        records.keep(booked.VOICE, self.district_id, ids)
        return ids

    def _row(self, row: Round, n: int, text: str, question: int, houses: list[Any], since: float, until: float,
             of: int) -> dict[str, Any]:  # fmt: skip
        building = self.cast.tree.by_id[houses[n * len(houses) // of]]
        at = self.at(since - (since - until) * (n * 7919 % of + 1) / (of + 1))
        retry = crypto.blind_index(f"{row.pk}:demo:{n:032d}", purpose="opinion-round-key")
        goer = self.cast.roster.nearest("grid_worker", building.path)
        alone = n % 9 == 4
        return {
            "id": id_at(at), "district_id": self.district_id, "round_id": row.pk, "building_id": building.id,
            "question": question, **committed(text), **left("", "对门邻居" if n % 31 == 7 else ""),
            "quiet": n % 17 == 3, "via": "self" if alone else "door",
            "by": "" if alone or goer is None else f"{goer.name} {goer.title}", "author_id": None,
            "receipt_hash": queries.receipt_hash(receipt_for(self.district_id, retry)), "retry": retry, "at": at,
            "correction": "", "reply": "", "replied_by": "", "replied_at": None, "group_id": None,
            "erased_at": None, "erased_by": "", "erased_why": "",
        }  # fmt: skip

    def knock(self, row: Round, every: int = 1) -> None:
        """What the doors came to: those of whom somebody spoke, and others where nobody was or nobody wished to."""
        spoke: dict[uuid.UUID, int] = {}
        for building in Opinion.objects.filter(round=row, via="door").values_list("building_id", flat=True):
            spoke[building] = spoke.get(building, 0) + 1
        rows = [one for s in row.stretches.order_by("path") for one in self._doors(row, s, spoke, every)]
        write(Knock, KNOCK_COLUMNS, ([values[name] for name in KNOCK_COLUMNS] for values in rows))

    def _doors(self, row: Round, stretch: Any, spoke: dict[uuid.UUID, int], every: int) -> Iterator[dict[str, Any]]:
        building = self.cast.tree.by_id[stretch.building_id]
        homes = Dwelling.objects.filter(queries.below(building.path, "place__path"), district_id=self.district_id)
        doors = list(homes.exclude(use="garage").order_by("number", "pk").values_list("pk", flat=True))
        words = spoke.get(stretch.building_id, 0)
        more = max(3, words // 2) if not doors else max(0, len(doors) // every - words)
        came = ["spoke"] * (min(words, len(doors)) if doors else words)
        came += self.luck.choices(["nothing", "nobody", "declined"], [5, 3, 1], k=more)
        for n, outcome in enumerate(came[: len(doors)] if doors else came):
            home = doors[n] if doors else None
            mark = crypto.blind_index(f"{row.pk}:{home or f'{stretch.pk}:{n}'}", purpose="opinion-knock")
            yield {"id": uuid.uuid4(), "district_id": self.district_id,
                   "round_id": row.pk, "building_id": stretch.building_id, "dwelling_id": home, "mark": mark,
                   "outcome": outcome, "on": timezone.localdate(self.now)}  # fmt: skip

    def gather(self, row: Round, ids: Sequence[uuid.UUID], title: str, days: float) -> Group:
        return actions.gather(actor=self.host, row=row, opinions=ids, title=title, now=self.at(days))

    def finish(self, row: Round, ended: float, published: float) -> None:
        row.refresh_from_db()
        actions.end(actor=self.host, row=row, now=self.at(ended))
        row.refresh_from_db()
        actions.publish(actor=self.host, row=row, now=self.at(published))

    def carry(self, row: Round, group: Group, how: str) -> None:
        """A matter of what many said: the first is done and closed, later ones are taken on and answered."""
        days = 54.0 if how == "done" else 0.1
        with as_of(self.at(days)):  # its place in every list is that of its day
            made = actions.raise_matter(
                actor=self.host, row=row, group_id=group.pk, kind=self.topic(), now=self.at(days)
            )
        ids: dict[str, Any] = {"district_id": self.district_id, "matter_id": made.pk}
        worker = self.cast.handler(Matter.objects.get(pk=made.pk))
        matters.accept(actor=worker, now=self.at(days, 10), **ids)
        matters.reply(actor=worker, text="记下了，列进改造单子，日子定了就贴出来。", now=self.at(days, 20), **ids)
        if how != "done":
            return
        matters.progress(actor=worker, text="进场了，先挖排水。", now=self.at(days, 60), **ids)
        matters.resolve(actor=worker, text="路铺完了，雨后没有再积水。", cause="aging", now=self.at(30), **ids)
        verifier = self.cast.verifier(Matter.objects.get(pk=made.pk))
        matters.verify(actor=verifier, passed=True, text="雨天去看过，不积水。", now=self.at(29), **ids)
        matters.close(actor=verifier, text="挨楼问过，都说好走了。", now=self.at(28), **ids)

    def topic(self) -> str:
        return "topic" if Kind.objects.filter(district_id=self.district_id, code="topic").exists() else "appeal"


def fill(district_id: int, now: datetime) -> None:
    """The district's own rounds, by its profile's letters; a district without any has a small one that is open."""
    texts = _texts()
    stage = Stage(district_id, now)
    if not queries.houses(stage.cast.tree, stage.community):
        return
    if District.objects.get(pk=district_id).letters == "CL":
        _renovation(stage, texts["renovation"])
    elif not Round.objects.filter(district_id=district_id, title=texts["shed"]["title"]).exists():
        _shed(stage, texts["shed"], None)
    _going(stage, texts["lamps"])


def before_the_sitting(district_id: int, now: datetime, topic: Matter) -> None:
    """What people at their doors said of the shed, published before it was talked about."""
    _shed(Stage(district_id, now), _texts()["shed"], topic)


def _texts() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("opinions.toml").read_text(encoding="utf-8"))


# ── 崇礼: every door of a community's old quarters, before they were renovated ────────────────────────────────────
def _renovation(s: Stage, told: dict[str, Any]) -> None:
    """As many opinions as the district says and a few more; what most said became matters."""
    row = s.begin(s.community, told["title"], told["questions"], 84, 63, about=told["about"])
    said: list[tuple[str, int]] = []
    spans: list[tuple[dict[str, Any], int, int]] = []
    for theme in told["themes"]:
        start = len(said)
        said += [(text, theme.get("question", 0)) for text in sentences(theme, s.luck)]
        spans.append((theme, start, len(said)))
    order = list(range(len(said)))
    s.luck.shuffle(order)
    ids = s.hear(row, [said[n] for n in order], 83, 64)
    of = {n: ids[at] for at, n in enumerate(order)}
    s.knock(row)
    raised: list[tuple[Group, str]] = []
    for theme, start, end in spans:
        if theme.get("loose"):
            continue
        group = s.gather(row, [of[n] for n in range(start, end)], theme["title"], 61)
        if theme.get("reply"):
            actions.answer_group(actor=s.host, row=row, group_id=group.pk, text=theme["reply"], now=s.at(59))
        if theme.get("raise"):
            raised.append((group, theme["raise"]))
    s.finish(row, 62, 56)
    for group, how in raised:  # afterwards, so that no matter is told of a day before it was opened
        s.carry(row, group, how)


def sentences(theme: dict[str, Any], luck: random.Random) -> list[str]:
    """``count`` different sentences of one theme, put together from its beginnings, cores and ends."""
    every = [f"{a}{b}{c}" for b in theme["cores"] for a in theme.get("starts", [""]) for c in theme.get("ends", ["。"])]
    luck.shuffle(every)
    return every[: theme["count"]]


# ── 桥西 and the others: the e-bike shed, asked before it was settled ─────────────────────────────────────────────
def _shed(s: Stage, told: dict[str, Any], topic: Matter | None) -> None:
    quarter = s.cast.tree.at_level(s.cast.own_cell(), "quarter") or s.cast.own_cell()
    if not queries.houses(s.cast.tree, quarter):
        return
    matter = topic.number if topic is not None and topic.scope_path.startswith(quarter.path) else ""
    row = s.begin(quarter, told["title"], told["questions"], 75, 70, about=told["about"], matter=matter)
    for theme in told["themes"]:
        ids = [self_said(s, row, text) for text in theme["said"]]
        if theme.get("title"):
            group = s.gather(row, ids, theme["title"], 69.8)
            if matter:
                actions.tie(actor=s.host, row=row, group_id=group.pk, number=matter, now=s.at(69.7))
            actions.answer_group(actor=s.host, row=row, group_id=group.pk, text=theme["reply"], now=s.at(67))
    s.knock(row, 3)
    s.finish(row, 69.6, 69.4)


def self_said(s: Stage, row: Round, text: str) -> uuid.UUID:
    """One of the few: said by the demo's own resident where the words are marked so, else at a door."""
    n = Opinion.objects.filter(district_id=s.district_id, round=row).count()
    if text.startswith("*") and s.cast.resident("resident").user_id:
        who: Actor = s.cast.resident("resident")
        kept = actions.say(actor=who, row=row, heard=Heard(text[1:]), key=f"demo{n:032d}", now=s.at(73))
        assert kept.opinion is not None
        return kept.opinion.pk
    return s.hear(row, [(text.lstrip("*"), 0)], 75 - n / 20, 74 - n / 20)[0] if n == 0 else _one(s, row, text, n)


def _one(s: Stage, row: Round, text: str, n: int) -> uuid.UUID:
    houses = list(row.stretches.order_by("path").values_list("building_id", flat=True))
    values = s._row(row, n, text.lstrip("*"), 0, houses, 75, 71, max(n + 1, len(houses)))
    write(Opinion, COLUMNS, [[values[name] for name in COLUMNS]])
    made: uuid.UUID = values["id"]
    records.keep(booked.VOICE, s.district_id, [made])
    return made


# ── everywhere: one that is going on, for whoever looks at the phone ─────────────────────────────────────────────
def _going(s: Stage, told: dict[str, Any]) -> None:
    cell = s.cast.own_cell()
    place = s.cast.tree.at_level(cell, "quarter") or s.cast.tree.at_level(cell, "community") or cell
    mine = [n for n in queries.houses(s.cast.tree, cell) if n.path.startswith(place.path)]
    if s.host.posts[0].path != place.path[: len(s.host.posts[0].path)] or not queries.houses(s.cast.tree, place):
        return
    row = s.begin(place, told["title"], told["questions"], 3, -9, about=told["about"], buildings=mine[:6])
    s.hear(row, [(text, 0) for text in told["said"]], 2.8, 0.1)
    s.knock(row, 2)
    compare(row, s.now)
