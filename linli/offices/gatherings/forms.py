"""Forms of rooms, bookings, what comes back, and paper slips."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as lazy

from linli.core.gatherings import queries
from linli.core.gatherings.models import Room
from linli.core.matters.asking import radios, text_field, when_field
from linli.core.matters.askpage import PlainForm, line_field
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.places.tree import Node, tree

LEVELS = ("district", "street", "community", "quarter")
MOST = 300
_HOURS = lazy("写成 08:00-21:30；空着就是随时都开。")


class Plain(PlainForm):
    """A form without finders."""

    def __init__(self, data: Any = None, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial, label_suffix="")

    def choose(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


def places(actor: Actor) -> list[Node]:
    """Where the actor convenes, from the whole to the quarter."""
    known, paths = tree(actor.district_id or 0), actor.paths(duties.CONVENE)
    found = [n for n in known.by_path.values() if n.level in LEVELS and n.path.startswith(paths)] if paths else []
    return sorted(found, key=lambda n: (LEVELS.index(n.level), n.path))[:MOST]


def _named(actor: Actor) -> list[tuple[str, str]]:
    known = tree(actor.district_id or 0)
    return [(n.code, known.full_name(n, below="street")) for n in places(actor)]


class RoomForm(Plain):
    place = forms.ChoiceField(label=lazy("在哪里"))
    name = line_field(lazy("叫什么"), lazy("比如：二楼议事厅"), limit=60)
    seats = forms.IntegerField(label=lazy("坐多少人"), min_value=1, max_value=5000, required=False)
    hours = line_field(lazy("几点到几点开门"), _HOURS, limit=11, required=False)
    active = forms.BooleanField(label=lazy("现在可以订"), required=False)

    def __init__(self, actor: Actor, data: Any = None, room: Room | None = None) -> None:
        initial = {"active": True}
        if room is not None:
            initial = {f: getattr(room, f) for f in ("name", "seats", "hours", "active")}
        super().__init__(data, initial)
        if room is None:
            self.choose("place", _named(actor))
            del self.fields["active"]
        else:
            del self.fields["place"]


class BookForm(Plain):
    kind = forms.ChoiceField(label=lazy("开什么会"))
    place = forms.ChoiceField(label=lazy("哪里的会"))
    title = line_field(lazy("题目"), lazy("一句话，来的人一看就知道。"))
    starts_at = when_field(lazy("几点开始"), "")
    ends_at = when_field(lazy("几点结束"), "")
    text = text_field(lazy("要先告诉大家的"), required=False, limit=10_000)

    def __init__(self, actor: Actor, room: Room, data: Any = None, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial)
        known = tree(actor.district_id or 0)
        near = [n for n in places(actor) if n.path.startswith(room.scope_path) or room.scope_path.startswith(n.path)]
        near.sort(key=lambda n: (n.path != room.scope_path, LEVELS.index(n.level), n.path))
        self.kinds = {kind.code: kind for kind in queries.kinds(actor.district_id or 0)}
        self.choose("kind", [(code, kind.name) for code, kind in self.kinds.items()])
        self.choose("place", [(n.code, known.full_name(n, below="street")) for n in near])


class SeriesForm(Plain):
    kind = forms.ChoiceField(label=lazy("开什么会"))
    place = forms.ChoiceField(label=lazy("哪里的会"))
    title = line_field(lazy("题目"), lazy("每一次都用它。"))
    room = forms.ChoiceField(label=lazy("在哪间屋子"), required=False)
    every = radios(lazy("多久一次"), {"kind": lazy("照这种会的规定"), "day": lazy("每天一次"), "week": lazy("每周一次"),
                                    "month": lazy("每月一次")})  # fmt: skip
    weekday = forms.TypedChoiceField(
        label=lazy("每周的哪天"), coerce=int, empty_value=None, required=False,
        choices=[("", "—"), (1, lazy("周一")), (2, lazy("周二")), (3, lazy("周三")), (4, lazy("周四")),
                 (5, lazy("周五")), (6, lazy("周六")), (7, lazy("周日"))],
    )  # fmt: skip
    day = forms.IntegerField(label=lazy("每月的几号"), min_value=1, max_value=31, required=False)
    time = forms.TimeField(label=lazy("几点开"), required=False,
                           widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))  # fmt: skip
    minutes = forms.IntegerField(label=lazy("开多少分钟"), min_value=5, max_value=720, required=False)
    aliases = {"recurrence": "every", "room_id": "room"}

    def __init__(self, actor: Actor, data: Any = None) -> None:
        super().__init__(data, {"every": "kind", "minutes": 90})
        district_id = actor.district_id or 0
        self.kinds = {kind.code: kind for kind in queries.kinds(district_id)}
        self.choose("kind", [(code, kind.name) for code, kind in self.kinds.items()])
        self.choose("place", _named(actor))
        paths = actor.paths(duties.CONVENE)
        rooms = {str(r.pk): f"{r.place.name}　{r.name}" for path in paths for r in queries.rooms(district_id, path)}
        self.choose("room", [("", lazy("到时候再定")), *rooms.items()])

    def recurrence(self) -> dict[str, object] | None:
        """None where the kind's own one holds."""
        data = self.cleaned_data
        if data["every"] == "kind":
            return None
        rule: dict[str, object] = {"every": data["every"], "time": f"{data['time']:%H:%M}" if data["time"] else "",
                                   "minutes": data["minutes"] or 90}  # fmt: skip
        if data["every"] == "week":
            rule["weekday"] = data["weekday"] or 0
        if data["every"] == "month":
            rule["day"] = data["day"] or 0
        return rule


class SlipForm(Plain):
    receipt = forms.CharField(
        label=lazy("通知单上的码"), help_text=lazy("二十位，横线可以不写。"), max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )  # fmt: skip
    answer = radios(lazy("能不能来"), {"yes": lazy("来"), "no": lazy("来不了"), "substitute": lazy("派人来")})
    substitute = line_field(lazy("谁替您来"), required=False, limit=60)
    reason = line_field(lazy("要说一句吗"), required=False, limit=200)
