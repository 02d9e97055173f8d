"""Lawful erasure, and the logged look at a contact.

Erasing removes the words and keeps their digest, so the chain still verifies and the row shows as redacted. What was
erased, who did it and on what basis stands in the timeline; the words themselves stand nowhere.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Final

from django.db.models import Value
from django.db.models.functions import Replace
from django.utils.translation import gettext as _

from linli.core.matters.actions.rights import contact_shut, is_reporter, may_call_back
from linli.core.matters.models import Contact, Entry, Matter, Origin, Reveal
from linli.core.matters.models.matter import ERASED_TEXT, ERASED_TITLE
from linli.core.matters.step import Step, required, step
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.models import Notice
from linli.kit import chain, crypto
from linli.kit.ids import new_id
from linli.kit.models import Outbox
from linli.kit.refusal import Conflict, Forbidden, NotFound

CONTACT, WORDS = "contact", "words"
_TELLING: Final = ("notice", "deliver")


def erase(
    *,
    actor: Actor,
    district_id: int,
    matter_id: uuid.UUID,
    reason: str,
    text: bool = False,
    version: int | None = None,
    now: datetime | None = None,
) -> Matter:
    """Remove the contact and, with ``text``, the words of the opening.

    The reporter may have his own contact removed, at any time. Everything else takes the duty to configure, since the
    words are what the matter was judged by.
    """
    with step(district_id, matter_id, actor=actor, act="erase", version=version, now=now) as current:
        _must_erase(current, actor, text)
        why = required(reason, "reason", limit=500)
        erased = [CONTACT] if _erase_contact(current) else []
        if text and _erase_words(current):
            erased.append(WORDS)
            current.leave("erased")  # what was made of the words elsewhere goes too
        if not erased:
            raise Conflict(_("没有可抹去的了：没留联系方式，或者已经抹去。"), code="nothing_to_erase")
        what = "、".join({CONTACT: "联系方式", WORDS: "说的话"}[part] for part in erased)
        # What is erased stands in the opening entry: the contact as a digest, the words as they were.
        current.say(
            f"抹去{what}。依据《个人信息保护法》第四十七条，原因：{why}",
            erased=erased,
            seqs=[chain.FIRST_SEQ],
        )
        return current.matter


def _must_erase(current: Step, actor: Actor, text: bool) -> None:
    held = actor.over(duties.CONFIGURE, current.matter.scope_path)
    if held is not None:
        current.label = actor.label(held)
    elif is_reporter(current.matter, actor) and not text:
        current.label = "一位居民"
    else:
        raise Forbidden(_("抹去内容由系统管理员依法办理，联系方式可由本人抹去。"))


def _erase_contact(current: Step) -> bool:
    matter = current.matter
    there = Contact.objects.filter(district_id=matter.district_id, matter_id=matter.pk, erased_at=None)
    index = there.values_list("phone_index", flat=True).first()
    if index:  # what was told to that phone about this matter joins the two as well
        Notice.objects.filter(district_id=matter.district_id, phone_index=index, text__contains=matter.number).delete()
    return bool(there.update(name=None, phone=None, phone_index="", mask="", salt="", erased_at=current.now))


def _erase_words(current: Step) -> bool:
    """The one change that the triggers let through, and the matter's own copies of the same words."""
    matter = current.matter
    opening = Entry.objects.filter(
        district_id=matter.district_id, matter_id=matter.pk, seq=chain.FIRST_SEQ, redacted_at=None
    )
    if not opening.update(text="", salt="", redacted_at=current.now):
        return False
    _erase_told(matter)
    # The row that it was imported from may hold the same words, a name or an address.
    Origin.objects.filter(district_id=matter.district_id, matter_id=matter.pk).update(cells=[], salt="")
    matter.title, matter.text = ERASED_TITLE, ERASED_TEXT
    # The step never saves what triage suggested, and a suggestion may quote the words.
    Matter.objects.filter(district_id=matter.district_id, pk=matter.pk).update(suggestion=None)
    matter.suggestion = None
    return True


def _erase_told(matter: Matter) -> None:
    """Notices to those who work on it end in the title, which is made of the words.

    Another matter of the very same title loses it in old notices too, and keeps it everywhere else.
    """
    told, instead = f"：{matter.title}", f"：{ERASED_TITLE}"
    notices = Notice.objects.filter(district_id=matter.district_id, at__gte=matter.opened_at, text__endswith=told)
    notices.update(text=Replace("text", Value(told), Value(instead)))
    waiting = Outbox.objects.filter(district_id=matter.district_id, at__gte=matter.opened_at, topic__in=_TELLING)
    for row in waiting.iterator(chunk_size=500):
        if str(row.payload.get("text", "")).endswith(told):
            text = row.payload["text"].removesuffix(told) + instead
            rest = {**row.payload, "text": text}
            Outbox.objects.filter(district_id=row.district_id, pk=row.pk).update(payload=rest)


def reveal(
    *, actor: Actor, district_id: int, matter_id: uuid.UUID, reason: str, now: datetime | None = None
) -> dict[str, str]:
    """Name and telephone of the reporter, for the one who has to call back: the handler, or a member of its unit.

    The look is written before anything is shown, twice: in the log that the reporter reads, and in the chained
    timeline, from where nobody can take it out again. A confidential matter opens to nobody else either.
    """
    with step(district_id, matter_id, actor=actor, act="reveal", now=now) as current:
        matter = current.matter
        held = actor.held(duties.REVEAL, matter.handler_id)
        kind = current.catalogue.kinds.get(matter.kind)
        if held is None or not may_call_back(matter, actor, kind, current.now):
            if held is not None and contact_shut(matter, current.now):
                raise Forbidden(_("销号已久，联系方式不再给看。"), code="contact_shut")
            raise Forbidden(_("联系方式只给要回电话的经办人看。"))
        why = required(reason, "reason", limit=200)
        contact = Contact.objects.filter(district_id=district_id, matter_id=matter_id).first()
        if contact is None:
            raise NotFound(_("这件事没有留联系方式。"), code="no_contact")
        if contact.erased_at is not None:
            raise Conflict(_("联系方式已经抹去。"), code="erased")
        current.label = actor.label(held)
        shown = plain(contact)
        current.added.append(
            Reveal(id=new_id(), district_id=district_id, matter_id=matter_id, post_id=held.id, reader=current.label,
                   reason=why, at=current.now)
        )  # fmt: skip
        current.say(why)
    return shown


def plain(contact: Contact) -> dict[str, str]:
    """The unsealed values; raises ``crypto.UnsealError`` where a blob was altered."""
    return {
        "name": crypto.unseal(contact.name, context="contact.name") if contact.name else "",
        "phone": crypto.unseal(contact.phone, context="contact.phone") if contact.phone else "",
    }
