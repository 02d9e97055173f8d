"""Writing something down for somebody in the street: what, where, and how to reach them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.core.matters.catalogue import Catalogue
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.places import locating
from linli.core.places.tree import Node, Tree
from linli.kit import codes, crypto

# Where a worker meets people, in this order; a district that has none of these offers what it has.
MET = ("patrol", "visit", "mobile_point", "mobile", "service_team", "box", "desk")
# What comes by other ways than somebody standing there.
ELSEWHERE = frozenset({"web", "app", "qr", "hotline", "message", "device", "department", "import"})
LEVELS = ("community", "quarter", "grid", "building", "unit")
MOST_PLACES = 400
TEXT = 2000


@dataclass(frozen=True)
class Where:
    """The place that was meant, and the point if there was one."""

    node: Node
    lon: float | None = None
    lat: float | None = None


class RecordForm(forms.Form):
    """One of door, place or point says where: the door outranks the others, for a code does not slip."""

    key = forms.CharField(max_length=64, widget=forms.HiddenInput)
    text = forms.CharField(
        label=gettext_lazy("什么事"), max_length=TEXT, widget=forms.Textarea(attrs={"rows": 4, "maxlength": TEXT}),
        help_text=gettext_lazy("照他说的记，一两句就行。别写身份证号。"),
        error_messages={"max_length": gettext_lazy("最多 %(limit_value)d 字，现在是 %(show_value)d 字。")},
    )  # fmt: skip
    kind = forms.ChoiceField(label=gettext_lazy("哪一类"), choices=[])
    place = forms.ChoiceField(
        label=gettext_lazy("从单子里选"), choices=[], required=False,
        error_messages={"invalid_choice": gettext_lazy("这一处不在您的单子里，写门牌码，或在图上点一下。")},
    )  # fmt: skip
    door = forms.CharField(
        label=gettext_lazy("门牌码"), max_length=20, required=False, help_text=gettext_lazy("单元门上的那一串。"),
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    lon = forms.FloatField(required=False, widget=forms.HiddenInput)
    lat = forms.FloatField(required=False, widget=forms.HiddenInput)
    channel = forms.ChoiceField(label=gettext_lazy("怎么遇上的"), choices=[])
    name = forms.CharField(label=gettext_lazy("怎么称呼他"), max_length=40, required=False)
    phone = forms.CharField(
        label=gettext_lazy("电话"), max_length=24, required=False, help_text=gettext_lazy("只有回电话的人能看到。"),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )  # fmt: skip
    confidential = forms.BooleanField(
        label=gettext_lazy("保密"), required=False, help_text=gettext_lazy("除了回电话的人，谁也看不到是谁说的。")
    )

    def __init__(self, actor: Actor, known: Tree, catalogue: Catalogue, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, label_suffix="", **kwargs)
        self.actor, self.known = actor, known
        self.found: Where | None = None
        self._offer("kind", [(k.code, k.name) for k in catalogue.kinds.values() if k.residents and not k.admission])
        self._offer("place", place_choices(actor, known))
        self._offer("channel", channel_choices(catalogue.channels, known))

    def _offer(self, name: str, choices: list[Any]) -> None:
        shown = self.fields[name]
        assert isinstance(shown, forms.ChoiceField)
        shown.choices = choices

    def clean_phone(self) -> str:
        typed = str(self.cleaned_data["phone"]).strip()
        if not typed:
            return ""
        try:
            return crypto.normal_phone(typed)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors.keys() & {"place", "door"}:
            self.found = self._where(data)
        return data

    def _where(self, data: dict[str, Any]) -> Where | None:
        lon, lat = data.get("lon"), data.get("lat")
        if data.get("door"):
            return self._by_door(str(data["door"]), lon, lat)
        node = self.known.by_code.get(data.get("place") or "")
        if node is not None:
            return Where(node, lon, lat)
        if lon is None or lat is None:
            self.add_error("place", _("选一处，写门牌码，或者在图上点一下。"))
            return None
        located = locating.locate(lon, lat, self.known.district.id)
        if located is None:
            self.add_error("place", _("图上点的地方不在本区，换一处，或从单子里选。"))
            return None
        return Where(located[1], lon, lat)

    def _by_door(self, typed: str, lon: float | None, lat: float | None) -> Where | None:
        try:
            code, district_id = codes.read_code(typed, "door")
        except ValueError as error:
            self.add_error("door", str(error))
            return None
        node = self.known.by_door.get(code) if district_id == self.known.district.id else None
        if node is None:
            self.add_error("door", _("没有这块门牌，再看一遍，或从单子里选。"))
            return None
        return Where(node, lon, lat)


def place_choices(actor: Actor, known: Tree) -> list[Any]:
    """What lies under my posts: houses and staircases by quarter; of a wide post only down to the quarters."""
    paths = actor.paths(duties.RECORD)
    inside = [
        n for n in sorted(known.by_id.values(), key=lambda n: n.path)
        if n.level in LEVELS and any(n.path.startswith(p) for p in paths)
    ]  # fmt: skip
    if len(inside) > MOST_PLACES:
        inside = [n for n in inside if n.level in ("community", "quarter")][:MOST_PLACES]
    groups: dict[str, list[tuple[str, str]]] = {}
    for node in inside:
        group, name = _group(known, node)
        groups.setdefault(group, []).append((node.code, name))
    return [("", _("请选一处")), *groups.items()]


def _group(known: Tree, node: Node) -> tuple[str, str]:
    """Grouped by the quarter (or community); a staircase is named with its house."""
    chain = known.chain(node)
    over = next((n for n in reversed(chain) if n.level in ("quarter", "community")), node)
    if node.level in ("building", "unit"):
        return over.name, " ".join(n.name for n in chain if n.level in ("building", "unit"))
    if node.level == "grid":
        return over.name, node.name
    return over.name, _("%s里，不在楼边") % node.name


def channel_choices(channels: dict[str, str], known: Tree) -> list[tuple[str, str]]:
    """Where a worker meets people first; what residents use themselves is not offered."""
    out = ELSEWHERE | set(known.district.settings.get("resident_channels", ()))
    order = [code for code in MET if code in channels and code not in out]
    order += [code for code in channels if code not in MET and code not in out]
    return [(code, channels[code]) for code in order] or list(channels.items())
