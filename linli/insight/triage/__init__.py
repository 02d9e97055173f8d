"""Triage (分类): a text in, a label and how sure the machine is out. A person decides.

``numpy``, ``scikit-learn`` and the word cutter are imported when a model is loaded or trained, never before: a web
process that only shows what the worker found stays small.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from linli.insight.triage.terms import Guess, Scores, TriageError

if TYPE_CHECKING:
    from linli.insight.triage.model import Model

__all__ = ["Guess", "Model", "Scores", "TriageError", "load", "own_history", "train"]


def load(path: Path | str) -> Model:
    """A model from its file. Nothing in the file is run; a file that is none raises ``TriageError``."""
    from linli.insight.triage.model import Model

    return Model.load(path)


def train(rows: Iterable[tuple[str, str]], *, progress: Callable[[str], None] | None = None) -> Model:
    """A model from pairs of text and label, with its scores from cross-validation."""
    from linli.insight.triage.training import train as make

    return make(rows, progress=progress)


def own_history(district: int) -> Iterable[tuple[str, str]]:
    """What a district's own people decided: text and category of what they settled."""
    from linli.insight.triage.history import own_history as read

    return read(district)


def __getattr__(name: str) -> Any:
    if name == "Model":
        from linli.insight.triage.model import Model

        return Model
    raise AttributeError(name)
