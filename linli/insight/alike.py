"""Opinions of a round that say the same, by their words: suggested to whoever groups them, decided by a person.

1. A group that is there speaks through its title and its longest sentences.
2. Every other sentence, the one that says most first, joins the cluster whose voices it is most like, or begins one.
3. Voices are compared only where a weighty pair of characters is shared, so a thousand sentences take a second.
"""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.utils.translation import gettext_lazy as lazy

from linli.insight.duplicates import likeness
from linli.insight.duplicates.commonness import Weights, weights
from linli.insight.duplicates.likeness import Said
from linli.kit.ids import new_id
from linli.kit.models import Outbox
from linli.kit.outbox import handles
from linli.offices.opinions.actions.grouping import suggest
from linli.offices.opinions.models import Group, Hint, Opinion, Round

MOST: Final = 5000  # sentences of one round that are compared
VOICES: Final = 6  # sentences that a cluster or group speaks through
TRIED: Final = 24  # voices that a sentence is compared with
ALIKE: Final = 0.34


def ready() -> None:
    """Being imported registers the topic."""


@dataclass
class Cluster:
    """Sentences that say the same, each with how like it is; or those that are like a group."""

    key: uuid.UUID
    group: Group | None = None
    members: list[tuple[uuid.UUID, int]] = field(default_factory=list)
    voices: int = 0


class _Room:
    """Who speaks for which cluster, and which voices hold a pair of characters."""

    def __init__(self, weigh: Weights) -> None:
        self.weigh = weigh
        self.voices: list[tuple[Said, Cluster]] = []
        self.holding: dict[str, list[int]] = defaultdict(list)

    def listen(self, said: Said, cluster: Cluster) -> None:
        if cluster.voices < VOICES:
            cluster.voices += 1
            for gram in said.grams:
                if self.weigh(gram) >= likeness.RARE:
                    self.holding[gram].append(len(self.voices))
            self.voices.append((said, cluster))

    def nearest(self, said: Said) -> tuple[Cluster | None, float]:
        shared = Counter(number for gram in said.grams for number in self.holding.get(gram, ()))
        best, value = None, 0.0
        for number, _n in shared.most_common(TRIED):
            other, cluster = self.voices[number]
            like = likeness.alike(said, other, self.weigh, same_house=True)
            if like > value:
                best, value = cluster, like
        return best, value


def find(district_id: int, groups: dict[Group, list[str]], loose: Iterable[tuple[uuid.UUID, str]]) -> list[Cluster]:
    """Clusters of ``loose`` sentences, and those that are like a group."""
    weigh = weights(district_id)
    room, made = _Room(weigh), []
    for group, texts in groups.items():
        made.append(Cluster(new_id(), group))
        for text in texts:
            room.listen(likeness.read(text, weigh), made[-1])
    read = [(pk, likeness.read(text, weigh)) for pk, text in loose]
    for pk, said in sorted(read, key=lambda one: (-one[1].weight, one[0])):
        near, value = room.nearest(said)
        if near is None or value < ALIKE:
            near, value = Cluster(new_id()), 1.0
            made.append(near)
        near.members.append((pk, round(value * 100)))
        room.listen(said, near)
    return made


@handles("opinions", lazy("意见归类"))
def _compare(row: Outbox, now: datetime) -> None:
    """Somebody spoke, or a sentence came out of a group: look anew at what is in none."""
    asked = Round.objects.filter(district_id=row.district_id, pk=row.payload["round"]).first()
    if asked is None or asked.state == "published":
        return
    said = Opinion.objects.filter(district_id=asked.district_id, round=asked)
    refused = Hint.objects.filter(district_id=asked.district_id, round=asked, refused=True).values("opinion_id")
    loose = said.filter(group=None).exclude(pk__in=refused).order_by("pk").values_list("pk", "text")[:MOST]
    by_question = said.filter(group=None).values_list("pk", "question")
    found = find(asked.district_id, _voices(asked), list(loose))
    suggest(asked, _split(found, dict(by_question)))


def _voices(asked: Round) -> dict[Group, list[str]]:
    living = Group.objects.filter(district_id=asked.district_id, round=asked, merged_into=None)
    groups = {g.pk: g for g in living}
    texts: dict[uuid.UUID, list[str]] = {pk: [] for pk in groups}
    rows = Opinion.objects.filter(district_id=asked.district_id, round=asked, group__in=list(groups))
    for group_id, text in rows.values_list("group_id", "text")[:MOST]:
        texts[group_id].append(text)
    return {g: [g.title, *sorted(texts[pk], key=len, reverse=True)[: VOICES - 1]] for pk, g in groups.items()}


def _split(
    found: list[Cluster], questions: dict[uuid.UUID, int]
) -> list[tuple[uuid.UUID, Group | None, list[tuple[uuid.UUID, int]]]]:
    """Answers to different questions are not the same, however alike the words; a cluster of one is no suggestion."""
    made: list[tuple[uuid.UUID, Group | None, list[tuple[uuid.UUID, int]]]] = []
    for one in found:
        if one.group is not None:
            made.append((one.key, one.group, one.members))
            continue
        parts: dict[int, list[tuple[uuid.UUID, int]]] = defaultdict(list)
        for pk, percent in one.members:
            parts[questions.get(pk, 0)].append((pk, percent))
        made += [(new_id(), None, members) for members in parts.values() if len(members) > 1]
    return made
