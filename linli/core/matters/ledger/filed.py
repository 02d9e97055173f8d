"""The files of pictures as they lie in the store: each must be the very bytes whose hash the chain holds.

Rows may be whole while somebody has laid another picture under a file's name, or exchanged two. Read only where the
row itself holds, one file at a time, and left out where ``verify`` is asked to (``files=False``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from linli.core.matters.models import Attachment

Told = tuple[str, int, str]  # reason, entry, sentence
_CHUNK = 1 << 18


def judge(rows: Sequence[Attachment]) -> Iterator[Told]:
    """What does not hold of the files of one matter's pictures: the originals, and what is shown of them."""
    for row in rows:
        for path, sha256 in ((row.path, row.sha256), (row.shown_path, row.shown_sha256)):
            if path and (found := sha256_of(path)) != sha256:
                told = _("第 %d 条的照片，文件被换过或改过") if found else _("第 %d 条的照片，文件不在了或者读不出")
                yield "pictures.file", row.seq, f"{told % row.seq}：{path}"


def sha256_of(path: str) -> str:
    """The hash of a stored file; empty where there is none or it cannot be read."""
    total = hashlib.sha256()
    try:
        with default_storage.open(path) as file:
            while part := file.read(_CHUNK):
                total.update(part)
    except (OSError, ValueError, SuspiciousFileOperation):
        return ""
    return total.hexdigest()
