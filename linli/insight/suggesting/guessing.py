"""What a new matter is likely about: the district's own model, else the shipped one, else its neighbours' categories.

Runs in the worker. A model's packages are imported when one is loaded, and nothing is loaded where there is none.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import structlog
from django.conf import settings

from linli.core.matters.catalogue import Catalogue, catalogue
from linli.core.matters.models import Matter
from linli.insight.duplicates import Likely
from linli.insight.triage import shipped

SAY: Final = 0.5  # below this nothing is said
_NEEDED: Final = 0.6  # of likeness, all neighbours together, before they say anything
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Category:
    """A category, how sure, and by what: a model, or so many alike matters."""

    code: str
    confidence: float
    reason: dict[str, Any]


class _Guess(Protocol):
    label: str
    confidence: float


class Guesser(Protocol):
    """What triage's models can do."""

    def predict(self, texts: Sequence[str]) -> Sequence[_Guess]: ...


_loaded: dict[Path, tuple[float, Guesser | None]] = {}
_making: set[Path] = set()  # once a process: a machine that cannot make it is not asked each time


def category_of(matter: Matter, alike: Sequence[Likely]) -> Category | None:
    """The likeliest category; None where nothing is sure enough."""
    known = catalogue(matter.district_id)
    found = _by_model(matter, known) or _by_neighbours(matter, known, alike)
    return found if found is not None and found.confidence >= SAY else None


def own_file(district_id: int) -> Path:
    """Where ``linli insight train --own`` keeps a district's own model."""
    return Path(settings.VAR) / "insight" / f"{district_id}.model"


def load(district_id: int) -> Guesser | None:
    """The district's model, in memory from now on; None where there is none yet."""
    return _model(own_file(district_id)) or _shipped()


def _by_model(matter: Matter, known: Catalogue) -> Category | None:
    model = load(matter.district_id)
    if model is None:
        return None
    guess = model.predict([matter.text])[0]
    code = _code(known, guess.label)
    return Category(code, round(guess.confidence, 3), {"by": "model"}) if code else None


def _code(known: Catalogue, label: str) -> str:
    """A label is a category's code or its name; a category out of use is not suggested."""
    found = known.categories.get(label) or next((c for c in known.categories.values() if c.name == label), None)
    return found.code if found is not None and found.active else ""


def _model(path: Path) -> Guesser | None:
    """A file's model, read again when the file changes. A broken one is told once and does without."""
    if not path.is_file():
        return None
    changed = path.stat().st_mtime
    held = _loaded.get(path)
    if held is None or held[0] != changed:
        try:
            model: Guesser | None = importlib.import_module("linli.insight.triage").load(path)
        except (ValueError, ImportError, OSError) as error:
            log.error("insight.no_model", file=path.name, error=type(error).__name__)
            model = None
        held = _loaded[path] = (changed, model)
    return held[1]


def _shipped() -> Guesser | None:
    """The starting model, learnt from our own sentences: made once, in a process of its own; nobody waits for it."""
    folder = Path(settings.VAR) / "insight"
    path = shipped.kept(folder)
    if not path.is_file():
        _make(folder)
        return None
    return _model(path)


def _make(folder: Path) -> None:
    if settings.TESTING or folder in _making:
        return
    _making.add(folder)
    folder.mkdir(parents=True, exist_ok=True)
    command = ["nice", sys.executable, "-m", "linli.insight.triage.shipped", str(folder)]
    try:
        subprocess.Popen(command, cwd=settings.BASE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except OSError as error:
        log.error("insight.no_model", error=type(error).__name__)


def _by_neighbours(matter: Matter, known: Catalogue, alike: Sequence[Likely]) -> Category | None:
    """What people called the matters that are like it, the more alike the heavier."""
    weight: dict[str, float] = {}
    count: dict[str, int] = {}
    for one in alike:
        code = one.matter.category
        if code and code in known.categories and known.categories[code].active:
            weight[code] = weight.get(code, 0.0) + one.likeness
            count[code] = count.get(code, 0) + 1
    if not weight or sum(weight.values()) < _NEEDED:
        return None
    best = max(sorted(weight), key=lambda code: weight[code])
    share = weight[best] / (sum(weight.values()) + 0.35)
    return Category(best, round(share, 3), {"by": "alike", "n": count[best]})
