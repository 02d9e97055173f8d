"""The words by which the council's rows are known."""

from __future__ import annotations

from typing import Final

TOPIC: Final = "topic"
RAISED: Final = "raised_as"  # the link from what somebody said to the topic that was made of it
MARK: Final = "council-mark"  # what the keyed hashes of one person's voices are made for
