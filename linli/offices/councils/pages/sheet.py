"""The signed sheet of a sitting: one host types it in, with a picture of it; another person checks it against both."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from linli.core.gatherings import actions as core
from linli.core.gatherings.models import Attendance, Gathering
from linli.core.matters.askpage import Ask, perform, picture, posted
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.kit import files
from linli.kit.models import Upload
from linli.offices.councils.forms import SheetForm
from linli.offices.councils.pages.common import here, hosted
from linli.offices.councils.room_forms import CheckForm


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def sheet(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """Who signed. What was sent of the picture stays when the form comes back."""
    g = hosted(actor, number)
    form, shown = SheetForm(g, posted(request)), {"scan": ""}
    about = _("录完要另一个人对着纸核一遍才算数。")
    ask = Ask(_("录签到表"), _("录签到表"), here(g), about, template="councils/sheet.html")

    def do(data: dict[str, Any]) -> tuple[str, str]:
        sent = picture(request, actor, "scan")
        shown["scan"] = str(sent or "")
        lines = [core.SheetLine(invitation_id=uuid.UUID(v)) for v in data["who"]]
        lines += [core.SheetLine(label=name) for name in form.names()]
        rows = core.enter_sheet(actor=actor, **_of(g), lines=lines, scan=sent)
        return here(g), _("录了 %d 位，等另一个人核对。") % len(rows)

    return perform(request, ask, form, do, shown)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def check(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """The second person, beside the pictures of what was signed."""
    g = hosted(actor, number)
    form = CheckForm(actor, g, posted(request))
    about = _("手里拿着签到表，一次核完。录的人不能核自己录的。")
    ask = Ask(_("核对签到表"), _("核对无误"), here(g), about, template="councils/check.html")

    def do(data: dict[str, Any]) -> tuple[str, str]:
        agreed, refused = form.sorted_out()
        done = core.agree_sheet(actor=actor, **_of(g), agreed=agreed, refused=refused)
        return here(g), _("核对了，%d 位到会。") % done

    scans = {row.scan: row for row in form.waiting if row.scan}  # one picture, however many lines were typed from it
    return perform(request, ask, form, do, {"g": g, "scans": list(scans.values())})


@require_safe
@staff_page
def scan(request: HttpRequest, actor: Actor, number: str, attendance_id: uuid.UUID) -> HttpResponseBase:
    """The picture of the sheet that a line was typed from, for the hosts: it shows hands and names."""
    g = hosted(actor, number)
    rows = Attendance.objects.filter(**_of(g), pk=attendance_id).exclude(scan=None)
    upload = Upload.objects.filter(pk__in=rows.values("scan")).first()
    if upload is None:
        raise Http404
    return files.serve(upload.path, upload.mime)


def _of(g: Gathering) -> dict[str, Any]:
    return {"district_id": g.district_id, "gathering_id": g.pk}
