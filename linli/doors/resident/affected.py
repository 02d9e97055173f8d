"""受影响的居民: a neighbour says that a public matter is not done yet, with a photo and without a name."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from linli.core.matters import actions, masks
from linli.core.matters.actions.rights import MOST_CONTESTS, contests_so_far, is_reporter, may_contest_affected
from linli.core.matters.catalogue import catalogue
from linli.core.matters.flow import CLOSED, VERIFIED
from linli.core.matters.models import Matter
from linli.core.people.actor import Actor
from linli.core.places.meant import district_named
from linli.doors.open.queries import Ledger
from linli.doors.resident import filing
from linli.doors.resident.forms import AffectedForm
from linli.doors.resident.visitor import visitor
from linli.kit import errors, files, rates, shell
from linli.kit.refusal import Refused

A_DAY: Final = 5  # of one account: it takes minutes to write one that is worth somebody's way


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def affected(request: HttpRequest, number: str) -> HttpResponse:
    """``/m/{number}/affected/``: only what stands on the public ledger; anything else looks like nothing there."""
    actor = visitor(request)
    matter = Ledger(district_named(number)).one(number)
    if own := _own(matter, actor):
        return redirect(reverse("resident:matter", args=[own]) + "#rate")
    form = AffectedForm(request.POST if request.method == "POST" else None)
    why_not = _why_not(matter, actor)
    if request.method != "POST" or why_not or not form.is_valid():
        return _page(request, actor, matter, form, why_not, 422 if request.method == "POST" else 200)
    try:
        _contest(request, actor, matter, form.cleaned_data["text"])
    except rates.TooOften as refused:
        return errors.too_many(request, refused.retry_after)
    except Refused as refused:
        form.complain(refused)
        return _page(request, actor, matter, form, "", refused.status)
    said = _("异议收到了，换一家没经手的来看。结果写在这一页。")
    shell.toast(request, said, draft=f"affected-{matter.number}")
    return redirect("open:matter", number=matter.number)


def _own(matter: Matter, actor: Actor) -> str:
    """The number under which this visitor contests by right: his own matter, or the one that was merged into this."""
    if is_reporter(matter, actor):
        return matter.number
    if actor.user_id is None:
        return ""
    mine = Matter.objects.filter(district_id=matter.district_id, job_id=matter.pk, opened_by_id=actor.user_id)
    return mine.values_list("number", flat=True).first() or ""


def _why_not(matter: Matter, actor: Actor) -> str:
    """Why there is no form for this visitor now, in words; "" where there is one."""
    if matter.state not in (VERIFIED, CLOSED):
        return _("这件事还没办完、查完，办完了才能提异议。")
    if contests_so_far(matter) >= MOST_CONTESTS["affected"]:
        return _("这次办的结果已经有人提过异议，裁定写在公开页上。又坏了可以重新说一件。")
    if actor.user_id is None:
        return _("登录以后才能提，这样一个人只能说一次。名字不写出来。")
    kind = catalogue(matter.district_id).kinds.get(matter.kind)
    if not may_contest_affected(matter, actor, kind):
        return _("这一项留给住在同一个社区、没有经手的居民。登记了家在哪个门就能提。")
    return ""


def _contest(request: HttpRequest, actor: Actor, matter: Matter, text: str) -> None:
    rates.count("affected", str(actor.user_id), limit=A_DAY, seconds=24 * 3600)
    ids, shots = request.POST.getlist("attachments"), request.FILES.getlist("attachments_files")
    uploads = filing.gather(request, actor, ids, shots)
    actions.contest(actor=actor, district_id=matter.district_id, matter_id=matter.pk, text=text, uploads=uploads)
    files.used(uploads)


def _page(
    request: HttpRequest, actor: Actor, matter: Matter, form: AffectedForm, why_not: str, status: int
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form, "number": matter.number, "title": masks.title(matter.text), "why_not": why_not,
        "sign_in": actor.user_id is None and matter.state in (VERIFIED, CLOSED),
        "here": reverse("resident:affected", args=[matter.number]),
    }  # fmt: skip
    return render(request, "resident/affected.html", context, status=status)
