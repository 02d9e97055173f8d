"""The worker's part: each picture is looked at in a process of its own, and what others see of it is written down.

The chain holds the original's hash in the entry that brought it, and in a ``mask`` entry the hash of what is shown of
it. So when the original is deleted in its time, the paper trail stays whole: the one entry says what there was, the
next what was made of it, the last that the original went.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.translation import gettext_lazy as lazy

from linli.core.matters import standing
from linli.core.matters.flow import ENDED
from linli.core.matters.models import Attachment
from linli.core.matters.step import step
from linli.core.people.actor import SYSTEM
from linli.core.places.models import District
from linli.kit import files
from linli.kit.models import Outbox
from linli.kit.outbox import FailedError, handles

SECONDS: Final = 150
ORIGINAL_DAYS: Final = 180  # after the matter has ended, unless the district's settings say otherwise
PURGED_AT_ONCE: Final = 50


@handles("mask", lazy("遮照片里的人"), outside=True, slow=True)
def _mask(row: Outbox, now: datetime) -> None:
    """``{attachment}``. Done twice it writes the same once more; a picture that was deleted meanwhile is done."""
    held = Attachment.objects.filter(district_id=row.district_id, pk=row.payload["attachment"]).first()
    if held is not None and held.path:
        mask(held, now)


def mask(held: Attachment, now: datetime) -> None:
    """Cover one picture and say so in the timeline."""
    covered = list(held.covered)
    data, boxes = _covered(held.path, covered)
    digest = hashlib.sha256(data).hexdigest()
    if digest == held.shown_sha256:
        return
    saved = files.keep(_beside(held.path), data)
    before = held.shown_path
    with step(held.district_id, held.matter_id, actor=SYSTEM, act="mask", now=now) as current:
        rows = Attachment.objects.filter(district_id=held.district_id, pk=held.pk, covered=covered)
        if not rows.update(shown_path=saved, shown_sha256=digest):
            raise FailedError("boxes were added meanwhile")  # the row that they left does it again
        current.say(
            f"照片遮挡了 {len(boxes)} 处。" if boxes else "照片看过，没有要遮的。",
            picture=held.sha256, shown=digest, shown_as=standing.named(saved), boxes=len(boxes),
            hand=sum(1 for box in boxes if box[4] == "hand"),
        )  # fmt: skip
    if before:
        default_storage.delete(before)


def _beside(path: str) -> str:
    return f"{path.rpartition('.')[0]}-shown.jpg"


def _covered(path: str, by_hand: list[list[float]]) -> tuple[bytes, list[list[Any]]]:
    """The covered picture and its boxes. FailedError where the detector could not."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "in", Path(folder) / "out.jpg"
        with default_storage.open(path) as file:
            source.write_bytes(file.read())
        boxes = [",".join(f"{part:.5f}" for part in box) for box in by_hand]
        command = [sys.executable, "-m", "linli.core.matters.pictures.blurring", str(source), str(target), *boxes]
        try:
            done = subprocess.run(command, cwd=settings.BASE, capture_output=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired as error:
            raise FailedError("the detector took too long") from error
        if done.returncode or not target.exists():
            raise FailedError(
                f"the detector ended with {done.returncode}: {done.stderr[-200:].decode(errors='replace')}"
            )
        return target.read_bytes(), json.loads(done.stdout)


def kept_days(district: District) -> int:
    """How long originals are kept after a matter has ended."""
    return int(district.settings.get("photos", {}).get("original_days", ORIGINAL_DAYS))


def discard(now: datetime | None = None) -> int:
    """Delete originals whose time is over; how many. Only what is shown stays."""
    at, done = now or timezone.now(), 0
    for district in District.objects.order_by("pk"):
        due = Attachment.objects.filter(
            district=district, matter__state__in=ENDED, matter__closed_at__lt=at - timedelta(days=kept_days(district))
        )
        for held in due.exclude(path="").exclude(shown_path="").order_by("at")[:PURGED_AT_ONCE]:
            _discard(held, at)
            done += 1
    return done


def _discard(held: Attachment, now: datetime) -> None:
    path = held.path
    with step(held.district_id, held.matter_id, actor=SYSTEM, act="discard", now=now) as current:
        Attachment.objects.filter(district_id=held.district_id, pk=held.pk).update(path="")
        current.say("保存期到了，原照片已删除，留下遮挡过的。", picture=held.sha256, shown=held.shown_sha256)
    default_storage.delete(path)
