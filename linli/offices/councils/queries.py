"""What people look at: topics of a place, what was said about them, one's own words. Missing looks like forbidden."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.decisions.models import Question
from linli.core.gatherings.models import AgendaItem, Gathering, Resolution
from linli.core.matters.flow import ENDED, LIVE
from linli.core.matters.models import Link, Matter
from linli.core.people import duties
from linli.core.people.actor import Actor
from linli.core.people.once import mark_of
from linli.core.places.tree import STEP, Node, tree
from linli.kit import crypto
from linli.kit.fields import subtree
from linli.kit.finding import the_one
from linli.offices.councils.marks import MARK, RAISED, TOPIC
from linli.offices.councils.models import Dissent, Opinion, Turn, Verdict

HALLS = ("quarter", "village", "community")  # the lowest places that have a hall of their own
MOST_PLACES = 300


# ── topics ──────────────────────────────────────────────────────────────────────────────────────────────────
def topics(district_id: int, path: str = "", *, q: str = "", state: str = "") -> QuerySet[Matter]:
    """Topics that everybody may read; ``path`` keeps a place's own and what lies below it."""
    rows = Matter.objects.filter(district_id=district_id, kind=TOPIC, confidential=False).exclude(state="merged")
    if path:
        rows = rows.filter(_below(path))
    if q:
        rows = rows.filter(Q(number__iexact=q) | Q(text__icontains=q))
    if state == "open":
        rows = rows.exclude(state__in=ENDED)
    elif state == "ended":
        rows = rows.filter(state__in=ENDED)
    return rows


def around(district_id: int, places: Sequence[Node], *, q: str = "") -> QuerySet[Matter]:
    """Topics of the quarters that lie around these places and of everything above: what is discussed where I live."""
    known, wanted = tree(district_id), Q(pk__in=[])
    for node in places or [known.root]:
        top = quarter_of(district_id, node.path)
        wanted |= _below(top) | Q(scope_path__in=[top[:n] for n in range(STEP, len(top), STEP)])
    return topics(district_id, q=q).filter(wanted)


def quarter_of(district_id: int, path: str) -> str:
    """The path of the quarter (or the nearest place above a grid) in which a path lies."""
    known = tree(district_id)
    for n in range(len(path), 0, -STEP):
        node = known.by_path.get(path[:n])
        if node is not None and node.level in HALLS:
            return node.path
    return path


def own_places(actor: Actor) -> list[Node]:
    """Where somebody belongs: home first, then every place they serve at, each once."""
    known = tree(actor.district_id or 0)
    ids = [actor.home_id, *(p.place_id for p in actor.posts)]
    return _each_once(known.by_id[i] for i in ids if i is not None and i in known.by_id)


def halls(actor: Actor) -> list[Node]:
    """Where somebody may bring a topic: the quarters and communities around the places they belong to."""
    known = tree(actor.district_id or 0)
    found: list[Node] = []
    for node in own_places(actor):
        top = known.by_path[quarter_of(known.district.id, node.path)]
        found += [top, *(n for n in known.chain(top) if n.level in HALLS and n.path != top.path)]
    return _each_once(found)


def convened(actor: Actor) -> list[Node]:
    """Where the actor convenes: each scope itself, and the communities and quarters in it."""
    known = tree(actor.district_id or 0)
    nodes: list[Node] = []
    for path in actor.paths(duties.CONVENE):
        below = [n for n in known.by_path.values() if n.path.startswith(path) and n.path != path and n.level in HALLS]
        nodes += [known.by_path[path], *sorted(below, key=lambda n: n.path)[:MOST_PLACES]]
    return _each_once(nodes)


def topic(district_id: int, number: str) -> Matter:
    return the_one(topics(district_id).filter(number=number.strip().upper()), _("没有找到这个议题。"))


def staff_topics(actor: Actor, *, q: str = "", state: str = "") -> QuerySet[Matter]:
    """Topics in the scopes where the actor convenes."""
    scopes = Q(pk__in=[])
    for path in actor.paths(duties.CONVENE):
        scopes |= _below(path)
    return topics(actor.district_id or 0, q=q, state=state).filter(scopes)


def staff_topic(actor: Actor, number: str) -> Matter:
    return the_one(staff_topics(actor).filter(number=number.strip().upper()), _("没有找到这个议题。"))


def sources(matter: Matter) -> list[Matter]:
    """What people said that became this topic, the first one first."""
    links = Link.objects.filter(district_id=matter.district_id, target=matter, type=RAISED, ended_at=None)
    return [link.source for link in links.select_related("source").order_by("at", "id")[:200]]


def opinions(matter: Matter, limit: int = 200) -> list[Opinion]:
    """What was said about a topic, the first one first."""
    rows = Opinion.objects.filter(district_id=matter.district_id, topic=matter)
    return list(rows.order_by("pk")[:limit])


def receipt_hash(receipt: str) -> str:
    return crypto.hash_secret(receipt, "opinion")


