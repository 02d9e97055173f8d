"""Signing in: by password, or by a code sent to a phone; and what an account may change about itself.

A code is worth nothing without the phone it went to, so every weakness of six digits is closed by a limit: it lives
five minutes, takes five tries, works once, and only the newest one of a phone counts. Asking for codes is limited by
phone (nobody's phone becomes a doorbell) and by address. No answer tells whether a phone has an account.
"""

from __future__ import annotations

import base64
import re
import secrets
import time
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from linli.core.people import actor as actors
from linli.core.people import identify
from linli.core.people.actor import Actor
from linli.core.people.models import OneTimeCode, Person, Post, Token, User
from linli.core.places.models import District
from linli.core.places.tree import Node
from linli.kit import crypto, outbox, rates
from linli.kit.ids import new_id
from linli.kit.models import Rate
from linli.kit.refusal import Conflict, Forbidden, Invalid

LIVES: Final = timedelta(minutes=5)
TRIES: Final = 5
# The purpose of the blind index: the same as a contact's, so that one phone has one inbox in a demo.
PHONE: Final = "phone"
NAME_LONGEST: Final = 20
FIELD_ROLES: Final = frozenset({"grid_worker", "grid_head", "rider"})
_MOBILE: Final = re.compile(r"1[3-9]\d{9}")

# (what is counted, uses, seconds)
_CODES_A_MINUTE: Final = ("code-phone", 1, 60)
_CODES_A_DAY: Final = ("code-day", 10, 24 * 3600)
_CODES_AN_ADDRESS: Final = ("code-from", 10, 600)
_TRIES_AN_ADDRESS: Final = ("code-try", 20, 60)
_LOGINS_AN_ADDRESS: Final = ("login-from", 60, 60)
# Twenty, as the API promises to tolerate; a minute, so that nobody can shut a colleague out for long.
_MISSES_AN_ACCOUNT: Final = ("login-miss", 20, 60)


# ── by password ─────────────────────────────────────────────────────────────────────────────────────────────────
def by_password(request: HttpRequest, username: str, password: str) -> User:
    """The account that name and password open. A wrong name, a wrong password and a closed account look alike.

    Every try of an address counts; of an account only the misses, or a busy shared desk would lock itself out.
    """
    _count(_LOGINS_AN_ADDRESS, rates.address(request))
    user = guarded(request, username, password)
    if user is None:
        raise Invalid(
            _("用户名或密码不对。"), code="wrong", fields={"password": _("用户名或密码不对，再看一眼有没有打错。")}
        )
    return user


def guarded(request: HttpRequest, username: str, password: str) -> User | None:
    """The account, with the misses of one account counted whichever door they come through (page or API)."""
    who = crypto.blind_index(username.strip().lower(), purpose="login")
    _must_be_under(_MISSES_AN_ACCOUNT, who)
    user = identify.sign_in(request, username.strip(), password)
    if user is None:
        _count(_MISSES_AN_ACCOUNT, who)
    return user


def _count(rule: tuple[str, int, int], who: str) -> None:
    what, limit, seconds = rule
    rates.count(what, who, limit=limit, seconds=seconds)


def _must_be_under(rule: tuple[str, int, int], who: str) -> None:
    """Raises TooOften while a limit is used up, without counting: even the right password has to wait then."""
    what, limit, seconds = rule
    row = Rate.objects.filter(key=f"{what}:{who}"[:80]).values_list("started", "count").first()
    if row is not None and row[1] >= limit and (left := row[0] + seconds - int(time.time())) > 0:
        raise rates.TooOften(left)


# ── by a code to the phone ──────────────────────────────────────────────────────────────────────────────────────
def mobile(typed: str) -> str:
    """The number a code can go to. Raises Invalid, in words for the person who typed it."""
    try:
        number = crypto.normal_phone(typed)
    except ValueError:
        number = ""
    if not _MOBILE.fullmatch(number):
        digits = sum(c.isdigit() for c in typed)
        message = _("手机号要 11 位，现在是 %d 位。") % digits if digits != 11 else _("要填手机号，座机收不到验证码。")
        raise Invalid(message, fields={"phone": message})
    return number


