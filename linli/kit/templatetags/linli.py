"""The parts pages are made of. ``linli/kit/README.md`` lists them; ``/kit/gallery`` shows them."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast
from uuid import uuid4

import segno
from django import forms, template
from django.contrib.messages import get_messages
from django.contrib.messages.constants import ERROR, WARNING
from django.contrib.messages.storage.base import Message
from django.forms.boundfield import BoundField
from django.http import HttpRequest, QueryDict
from django.template import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from linli.kit import clockface, fieldview, icons, paging
from linli.kit.calendar.wording import Style
from linli.kit.clockface import read
from linli.kit.figures import comma, day, daytime, group, listed, on, percent, when, yuan
from linli.kit.files import MOST_PICTURES

register = template.Library()
for _filter in (comma, day, daytime, listed, on, when, yuan, group):
    register.filter(_filter.__name__, _filter)

STATES = {
    "open": gettext_lazy("待受理"),
    "dispatched": gettext_lazy("已派单"),
    "accepted": gettext_lazy("已接单"),
    "in_progress": gettext_lazy("办理中"),
    "paused": gettext_lazy("已暂停"),
    "resolved": gettext_lazy("待核查"),
    "verified": gettext_lazy("待评价"),
    "contested": gettext_lazy("有异议"),
    "closed": gettext_lazy("已销号"),
    "declining": gettext_lazy("拟不受理"),
    "declined": gettext_lazy("不予受理"),
    "merged": gettext_lazy("已并案"),
}


@register.simple_tag
def icon(name: str, cls: str = "", label: str = "") -> SafeString:
    """An icon beside a word; with ``label`` it stands alone and says so."""
    role = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    href = f"{static(icons.SPRITE)}#i-{name}"
    return format_html('<svg class="{}" {}><use href="{}"/></svg>', f"i {cls}".strip(), role, href)


@register.simple_tag(takes_context=True)
def clock(context: Context, item: object, style: Style | None = None, big: bool = False) -> SafeString | str:
    """The chip of a clock (a row or a dictionary); nothing for no clock."""
    if item is None or item == "":
        return ""
    said = style or _shell_style(context)
    shape = clockface.face(item, style=said)
    return clockface.chip(shape, icon(shape.icon), style=said, loud=big)


def _shell_style(context: Context) -> Style:
    shell = context.get("shell")
    return cast(Style, getattr(shell, "style", "resident"))


@register.simple_tag
def state(value: object, label: str = "") -> SafeString:
    """The state of a matter: a dot and a word."""
    code = str(getattr(value, "value", value))
    return format_html('<span class="state" data-state="{}">{}</span>', code, label or STATES.get(code, code))


@register.simple_tag
def seal(text: str, cls: str = "") -> SafeString:
    """A seal with the first character of a name; decoration, because the name stands beside it."""
    return format_html('<span class="{}" aria-hidden="true">{}</span>', f"seal {cls}".strip(), str(text)[:1])


@register.inclusion_tag("kit/person.html")
def person(
    name: str, role: str = "", *, over: str = "", cls: str = "", now: bool = False,
    call: str = "", callback: str = "", message: str = "", duty: str = "",
) -> dict[str, object]:  # fmt: skip
    """Somebody: seal, name, what they serve as. ``over`` is a caption above the name (现在谁在办).

    ``call`` goes over a bridge; where none is set up, ``callback`` posts a wish to be called. Never a number.
    """
    return {"name": name, "role": role, "over": over, "cls": cls, "now": now, "call": call,
            "callback": callback, "message": message, "duty": duty}  # fmt: skip


def _step(item: object) -> dict[str, object]:
    notes = read(item, "notes", ())
    notes = [notes] if isinstance(notes, str) else list(notes)
    return {"state": str(read(item, "state", "next")), "title": read(item, "title", ""),
            "seal": str(read(item, "seal", "") or read(item, "title", ""))[:1], "notes": notes}  # fmt: skip


@register.inclusion_tag("kit/line.html")
def line(steps: Iterable[object], wide: bool = False) -> dict[str, object]:
    """The line of steps: each ``{state: done|now|next, title, seal, notes}``."""
    return {"steps": [_step(item) for item in steps], "wide": wide}


@register.inclusion_tag("kit/dots.html")
def dots(steps: Iterable[object]) -> dict[str, object]:
    """The short form of the line, for a list."""
    made = [_step(item) for item in steps]
    at = next((n for n, item in enumerate(made, 1) if item["state"] == "now"), len(made))
    said = _("走到第 %(at)s 步，共 %(all)s 步") % {"at": at, "all": len(made)}
    return {"steps": made, "said": said}


@register.inclusion_tag("kit/field.html")
def field(bound: BoundField, cls: str = "") -> dict[str, object]:
    return {"f": fieldview.view(bound, cls=cls)}


@register.inclusion_tag("kit/problems.html")
def problems(form: forms.BaseForm) -> dict[str, object]:
    """The error summary at the top of a form: how many, and a link to each."""
    found = fieldview.problems(form)
    title = ngettext("有 %(n)s 处要改", "有 %(n)s 处要改", len(found)) % {"n": len(found)}
    return {"problems": found, "title": title}


@register.inclusion_tag("kit/empty.html")
def empty(title: str, text: str = "", *, act: str = "", url: str = "", icon: str = "") -> dict[str, object]:
    """Nothing here: what belongs here, why there is none, one act."""
    return {"title": title, "text": text, "act": act, "url": url, "icon": icon}


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: object) -> str:
    """The current query string with ``changes``; None or "" takes a name out. A new filter starts at page one."""
    return edit(_params(context), changes)


def edit(params: QueryDict, changes: Mapping[str, object]) -> str:
    made = params.copy()
    if "cursor" not in changes:
        made.pop("cursor", None)
    for name, value in changes.items():
        made.pop(name, None)
        if isinstance(value, (list, tuple)):
            made.setlist(name, [str(one) for one in value])
        elif value not in (None, ""):
            made[name] = str(value)
    return f"?{made.urlencode()}"


@register.simple_tag(takes_context=True)
def carried(context: Context, *but: str) -> list[tuple[str, str]]:
    """What a form for GET takes along of the address. In a template ``GET.items`` would be the parameter "items"."""
    return [(name, str(value)) for name, value in _params(context).items() if name not in but]


def _params(context: Context) -> QueryDict:
    request: HttpRequest | None = context.get("request")
    return request.GET if request else QueryDict()


@register.inclusion_tag("kit/saved.html")
def saved(tabs: Sequence[Mapping[str, object]], label: str = "") -> dict[str, object]:
    """The tabs of saved filters: each ``{label, url, count, current, alert}``."""
    return {"tabs": tabs, "label": label or _("存好的筛选")}


@register.inclusion_tag("kit/pick.html", takes_context=True)
def pick(context: Context, name: str, label: str, options: Iterable[Sequence[object]]) -> dict[str, object]:
    """One facet: a menu of links, so that a list's state lies in its URL. Options: (value, word[, count])."""
    params = _params(context)
    chosen = params.get(name, "")
    made = [
        {"url": edit(params, {name: row[0]}), "word": row[1], "count": row[2] if len(row) > 2 else None,
         "on": str(row[0]) == chosen}
        for row in options
    ]  # fmt: skip
    word = next((item["word"] for item in made if item["on"]), "")
    return {"label": label, "word": word, "options": made, "on": bool(chosen),
            "clear": edit(params, {name: None}), "name": name}  # fmt: skip


