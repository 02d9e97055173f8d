"""Telling the one who spoke up, and what else acts leave in the outbox about a matter."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linli.core.matters.models import Contact, Matter
from linli.core.people.notices import Recipient, tell
from linli.kit.models import Outbox
from linli.kit.outbox import handles


@handles("tell", lazy("告诉反映人"))
def _tell(row: Outbox, now: datetime) -> None:
    """``{matter, text}``: to the reporter's account, or to the phone left with the matter.

    Who spoke up anonymously is joined to no account and left no phone: the words stand in the thread behind the
    receipt, and nobody is sought out.
    """
    asked = row.payload
    matter = (
        Matter.objects.filter(district_id=row.district_id, pk=asked["matter"])
        .only("id", "number", "anonymous", "opened_by_id")
        .first()
    )
    if matter is None or matter.anonymous:
        return
    to = _reporter(row.district_id, matter)
    if to is not None:
        words = _("您说的事 %(number)s：%(text)s") % {"number": matter.number, "text": asked["text"]}
        tell(row, to, words, now, urgent=bool(asked.get("urgent")), url=str(asked.get("url", "")))


def _reporter(district_id: int, matter: Matter) -> Recipient | None:
    if matter.opened_by_id is not None:
        return Recipient(district_id, user_id=matter.opened_by_id)
    index = (
        Contact.objects.filter(district_id=district_id, matter_id=matter.pk, erased_at=None)
        .values_list("phone_index", flat=True)
        .first()
    )
    return Recipient(district_id, phone_index=index) if index else None
