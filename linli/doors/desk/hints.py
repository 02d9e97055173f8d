"""The machine's suggestions at the desk: taken with one tap, refused with one tap."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from linli.core.matters import acting
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.doors.desk.gate import back_to, seen
from linli.insight import suggesting
from linli.kit import shell
from linli.kit.pressed import pressed
from linli.kit.refusal import NotFound, Refused

ANSWERS: Final = {"take": True, "refuse": False}
_TAKEN: Final = {"category": gettext_lazy("照建议分好类了。"), "handler": gettext_lazy("照建议派出去了。")}


@require_POST
@staff_page
def hint(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """``what`` is category or handler, ``answer`` take or refuse; back to where the suggestion stood."""
    matter = seen(actor, number)
    what = str(request.POST.get("what", ""))
    back = back_to(request, reverse("desk:matter", args=[matter.number]))
    taken = pressed(request, "answer", ANSWERS)
    try:
        suggesting.answer(actor=actor, matter=matter, what=what, taken=taken)
    except NotFound:
        messages.error(request, f"{matter.number}　" + _("这条建议已经不在了。"))
    except Refused as refused:
        messages.error(request, f"{matter.number}　{refused.message}")
    else:
        said = str(_TAKEN[what]) if taken else _("好，这条不再提。下次会学着点。")
        shell.toast(request, f"{matter.number}　{said}")
    return acting.go(request, back)
