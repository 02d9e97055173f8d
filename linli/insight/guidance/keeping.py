"""Written help as the administrator keeps it: added, changed, ended, taken up again, each told in a plain sentence."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linli.core.matters.actions.configuring.saying import differences, found, keep, one_of, text
from linli.core.people.actions import configuring
from linli.core.people.actor import Actor
from linli.insight.guidance.notes import Note as Shown
from linli.insight.models import Note
from linli.kit.ids import new_id
from linli.kit.refusal import Invalid

MOST_LINES, LINE = 40, 120
WORDS = {
    "sort": lazy("哪一类"), "title": lazy("标题"), "text": lazy("说什么"), "who": lazy("谁办"),
    "phone": lazy("电话"), "where": lazy("到哪里"), "basis": lazy("依据"),
    "words": lazy("说到什么时出现"), "without": lazy("说到什么时不出现"),
    "active": lazy("在用"),
}  # fmt: skip
_LIMITS = {"title": 60, "text": 600, "who": 60, "phone": 60, "where": 200, "basis": 200}
_NEEDED = ("title", "text")


def add_note(*, actor: Actor, **values: Any) -> Note:
    """A new note, behind those that there are."""
    with configuring(actor) as change:
        rows = Note.objects.filter(district_id=change.district.pk)
        last = rows.aggregate(last=Max("order"))["last"] or 0
        key = new_id()
        made = Note(id=key, district_id=change.district.pk, code=f"own-{key.hex[-12:]}", order=last + 1)
        for name, value in clean(values).items():
            setattr(made, name, value)
        made.save(force_insert=True)
        change.tell(made.title, _("写了办事指引“%s”") % made.title, code=made.code)
        return made


def change_note(*, actor: Actor, note_id: uuid.UUID, **values: Any) -> Note:
    """What is said from now on; nothing is told where nothing changed."""
    with configuring(actor) as change:
        note = found(Note.objects.all(), change, note_id)
        told = differences(note, clean(values), WORDS)
        keep(change, note, told, note.title, _("改了办事指引“%(name)s”：%(what)s"), code=note.code)
        return note


def switch_note(*, actor: Actor, note_id: uuid.UUID, active: bool) -> Note:
    """End a note, or take it up again. Its words stay."""
    with configuring(actor) as change:
        note = found(Note.objects.all(), change, note_id)
        if note.active != active:
            note.active = active
            note.save(update_fields=["active"])
            words = _("重新用办事指引“%s”") if active else _("停用了办事指引“%s”")
            change.tell(note.title, words % note.title, code=note.code)
        return note


def clean(values: dict[str, Any]) -> dict[str, Any]:
    """Each value in its shape. Invalid names the field: a stop without its basis, words that lead nowhere."""
    made: dict[str, Any] = {"sort": one_of(values["sort"], Note.Sort.values, "sort")}
    for name, limit in _LIMITS.items():
        made[name] = text(values.get(name, ""), name, limit, needed=name in _NEEDED)
    made["words"] = lines(values.get("words", ""), "words")
    made["without"] = lines(values.get("without", ""), "without")
    if not made["words"]:
        message = _("写几个词：居民说到它们，这一条才出现。")
        raise Invalid(message, fields={"words": message})
    if made["sort"] == Note.Sort.STOP and not made["basis"]:
        message = _("不在这里办的，要写明依据。")
        raise Invalid(message, fields={"basis": message})
    return made


def lines(typed: str, field: str) -> list[str]:
    """One entry a line."""
    found_ = [line.strip() for line in typed.replace("\0", "").splitlines() if line.strip()]
    if len(found_) > MOST_LINES or any(len(line) > LINE for line in found_):
        message = _("最多 %(lines)d 行，每行最多 %(length)d 字。") % {"lines": MOST_LINES, "length": LINE}
        raise Invalid(message, fields={field: message})
    return found_


def shown(values: Mapping[str, Any]) -> Shown:
    """A note as the resident reads it, from what is typed."""
    names = ("sort", "title", "text", "who", "phone", "where", "basis")
    return Shown(code="", **{name: str(values.get(name) or "") for name in names})
