"""Who acts: an account with the posts it holds today, a receipt, nobody, or the system itself."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from django.conf import settings
from django.utils import timezone

from linli.core.people import duties
from linli.kit import reader
from linli.kit.reader import as_uuid


class Held(NamedTuple):
    """A post that the actor holds, or an organisation's post that the actor's own post speaks for."""

    id: uuid.UUID
    code: str
    role: str
    title: str
    place_id: uuid.UUID
    path: str
    organisation_id: uuid.UUID | None
    name: str  # who is meant: the person, or the organisation


@dataclass(frozen=True)
class Actor:
    """What an action needs to know of the one who acts. ``unit_posts`` are organisation posts one may act for."""

    kind: str  # staff, resident, receipt, anonymous, system
    district_id: int | None = None
    user_id: uuid.UUID | None = None
    person_id: uuid.UUID | None = None
    name: str = ""
    posts: tuple[Held, ...] = ()
    unit_posts: tuple[Held, ...] = ()
    receipt_matter: uuid.UUID | None = None
    channel: str = ""  # a channel's token
    home_id: uuid.UUID | None = None
    username: str = ""
    post_ids: frozenset[uuid.UUID] = field(default=frozenset())
    organisation_ids: frozenset[uuid.UUID] = field(default=frozenset())

    @property
    def is_staff(self) -> bool:
        return bool(self.posts)

    def over(self, duty: str, path: str) -> Held | None:
        """The post whose place covers ``path`` and whose role has ``duty`` there; the nearest one first."""
        covering = [p for p in self.posts if path.startswith(p.path) and duty in duties.role(p.role).over]
        return max(covering, key=lambda p: len(p.path), default=None)

    def held(self, duty: str, post_id: uuid.UUID | None) -> Held | None:
        """One's own post (or one speaking for an organisation's post) that holds ``post_id`` and has ``duty``."""
        if post_id is None or post_id not in self.post_ids:
            return None
        return next((p for p in self.posts if duty in duties.role(p.role).held and self._speaks_for(p, post_id)), None)

    def _speaks_for(self, post: Held, post_id: uuid.UUID) -> bool:
        if post.id == post_id:
            return True
        return any(u.id == post_id and u.organisation_id == post.organisation_id for u in self.unit_posts)

    def has(self, duty: str) -> bool:
        """Whether any post has ``duty`` anywhere."""
        return any(duty in duties.role(p.role).over | duties.role(p.role).held for p in self.posts)

    def paths(self, duty: str) -> tuple[str, ...]:
        """The subtrees over which the actor has ``duty``, none inside another."""
        found = sorted({p.path for p in self.posts if duty in duties.role(p.role).over})
        return tuple(p for i, p in enumerate(found) if not any(p.startswith(q) for q in found[:i]))

    def inside(self, district_id: int) -> Actor:
        """The actor as a district sees it: posts of another one count for nothing, for paths are alike in all."""
        if not self.is_staff or self.district_id == district_id:
            return self
        nothing: frozenset[uuid.UUID] = frozenset()
        return replace(self, kind="resident", posts=(), unit_posts=(), post_ids=nothing, organisation_ids=nothing)

    def label(self, held: Held | None = None) -> str:
        """How the timeline names the actor: 王禾苗 网格员. Residents stay unnamed."""
        post = held or (self.posts[0] if self.posts else None)
        if self.kind == "system":
            return "系统"
        return f"{self.name} {post.title}" if post else "一位居民"


ANONYMOUS = Actor(kind="anonymous")
SYSTEM = Actor(kind="system", name="系统")

_KEEP_SECONDS = 0.0 if settings.TESTING else 3.0
_kept: dict[uuid.UUID, tuple[float, Actor]] = {}


def for_user(user_id: uuid.UUID) -> Actor:
    """The actor behind an account; ANONYMOUS for a closed one and, outside a demo, for a demo's.

    Kept for three seconds a process.
    """
    now = time.monotonic()
    kept = _kept.get(user_id)
    if kept and now - kept[0] < _KEEP_SECONDS:
        return kept[1]
    actor = _read(user_id)
    if len(_kept) > 5000:
        _kept.clear()
    _kept[user_id] = (now, actor)
    return actor


def forget(user_id: uuid.UUID | None = None) -> None:
    """Drop what is kept: after a sign-out or a change of posts."""
    if user_id is None:
        _kept.clear()
    else:
        _kept.pop(user_id, None)


def _read(user_id: uuid.UUID) -> Actor:
    """From the database, in two or three short questions: somebody new asks many times a second."""
    found = reader.rows(_USER, reader.prepared([user_id]))
    if not found or (found[0][5] and not settings.DEMO):
        return ANONYMOUS
    username, district_id, person, home, shown, _demo = found[0]
    person_id = as_uuid(person)
    posts = _held(district_id, "p.person_id = %s", [person_id]) if person_id else ()
    organisations = frozenset(p.organisation_id for p in posts if p.organisation_id)
    marks = ", ".join(["%s"] * len(organisations))
    theirs = f"p.person_id IS NULL AND p.organisation_id IN ({marks})"
    units = _held(district_id, theirs, list(organisations)) if organisations else ()
    return Actor(
        kind="staff" if posts else "resident",
        district_id=district_id,
        user_id=user_id,
        person_id=person_id,
        name=shown or username,
        posts=posts,
        unit_posts=units,
        home_id=as_uuid(home),
        username=username,
        post_ids=frozenset(p.id for p in (*posts, *units)),
        organisation_ids=organisations,
    )


_USER = (
    "SELECT u.username, u.district_id, u.person_id, u.home_id, p.shown, u.demo FROM people_user u "
    "LEFT JOIN people_person p ON p.district_id = u.district_id AND p.id = u.person_id WHERE u.id = %s AND u.is_active"
)
_POSTS = (
    "SELECT p.id, p.code, p.role, p.title, p.place_id, p.scope_path, p.organisation_id, h.shown, o.name "
    "FROM people_post p LEFT JOIN people_person h ON h.district_id = p.district_id AND h.id = p.person_id "
    "LEFT JOIN people_organisation o ON o.district_id = p.district_id AND o.id = p.organisation_id "
    "WHERE p.district_id = %s AND p.since <= %s AND (p.until IS NULL OR p.until > %s) AND {which} "
    "ORDER BY p.scope_path, p.code"
)


def _held(district_id: int | None, which: str, values: list[uuid.UUID]) -> tuple[Held, ...]:
    """Posts held today; ``which`` is a condition written in this file, its values apart."""
    if district_id is None:
        return ()
    today = timezone.localdate()
    found = reader.rows(_POSTS.format(which=which), reader.prepared([district_id, today, today, *values]))
    return tuple(
        Held(_id(post), code, role, title, _id(place), path, as_uuid(organisation), person or name or "")
        for post, code, role, title, place, path, organisation, person, name in found
    )


def _id(value: Any) -> uuid.UUID:
    return value if isinstance(value, uuid.UUID) else uuid.UUID(value)
