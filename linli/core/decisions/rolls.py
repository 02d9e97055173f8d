"""Building a roll: from holdings (owners), from dwellings (households) or from posts, and freezing it by its hash.

Those present at a sitting are collected by ``gathered.py``.

Owners (Civil Code 278 and the Supreme People's Court's reading of it): one owner is one head however many units are
theirs; the co-owners of a unit have one vote together; the developer's unsold stock is one head; parking counts where
the question says so. Nothing is written here: ``collect`` reads and ``actions.opening`` writes what it found.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.people.models import Holding, Post
from linli.core.places.models import Dwelling, Place
from linli.core.places.tree import Tree
from linli.kit.fields import subtree
from linli.kit.refusal import Invalid

KINDS = {"owners": "业主", "households": "住户", "posts": "岗位", "present": "到会的人"}


@dataclass
class Voice:
    """One entry of a roll to be."""

    label: str
    holder: str
    path: str
    persons: tuple[uuid.UUID, ...] = ()
    organisation: uuid.UUID | None = None
    post: uuid.UUID | None = None
    area: Decimal = Decimal(0)
    units: list[str] = field(default_factory=list)
    user: uuid.UUID | None = None  # of somebody present who is no person of the files
    recused: str = ""  # why this voice stands back, where the roll itself knows (those present)


@dataclass
class Found:
    """What a roll would hold, and what keeps it from being frozen."""

    voices: list[Voice]
    without_area: list[str] = field(default_factory=list)  # labels of dwellings
    without_holder: list[str] = field(default_factory=list)

    @property
    def area(self) -> Decimal:
        return sum((v.area for v in self.voices), Decimal(0))


def collect(kind: str, known: Tree, path: str, *, parking: bool, weighted: bool, roles: Sequence[str] = ()) -> Found:
    """The roll of everything at and below ``path``. A handful of questions to the database, however many homes."""
    if kind == "posts":
        return _posts(known, path, roles)
    homes = _homes(known, path, parking=parking and kind == "owners", shops=kind == "owners")
    if kind == "households":
        return _households(known, homes)
    return _owners(known, homes, weighted)


# ── homes ───────────────────────────────────────────────────────────────────────────────────────────────────
def _homes(known: Tree, path: str, *, parking: bool, shops: bool) -> list[dict[str, Any]]:
    low, high = subtree(path)
    uses = ["home", *(["shop", "other"] if shops else []), *(["garage"] if parking else [])]
    rows = Dwelling.objects.filter(
        district_id=known.district.id, place__path__gte=low, place__path__lt=high, use__in=uses
    ).order_by("place__path", "number")
    return [dict(row) for row in rows.values("id", "number", "area_m2", "place_id", "place__path")]


def _holdings(known: Tree, homes: list[dict[str, Any]], kinds: Sequence[str]) -> dict[uuid.UUID, list[dict[str, Any]]]:
    """Today's holdings of these kinds by dwelling."""
    if not homes:
        return {}
    today = timezone.localdate()
    low, high = min(h["place__path"] for h in homes), max(h["place__path"] for h in homes)
    rows = Holding.objects.filter(
        Q(until=None) | Q(until__gt=today), district_id=known.district.id, kind__in=kinds, since__lte=today,
        dwelling__place__path__gte=low, dwelling__place__path__lte=high,
    ).order_by("id")  # fmt: skip
    found: dict[uuid.UUID, list[dict[str, Any]]] = {}
    for row in rows.values(
        "dwelling_id", "person_id", "organisation_id", "person__shown", "organisation__name"
    ).iterator(chunk_size=5000):
        found.setdefault(row["dwelling_id"], []).append(dict(row))
    return found


class Labels:
    """Building, unit and number, as people say it: the quarter is the question's own. Each place is looked up once."""

    def __init__(self, known: Tree) -> None:
        self.known = known
        self.places: dict[uuid.UUID, str] = {}

    def of(self, home: dict[str, Any]) -> str:
        before = self.places.get(home["place_id"])
        if before is None:
            node = self.known.by_id.get(home["place_id"])
            parts = [n.name for n in self.known.chain(node) if n.level in ("building", "unit")] if node else []
            before = self.places[home["place_id"]] = "".join(f"{part} " for part in parts)
        return before + str(home["number"])


