"""Large packages that a web process seldom needs: loaded when something of them is first used.

A module that works with polygons names them twice::

    if TYPE_CHECKING:
        import shapely
    else:
        shapely = later("shapely")

Importing it then costs nothing. numpy and shapely alone would make every web process some 20 MB larger, for the few
people who draw a boundary.
"""

from __future__ import annotations

import importlib
from typing import Any


class _Later:
    """Stands for a module until something is asked of it."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(importlib.import_module(self._name), attribute)


def later(name: str) -> Any:
    """The module of this name, loaded at its first use."""
    return _Later(name)