@register.inclusion_tag("kit/th.html", takes_context=True)
def th(context: Context, key: str, label: str, default: str = "") -> dict[str, object]:
    """A table head that sorts: ``order=key`` upwards, ``order=-key`` downwards. ``default`` is the list's own order."""
    params = _params(context)
    order = params.get("order", default)
    up, down = order == key, order == f"-{key}"
    return {"label": label, "up": up, "down": down, "url": edit(params, {"order": f"-{key}" if up else key})}


@register.inclusion_tag("kit/pager.html", takes_context=True)
def pager(context: Context, page: paging.Page[Any], label: str = "") -> dict[str, object]:
    """Onwards, and back to the first page. There is no "page 7 of 90": a cursor does not count."""
    params = _params(context)
    return {
        "label": label or _("往后看"),
        "more": edit(params, {"cursor": page.next}) if page.next else "",
        "first": edit(params, {}) if params.get("cursor") else "",
    }


@register.simple_block_tag(takes_context=True)
def dialog(
    context: Context, content: str, id: str, title: str, *, action: str = "", confirm: str = "",
    cancel: str = "", grave: bool = False, text: str = "",
) -> str:  # fmt: skip
    """A question. With ``action`` it is a form whose button repeats the verb; open it by a link to ``#id``.

    The link works without script too, through ``:target``.
    """
    made = {"content": content, "id": id, "title": title, "action": action, "confirm": confirm,
            "cancel": cancel or _("先不"), "grave": grave, "text": text}  # fmt: skip
    return render_to_string("kit/dialog.html", made, context.get("request"))


