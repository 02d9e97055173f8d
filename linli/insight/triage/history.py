"""What a district's own people decided, as examples to learn from."""

from __future__ import annotations

from collections.abc import Iterator

LEVEL = 4  # digits of a category's code: the second level is what a rule dispatches by, and has examples enough


def own_history(district: int) -> Iterator[tuple[str, str]]:
    """Text and second-level category of closed matters, oldest first. Confidential ones are left out: a model learns
    from what everybody who may triage could have read."""
    from linli.core.matters.models import Matter, State

    closed = Matter.objects.filter(district_id=district, state=State.CLOSED, confidential=False).exclude(category="")
    for text, category in closed.order_by("id").values_list("text", "category").iterator(chunk_size=2000):
        if len(category) >= LEVEL and text.strip():
            yield text, category[:LEVEL]
