"""Forms of the council: a topic, a sitting, what came of a point, a resolution, a part of it, the review."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as lazy

from linli.core.gatherings import queries as sittings
from linli.core.gatherings.models import Gathering
from linli.core.gatherings.rules.spec import outcome_name
from linli.core.matters.asking import text_field, when_field, yes_no
from linli.core.matters.askpage import PlainForm, day_field, line_field
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.posts import roster
from linli.core.places.tree import tree


class WordsForm(PlainForm):
    """A topic in one's own words."""

    text = text_field(lazy("想请大家议什么？"), lazy("一两句就行。不写姓名、电话和门牌。"))


class RaiseForm(PlainForm):
    """A topic made of what several people said."""

    aliases = {"place": "text"}

    text = text_field(lazy("议题"), lazy("写成大家能一起议的一句话，不带人名。"))
    sources = line_field(lazy("从哪几件来"), lazy("事号，几件用空格隔开。原话都留着，一件不少。"), limit=400)


class SittingForm(PlainForm):
    """When, where and what kind. ``room`` books; ``where`` only says."""

    aliases = {"room_id": "room", "kind_id": "kind"}

    kind = forms.ChoiceField(label=lazy("哪一种会"), widget=forms.RadioSelect)
    place = forms.ChoiceField(label=lazy("开在哪一级"))
    title = line_field(lazy("名称"))
    starts_at = when_field(lazy("几点开始"), "")
    ends_at = when_field(lazy("几点结束"), "")
    room = forms.ChoiceField(label=lazy("用哪间屋子"), required=False)
    where = line_field(lazy("或者写在哪儿"), limit=120, required=False)
    text = text_field(lazy("还要说的"), required=False)

    def __init__(self, actor: Actor, data: Any = None, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial, label_suffix="")
        district_id = actor.district_id or 0
        known = tree(district_id)
        paths = actor.paths(duties.CONVENE)
        self.kinds = {k.code: k for k in sittings.kinds(district_id)}
        nodes = [known.by_path[p] for p in paths]
        nodes += [n for p in paths for n in known.by_path.values()
                  if n.path.startswith(p) and n.level in ("community", "quarter", "village") and n.path != p][:120]
        self.fields["kind"].choices = [(k.code, k.name) for k in self.kinds.values()]  # type: ignore[attr-defined]
        self.fields["place"].choices = [(n.code, known.full_name(n)) for n in nodes]  # type: ignore[attr-defined]
        rooms = [r for p in paths for r in sittings.rooms(district_id, p)]
        self.fields["room"].choices = [("", lazy("不用屋子"))] + [(str(r.pk), r.name) for r in rooms]  # type: ignore[attr-defined]


class DiscussForm(PlainForm):
    """What came of a point."""

    outcome = forms.ChoiceField(label=lazy("结果"), widget=forms.RadioSelect)
    text = text_field(lazy("说了什么，定了什么"), required=False, limit=5000)

    def __init__(self, gathering: Gathering, data: Any = None, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial, label_suffix="")
        known = gathering.kind.says.outcomes
        self.fields["outcome"].choices = [(code, outcome_name(code)) for code in known]  # type: ignore[attr-defined]


class _Owned(PlainForm):
    """Names who does it, among those who work at the place and above it."""

    aliases = {"owner_id": "owner"}

    def __init__(self, gathering: Gathering, data: Any = None, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial, label_suffix="")
        self.gathering = gathering
        name = "owner" if "owner" in self.fields else "to"
        path = gathering.scope_path
        posts = [
            p for p in roster(gathering.district_id).by_id.values()
            if duties.role(p.role).handles and (path.startswith(p.path) or p.path.startswith(path))
        ]  # fmt: skip
        posts.sort(key=lambda p: (-len(p.path) if path.startswith(p.path) else 0, p.code))
        shown = [(p.code, f"{p.name}　{p.title}" if p.title != p.name else p.name) for p in posts[:200]]
        self.fields[name].choices = [("", lazy("请选")), *shown]  # type: ignore[attr-defined]


class ResolveForm(_Owned):
    """A resolution is whole or it is none: owner, day, review."""

    text = text_field(lazy("决议"), limit=1000)
    owner = forms.ChoiceField(label=lazy("谁办"))
    due_on = day_field(lazy("哪天办完"))
    review_on = day_field(lazy("哪天请居民来看"), lazy("不早于办完那天。"))


class PartForm(_Owned):
    """One matter split from a resolution."""

    aliases = {"parts": "text"}

    text = text_field(lazy("要办的一件事"), lazy("写成能办、能看见办没办完的一件。"))
    to = forms.ChoiceField(label=lazy("交给谁"))


class ReviewForm(PlainForm):
    """What residents found."""

    upheld = yes_no(lazy("居民怎么看？"), lazy("办成了"), lazy("没办成，退回去"))
    text = text_field(lazy("大家的话"), limit=500)
    satisfied = forms.IntegerField(label=lazy("满意几人"), min_value=0, initial=0)
    dissatisfied = forms.IntegerField(label=lazy("不满意几人"), min_value=0, initial=0)
    due_on = day_field(lazy("退回的话：重新办完的日子"), required=False)
    review_on = day_field(lazy("退回的话：再来看的日子"), required=False)


class MinutesForm(PlainForm):
    """The minutes, drafted from what was written down in the sitting."""

    text = forms.CharField(label=lazy("纪要"), max_length=50_000, widget=forms.Textarea(attrs={"rows": 18}))
