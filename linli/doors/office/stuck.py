"""What the worker could not do in this district: why, and one button to have it done again."""

from __future__ import annotations

from typing import Final

from django.db import transaction
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_POST

from linli.doors.office.gate import Office, office_page, show
from linli.kit import outbox, shell
from linli.kit.models import Change

# What a topic is to whoever looks after a district; a new one shows its own name until it is told here.
TOPICS: Final[dict[str, str | Promise]] = {
    "notice": lazy("给工作人员的通知"), "account": lazy("给账号的通知"), "deliver": lazy("发短信和消息"),
    "code": lazy("登录验证码"), "tell": lazy("告诉反映人"), "announcement": lazy("公告"), "mask": lazy("遮照片里的人"),
    "triage": lazy("看说的是哪一类"), "succession": lazy("地点拆并后事情跟过去"), "ballot": lazy("表决的通知"),
    "opinions": lazy("意见归类"), "returns": lazy("退单太多的提醒"), "returned": lazy("退单后重看派给谁"),
    "erased": lazy("抹去之后的清理"),
}  # fmt: skip


def topic_words(topic: str) -> str:
    return str(TOPICS.get(topic, topic))


@require_GET
@office_page
def page(request: HttpRequest, office: Office) -> HttpResponseBase:
    found = outbox.stuck(office.district_id)
    rows = [{"row": each, "name": topic_words(each.topic)} for each in found]
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
            of = f"（{topic_words(topic)}）" if topic else ""
            sentence = f"{office.by} 把停下的后台任务交回去再做一遍：{count} 件{of}"
            Change.objects.create(
                district_id=office.district_id, actor=office.by[:80], subject="后台任务", sentence=sentence[:500]
            )
    shell.toast(request, _("%d 件交回后台，马上再做。") % count if count else _("没有停下的了。"))
    return HttpResponseRedirect(reverse("office:stuck"))