def make_code(phone: str, *, address: str, now: datetime | None = None) -> None:
    """Send a new code to a phone; whatever was sent to it before counts no more.

    The answer is the same whether or not the phone belongs to an account. The payload carries the number sealed
    (context ``code.phone``), because a first sign-in has no person yet from whom a gateway could read it.
    """
    number, at = mobile(phone), now or timezone.now()
    index = crypto.blind_index(number, purpose=PHONE)
    _count(_CODES_AN_ADDRESS, address)
    _count(_CODES_A_MINUTE, index)
    _count(_CODES_A_DAY, index)
    code = f"{secrets.randbelow(10**6):06d}"
    made = OneTimeCode(id=new_id(), phone_index=index, made_at=at)
    made.hash = _hash(made.pk, code)
    sealed = base64.b64encode(crypto.seal(number, context="code.phone")).decode()
    text = _("%(code)s 是您的登录验证码，五分钟内有效。谁问都别说。") % {"code": code}
    with transaction.atomic():
        OneTimeCode.objects.filter(phone_index=index, used_at=None).update(used_at=at)
        made.save(force_insert=True)
        outbox.leave(_first_district(), "code", [{"phone_index": index, "phone": sealed, "text": text}], at)


def by_code(phone: str, code: str, *, address: str, now: datetime | None = None) -> User:
    """The account of whoever holds the phone; a first sign-in makes one. Invalid for a code that does not fit."""
    number, at = mobile(phone), now or timezone.now()
    _count(_TRIES_AN_ADDRESS, address)
    index = crypto.blind_index(number, purpose=PHONE)
    _use(index, "".join(c for c in code if c.isdigit()), at)
    return _account(number, index)


def _hash(made: uuid.UUID, code: str) -> str:
    """Keyed and salted by the row: six digits could be tried out against a plain hash in a second."""
    return crypto.blind_index(f"{made.hex}:{code}", purpose="code")


def _use(index: str, code: str, at: datetime) -> None:
    """Spend one try on the newest code; a guarded update each, so that ten guesses at once are still ten tries."""
    alive = OneTimeCode.objects.filter(phone_index=index, used_at=None, made_at__gt=at - LIVES)
    row = alive.order_by("-id").first()
    if row is None:
        raise _wrong(_("验证码过了五分钟，或者还没发，请再要一个。"))
    if not alive.filter(pk=row.pk, tries__lt=TRIES).update(tries=F("tries") + 1):
        raise _wrong(_("这个验证码试错太多次了，请再要一个。"))
    if not constant_time_compare(row.hash, _hash(row.pk, code)):
        raise _wrong(_("验证码不对，照短信里的六位数再填一次。"))
    if not alive.filter(pk=row.pk).update(used_at=at):
        raise _wrong(_("这个验证码已经用过了，请再要一个。"))


def _wrong(message: str) -> Invalid:
    return Invalid(message, code="wrong", fields={"code": message})


def _account(number: str, index: str) -> User:
    persons = Person.objects.filter(phone_index=index).order_by("pk").select_related("account")
    closed = False
    for person in persons:
        user: User | None = getattr(person, "account", None)
        if user is not None and user.is_active and (settings.DEMO or not user.demo):
            return user
        closed = closed or user is not None
    if closed:
        raise Forbidden(_("这个账号停用了，请找社区问一下。"))
    return _new_account(number, index, persons.first())


def _new_account(number: str, index: str, person: Person | None) -> User:
    """A resident's account. Whoever serves gets one from the administrator only: a post is power, a phone is none."""
    if person is not None and Post.objects.filter(serving_today(), person=person).exists():
        raise Forbidden(_("这个号码登记在值班的人名下，账号请找管理员开。"))
    with transaction.atomic():
        if person is None:
            person = Person.objects.create(
                district_id=_first_district(), shown=f"尾号 {number[-4:]} 的居民",  # kept, so in the books' language
                phone=crypto.seal(number, context="person.phone"), phone_index=index,
            )  # fmt: skip
        user = User(username=f"r-{secrets.token_hex(6)}", district_id=person.district_id, person=person)
        user.set_unusable_password()
        user.save(force_insert=True)
    return user


