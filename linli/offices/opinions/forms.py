"""Forms of a round: what is asked and where, a group, a reply, one's own words, a receipt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linli.core.matters.asking import text_field
from linli.core.matters.askpage import PlainForm, day_field, line_field
from linli.core.matters.catalogue import catalogue
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.posts import roster
from linli.core.places.tree import Node, Tree, tree
from linli.kit.ids import new_id
from linli.offices.opinions import queries
from linli.offices.opinions.actions.rounds import ROLES, Plan
from linli.offices.opinions.models import Round

MOST_PLACES = 400


class Plain(PlainForm):
    """A form without finders."""

    def __init__(self, data: Any = None, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial={"retry": new_id().hex, **(initial or {})}, label_suffix="")

    def offer(self, name: str, pairs: Iterable[tuple[Any, Any]] = ()) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(pairs)


class Nothing(Plain):
    """An act that asks nothing."""


# ── a round ─────────────────────────────────────────────────────────────────────────────────────────────────────
class RoundForm(Plain):
    """What is asked, of whom, by whom, until when."""

    place = forms.ChoiceField(label=lazy("在哪一片问"))
    buildings = line_field(
        lazy("哪几栋"), lazy("不写就是这一片全部的楼。几栋用顿号隔开，照楼牌写：3 号楼、5 号楼。"), limit=400,
        required=False,
    )  # fmt: skip
    title = line_field(lazy("叫什么"), lazy("一句话，贴在单元门上大家看得懂。"))
    questions = text_field(lazy("问什么"), lazy("一行一句，最多三句。照着念，八十岁的人也听得懂。"), limit=400)
    about = text_field(lazy("先说清楚"), lazy("为什么问、问了做什么用。可以不写。"), required=False, limit=600)
    roles = forms.MultipleChoiceField(label=lazy("谁去问"), widget=forms.CheckboxSelectMultiple)
    starts_on = day_field(lazy("哪天开始"))
    ends_on = day_field(lazy("哪天截止"), lazy("到了这天自己收齐。哪家没人、哪家不想说，收齐时都删掉，只留数。"))
    matter = line_field(lazy("为哪件事问"), lazy("议题或别的事的编号，没有就空着。"), limit=24, required=False)
    url = line_field(lazy("或者为哪一页"), lazy("本站网址，比如公约的草稿、一次会。"), limit=200, required=False)

    def __init__(self, actor: Actor, data: Any = None, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial)
        self.known = tree(actor.district_id or 0)
        self.offer("place", [(n.code, self.known.full_name(n, below="street")) for n in places(actor, self.known)])
        self.offer("roles", titles(self.known.district.id))

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        node = self.known.by_code.get(str(data.get("place", "")))
        data["node"], data["nodes"] = node, []
        names = [
            w.replace(" ", "") for w in str(data.get("buildings", "")).replace("，", "、").split("、") if w.strip()
        ]
        if node is None or not names:
            return data
        below = queries.houses(self.known, node)
        for name in names:
            found = [n for n in below if n.name.replace(" ", "") == name]
            if len(found) != 1:
                words = _("“%s”找到 %d 栋，换个小区再选，或者写全楼名。") if found else _("这一片没有“%s”。")
                self.add_error("buildings", words % ((name, len(found)) if found else name))
            data["nodes"] += found
        return data

    def plan(self) -> Plan:
        data = self.cleaned_data
        return Plan(
            place=data["node"], title=data["title"], questions=data["questions"].splitlines(), roles=data["roles"],
            starts_on=data["starts_on"], ends_on=data["ends_on"], about=data["about"], buildings=data["nodes"],
            matter=data["matter"], url=data["url"],
        )  # fmt: skip


def first(row: Round) -> dict[str, Any]:
    """A draft as its form shows it again."""
    known = tree(row.district_id)
    inside = list(row.stretches.order_by("path").values_list("building_id", flat=True))
    every = len(queries.houses(known, known.by_id[row.place_id])) == len(inside)
    return {
        "place": known.by_id[row.place_id].code, "title": row.title, "about": row.about, "roles": row.roles,
        "questions": "\n".join(row.questions), "starts_on": row.starts_on, "ends_on": row.ends_on, "url": row.url,
        "matter": row.matter.number if row.matter else "",
        "buildings": "" if every else "、".join(known.by_id[i].name for i in inside if i in known.by_id),
    }  # fmt: skip


def places(actor: Actor, known: Tree) -> list[Node]:
    """Where the actor may ask: communities and quarters that have a building, in the order of the tree."""
    paths = actor.paths(duties.CONVENE)
    wanted = ("community", *queries.HALLS)
    housed = {n.path[:k] for n in known.by_path.values() if n.level == "building" for k in range(4, len(n.path), 4)}
    found = [n for n in known.by_path.values() if n.level in wanted and n.path.startswith(paths) and n.path in housed]
    return sorted(found, key=lambda n: n.path)[:MOST_PLACES] if paths else []


def titles(district_id: int) -> list[tuple[str, str]]:
    """Roles that may go and that somebody here serves in, as the district calls them."""
    called: dict[str, str] = {}
    for post in roster(district_id).by_id.values():
        if post.role in ROLES and post.person_id:
            called.setdefault(post.role, post.title or duties.role(post.role).name)
    return [(code, called[code]) for code in ROLES if code in called]


# ── grouping and answering ──────────────────────────────────────────────────────────────────────────────────────
class TitleForm(Plain):
    title = line_field(lazy("这一组叫什么"), lazy("用大白话，一句。"), limit=60)


class MergeForm(Plain):
    into_id = forms.ChoiceField(label=lazy("并到哪一组"), widget=forms.RadioSelect)

    aliases = {"into": "into_id"}

    def __init__(self, row: Round, but: Any, data: Any = None) -> None:
        super().__init__(data)
        pairs = [(str(g.pk), f"{g.title}（{g.n}）") for g in queries.groups(row) if g.pk != but]
        self.offer("into_id", pairs)


class ReplyForm(Plain):
    text = text_field(lazy("回复"), lazy("说清楚怎么办、谁办、什么时候。办不了的说为什么。"), limit=1000)


class RaiseForm(Plain):
    """What a group becomes."""

    kind = forms.ChoiceField(label=lazy("立成什么"), widget=forms.RadioSelect)
    text = text_field(lazy("还要说明的"), lazy("题目就是这一组的名字。原话和这件事互相找得到。"), required=False)

    def __init__(self, row: Round, data: Any = None) -> None:
        kinds = catalogue(row.district_id).kinds.values()
        pairs = [(k.code, k.name) for k in kinds if k.public and not k.confidential and not k.admission]
        pairs.sort(key=lambda pair: pair[0] != "topic")
        super().__init__(data, {"kind": pairs[0][0] if pairs else ""})
        self.offer("kind", pairs)


class TieForm(Plain):
    """The matter that deals already with what a group says."""

    number = line_field(
        lazy("哪一件"), lazy("议题或别的事的编号。连上以后，说过的人从自己的回执看得到它办到哪了。"), limit=24
    )

    def __init__(self, row: Round, data: Any = None) -> None:
        super().__init__(data, {"number": row.matter.number if row.matter else ""})


# ── residents ───────────────────────────────────────────────────────────────────────────────────────────────────
class SayForm(Plain):
    """One's own words; nothing else has to be filled in."""

    question = forms.TypedChoiceField(label=lazy("回哪一问"), coerce=int, widget=forms.RadioSelect)
    text = text_field(lazy("您怎么看？"), lazy("怎么想怎么说。不写电话和门牌。"), limit=1000)
    building = forms.ChoiceField(label=lazy("哪栋楼"), required=False, help_text=lazy("可以不选。"))
    name = line_field(lazy("怎么称呼您"), lazy("可以不写。只有办的人看得到，半年后删掉。"), limit=40, required=False)
    helper = line_field(lazy("替邻居写的，写上您怎么称呼"), lazy("自己说的就空着。"), limit=60, required=False)
    quiet = forms.BooleanField(label=lazy("公布结果的时候，别登我的原话"), required=False)
    retry = forms.CharField(max_length=64, min_length=32, widget=forms.HiddenInput)

    def __init__(self, row: Round, houses: Sequence[Node], data: Any = None, building: str = "") -> None:
        super().__init__(data, {"question": 0, "building": building})
        if len(row.questions) > 1:
            self.offer("question", enumerate(row.questions))
        else:
            del self.fields["question"]
        if len(houses) > 1 or self.data.get("building"):  # one that is none here is refused, not left out
            known = tree(row.district_id)
            self.offer("building", [("", _("不选")), *((n.code, known.full_name(n)) for n in houses)])
        else:
            del self.fields["building"]


class CorrectForm(Plain):
    text = text_field(lazy("记得不对，应该是"), lazy("原来记的留着，您的更正放在旁边。只能更正一次。"), limit=500)
    receipt = forms.CharField(max_length=80, widget=forms.HiddenInput)
