"""What is done of a run as one ZIP, sent while it is read: no second copy on the disk, no whole in memory."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from linli.offices.posters.models import Part, Run
from linli.offices.posters.queries import parts_of
from linli.offices.posters.sheets import plain

BLOCK = 256 * 1024


class _Pipe(io.RawIOBase):
    """Takes what the ZIP writes and hands it on; it cannot go back, and the ZIP knows."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._at = 0

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        taken = bytes(data)  # type: ignore[call-overload]
        self._held += taken
        self._at += len(taken)
        return len(taken)

    def tell(self) -> int:
        return self._at

    def drain(self) -> bytes:
        out = bytes(self._held)
        self._held.clear()
        return out


def zipped(run: Run) -> Iterator[bytes]:
    """The files that are whole, each under a name that says which quarter, and the list of all."""
    pipe, parts = _Pipe(), list(parts_of(run))
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as box:  # PDF and PNG are compressed already
        box.writestr(_("目录.csv"), contents(parts))
        for part in parts:
            path = Path(settings.MEDIA_ROOT) / part.path if part.path else None
            if path is None or not path.is_file():
                continue
            with box.open(zipfile.ZipInfo(name_of(run, part)), "w") as goes, path.open("rb") as comes:
                while block := comes.read(BLOCK):
                    goes.write(block)
                    yield pipe.drain()
    yield pipe.drain()


def name_of(run: Run, part: Part) -> str:
    """0003-柳荫社区-柳荫里-1.pdf"""
    return f"{part.serial:04d}-{plain(part.name)}.{'pdf' if run.format == 'pdf' else 'zip'}"


def contents(parts: list[Part]) -> str:
    """Which file holds what, and which are still to come."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_("序号"), _("范围"), _("门数"), _("做好了没有")])
    words = {"done": _("做好了"), "waiting": _("还没做"), "failed": _("没做成")}
    writer.writerows([part.serial, part.name, part.count, words[part.state]] for part in parts)
    return "\ufeff" + out.getvalue()
