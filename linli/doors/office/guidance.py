"""办事指引: the notes that stand above the button before somebody says something; each with its basis and a preview."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat, LPad
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods

from linli.core.matters.askpage import line_field, lines_field
from linli.doors.office.acting import Act, Done, perform, posted
from linli.doors.office.forms import Asking, choice_field
from linli.doors.office.gate import Office, office_page, show
from linli.doors.office.lists import keyed, param
from linli.insight.guidance import keeping
from linli.insight.guidance.notes import leading
from linli.insight.models import Note
from linli.kit.finding import the_one
from linli.kit.models import Change

TOLD = 20


class NoteForm(Asking):
    sort = choice_field(lazy("哪一类"), Note.Sort.choices)
    title = line_field(lazy("标题"), lazy("居民先看到的一句。"), limit=60)
    text = lines_field(lazy("说什么"), lazy("短句，称“您”，先说怎么办。"), limit=600)
    who = line_field(lazy("谁办"), limit=60, required=False)
    phone = line_field(lazy("电话"), lazy("能拨的号码会变成一个按钮。"), limit=60, required=False)
    where = line_field(lazy("到哪里"), limit=200, required=False)
    basis = line_field(
        lazy("依据"), lazy("法规的名字；拿不准第几条就只写名字。不在这里办的必须写。"), limit=200, required=False
    )
    words = lines_field(
        lazy("说到什么时出现"), lazy("一行一种说法。几个词都要有，用加号连；一个词几种写法，用竖线隔开：燃气|煤气+漏。")
    )
    without = lines_field(lazy("说到什么时不出现"), lazy("一行一个词，说到它就是别的事。"), rows=2)

    def arrange(self) -> None:
        self.fields["without"].required = False


@require_GET
@office_page
def listing(request: HttpRequest, office: Office) -> HttpResponseBase:
    """Found by a word or a sort; and what a sentence would lead to."""
    word, sort, off, said = (param(request, name) for name in ("q", "sort", "off", "said"))
    rows = Note.objects.filter(district_id=office.district_id, active=off != "1")
    if word:
        rows = rows.filter(
            Q(title__icontains=word) | Q(text__icontains=word) | Q(who__icontains=word) | Q(basis__icontains=word)
        )
    if sort in Note.Sort.values:
        rows = rows.filter(sort=sort)
    tabs = [{"label": label, "url": url, "current": (off == "1") == ended, "count": None}
            for label, url, ended in ((_("在用的"), "?", False), (_("停用的"), "?off=1", True))]  # fmt: skip
    page = keyed(_in_order(rows), request, by="place")
    context = {
        "page": page, "rows": page.items, "word": word, "sorts": Note.Sort.choices, "tabs": tabs,
        "said": said, "led": leading(office.district_id, said)[:3] if said else [], "off": off == "1",
        "narrowed": bool(word or sort),
    }  # fmt: skip
    return show(request, office, "guidance", context)


def _in_order(rows: QuerySet[Note]) -> QuerySet[Note]:
    """As residents meet them, by a key that no two share: a cursor goes on behind it."""
    number = LPad(Cast("order", CharField()), 5, Value("0"))
    return rows.annotate(place=Concat(number, Value("-"), "code", output_field=CharField()))


def _row(office: Office, note_id: uuid.UUID) -> Note:
    return the_one(Note.objects.filter(district_id=office.district_id, pk=note_id), _("没有这条指引。"))


def _initial(row: Note) -> dict[str, Any]:
    kept = {name: getattr(row, name) for name in ("sort", "title", "text", "who", "phone", "where", "basis")}
    return kept | {"words": "\n".join(row.words), "without": "\n".join(row.without)}


def _previewed(
    request: HttpRequest, office: Office, act: Act, form: NoteForm, do: Any, context: dict[str, Any]
) -> HttpResponseBase:
    """The button 先看一眼 saves nothing: the same form, and under it what the resident would read."""
    if request.method == "POST" and "look" in request.POST:
        form.is_valid()
        context |= {"note": keeping.shown(form.data), "act": act, "form": form}
        return show(request, office, "note", context, status=422 if form.errors else 200)
    return perform(request, office, act, form, do, context)


@require_http_methods(["GET", "POST"])
@office_page
def new(request: HttpRequest, office: Office) -> HttpResponseBase:
    form = NoteForm(office, posted(request), initial={"sort": "redirect"})
    about = _("居民写事情的时候出现在按钮上面，不挡着往下说。")
    act = Act(_("写一条办事指引"), _("写上"), reverse("office:guidance"), about, template="note")

    def do(data: dict[str, Any]) -> Done:
        made = keeping.add_note(actor=office.actor, **data)
        return reverse("office:guidance"), _("“%s”写上了，从现在起看得到。") % made.title

    return _previewed(request, office, act, form, do, {})


@require_http_methods(["GET", "POST"])
@office_page
def one(request: HttpRequest, office: Office, note_id: uuid.UUID) -> HttpResponseBase:
    """Change it; below what the resident reads now, and what was changed when."""
    row = _row(office, note_id)
    form = NoteForm(office, posted(request), initial=_initial(row))
    act = Act(row.title, _("存下"), reverse("office:guidance"), template="note")
    history = Change.objects.filter(district_id=office.district_id, data__code=row.code, sentence__contains="办事指引")
    context = {"row": row, "note": keeping.shown(_initial(row)), "history": history.order_by("-at", "-id")[:TOLD]}

    def do(data: dict[str, Any]) -> Done:
        made = keeping.change_note(actor=office.actor, note_id=row.pk, **data)
        return reverse("office:note", args=[row.pk]), _("“%s”存下了。") % made.title

    return _previewed(request, office, act, form, do, context)


@require_http_methods(["GET", "POST"])
@office_page
def switch(request: HttpRequest, office: Office, note_id: uuid.UUID) -> HttpResponseBase:
    """End it, or take it up again."""
    row = _row(office, note_id)
    title = _("停用“%s”？") if row.active else _("重新用“%s”？")
    verb = _("停用") if row.active else _("重新用")
    about = _("居民不再看到它；写的字都留着，随时能再用。") if row.active else _("居民说到这些词，又会看到它。")
    act = Act(title % row.title, verb, reverse("office:note", args=[row.pk]), about, grave=row.active)

    def do(data: dict[str, Any]) -> Done:
        made = keeping.switch_note(actor=office.actor, note_id=row.pk, active=not row.active)
        said = _("“%s”又用上了。") if made.active else _("“%s”停用了。")
        return reverse("office:guidance"), said % made.title

    return perform(request, office, act, Asking(office, posted(request)), do)
