"""What the worker could not do in this district: why, and one button to have it done again."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from linli.doors.office.gate import Office, office_page, show
from linli.kit import outbox, shell
from linli.kit.models import Change


@require_GET
@office_page
def page(request: HttpRequest, office: Office) -> HttpResponseBase:
    found = outbox.stuck(office.district_id)
    rows = [{"row": each, "name": outbox.name_of(each.topic)} for each in found]
    context = {
        "rows": rows, "parked": sum(each.parked for each in found), "failing": sum(each.failing for each in found),
    }  # fmt: skip
    return show(request, office, "stuck", context)


@require_POST
@office_page
def retry(request: HttpRequest, office: Office) -> HttpResponseBase:
    """One topic's, or all: idempotent, as what is due already is not parked any more."""
    topic = request.POST.get("topic", "")
    with transaction.atomic():
        count = outbox.retry_parked(topic, district_id=office.district_id)
        if count:
            of = f"（{outbox.name_of(topic)}）" if topic else ""
            sentence = f"{office.by} 把停下的后台任务交回去再做一遍：{count} 件{of}"
            Change.objects.create(
                district_id=office.district_id, actor=office.by[:80], subject="后台任务", sentence=sentence[:500]
            )
    shell.toast(request, _("%d 件交回后台，马上再做。") % count if count else _("没有停下的了。"))
    return HttpResponseRedirect(reverse("office:stuck"))
