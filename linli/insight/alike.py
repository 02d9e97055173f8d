"""Opinions of a round that say the same, by their words: suggested to whoever groups them, decided by a person.

1. A group that is there speaks through its title and its longest sentences.
2. Every other sentence, the one that says most first, joins the leader it is most like, or leads a cluster itself.
3. A leader is compared only where a weighty pair of characters is shared, so a thousand sentences take a second.
"""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from linli.insight.duplicates import likeness
from linli.insight.duplicates.commonness import Weights, weights
from linli.insight.duplicates.likeness import Said
from linli.kit.ids import new_id
from linli.kit.models import Outbox
from linli.kit.outbox import handles
from linli.offices.opinions.actions.grouping import suggest
from linli.offices.opinions.models import Group, Hint, Opinion, Round

MOST: Final = 5000  # sentences of one round that are compared
VOICES: Final = 5  # sentences that a group speaks through
TRIED: Final = 12  # leaders that a sentence is compared with
ALIKE: Final = 0.34


@dataclass
class _Leader:
    said: Said
    cluster: uuid.UUID
    group: Group | None = None
    members: list[tuple[uuid.UUID, int]] = field(default_factory=list)


def find(district_id: int, groups: dict[Group, list[str]], loose: Iterable[tuple[uuid.UUID, str]]) -> list[_Leader]:
    """Clusters of ``loose`` sentences, and those that are like a group."""
    weigh = weights(district_id)
    leaders, holding = _of_groups(groups, weigh)
    read = [(pk, likeness.read(text, weigh)) for pk, text in loose]
    for pk, said in sorted(read, key=lambda one: (-one[1].weight, one[0])):
        best, value = _nearest(said, leaders, holding, weigh)
        if best is not None and value >= ALIKE:
            best.members.append((pk, round(value * 100)))
            continue
        made = _Leader(said, new_id(), members=[(pk, 100)])
        _listen(made, len(leaders), holding, weigh)
        leaders.append(made)
    return leaders


def _of_groups(groups: dict[Group, list[str]], weigh: Weights) -> tuple[list[_Leader], dict[str, list[int]]]:
    leaders: list[_Leader] = []
    holding: dict[str, list[int]] = defaultdict(list)
    for group, texts in groups.items():
        cluster = new_id()
        for text in texts:
            one = _Leader(likeness.read(text, weigh), cluster, group)
            _listen(one, len(leaders), holding, weigh)
            leaders.append(one)
    return leaders, holding


def _listen(leader: _Leader, number: int, holding: dict[str, list[int]], weigh: Weights) -> None:
    for gram in leader.said.grams:
        if weigh(gram) >= likeness.RARE:
            holding[gram].append(number)


def _nearest(
    said: Said, leaders: list[_Leader], holding: dict[str, list[int]], weigh: Weights
) -> tuple[_Leader | None, float]:
    shared: Counter[int] = Counter()
    for gram in said.grams:
        for number in holding.get(gram, ()):
            shared[number] += 1
    best, value = None, 0.0
    for number, _n in shared.most_common(TRIED):
        like = likeness.alike(said, leaders[number].said, weigh, same_house=True)
        if like > value:
            best, value = leaders[number], like
    return best, value


@handles("opinions")
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
    return {g: [g.title, *sorted(texts[pk], key=len, reverse=True)[:VOICES]] for pk, g in groups.items()}


def _split(
    leaders: list[_Leader], questions: dict[uuid.UUID, int]
) -> list[tuple[uuid.UUID, Group | None, list[tuple[uuid.UUID, int]]]]:
    """Answers to different questions are not the same, however alike the words; a cluster of one is no suggestion."""
    made: list[tuple[uuid.UUID, Group | None, list[tuple[uuid.UUID, int]]]] = []
    for one in leaders:
        if one.group is not None:
            made.append((one.cluster, one.group, one.members))
            continue
        parts: dict[int, list[tuple[uuid.UUID, int]]] = defaultdict(list)
        for pk, percent in one.members:
            parts[questions.get(pk, 0)].append((pk, percent))
        made += [(new_id(), None, members) for members in parts.values() if len(members) > 1]
    return made