@register.inclusion_tag("kit/upload.html")
def upload(
    name: str = "attachments", label: str = "", *, limit: int = MOST_PICTURES, bad: str = ""
) -> dict[str, object]:
    """Photos with previews and progress. Without script the files travel with the form, under ``<name>_files``."""
    return {"name": name, "label": label or _("照片"), "limit": limit, "bad": bad, "id": f"u-{name}",
            "texts": {"remove": _("去掉"), "sending": _("正在传"), "failed": _("没传上"), "again": _("再传"),
                      "other": _("换一张"), "waiting": _("排着队"), "offline": _("网断了，连上就传"),
                      "done": _("传好了"), "big": _("这张太大，要 10 MB 以内"), "kind": _("只收照片"),
                      "lost": _("没有存下，请重新选"), "many": _("最多 %d 张")}}  # fmt: skip


@register.inclusion_tag("kit/map_picker.html")
def map_picker(
    url: str, *, lon: object = "", lat: object = "", names: str = "lon,lat", label: str = "", instead: str = ""
) -> dict[str, object]:
    """Pick a point on our own GeoJSON at ``url``; fills two hidden inputs. ``instead``: id of the place select."""
    lon_name, lat_name = names.split(",")
    return {"url": url, "lon": lon, "lat": lat, "lon_name": lon_name, "lat_name": lat_name, "instead": instead,
            "label": label or _("在图上点出地方"), "id": f"m-{uuid4().hex[:8]}", "texts": _map_texts()}  # fmt: skip


@register.inclusion_tag("kit/map_view.html")
def map_view(url: str, *, label: str, list_url: str = "", tall: bool = False) -> dict[str, object]:
    """A map of our own GeoJSON. Features may carry ``tone`` (soon, over), ``kind``, ``name``, ``height``, ``url``."""
    return {"url": url, "label": label, "list_url": list_url, "tall": tall, "texts": _map_texts()}


def _map_texts() -> dict[str, str]:
    return {
        "here": _("我在哪"),
        "picked": _("选在 %s"),
        "denied": _("手机没让用定位，在图上点一下也行。"),
        "broken": _("这台机器画不出地图，下面选地方也一样。"),
        "outside": _("这里不在本区。"),
        "map": _("地图"),
        "nearer": _("放大"),
        "further": _("缩小"),
        "north": _("转回正北"),
    }


@register.inclusion_tag("kit/kpi.html")
def kpi(
    label: str, value: object, unit: str = "", *, compare: str = "", formula: str = "", version: object = "",
    sample: int | None = None, minimum: int = 0, url: str = "", excluded: int = 0, left: str = "",
) -> dict[str, object]:  # fmt: skip
    """A figure: a door to its cases, with its formula and sample. Under the minimum sample there is no figure.

    ``excluded`` says how many were left out of it, ``left`` is the list of them.
    """
    return {"label": label, "value": comma(value), "unit": unit, "compare": compare, "formula": formula,
            "version": version, "sample": sample, "minimum": minimum, "url": url,
            "excluded": excluded, "left": left, "few": sample is not None and sample < minimum}  # fmt: skip


