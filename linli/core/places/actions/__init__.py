"""What is done to places: renamed, drawn, split, moved, merged, ended, each on a date and with its history kept.

This room knows no people, so the caller checks the duty (``people.duties.CONFIGURE``) and says who acts (``by``).
"""

from linli.core.places.actions.drawing import draw_boundary, rename_place
from linli.core.places.actions.fitting import geojson_text, misfits, read_polygon
from linli.core.places.actions.ground import Changing, changing
from linli.core.places.actions.passing import Part, end_place, merge_places, move_place, split_place

__all__ = [
    "Changing",
    "Part",
    "changing",
    "draw_boundary",
    "end_place",
    "geojson_text",
    "merge_places",
    "misfits",
    "move_place",
    "read_polygon",
    "rename_place",
    "split_place",
]
