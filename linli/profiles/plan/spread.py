"""Dividing whole numbers: so many to all, uneven as life is, exact in the sum."""

from __future__ import annotations

import heapq
import random
from collections.abc import Sequence


def spread(
    total: int,
    weights: Sequence[float],
    least: Sequence[int] | int = 0,
    most: Sequence[int] | None = None,
) -> list[int]:
    """Divide ``total`` by weight: each share at least ``least`` and at most ``most``; the shares add up exactly.

    One by one the next goes to whoever is furthest behind, which keeps shares as near to the weights as whole
    numbers can be, whatever the limits.
    """
    floor = [least] * len(weights) if isinstance(least, int) else list(least)
    shares = list(floor)
    left = total - sum(shares)
    if left < 0 or (most is not None and sum(most) < total):
        raise ValueError(f"{total} cannot be divided within these limits")
    queue = [(-weight / (share + 1), index) for index, (weight, share) in enumerate(zip(weights, shares, strict=True))]
    heapq.heapify(queue)
    while left:
        _behind, index = heapq.heappop(queue)
        if most is not None and shares[index] >= most[index]:
            continue
        shares[index] += 1
        left -= 1
        heapq.heappush(queue, (-weights[index] / (shares[index] + 1), index))
    return shares


def uneven(rng: random.Random, count: int, sigma: float = 0.35) -> list[float]:
    """Weights as sizes of real things are: mostly middling, some large."""
    return [rng.lognormvariate(0.0, sigma) for _ in range(count)]
