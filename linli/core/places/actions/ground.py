"""What every change of places stands on: the district's lock, its version, a sentence of what was changed by whom."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.places.models import District, Place
from linli.core.places.tree import step
from linli.kit import memory, outbox
from linli.kit.models import Change
from linli.kit.refusal import Conflict, Invalid, NotFound


@dataclass
class Changing:
    """One change under way in one district."""

    district: District
    by: str

    def tell(self, subject: str, sentence: str, **data: Any) -> None:
        """Write down who changed what, in plain words."""
        Change.objects.create(
            district_id=self.district.pk, actor=self.by[:80], subject=subject[:120],
            sentence=_shortened(f"{self.by} {sentence}", 500), data=data,
        )  # fmt: skip

    def leave(self, old: Place, new: Iterable[Place], on: date, kind: str) -> None:
        """Tell the rooms above, through the outbox, that what hung on ``old`` belongs elsewhere now."""
        payload = {"old": str(old.pk), "new": [str(place.pk) for place in new], "on": on.isoformat(), "kind": kind}
        outbox.leave(self.district.pk, "succession", [payload], timezone.now())

    # ── asking ──────────────────────────────────────────────────────────────────────────────────────────────
    def place(self, place_id: uuid.UUID, field: str = "place") -> Place:
        """A current place of this district."""
        found = Place.objects.filter(district_id=self.district.pk, pk=place_id).first()
        if found is None:
            raise NotFound(_("没有这个地方。"), fields={field: _("没有找到。")})
        if found.until is not None:
            raise Conflict(
                _("“%s”已经不用了，不能再改。") % found.name, code="ended", fields={field: _("已经不用了。")}
            )
        return found

    def inner(self, place_id: uuid.UUID) -> Place:
        """A current place below the district itself, which cannot be split, moved or ended."""
        found = self.place(place_id)
        if found.parent is None:
            raise Conflict(_("最上面一级不能拆、并、移、撤。"), code="root")
        return found

    def day(self, on: date | None, *not_before: date) -> date:
        """The day a change takes effect: today or earlier, and not before what it changes began.

        Not in the future: places are looked up as they stand, and nothing would wake up on that day.
        """
        today = timezone.localdate()
        on = on or today
        if on > today:
            raise Invalid(_("日期不能在以后：到那天再改。"), fields={"on": _("不能在以后。")})
        begun = max(not_before, default=on)
        if on < begun:
            message = _("日期不能早于 %s（它从那天起才有）。") % begun
            raise Invalid(message, fields={"on": message})
        return on

    def free_code(self, code: str, field: str = "code") -> str:
        """A code that no place of the district ever had: a code names one place for all time."""
        cleaned = code.strip()
        if not cleaned or len(cleaned) > 32:
            raise Invalid(_("编码要写，最多 32 个字符。"), fields={field: _("编码要写，最多 32 个字符。")})
        if Place.objects.filter(district_id=self.district.pk, code=cleaned).exists():
            raise Invalid(_("编码 %s 已经用过。") % cleaned, fields={field: _("已经用过。")})
        return cleaned

    # ── making ──────────────────────────────────────────────────────────────────────────────────────────────
    def next_path(self, parent: Place) -> str:
        """The parent's next serial, given once: the district's lock makes whoever comes at the same time wait."""
        Place.objects.filter(pk=parent.pk).update(born=F("born") + 1)
        parent.refresh_from_db(fields=["born"])
        return f"{parent.path}{step(parent.born)}"


def name_of(text: str, field: str = "name") -> str:
    """A name as it may be kept; Invalid where there is none."""
    cleaned = " ".join(text.split())
    if not cleaned or len(cleaned) > 80:
        raise Invalid(_("名称要写，最多 80 个字。"), fields={field: _("名称要写，最多 80 个字。")})
    return cleaned


@contextmanager
def changing(district_id: int, by: str) -> Iterator[Changing]:
    """Everything in one transaction; changes of one district queue up behind its row, intake does not wait for them."""
    with transaction.atomic():
        district = District.objects.select_for_update(no_key=True).filter(pk=district_id).first()
        if district is None:
            raise NotFound(_("没有这个区。"))
        yield Changing(district, by)
        District.objects.filter(pk=district_id).update(version=F("version") + 1)
        transaction.on_commit(lambda: memory.forget(district_id))
    memory.forget(district_id)


def _shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