def _owners(known: Tree, homes: list[dict[str, Any]], weighted: bool) -> Found:
    """Owners by who they are together: the same set of owners is one voice, with all that is theirs."""
    holdings = _holdings(known, homes, ["owner"])
    voices: dict[tuple[tuple[str, ...], ...], Voice] = {}
    found, labels = Found([]), Labels(known)
    for home in homes:
        label, owners = labels.of(home), holdings.get(home["id"], [])
        if not owners:
            found.without_holder.append(label)
            continue
        if weighted and not home["area_m2"]:
            found.without_area.append(label)
        key = tuple(sorted({("o" if o["organisation_id"] else "p", str(o["organisation_id"] or o["person_id"]))
                            for o in owners}))  # fmt: skip
        voice = voices.get(key)
        if voice is None:
            voice = voices[key] = _owner_voice(home, owners, label)
        voice.area += home["area_m2"] or Decimal(0)
        voice.units.append(str(home["id"]))
    for voice in voices.values():
        if len(voice.units) > 1:
            voice.label = _("%(first)s 等 %(n)d 处") % {"first": voice.label, "n": len(voice.units)}
    found.voices = list(voices.values())
    return found


def _owner_voice(home: dict[str, Any], owners: list[dict[str, Any]], label: str) -> Voice:
    names = list(dict.fromkeys(o["organisation__name"] or o["person__shown"] or "" for o in owners))
    persons = tuple(sorted({o["person_id"] for o in owners if o["person_id"]}))
    organisation = next((o["organisation_id"] for o in owners if o["organisation_id"]), None)
    return Voice(label, "、".join(names)[:60], home["place__path"], persons, organisation)


def _households(known: Tree, homes: list[dict[str, Any]]) -> Found:
    """One voice a home that somebody lives in; who lives there speaks for it, tenants too."""
    holdings = _holdings(known, homes, ["owner", "resident", "tenant"])
    found, labels = Found([]), Labels(known)
    for home in homes:
        label, people = labels.of(home), holdings.get(home["id"], [])
        persons = tuple(sorted({p["person_id"] for p in people if p["person_id"]}))
        if not persons:
            found.without_holder.append(label)
            continue
        holder = next(p["person__shown"] for p in people if p["person_id"])
        found.voices.append(Voice(label, holder, home["place__path"], persons, units=[str(home["id"])]))
    return found


def _posts(known: Tree, path: str, roles: Sequence[str]) -> Found:
    """One voice a person, whatever number of the named posts they hold here."""
    today, (low, high) = timezone.localdate(), subtree(path)
    rows = Post.objects.filter(
        Q(until=None) | Q(until__gt=today), district_id=known.district.id, since__lte=today, role__in=roles,
        scope_path__gte=low, scope_path__lt=high, person__isnull=False,
    ).select_related("person").order_by("scope_path", "code")  # fmt: skip
    seen: dict[uuid.UUID, Voice] = {}
    for post in rows:
        if post.person is not None and post.person_id not in seen:
            seen[post.person.pk] = Voice(
                post.title, post.person.shown, post.scope_path, (post.person.pk,), post=post.pk
            )
    return Found(list(seen.values()))


# ── freezing ────────────────────────────────────────────────────────────────────────────────────────────────
def line(seq: int, salt: str, heads: int, area: Decimal, state: str) -> str:
    """An entry as the published roll spells it: who it is stays out, and the salt keeps it from being guessed."""
    return f"{seq}\t{salt}\t{heads}\t{area:.2f}\t{state}"


def roll_hash(lines: Iterable[str]) -> str:
    """SHA-256 over the lines in their order, each ended by a newline: 64 hex characters."""
    total = hashlib.sha256()
    for each in lines:
        total.update(each.encode() + b"\n")
    return total.hexdigest()


def must_be_whole(found: Found, *, weighted: bool) -> None:
    """Invalid where homes lack their area or owner: a vote on a roll with holes would be void."""
    if weighted and found.without_area:
        raise Invalid(
            _("名册里有 %(n)d 处没有面积：%(some)s。补上再开始。")
            % {"n": len(found.without_area), "some": "、".join(found.without_area[:5])},
            code="roll_without_area", fields={"roll": _("有房子没有面积。")},
        )  # fmt: skip
    if not found.voices:
        raise Invalid(_("这个范围里一户也没有，开不了。"), code="roll_empty", fields={"place": _("名册是空的。")})


def place_of(district_id: int, code: str) -> Place | None:
    """The place that a roll is of."""
    return Place.objects.filter(district_id=district_id, code=code, until=None).first()
