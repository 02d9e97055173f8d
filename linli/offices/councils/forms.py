"""Forms of the host: a topic, a sitting, what came of a point, a resolution, a part of it, the review."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linli.core.decisions import queries as decisions
from linli.core.gatherings import queries as sittings
from linli.core.gatherings.models import AgendaItem, Gathering, Resolution
from linli.core.gatherings.rules.spec import outcome_name
from linli.core.matters.asking import Words, radios, text_field, when_field, yes_no
from linli.core.matters.askpage import PlainForm, day_field, line_field
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.posts import roster
from linli.core.places.tree import Node, tree
from linli.kit.ids import new_id
from linli.offices.councils import queries
from linli.offices.councils.models import Support

MOST_POSTS = 200


class Plain(PlainForm):
    """A form without finders. Where it has ``retry``, a form sent twice does its act once."""

    def __init__(self, data: Any = None, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial={"retry": new_id().hex, **(initial or {})}, label_suffix="")

    def offer(self, name: str, pairs: Iterable[tuple[Any, Any]] = ()) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(pairs)


def retry_field() -> forms.CharField:
    return forms.CharField(max_length=64, min_length=16, widget=forms.HiddenInput)


def count_field(label: Words) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, max_value=100_000, initial=0)


class Nothing(Plain):
    """An act that asks nothing."""


class ReasonForm(Plain):
    reason = line_field(lazy("为什么"), limit=300)


# ── topics ──────────────────────────────────────────────────────────────────────────────────────────────────
def place_pairs(nodes: Iterable[Node], district_id: int) -> list[tuple[str, str]]:
    known = tree(district_id)
    return [(n.code, known.full_name(n)) for n in nodes]


class RaiseForm(Plain):
    """A topic made of what several people said."""

    text = text_field(lazy("议题"), lazy("写成大家能一起议的一句话，不带人名。"))
    sources = line_field(lazy("从哪几件来"), lazy("事号，几件用空格隔开。原话都留着，一件不少。"), limit=600)
    place = forms.ChoiceField(label=lazy("在哪里议"))

    def __init__(self, actor: Actor, data: Any = None, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial)
        self.offer("place", place_pairs(queries.convened(actor), actor.district_id or 0))


# ── preparing ───────────────────────────────────────────────────────────────────────────────────────────────
class SittingForm(Plain):
    """When, where and what kind. ``room`` books; ``where`` only says."""

    aliases = {"room_id": "room", "kind_id": "kind"}

    kind = forms.ChoiceField(label=lazy("哪一种会"), widget=forms.RadioSelect)
    place = forms.ChoiceField(label=lazy("开在哪里"))
    title = line_field(lazy("名称"))
    starts_at = when_field(lazy("几点开始"), "")
    ends_at = when_field(lazy("几点结束"), "")
    room = forms.ChoiceField(label=lazy("用哪间屋子"), required=False)
    where = line_field(lazy("或者写在哪儿"), limit=120, required=False)
    text = text_field(lazy("还要说的"), required=False)

    def __init__(self, actor: Actor, data: Any = None, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial)
        district_id = actor.district_id or 0
        self.kinds = {k.code: k for k in sittings.kinds(district_id)}
        self.offer("kind", ((k.code, k.name) for k in self.kinds.values()))
        self.offer("place", place_pairs(queries.convened(actor), district_id))
        self.offer("room", room_pairs(district_id, actor.paths(duties.CONVENE)))


class MoveForm(Plain):
    """Another time or place after people were asked."""

    aliases = {"room_id": "room"}

    starts_at = when_field(lazy("改到几点开始"), "")
    ends_at = when_field(lazy("几点结束"), "")
    room = forms.ChoiceField(label=lazy("用哪间屋子"), required=False)
    where = line_field(lazy("或者写在哪儿"), limit=120, required=False)
    reason = line_field(lazy("为什么改"), lazy("请过的人都会看到，要重新回一声来不来。"), limit=300)

    def __init__(self, gathering: Gathering, data: Any = None) -> None:
        super().__init__(data, {
            "starts_at": gathering.starts_at, "ends_at": gathering.ends_at, "where": gathering.where,
            "room": str(gathering.room_id or ""),
        })  # fmt: skip
        self.offer("room", room_pairs(gathering.district_id, [gathering.scope_path]))


def room_pairs(district_id: int, paths: Iterable[str]) -> list[tuple[str, Any]]:
    rooms = {str(r.pk): r.name for path in paths for r in sittings.rooms(district_id, path)}
    return [("", lazy("不用屋子")), *rooms.items()]


MOST_TOPICS = 100  # in one list; the rest is put on by number


class AddForm(Plain):
    """One more point of the agenda."""

    aliases = {"matter": "topic"}

    topic = forms.ChoiceField(label=lazy("议题"), required=False)
    number = line_field(lazy("没列出来的，写编号"), limit=24, required=False)
    title = line_field(lazy("议程上的话"), required=False)
    procedure = forms.ChoiceField(label=lazy("归哪一类"), required=False)
    minutes = forms.IntegerField(label=lazy("议几分钟"), min_value=0, max_value=600, required=False)

    def __init__(self, actor: Actor, gathering: Gathering, data: Any = None) -> None:
        super().__init__(data)
        ready = sittings.topics_to_table(actor, gathering.scope_path)
        found = Support.counts(gathering.district_id, [m.pk for m in ready])
        ready.sort(key=lambda m: -found.get(m.pk, 0))
        self.ready, ready = {m.number for m in ready}, ready[:MOST_TOPICS]
        if (left := len(self.ready) - len(ready)) > 0:
            self.fields["number"].help_text = _("上面是附议最多的 %(n)d 个，还有 %(left)d 个没列。") % {
                "n": MOST_TOPICS, "left": left,
            }  # fmt: skip
        else:
            del self.fields["number"]
        told = {m.pk: {"title": m.title, "n": found.get(m.pk, 0)} for m in ready}
        words = [(m.number, _("%(title)s（%(n)d 人附议）") % told[m.pk] if told[m.pk]["n"] else m.title) for m in ready]
        says = gathering.kind.says
        self.offer("topic", words if says.needs_matters else [("", _("不是议题，写在下面")), *words])
        self.needed = says.needs_matters
        if says.needs_matters:
            del self.fields["title"]
        if says.procedures:
            self.offer("procedure", [(p.code, p.name) for p in says.procedures])
        else:
            del self.fields["procedure"]
        self.empty = says.needs_matters and not words

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if number := str(data.get("number") or "").strip().upper():
            data["topic"] = number
            if number not in self.ready:
                self.add_error("number", _("没有这个议题，或者已经排在别的会上。"))
        if self.needed and not data.get("topic"):
            self.add_error("topic", _("请选一件。"))
        return data


# ── in the sitting ──────────────────────────────────────────────────────────────────────────────────────────
class SheetForm(Plain):
    """A signed sheet, typed in."""

    aliases = {"lines": "guests"}

    who = forms.MultipleChoiceField(
        label=lazy("签了名的"), widget=forms.CheckboxSelectMultiple, required=False
    )  # fmt: skip
    guests = line_field(lazy("名单外的，几位用顿号隔开"), limit=400, required=False)

    def __init__(self, gathering: Gathering, data: Any = None) -> None:
        super().__init__(data)
        there = set(gathering.attendances.values_list("invitation_id", flat=True))
        self.offer("who", [(str(i.pk), i.label) for i in gathering.invitations.order_by("pk") if i.pk not in there])

    def names(self) -> list[str]:
        typed = str(self.cleaned_data["guests"]).replace("，", "、").replace(",", "、")
        return [name.strip() for name in typed.split("、") if name.strip()]


class WhoForm(Plain):
    who = forms.UUIDField(widget=forms.HiddenInput)


class TurnForm(Plain):
    label = line_field(lazy("谁要发言"))
    minutes = forms.IntegerField(label=lazy("几分钟"), min_value=1, max_value=60, initial=3, required=False)


class DissentForm(Plain):
    label = line_field(lazy("谁说的（只有主持看得到）"))
    text = text_field(lazy("原话"), limit=500)
    retry = retry_field()


class DiscussForm(Plain):
    """What came of a point."""

    outcome = forms.ChoiceField(label=lazy("结果"), widget=forms.RadioSelect)
    text = text_field(lazy("说了什么，定了什么"), required=False, limit=5000)

    def __init__(self, gathering: Gathering, data: Any = None, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial)
        self.offer("outcome", [(code, outcome_name(code)) for code in gathering.kind.says.outcomes if code != "vote"])


class VoteForm(Plain):
    """A ballot out of the sitting: yes, no or abstention."""

    aliases = {"spec": "rule", "place": "roll_kind", "roll": "roll_kind"}

    title = line_field(lazy("问什么"), lazy("一句话，八十岁的人也看得懂。"))
    text = text_field(lazy("说清楚"), lazy("为什么要定、各有什么好坏、钱从哪来。"), required=False)
    roll_kind = radios(lazy("谁来投"), {"households": lazy("一户一票"), "owners": lazy("业主")})
    rule = forms.ChoiceField(label=lazy("按哪版规则"), widget=forms.RadioSelect)
    closes_at = when_field(lazy("什么时候截止"), lazy("开始以后只能延，不能提前。"))
    review_on = day_field(lazy("哪天回头看"), lazy("通过以后看办得怎么样。"))

    def __init__(self, item: AgendaItem, data: Any = None) -> None:
        super().__init__(data, {"title": item.title, "roll_kind": "households"})
        rules = [r for r in decisions.rules(item.district_id) if not r.spec.get("gathered")]
        self.offer("rule", [(str(r.pk), f"{r.name}（{_('第 %d 版') % r.version}）") for r in rules])


# ── what is settled ─────────────────────────────────────────────────────────────────────────────────────────
def owner_pairs(gathering: Gathering) -> list[tuple[str, Any]]:
    """Who may carry something out: those who serve at the place, below and above it, the nearest first."""
    path = gathering.scope_path
    posts = [
        p for p in roster(gathering.district_id).by_id.values()
        if duties.role(p.role).handles and (path.startswith(p.path) or p.path.startswith(path))
    ]  # fmt: skip
    posts.sort(key=lambda p: (-len(p.path) if path.startswith(p.path) else 0, p.code))
    shown = [(p.code, f"{p.name}　{p.title}" if p.title != p.name else p.name) for p in posts[:MOST_POSTS]]
    return [("", lazy("请选")), *shown]


class ResolveForm(Plain):
    """A resolution is whole or it is none: owner, day, review; and what it is split into."""

    aliases = {"owner_id": "owner"}

    text = text_field(lazy("决议"), limit=1000)
    owner = forms.ChoiceField(label=lazy("谁办"))
    due_on = day_field(lazy("哪天办完"))
    review_on = day_field(lazy("哪天请居民来看"), lazy("不早于办完那天。"))
    parts = text_field(
        lazy("分成哪几件事"),
        lazy("一行一件，都交给上面选的人。要分给别人的，写好决议再分。"),
        required=False,
        limit=4000,
    )
    retry = retry_field()

    def __init__(self, gathering: Gathering, data: Any = None, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial)
        self.offer("owner", owner_pairs(gathering))


class AssignForm(Plain):
    """Another owner or other days, as long as it is not closed."""

    aliases = {"owner_id": "owner"}

    owner = forms.ChoiceField(label=lazy("谁办"))
    due_on = day_field(lazy("哪天办完"))
    review_on = day_field(lazy("哪天请居民来看"), lazy("不早于办完那天。"))

    def __init__(self, row: Resolution, data: Any = None) -> None:
        owner = row.owner.code if row.owner else ""
        super().__init__(data, {"owner": owner, "due_on": row.due_on, "review_on": row.review_on})
        self.offer("owner", owner_pairs(row.gathering))


class PartForm(Plain):
    """One matter split from a resolution."""

    aliases = {"parts": "text"}

    text = text_field(lazy("要办的一件事"), lazy("写成能办、能看见办没办完的一件。"))
    to = forms.ChoiceField(label=lazy("交给谁"))
    retry = retry_field()

    def __init__(self, gathering: Gathering, data: Any = None) -> None:
        super().__init__(data)
        self.offer("to", owner_pairs(gathering))


class ObjectorForm(Plain):
    """What somebody who was against it says now."""

    answer = line_field(lazy("现在怎么说"), limit=300, required=False)
    content = yes_no(lazy("满意了吗？"), lazy("满意了"), lazy("还不满意"))


class ReviewForm(Plain):
    """What residents found."""

    upheld = yes_no(lazy("居民怎么看？"), lazy("办成了"), lazy("没办成，退回去"))
    text = text_field(lazy("大家的话"), limit=500)
    satisfied = count_field(lazy("现场满意几人"))
    dissatisfied = count_field(lazy("现场不满意几人"))
    due_on = day_field(lazy("退回的话：重新办完的日子"), required=False)
    review_on = day_field(lazy("退回的话：再来看的日子"), required=False)


class MinutesForm(Plain):
    """The minutes, drafted from what was written down in the sitting."""

    text = forms.CharField(label=lazy("纪要"), max_length=50_000, widget=forms.Textarea(attrs={"rows": 18}))


class AnswerForm(Plain):
    """The answer to one opinion."""

    text = text_field(lazy("回复"), lazy("只回这一条，他会收到。"), limit=1000)
