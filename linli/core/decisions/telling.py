"""Each unit learns that a ballot was recorded for it, whoever cast it: the window against forged signatures."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linli.core.decisions.models import Member, Question
from linli.core.people import notices
from linli.core.people.models import User
from linli.kit.figures import daytime
from linli.kit.models import Outbox
from linli.kit.outbox import handles

WAYS = {"web": "网上", "slip": "凭投票单", "paper": "纸票", "proxy": "别人代投", "helper": "有人帮着投",
        "hand": "举手"}  # fmt: skip


@handles("ballot", lazy("表决的通知"))
def _ballot(row: Outbox, now: datetime) -> None:
    """``{question, entry, channel}``: to the account of everybody who stands behind the entry."""
    question = Question.objects.filter(district_id=row.district_id, pk=row.payload["question"]).first()
    if question is None or question.objections_until is None or question.gathered:
        return  # who voted in a room was there: no window, and nothing to object to
    until = daytime(question.objections_until)
    words = _("“%(title)s”收到您家一张票（%(way)s）。不是您家投的，请在 %(until)s 前说。") % {
        "title": question.title, "way": WAYS.get(row.payload["channel"], ""), "until": until}  # fmt: skip
    persons = Member.objects.filter(district_id=row.district_id, entry_id=row.payload["entry"]).values("person_id")
    users = User.objects.filter(district_id=row.district_id, person_id__in=persons).values_list("pk", flat=True)
    notices.leave(row.district_id, words, row.at, users=users, url=f"/vote/{question.number}/", due=now)
