"""An actor for a post, where nobody is signed in: at the keyboard of the server, and in the demo's invented month."""

from __future__ import annotations

from linli.core.people.actor import Actor, Held
from linli.core.people.models import Post


def actor_of(post: Post) -> Actor:
    """Whoever serves in ``post``, with that post alone, and for its organisation where it belongs to one."""
    if post.person is None:
        raise ValueError(f"{post.code} is an organisation's own post: nobody in particular serves in it")
    organisation = post.organisation_id
    speaks_for: tuple[Held, ...] = ()
    if organisation is not None:
        units = Post.objects.filter(district_id=post.district_id, person=None, organisation_id=organisation, until=None)
        speaks_for = tuple(_held(unit) for unit in units.select_related("organisation"))
    return Actor(
        kind="staff",
        district_id=post.district_id,
        person_id=post.person_id,
        name=post.person.shown,
        posts=(_held(post),),
        unit_posts=speaks_for,
        post_ids=frozenset({post.pk, *(unit.id for unit in speaks_for)}),
        organisation_ids=frozenset({organisation} if organisation else ()),
    )


def _held(post: Post) -> Held:
    named = post.person.shown if post.person else post.organisation.name if post.organisation else ""
    return Held(post.pk, post.code, post.role, post.title, post.place_id, post.scope_path, post.organisation_id, named)
