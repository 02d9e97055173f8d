"""Accounts of those who serve: opened, given a new password, closed and opened again. A password is shown once."""

from __future__ import annotations

import re
import secrets
import uuid
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from linli.core.people import identify
from linli.core.people.actions.gate import configuring
from linli.core.people.actor import Actor
from linli.core.people.models import Person, Post, Token, User
from linli.core.places.actions import Changing
from linli.kit.finding import the_one
from linli.kit.refusal import Conflict, Invalid, NotFound

# Without 0/O, 1/l/I: it is read off a screen and typed.
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,29}")


@dataclass(frozen=True)
class Opened:
    """An account and the password that nobody can read again."""

    user: User
    password: str


def open_account(*, actor: Actor, person_id: uuid.UUID, username: str) -> Opened:
    """An account for somebody who serves in a post. Residents make their own with a telephone."""
    with configuring(actor) as change:
        person = Person.objects.filter(district_id=change.district.pk, pk=person_id).first()
        if person is None:
            raise NotFound(_("没有这个人。"), fields={"person": _("没有找到。")})
        if not _serves(person):
            raise Conflict(_("%s现在不在岗，没有岗位就没有账号。") % person.shown, code="no_post")
        if User.objects.filter(person=person).exists():
            raise Conflict(_("%s已经有账号了。") % person.shown, code="has_account")
        name, password = _username(username), _password()
        user = User(username=name, district_id=change.district.pk, person=person)
        user.set_password(password)
        try:
            with transaction.atomic():
                user.save(force_insert=True)
        except IntegrityError as error:  # another district's administrator was a moment faster
            raise _taken() from error
        told = {"who": person.shown, "name": name}
        change.tell(person.shown, _("给%(who)s开了账号 %(name)s") % told, username=name)
        return Opened(user, password)


def reset_password(*, actor: Actor, user_id: uuid.UUID) -> Opened:
    """A new password; every session and token of the old one ends."""
    with configuring(actor) as change:
        user, password = _account(change, user_id), _password()
        user.set_password(password)
        user.save(update_fields=["password"])
        _end_tokens(user)
        change.tell(user.username, _("给账号 %s 换了密码") % user.username, username=user.username)
        return Opened(user, password)


def set_active(*, actor: Actor, user_id: uuid.UUID, active: bool) -> User:
    """Close an account, or open it again. One's own stays open: somebody has to be able to come back."""
    with configuring(actor) as change:
        user = _account(change, user_id)
        if user.pk == actor.user_id and not active:
            raise Conflict(_("不能停用自己的账号。"), code="own")
        if user.is_active != active:
            user.is_active = active
            user.save(update_fields=["is_active"])
            if not active:
                _end_tokens(user)
            words = _("重新启用了账号 %s") if active else _("停用了账号 %s")
            change.tell(user.username, words % user.username, username=user.username)
        return user


def _account(change: Changing, user_id: uuid.UUID) -> User:
    """An account of this district whose person serves, or once served, in a post: never a resident's."""
    served = Q(person__posts__isnull=False)
    return the_one(User.objects.filter(served, district_id=change.district.pk, pk=user_id), _("没有这个账号。"))


def _serves(person: Person) -> bool:
    """Today, or from a day to come: an account may be made before the first day of work."""
    today = timezone.localdate()
    return Post.objects.filter(Q(until=None) | Q(until__gt=today), person=person).exists()


def _username(typed: str) -> str:
    name = typed.strip().lower()
    if not _USERNAME.fullmatch(name):
        message = _("用户名用 3 到 30 个小写字母、数字、点、横线，字母或数字开头。")
        raise Invalid(message, fields={"username": message})
    if User.objects.filter(username=name).exists():
        raise _taken()
    return name


def _taken() -> Conflict:
    message = _("这个用户名有人用了，换一个。")
    return Conflict(message, code="taken", fields={"username": message})


def _password() -> str:
    """Sixteen letters in four groups: about 80 bits, and easy to read out."""
    return "-".join("".join(secrets.choice(LETTERS) for _n in range(4)) for _group in range(4))


def _end_tokens(user: User) -> None:
    Token.objects.filter(user=user).delete()
    transaction.on_commit(identify.forget)
