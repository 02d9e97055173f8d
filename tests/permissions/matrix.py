"""Who may open which address, and do which operation: one line each. Whatever is not listed here fails its test.

Each door has a file of its own; ``rows.py`` says what a line is, ``verdicts.py`` who gets what.
"""

from __future__ import annotations

from tests.permissions.doors import api, desk, field, office, public, resident
from tests.permissions.rows import Operation, Page

PAGES: tuple[Page, ...] = resident.PAGES + public.PAGES + field.PAGES + desk.PAGES + office.PAGES
OPERATIONS: tuple[Operation, ...] = api.OPERATIONS

__all__ = ["OPERATIONS", "PAGES", "Operation", "Page"]
