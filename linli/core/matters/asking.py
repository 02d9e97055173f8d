"""What the forms of the acts (``forms.py``) are made of: the base form, and naming somebody by choice or by word."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linli.core.matters import targets
from linli.core.matters.catalogue import Catalogue, catalogue
from linli.core.matters.models import Call, Matter, Urgency
from linli.core.matters.points import Told
from linli.core.matters.targets import Choice
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.posts import Roster, roster
from linli.core.places.tree import Tree, tree
from linli.kit.refusal import Refused

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Words = str | _StrPromise  # the stubs' name for a lazy string
else:
    Words = str
TEXT, LINE = 2000, 500


@dataclass
class About:
    """Who acts on which matter, and what the district keeps in memory."""

    actor: Actor
    matter: Matter
    tree: Tree = field(init=False)
    roster: Roster = field(init=False)
    catalogue: Catalogue = field(init=False)

    def __post_init__(self) -> None:
        district_id = self.matter.district_id
        self.tree, self.roster, self.catalogue = tree(district_id), roster(district_id), catalogue(district_id)


@dataclass(frozen=True)
class Finder:
    """How somebody or something is named: a few suggested, and what a typed word leads to."""

    suggest: Callable[[Any], list[Choice]]
    find: Callable[[Any, str], list[Choice]]
    keep: Callable[[Any, list[str]], list[Choice]]
    prompt: Words


def _of_posts(fits: Callable[[About], targets.Fits], prompt: Words, *, units: bool = False) -> Finder:
    def suggest(about: About) -> list[Choice]:
        first = targets.suggested_units if units else targets.suggested
        return targets.choices(about, first(about, fits(about)))

    def find(about: About, word: str) -> list[Choice]:
        return targets.choices(about, targets.search(about, word, fits(about)).several)

    def keep(about: About, codes: list[str]) -> list[Choice]:
        found = [post for code in codes if (post := about.roster.find(code))]
        return targets.choices(about, found)

    return Finder(suggest, find, keep, prompt)


def _matters(about: About, word: str = "") -> list[Choice]:
    """Only what the actor may merge into: the form is also drawn beside a refusal, and by who has not the duty."""
    near = targets.alike(about, word)
    return targets.matter_choices(about, [m for m in near if about.actor.over(duties.MERGE, m.scope_path)])


def _kept_matters(about: About, numbers: list[str]) -> list[Choice]:
    rows = Matter.objects.filter(district_id=about.matter.district_id, number__in=numbers)
    return targets.matter_choices(about, [m for m in rows if about.actor.over("merge", m.scope_path)])


ANYBODY = _of_posts(targets.anybody, lazy("姓名、单位、地方都能搜"))
BELOW = _of_posts(targets.below, lazy("姓名、单位、地方都能搜"))
CALLABLE = _of_posts(targets.callable_units, lazy("单位名，几家用顿号隔开"), units=True)
NEARBY = Finder(_matters, _matters, _kept_matters, lazy("事号，或原话里的几个字"))


class One(forms.ChoiceField):
    """One of what a finder offers; the finder, not the list shown, says what is valid."""

    widget = forms.RadioSelect

    def valid_value(self, value: Any) -> bool:
        return True


class Several(forms.MultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def valid_value(self, value: Any) -> bool:
        return True


def text_field(label: Words, help_text: Words = "", *, required: bool = True, limit: int = TEXT) -> forms.CharField:
    """Several lines, with our own words where there are too many."""
    return forms.CharField(
        label=label, help_text=help_text, required=required, max_length=limit,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": limit}),
        error_messages={"max_length": lazy("最多 %(limit_value)d 字，现在是 %(show_value)d 字。")},
    )  # fmt: skip


def when_field(label: Words, help_text: Words) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    wrong = {"invalid": lazy("时间写成 2026-11-21 18:00 这样。")}
    return forms.DateTimeField(label=label, help_text=help_text, widget=widget, error_messages=wrong)


def yes_no(label: Words, yes: Words, no: Words) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, choices=[("yes", yes), ("no", no)], coerce=lambda v: v == "yes", widget=forms.RadioSelect
    )


def radios(label: Words, choices: Mapping[str, Words], help_text: Words = "") -> forms.ChoiceField:
    pairs = [(code, name if isinstance(name, Promise) else lazy(name)) for code, name in choices.items()]
    return forms.ChoiceField(label=label, help_text=help_text, choices=pairs, widget=forms.RadioSelect)


class Finding(forms.Form):
    """A form with fields that name somebody or something: by a choice among a few, or by a typed word."""

    finders: ClassVar[dict[str, Finder]] = {}
    about: Any

    def prepare(self) -> None:
        """Add the boxes for typed words and fill the choices. Call at the end of ``__init__``."""
        for name, finder in self.finders.items():
            self.fields[f"{name}_word"] = forms.CharField(required=False, max_length=80, label=finder.prompt)
            self.offer(name)

    def offer(self, name: str) -> None:
        """Fill the choices: what is chosen already, then what the typed word finds, else what is suggested."""
        finder = self.finders[name]
        chosen, word = self._typed(name)
        kept = finder.keep(self.about, chosen) if chosen else []
        more = finder.find(self.about, word) if word else finder.suggest(self.about)
        offered = list(dict((*kept, *more)).items())
        shown = self.fields[name]
        assert isinstance(shown, forms.ChoiceField)
        shown.choices = offered

    def looked_up(self, name: str) -> forms.BoundField:
        """The choices that a typed word finds, as they are drawn: nothing is wrong with what is only looked up."""
        self.full_clean()
        self.errors.pop(name, None)
        return self[name]

    def _typed(self, name: str) -> tuple[list[str], str]:
        if not self.is_bound:
            first = self.initial.get(name) or []
            return ([first] if isinstance(first, str) else list(first)), ""
        values = self.data.getlist(name) if hasattr(self.data, "getlist") else [self.data.get(name, "")]
        return [v for v in values if v][:40], str(self.data.get(f"{name}_word", "")).strip()[:80]

    def clean(self) -> dict[str, Any]:
        super().clean()
        for name in self.finders:
            self._settle(name)
        return self.cleaned_data

    def _settle(self, name: str) -> None:
        """A choice made by name: what was ticked counts; a typed word counts where it means exactly one."""
        several = isinstance(self.fields[name], Several)
        chosen, word = self._typed(name)
        wrong = ""
        if word and (several or not chosen):
            found, wrong = self._named(name, word)
            chosen = list(dict.fromkeys([*chosen, *found]))
        self.cleaned_data[name] = chosen if several else (chosen[0] if chosen else "")
        if chosen or (not wrong and not self.fields[name].required):
            self.errors.pop(name, None)
        elif wrong:
            self.errors.pop(name, None)
            self.add_error(name, wrong)

    def _named(self, name: str, word: str) -> tuple[list[str], str]:
        parts = [p for p in word.replace("，", "、").replace(",", "、").split("、") if p.strip()]
        found: list[str] = []
        for part in parts:
            hits = self.finders[name].find(self.about, part)
            if not hits:
                return [], _("没有找到“%s”，换个写法，或从下面选。") % part
            if len(hits) > 1:
                return [], _("“%(word)s”找到 %(n)d 个，请点一个。") % {"word": part, "n": len(hits)}
            found.append(hits[0][0])
        return found, ""

    def rows(self) -> Iterator[dict[str, Any]]:
        """Fields in order, each with how it is drawn."""
        for bound in self:
            name = bound.name
            if name.endswith("_word") or name == "attachments":
                continue
            yield {"bound": bound, "finder": name in self.finders, "name": name}


class Version(forms.IntegerField):
    """The version that the page was drawn with. Rubbish is none that there ever was, so the act says it is stale."""

    def clean(self, value: Any) -> int | None:
        try:
            found: int | None = super().clean(value)
        except forms.ValidationError:
            return 0
        return found


class ActForm(Finding):
    """The base. ``label`` stands on the button that asks, ``question`` over the form, ``verb`` on the one that does."""

    act: ClassVar[str] = ""
    icon: ClassVar[str] = "check"
    label: ClassVar[Words] = ""
    question: ClassVar[Words] = ""
    verb: Words = ""
    about_act: ClassVar[Words] = ""
    cancel: ClassVar[Words] = lazy("先不")
    done: ClassVar[Words] = ""
    grave: ClassVar[bool] = False
    pictures: ClassVar[bool] = False

    version: forms.IntegerField = Version(required=False, widget=forms.HiddenInput)

    def __init__(self, about: About, data: Any = None, **kwargs: Any) -> None:
        self.about = about
        initial = {"version": about.matter.version, **(kwargs.pop("initial", None) or {})}
        super().__init__(data, initial=initial, label_suffix="", **kwargs)
        self.prepare()
        if self.pictures:
            self.fields["attachments"] = forms.Field(required=False, widget=forms.MultipleHiddenInput)

    # ── for the page ────────────────────────────────────────────────────────────────────────────────────────
    def explain(self) -> str:
        """One sentence under the question: what happens then."""
        return str(self.about_act)

    def points(self) -> Told | None:
        """What was said, point by point, where whoever fills this in should pass over none."""
        return None

    def asks(self) -> bool:
        """Whether there is anything to fill in; an act that asks nothing is one button."""
        return any(not f.widget.is_hidden for f in self.fields.values())

    def kept(self) -> list[str]:
        """Pictures sent with an earlier try."""
        return [str(v) for v in (self["attachments"].value() or [])] if self.pictures else []

    # ── for the action ──────────────────────────────────────────────────────────────────────────────────────
    def said(self) -> dict[str, Any]:
        """What the action takes, by its own names; an empty word is no word."""
        data = {name: value for name, value in self.cleaned_data.items() if not name.endswith("_word")}
        return {name: (None if value == "" else value) for name, value in data.items()} | (
            {"attachments": list(data.get("attachments") or [])} if self.pictures else {}
        )

    def refuse(self, refused: Refused) -> None:
        """Put a refusal beside the field that it speaks of; the whole sentence where it speaks of none."""
        own = {name: words for name, words in refused.fields.items() if name in self.fields}
        for name, words in own.items():
            self.add_error(name, words if len(words) >= len(refused.message) else refused.message)
        if not own:
            self.add_error(None, refused.message)


def category_choices(known: Catalogue) -> list[Any]:
    """The catalogue as a grouped select: the first level as group, the deeper ones set in."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for code, category in sorted(known.categories.items()):
        if category.active:
            inset = "　" * max(0, len(code) // 2 - 2)
            groups.setdefault(code[:2], []).append((code, f"{inset}{category.name}"))
    named = [(known.category_name(top) or top, rows) for top, rows in groups.items()]
    return [("", _("请选一类")), *named]


def cause_choices(known: Catalogue) -> list[tuple[str, str]]:
    return [("", _("请选一个")), *((c.code, c.name) for c in known.causes.values() if c.active)]


def urgency_choices() -> list[tuple[str, Words]]:
    return [("", lazy("不改")), *Urgency.choices]


def open_calls(about: About) -> list[Call]:
    """The actor's own calls on this matter that still wait for an answer."""
    matter = about.matter
    rows = Call.objects.filter(district_id=matter.district_id, matter_id=matter.pk, state__in=["called", "arrived"])
    return list(rows.filter(post_id__in=about.actor.post_ids).order_by("-id"))
