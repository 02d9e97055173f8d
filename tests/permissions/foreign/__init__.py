"""Every field of a form that names something: what a right one holds, and what names something of somebody else.

A line is one form with a body that is taken. Each field of ``fields`` is then sent with things of the other community
and of the other district, one at a time, and nothing else changed.
"""

from __future__ import annotations

from tests.cast import Town
from tests.permissions.foreign.matters import OfMatters
from tests.permissions.foreign.office import OfOffice
from tests.permissions.foreign.rooms import OfRooms
from tests.permissions.foreign.things import Line
from tests.permissions.scene import Scene

__all__ = ["Line", "lines"]


class _All(OfMatters, OfRooms, OfOffice):
    """The whole table over one set of things."""


def lines(scene: Scene, far: Town) -> list[Line]:
    """The whole table, for what the scene holds."""
    made = _All(scene, far)
    return [
        *made.of_matters(), *made.of_several(), *made.of_openings(), *made.of_districts_work(), *made.of_people(),
        *made.of_asking(), *made.of_sittings(), *made.of_office(), *made.of_programs(),
    ]  # fmt: skip
