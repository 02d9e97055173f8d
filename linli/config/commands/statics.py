"""Static files in one place, with hashed names and compressed; done again only when one of them has changed."""

from __future__ import annotations

import fcntl
import hashlib
from pathlib import Path


def collect() -> bool:
    """Whether anything had to be done. The stamp comes last, so that a run cut short is done again."""
    from django.conf import settings
    from django.core.management import call_command

    root = Path(settings.STATIC_ROOT)
    stamp, mark = root / ".stamp", _mark()
    with open(root / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two that start at once would take files away from under one another
        if stamp.is_file() and stamp.read_text() == mark:
            return False
        call_command("collectstatic", verbosity=0, interactive=False)
        stamp.write_text(mark)
    return True


def _mark() -> str:
    """Names, sizes and times of every source file: reading four megabytes at each start would cost more."""
    from django.contrib.staticfiles.finders import get_finders

    sum_ = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            found = Path(storage.path(name)).stat()
            sum_.update(f"{name}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    return sum_.hexdigest()
