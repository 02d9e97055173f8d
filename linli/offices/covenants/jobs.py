"""The worker's part: a vote that was counted publishes its covenant, or sends it back to the desk."""

from __future__ import annotations

from linli.offices.covenants.actions import settle_due


def run_due() -> int:
    """One turn."""
    return settle_due()
