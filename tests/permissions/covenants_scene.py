"""What the matrix needs of covenants: in each community one that people are asked about, with a comment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from linli.core.people.actor import Actor
from linli.core.places.tree import tree
from linli.offices.covenants import actions
from linli.offices.covenants.text import Article
from tests.cast import Town


@dataclass(frozen=True)
class Asked:
    """Every id that an address of a covenant may name."""

    number: str
    comment: str


def covenant(town: Town, resident: Actor, host: Actor, community: str) -> Asked:
    """Of that community, open for comment, with a word of somebody."""
    place = tree(town.district.pk).by_id[town.places[community].pk]
    articles = (Article("", "充电", "在棚里充电。"),)
    drafting = actions.Drafting("residents", "居民公约", place, articles=articles)
    made = actions.start(actor=host, drafting=drafting, retry="m" * 32)
    closes = timezone.localdate() + timedelta(days=5)
    made = actions.open_for_comment(actor=host, covenant=made, closes_on=closes)
    said = actions.say(actor=resident, covenant=made, text="好。", retry="s" * 32)
    return Asked(made.number, str(said.comment.pk))