@register.inclusion_tag("kit/meter.html")
def meter(label: str, have: object, need: object, total: object, unit: str = "", said: str = "") -> dict[str, object]:
    """One condition of a rule: a bar, the threshold as a tick, the distance in words. It never says pass or fail."""
    a, b, c = float(str(have)), float(str(need)), float(str(total)) or 1.0
    gap = need - have if isinstance(need, int) and isinstance(have, int) else b - a
    words = _("还差 %(gap)s %(unit)s") % {"gap": comma(gap), "unit": unit}
    label_long = _("%(total)s %(unit)s里已有 %(have)s %(unit)s，要到 %(need)s %(unit)s") % {
        "total": comma(total), "have": comma(have), "need": comma(need), "unit": unit,
    }  # fmt: skip
    return {"label": label, "met": a >= b, "words": words.strip(), "said": said or label_long,
            "fill": percent(a, c), "tick": percent(b, c)}  # fmt: skip


@register.inclusion_tag("kit/ticket.html")
def ticket(
    receipt: str,
    *,
    qr: str,
    board: str = "",
    line: str = "",
    save: str = "",
    title: str = "",
    say: str = "",
    copy: bool = False,
) -> dict[str, object]:
    """The receipt slip: the code in fours, a QR that carries it, the other code that stands on the notice board.

    ``copy``: whoever it was made for holds the screen, so they may copy it and have it read aloud.
    """
    if copy and not say:
        say = f"{_('回执码')}，{' '.join(ch for ch in receipt if ch.isalnum())}"
    return {"code": group(receipt), "qr": qr_svg(qr), "board": board, "line": line, "save": save,
            "title": title or _("回执"), "say": say, "copy": receipt if copy else ""}  # fmt: skip


def qr_svg(text: str) -> SafeString:
    """A QR code as inline SVG without a style attribute."""
    out = io.BytesIO()
    segno.make(text, micro=False, error="m").save(
        out, kind="svg", xmldecl=False, svgns=False, border=0, omitsize=True, dark="#23211d",
        svgclass="qr", lineclass=None, nl=False, title=_("回执二维码"),
    )  # fmt: skip
    return mark_safe(out.getvalue().decode())  # noqa: S308  made by segno from its own matrix


@register.inclusion_tag("kit/papers.html")
def papers(name: str, *args: object, what: str = "") -> dict[str, str]:
    """A paper to take along, as Word and as PDF: the address ``name`` with ``args``, and the form as its last part."""
    docx, pdf = (reverse(name, args=[*args, form]) for form in ("docx", "pdf"))
    return {"docx": docx, "pdf": pdf, "what": what}


@register.inclusion_tag("kit/toasts.html", takes_context=True)
def toasts(context: Context, oob: bool = False) -> dict[str, object]:
    """What has happened, with its undo. ``oob`` is for answers to htmx: the box beside the fragment."""
    made = []
    for m in _messages(context):
        if m.level < WARNING:
            kind, _colon, value = (m.extra_tags or "").partition(":")
            made.append({"text": m.message, kind or "plain": value})
    return {"toasts": made, "oob": oob, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("kit/wrongs.html", takes_context=True)
def wrongs(context: Context) -> dict[str, object]:
    """What went wrong stands in the page, at its top, until it is put right: never in a toast."""
    found = [m for m in _messages(context) if m.level >= WARNING]
    return {"wrong": [{"text": m.message, "tone": "over" if m.level >= ERROR else "soon"} for m in found]}


def _messages(context: Context) -> list[Message]:
    request: HttpRequest | None = context.get("request")
    return [] if request is None else list(get_messages(request))


_OWN_PAGE = re.compile(r"(?<![\w/.])/open/[\w./-]*/")  # only the open pages: anybody may follow such a link


@register.filter
def ways(text: str) -> SafeString:
    """Words in which an address of the open pages can be pressed: those of a covenant's vote name its draft."""
    return mark_safe(_OWN_PAGE.sub(r'<a href="\g<0>">\g<0></a>', conditional_escape(text)))  # noqa: S308  escaped


@register.filter
def as_json(value: object) -> str:
    """For a data attribute: texts that a script of ours shows."""
    return json.dumps(value, ensure_ascii=False)


@register.simple_tag(takes_context=True)
def words(context: Context) -> SafeString:
    """The clock's patterns for ``clock.js``, as a data block (which a strict policy allows)."""
    text = json.dumps(clockface.patterns(), ensure_ascii=False).replace("<", "\\u003c")
    return format_html('<script type="application/json" id="ll-words">{}</script>', mark_safe(text))  # noqa: S308
