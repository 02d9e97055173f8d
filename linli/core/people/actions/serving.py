"""Posts: given to a person or a body for a time, and ended on a day."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.people import duties
from linli.core.people.actions.gate import configuring
from linli.core.people.actor import Actor
from linli.core.people.models import Organisation, Person, Post
from linli.core.places.actions import Changing
from linli.core.places.models import Place
from linli.kit.finding import the_one
from linli.kit.refusal import Conflict, Invalid, NotFound

NAME_LONGEST = 20
_NEVER_GIVEN = "system"


def serving_on(day: date) -> Q:
    """Posts, or bodies, that stand on a day: ``until`` is the first day without."""
    return Q(since__lte=day) & (Q(until=None) | Q(until__gt=day))


def namesakes(district_id: int, name: str) -> list[Person]:
    """Who of that name serves here already: two of one name are one person only if somebody says so."""
    serving = Person.objects.filter(district_id=district_id, shown=name, posts__isnull=False)
    return list(serving.distinct().order_by("id")[:10])


def give_post(
    *,
    actor: Actor,
    role: str,
    place_id: uuid.UUID,
    name: str = "",
    person_id: uuid.UUID | None = None,
    organisation_id: uuid.UUID | None = None,
    title: str = "",
    since: date | None = None,
    until: date | None = None,
    hours: str = "",
) -> Post:
    """Somebody serves in a role at a place from a day on: a person (known, or new by name), or a body as such."""
    with configuring(actor) as change:
        if role not in duties.ROLES or role == _NEVER_GIVEN:
            raise Invalid(_("没有这个角色。"), fields={"role": _("选一个角色。")})
        place = change.place(place_id)
        body = body_of(change, organisation_id)
        person = person_of(change, person_id, name)
        if person is None and body is None:
            raise Invalid(_("谁来担任？写姓名，或选一个单位。"), fields={"name": _("写姓名，或选一个单位。")})
        begins, ends = term_of(since, until)
        refuse_twice(change, role, place, person, body, begins)
        made = put_post(change, role=role, place=place, person=person, body=body, since=begins, until=ends,
                        title=title, hours=hours)  # fmt: skip
        told = {"who": person.shown if person else (body.name if body else ""), "place": place.name,
                "title": made.title, "since": begins}  # fmt: skip
        change.tell(made.title, _("请%(who)s担任%(place)s%(title)s（%(since)s 起）") % told, post=made.code, role=role)
        return made


def end_post(*, actor: Actor, post_id: uuid.UUID, on: date | None = None) -> Post:
    """The post ends: from that day on nobody serves in it. The row stays, and so does everything done in it."""
    with configuring(actor) as change:
        post = post_of(change, post_id)
        day = on or timezone.localdate()
        if post.until is not None and post.until <= day:
            raise Conflict(_("这个岗位 %s 已经到期。") % post.until, code="ended", fields={"on": _("已经到期。")})
        if day < post.since:
            message = _("不能早于上岗那天（%s）。") % post.since
            raise Invalid(message, fields={"on": message})
        _keep_an_administrator(post)
        post.until = day
        post.save(update_fields=["until"])
        who = post.person.shown if post.person else (post.organisation.name if post.organisation else "")
        told = {"who": who, "place": post.place.name, "title": post.title, "day": day}
        change.tell(post.title, _("%(who)s不再担任%(place)s%(title)s（%(day)s 起）") % told, post=post.code)
        return post


# ── what the acts of this room share ────────────────────────────────────────────────────────────────────────────
def post_of(change: Changing, post_id: uuid.UUID) -> Post:
    rows = Post.objects.select_related("person", "organisation", "place")
    return the_one(rows.filter(district_id=change.district.pk, pk=post_id), _("没有这个岗位。"))


def body_of(change: Changing, organisation_id: uuid.UUID | None) -> Organisation | None:
    """A body of this district that still stands."""
    if organisation_id is None:
        return None
    found = Organisation.objects.filter(district_id=change.district.pk, pk=organisation_id).first()
    if found is None:
        raise NotFound(_("没有这个单位。"), fields={"organisation": _("没有找到。")})
    if found.until is not None and found.until <= timezone.localdate():
        raise Conflict(_("“%s”已经撤了。") % found.name, code="ended", fields={"organisation": _("已经撤了。")})
    return found


def person_of(change: Changing, person_id: uuid.UUID | None, name: str) -> Person | None:
    """The person meant, or a new one by name; nobody where neither is given."""
    if person_id is not None:
        found = Person.objects.filter(district_id=change.district.pk, pk=person_id).first()
        if found is None:
            raise NotFound(_("没有这个人。"), fields={"person": _("没有找到。")})
        return found
    cleaned = "".join(name.split())
    if not cleaned:
        return None
    if len(cleaned) > NAME_LONGEST:
        message = _("姓名最多 %d 个字。") % NAME_LONGEST
        raise Invalid(message, fields={"name": message})
    return Person.objects.create(district_id=change.district.pk, shown=cleaned)


def term_of(since: date | None, until: date | None) -> tuple[date, date | None]:
    begins = since or timezone.localdate()
    if until is not None and until <= begins:
        message = _("到期那天要在上岗那天之后。")
        raise Invalid(message, fields={"until": message})
    return begins, until


def refuse_twice(
    change: Changing, role: str, place: Place, person: Person | None, body: Organisation | None, day: date
) -> None:
    """The same person, or the same body, in the same role at the same place twice would be a slip of the hand."""
    held = Post.objects.filter(serving_on(day), district_id=change.district.pk, role=role, place=place)
    held = held.filter(person=person) if person else held.filter(person=None, organisation=body)
    if held.exists():
        message = _("这个岗位已经是这样安排的了。")
        raise Conflict(message, code="same", fields={"name" if person else "organisation": message})


def put_post(
    change: Changing, *, role: str, place: Place, person: Person | None, body: Organisation | None, since: date,
    until: date | None, title: str = "", hours: str = "",
) -> Post:  # fmt: skip
    """The row itself, with a code of its own and the district's title where none is given."""
    titles = change.district.settings.get("roles", {})
    return Post.objects.create(
        district_id=change.district.pk, code=_free_code(change.district.pk, place, role), role=role,
        title=(title.strip() or titles.get(role) or duties.role(role).name)[:60], place=place, scope_path=place.path,
        person=person, organisation=body, since=since, until=until, hours=hours.strip()[:60],
    )  # fmt: skip


def initials(words: str) -> str:
    return "".join(part[0] for part in words.split("_") if part).upper()


def _free_code(district_id: int, place: Place, role: str) -> str:
    """Place, initials of the role, the next free number: 990001010101-GW3. The district's lock keeps it free."""
    stem = f"{place.code[:32]}-{initials(role)}"
    taken = set(Post.objects.filter(district_id=district_id, code__startswith=stem).values_list("code", flat=True))
    return next(code for n in range(1, len(taken) + 2) if (code := f"{stem}{n}") not in taken)


def _keep_an_administrator(post: Post) -> None:
    """Nobody could undo the end of the last one."""
    if post.role != "admin" or post.person_id is None:
        return
    others = Post.objects.filter(serving_on(timezone.localdate()), district_id=post.district_id, role="admin")
    if not others.exclude(person_id=post.person_id).filter(person__account__is_active=True).exists():
        message = _("这是最后一个能登录的系统管理员，先请别人来当，再结束这一个。")
        raise Conflict(message, code="last_admin", fields={"on": message})


def names_of(names: Sequence[str]) -> list[str]:
    """Names as they are kept: without spaces, each once, in order."""
    return list(dict.fromkeys(cleaned for name in names if (cleaned := "".join(name.split()))))
