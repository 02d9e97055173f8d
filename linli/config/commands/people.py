"""Accounts and channel tokens from the keyboard: how the first administrator of a real system gets in."""

from __future__ import annotations

import argparse
import getpass
import secrets
import sys

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from linli.config.commands import Told, note, say
from linli.core.people import identify
from linli.core.people.models import Post, User
from linli.core.places.models import District
from linli.core.places.tree import tree
from linli.kit.models import Change

# Without 0/O, 1/l/I: it is read off a screen and typed.
_LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def add_user(asked: argparse.Namespace) -> int:
    """An account for whoever serves in a post, or for a resident; its first password is shown once."""
    if User.objects.filter(username=asked.username).exists():
        raise Told(f"已经有这个账号：{asked.username}")
    post = _post(asked.post) if asked.post else None
    district = post.district if post else _district(asked.district)
    password = "".join(secrets.choice(_LETTERS) for _ in range(16))
    person = post.person if post else None
    user = User.objects.create_user(asked.username, password, district=district, person=person)
    _log(district.pk, f"开账号 {user.username}" + (f"（{post.code}）" if post else "（居民）"))
    say(f"账号 {user.username}，密码 {password}（只显示这一次，登录后请换）")
    return 0


def _post(code: str) -> Post:
    post = Post.objects.filter(code=code, until=None).select_related("district", "person").first()
    if post is None:
        raise Told(f"没有这个岗位：{code}")
    if post.person is None:
        raise Told(f"{code} 是单位本身，没有具体的人；请写单位里某个人的岗位。")
    taken = User.objects.filter(person=post.person).values_list("username", flat=True).first()
    if taken:
        raise Told(f"{post.person.shown} 已经有账号：{taken}")
    return post


def _district(code: int | None) -> District:
    found = list(District.objects.filter(pk=code) if code else District.objects.order_by("pk")[:2])
    if len(found) == 1:
        return found[0]
    raise Told(f"没有这个区：{code}" if code else "请用 --district 写明哪个区（库里没有，或不止一个）。", 2)


def set_password(asked: argparse.Namespace) -> int:
    """A new password, typed twice or, where no terminal is there, read as one line."""
    user = _user(asked.username)
    typed = _typed()
    try:
        validate_password(typed, user)
    except ValidationError as error:
        raise Told("".join(error.messages)) from error
    user.set_password(typed)
    user.save(update_fields=["password"])
    _log(user.district_id, f"换密码 {user.username}")
    say(f"{user.username} 的密码换好了，已登录的地方要重新登录。")
    return 0


def _typed() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("新密码：")
    if first != getpass.getpass("再输一遍："):
        raise Told("两遍不一样。")
    return first


def add_token(asked: argparse.Namespace) -> int:
    """A bearer token for a channel's program, exempt from the limits on anonymous intake."""
    user = _user(asked.username)
    channels = tree(user.district_id).district.settings.get("channels", {}) if user.district_id else {}
    if asked.channel not in channels:
        raise Told(f"没有这个渠道：{asked.channel}。有这些：{'、'.join(channels)}", 2)
    if asked.days < 1:
        raise Told("--days 至少是 1。", 2)
    say(identify.give_token(user, channel=asked.channel, days=asked.days))
    _log(user.district_id, f"给 {user.username} 发 {asked.channel} 的接口凭证，{asked.days} 天")
    note(f"渠道 {channels[asked.channel]}，{asked.days} 天内有效；库里只留指纹，丢了只能再发。")
    return 0


def _user(username: str) -> User:
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise Told(f"没有这个账号：{username}")
    return user


def _log(district_id: int | None, sentence: str) -> None:
    Change.objects.create(district_id=district_id, actor="linli", subject="账号", sentence=sentence)
