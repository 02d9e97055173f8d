"""Duplicates (重复): matters that are likely the same, by place, time and words. A person decides.

``likely`` finds them for a text; ``beside`` is what staff see next to a matter, ``offered`` what a resident may follow.
"""

from __future__ import annotations

from linli.insight.duplicates.finding import Likely, likely
from linli.insight.duplicates.showing import Beside, Offered, as_items, beside, offered

__all__ = ["Beside", "Likely", "Offered", "as_items", "beside", "likely", "offered"]
