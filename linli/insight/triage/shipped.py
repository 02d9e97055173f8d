"""The model that a new deployment starts with: learnt on the spot from messages that we made up (``samples/``).

It knows the shipped catalogue's second level. It is a beginning: what a district's own people decide teaches better.
"""

from __future__ import annotations

import fcntl
import hashlib
import sys
import tomllib
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from linli.insight.triage.terms import TriageError

if TYPE_CHECKING:
    from linli.insight.triage.model import Model

SAMPLES = Path(__file__).parent / "samples"
SOURCES = ("features.py", "fitting.py", "likeness.py", "model.py", "outlook.py", "training.py", "trusting.py",
           "weights.py")  # fmt: skip


def samples() -> Iterator[tuple[str, str]]:
    """Texts with the code of their category."""
    return _written("texts")


def hints() -> Iterator[tuple[str, str]]:
    """Words with the code of the category that is known by them."""
    return _written("words")


def _written(what: str) -> Iterator[tuple[str, str]]:
    for file in sorted(SAMPLES.glob("*.toml")):
        for category in tomllib.loads(file.read_text(encoding="utf-8"))["categories"]:
            for text in category[what]:
                yield text, category["code"]


def shipped(folder: Path | str, *, progress: Callable[[str], None] | None = None) -> Model:
    """The starting model, from its file in ``folder`` or trained now (some seconds) and kept there.

    The file's name tells what it was made from, so that new samples or a new way of learning make a new one.
    """
    from linli.insight.triage.model import Model
    from linli.insight.triage.training import train

    path = kept(folder)
    if path.is_file():
        try:
            return Model.load(path)
        except TriageError:
            path.unlink(missing_ok=True)  # cut short or of another version: it is only a copy of what follows
    model = train(samples(), progress=progress, hints=list(hints()))
    path.parent.mkdir(parents=True, exist_ok=True)
    model.save(path)
    return model


def kept(folder: Path | str) -> Path:
    """Where ``shipped`` keeps the starting model."""
    return Path(folder) / f"triage-{_fingerprint()}.npz"


@lru_cache(maxsize=1)
def _fingerprint() -> str:
    made = hashlib.sha256()
    for file in [*sorted(SAMPLES.glob("*.toml")), *(Path(__file__).parent / name for name in SOURCES)]:
        made.update(file.read_bytes())
    return made.hexdigest()[:12]


def make_once(folder: Path | str) -> None:
    """``shipped``, unless another process is at it already: every web process and worker may ask for it at once."""
    with (Path(folder) / ".making").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        shipped(folder)


if __name__ == "__main__":  # python -m linli.insight.triage.shipped FOLDER
    make_once(sys.argv[1])