def serving_today() -> Q:
    today = timezone.localdate()
    return Q(since__lte=today) & (Q(until=None) | Q(until__gt=today))


# ── where to, and what one may change about oneself ─────────────────────────────────────────────────────────────
def door_of(actor: Actor) -> str:
    """The workspace that a login leads to: by what somebody serves as."""
    roles = {post.role for post in actor.posts}
    if not roles:
        return "/"
    if roles == {"admin"}:
        return "/admin/"
    return "/field/" if roles <= FIELD_ROLES else "/desk/"


def set_name(*, user: User, name: str) -> None:
    """Keep a resident's own name: sealed, and masked wherever it is shown. Whoever serves has a public name instead."""
    cleaned = name.strip()
    if not cleaned or len(cleaned) > NAME_LONGEST:
        message = _("名字要 1 到 %d 个字。") % NAME_LONGEST
        raise Invalid(message, fields={"name": message})
    if actors.for_user(user.pk).is_staff:
        raise Forbidden(_("岗位上的名字是公开的，要改请找管理员。"))
    sealed, shown = crypto.seal(cleaned, context="person.name"), crypto.mask_name(cleaned)
    with transaction.atomic():
        if user.person_id is None:
            district_id = user.district_id or _first_district()
            user.person = Person.objects.create(district_id=district_id, shown=shown, name=sealed)
            user.save(update_fields=["person"])
        else:
            Person.objects.filter(pk=user.person_id).update(shown=shown, name=sealed)
    actors.forget(user.pk)


def _first_district() -> int:
    """The district of somebody new: the door that is chosen later says which one it really is."""
    found = District.objects.order_by("pk").values_list("pk", flat=True).first()
    if found is None:
        raise Conflict(_("这里还没有装入任何一个区。"))
    return found


def set_home(*, user: User, district_id: int, place: Node) -> None:
    """One's own door: who serves it, and where a new matter lies by default. It gives no right to see anything."""
    moved: dict[str, object] = {"home_id": place.id}
    if not actors.for_user(user.pk).is_staff:
        moved["district_id"] = district_id
    User.objects.filter(pk=user.pk).update(**moved)
    actors.forget(user.pk)


def keep_prefs(user: User, chosen: Mapping[str, str]) -> None:
    """Keep type size and language in the account, so that the next phone speaks alike."""
    kept: dict[str, object] = {}
    if "type" in chosen:
        kept["large_type"] = chosen["type"] == "large"
    if "language" in chosen:
        kept["language"] = chosen["language"]
    if kept:
        User.objects.filter(pk=user.pk).update(**kept)


def sign_out_everywhere(*, user: User, password: str = "") -> None:
    """End every session and token of an account.

    A session holds a hash of the stored password, so storing the same password under a new salt ends them all, however
    many there are; who signs in by code has no password to repeat.
    """
    if user.has_usable_password():
        if not user.check_password(password):
            message = _("密码不对，没有退出。")
            raise Invalid(message, code="wrong", fields={"password": message})
        user.set_password(password)
    else:
        user.set_unusable_password()
    user.save(update_fields=["password"])
    Token.objects.filter(user=user, channel="").delete()
    identify.forget()
    actors.forget(user.pk)


def change_password(*, user: User, password: str, new: str) -> None:
    """One's own password, which so far somebody else chose and saw. Every other session and every token of it ends."""
    if not user.check_password(password):
        message = _("密码不对，没有换。")
        raise Invalid(message, code="wrong", fields={"password": message})
    if new == password:
        message = _("和现在的一样，换一个。")
        raise Invalid(message, code="same", fields={"new": message})
    try:
        validate_password(new, user)
    except ValidationError as error:
        message = "".join(error.messages)
        raise Invalid(message, code="weak", fields={"new": message}) from error
    with transaction.atomic():
        user.set_password(new)
        user.save(update_fields=["password"])
        Token.objects.filter(user=user, channel="").delete()
    identify.forget()
    actors.forget(user.pk)