def votes(district_id: int, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[Question]]:
    """Questions put to a roll on these topics, drafts left out, the first one first."""
    found: dict[uuid.UUID, list[Question]] = {}
    rows = Question.objects.filter(district_id=district_id, matter_id__in=list(ids)).exclude(state="draft")
    for row in rows.select_related("rule").order_by("pk"):
        found.setdefault(row.matter_id, []).append(row)
    return found


# ── in and after the sitting ────────────────────────────────────────────────────────────────────────────────
def dissents(district_id: int, items: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[Dissent]]:
    found: dict[uuid.UUID, list[Dissent]] = {}
    for row in Dissent.objects.filter(district_id=district_id, item_id__in=list(items)).order_by("at", "pk"):
        found.setdefault(row.item_id, []).append(row)
    return found


def turns(gathering: Gathering) -> dict[uuid.UUID, list[Turn]]:
    found: dict[uuid.UUID, list[Turn]] = {}
    rows = Turn.objects.filter(district_id=gathering.district_id, item__gathering=gathering)
    for row in rows.order_by("position"):
        found.setdefault(row.item_id, []).append(row)
    return found


def item(gathering: Gathering, item_id: uuid.UUID) -> AgendaItem:
    rows = AgendaItem.objects.filter(district_id=gathering.district_id, gathering=gathering, pk=item_id)
    return the_one(rows.select_related("gathering__kind", "gathering__place", "matter"), _("议程里没有这一项。"))


def resolution(district_id: int, resolution_id: uuid.UUID) -> Resolution:
    """A resolution of a sitting that everybody may read about."""
    rows = Resolution.objects.filter(
        district_id=district_id, pk=resolution_id, gathering__public=True, gathering__called_at__isnull=False
    ).exclude(state="draft")
    return the_one(
        rows.select_related("item__matter", "gathering__kind", "gathering__place", "owner"), _("没有找到这条决议。")
    )


def readable(row: Resolution) -> bool:
    """Whether ``resolution`` finds it for everybody; its point and sitting are read already."""
    sitting = row.item.gathering
    return row.state != "draft" and sitting.public and sitting.called_at is not None


def under_review(row: Resolution) -> bool:
    """Whether residents may say now how it went: its day has come, or all that was split from it is done."""
    return row.state in ("set", "back") and _due(row)


def verdicts(row: Resolution) -> tuple[int, int]:
    """Residents who are satisfied and who are not, in this round of review."""
    rows = Verdict.objects.filter(district_id=row.district_id, resolution=row, turn=row.rounds)
    counted = {r["satisfied"]: r["n"] for r in rows.values("satisfied").annotate(n=Count("pk")).order_by()}
    return counted.get(True, 0), counted.get(False, 0)


def own_verdict(actor: Actor, row: Resolution) -> Verdict | None:
    rows = Verdict.objects.filter(district_id=row.district_id, resolution=row, turn=row.rounds)
    return rows.filter(mark=mark_of(actor, row.pk, purpose=MARK)).first() if actor.user_id else None


def verdict_words(row: Resolution, limit: int = 50) -> list[Verdict]:
    """What those said who wrote something; nobody's name stands with it."""
    rows = Verdict.objects.filter(district_id=row.district_id, resolution=row, turn=row.rounds).exclude(text="")
    return list(rows.order_by("pk")[:limit])


def own_dissents(actor: Actor, row: Resolution) -> list[Dissent]:
    """What this very person said against it."""
    if actor.person_id is None:
        return []
    rows = Dissent.objects.filter(district_id=row.district_id, item_id=row.item_id, person_id=actor.person_id)
    return list(rows.order_by("pk"))


def to_review(actor: Actor, limit: int = 20) -> list[Resolution]:
    """Resolutions around somebody's places on which residents may say now how it went."""
    known, wanted = tree(actor.district_id or 0), Q(pk__in=[])
    for node in own_places(actor):
        top = quarter_of(known.district.id, node.path)
        wanted |= _below(top) | Q(scope_path__in=[top[:n] for n in range(STEP, len(top), STEP)])
    rows = Resolution.objects.filter(
        wanted, district_id=known.district.id, state__in=("set", "back"), gathering__public=True
    ).select_related("gathering__place").prefetch_related("matters__matter")  # fmt: skip
    return [r for r in rows.order_by("review_on", "pk")[:100] if _due(r)][:limit]


def _due(row: Resolution) -> bool:
    """``under_review`` of a row whose matters are read already."""
    if row.review_on is not None and row.review_on <= timezone.localdate():
        return True
    states = [part.matter.state for part in row.matters.all()]
    return bool(states) and not any(s in (*LIVE, "declining", "contested") for s in states)


def _each_once(nodes: Iterable[Node]) -> list[Node]:
    return list({node.path: node for node in nodes}.values())


def _below(path: str) -> Q:
    low, high = subtree(path)
    return Q(scope_path__gte=low, scope_path__lt=high)
