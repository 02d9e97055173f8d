"""Having a paper drawn while somebody waits: the press is called, timed, and never twice too often."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from linli.kit.papers.model import Document

FORMS: Final = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "pdf": "application/pdf",
}  # fmt: skip
PRESS = Path(__file__).with_name("press.py")
SECONDS = 60  # a paper takes less than one, on a machine that has nothing else to do
LAYOUT = "1"  # counts on when the same paper comes out otherwise than before
_AT_ONCE = threading.BoundedSemaphore(2)  # a process of the web draws two at a time; the next waits its turn


class PressError(Exception):
    """The press did not deliver; its own words."""


def digest(paper: Document, form: str) -> str:
    """What a paper will come out as, known before it is drawn: two files with the same one are the same."""
    said = json.dumps([LAYOUT, form, fonts(), paper.plain()], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def fonts() -> str:
    """The folder with the district's own faces (仿宋_GB2312, 小标宋 …), empty where there is none."""
    return str(getattr(settings, "FONTS", "") or "")


def draw(paper: Document, form: str) -> bytes:
    """The paper as a file. Raises PressError."""
    if form not in FORMS:
        raise ValueError(form)
    if not _AT_ONCE.acquire(timeout=SECONDS):
        raise PressError("busy")
    try:
        with tempfile.TemporaryDirectory(prefix="linli-paper-") as folder:
            out = Path(folder) / "paper"
            _press({"paper": paper.plain(), "format": form, "fonts": fonts(), "out": str(out)})
            return out.read_bytes()
    finally:
        _AT_ONCE.release()


def _press(asked: dict[str, Any]) -> None:
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(PRESS)], input=json.dumps(asked, ensure_ascii=False).encode(), check=False,
            capture_output=True, timeout=SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired as late:
        raise PressError(f"no answer within {SECONDS} s") from late
    if done.returncode:
        raise PressError(done.stderr.decode(errors="replace")[-200:] or f"exit {done.returncode}")
