"""A promise of time as the policies write it: ``30m``, ``6h``, ``7d``, ``4wh``, ``2wd``."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import Final, Literal, cast

Unit = Literal["m", "h", "d", "wh", "wd"]

# Four digits are 27 years of natural days: anything longer is a typing error, not a promise.
_SHAPE: Final = re.compile(r"([1-9][0-9]{0,3})(m|h|d|wh|wd)", re.ASCII)
_LENGTHS: Final[dict[str, timedelta]] = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "wh": timedelta(hours=1),
    "d": timedelta(days=1),
}


@dataclass(frozen=True, slots=True)
class Span:
    """A length of promised time (时限).

    ``m`` and ``h`` are natural minutes and hours, ``d`` natural days (same local time), ``wh`` working hours,
    ``wd`` working days. Zero and negative spans do not exist: they would escalate a matter as it opens.
    ``90m`` stays ``90m``: the text a policy froze is the text that is shown again.
    """

    count: int
    unit: Unit
    length: timedelta | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not _SHAPE.fullmatch(f"{self.count}{self.unit}"):
            raise ValueError(_complaint(f"{self.count}{self.unit}"))
        object.__setattr__(self, "length", self.count * _LENGTHS[self.unit] if self.unit != "wd" else None)

    @classmethod
    def parse(cls, text: str) -> "Span":
        """Read ``"4wh"``; anything else raises ValueError saying what is allowed."""
        return _parse(text)

    @property
    def natural(self) -> bool:
        """True when the span runs round the clock whatever calendar the place keeps."""
        return self.unit in ("m", "h", "d")

    def __str__(self) -> str:
        return f"{self.count}{self.unit}"


def _complaint(text: object) -> str:
    return (
        f"{text!r} is not a span of time: write a whole number from 1 to 9999 and m, h, d (natural minutes, "
        "hours, days), wh or wd (working hours, working days), such as '30m', '4wh' or '2wd'"
    )


@lru_cache(maxsize=512)
def _parse(text: str) -> Span:
    found = _SHAPE.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError(_complaint(text))
    return Span(int(found[1]), cast(Unit, found[2]))
