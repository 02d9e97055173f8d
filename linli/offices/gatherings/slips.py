"""``/calendar/slip/``: who was asked on paper answers with the code on the slip, without an account."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from linli.core.gatherings import actions
from linli.core.gatherings.actions.common import when
from linli.core.matters.askpage import Ask, perform, posted
from linli.kit import errors, rates
from linli.kit.refusal import Invalid, NotFound
from linli.offices.gatherings.forms import SlipForm

TRIES, SECONDS = 20, 60


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def slip(request: HttpRequest) -> HttpResponseBase:
    """The last answer counts; a code that is no code says so, and nothing about any other."""
    if request.method == "POST":
        try:
            rates.count("slip", rates.address(request), limit=TRIES, seconds=SECONDS)
        except rates.TooOften as often:
            return errors.too_many(request, often.retry_after)
    form = SlipForm(posted(request))
    here = reverse("sittings:slip")
    about = _("凭通知单上的码，不用登录。改主意了可以再回。")
    ask = Ask(_("回一声来不来"), _("回了"), reverse("sittings:public"), about, base="sittings/page.html")

    def do(data: dict[str, Any]) -> tuple[str, str]:
        try:
            row = actions.answer_slip(**data)
        except NotFound as missing:
            raise Invalid(missing.message, fields={"receipt": missing.message}) from missing
        said = str(row.get_answer_display())
        told = {"title": row.gathering.title, "when": when(row.gathering.starts_at), "said": said}
        return here, _("记下了：%(when)s的“%(title)s”，%(said)s。") % told

    return perform(request, ask, form, do)
