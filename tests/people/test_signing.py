"""Signing in: what a code and a password open, and every way in which they do not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import RequestFactory
from django.utils import timezone

from linli.core.people import actor as actors
from linli.core.people import identify, signing
from linli.core.people.actor import Actor
from linli.core.people.models import OneTimeCode, Person, Token, User
from linli.kit import crypto
from linli.kit.models import Outbox
from linli.kit.rates import TooOften
from linli.kit.refusal import Forbidden, Invalid
from tests.cast import DISTRICT, Town

PHONE = "13911112222"
HOME = "192.0.2.7"


def sent() -> str:
    """The newest code that was left for the worker to send."""
    row = Outbox.objects.filter(topic="code").order_by("-id").first()
    assert row is not None
    return str(row.payload["text"])[:6]


def ask(phone: str = PHONE, *, minutes_ago: float = 0, address: str = HOME) -> str:
    signing.make_code(phone, address=address, now=timezone.now() - timedelta(minutes=minutes_ago))
    return sent()


def enter(code: str, phone: str = PHONE) -> User:
    return signing.by_code(phone, code, address=HOME)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


@pytest.fixture
def no_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """A phone may ask again at once, where the limit itself is not what is tested."""
    monkeypatch.setattr(signing, "_CODES_A_MINUTE", ("code-phone", 100, 60))


# ── by code ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_first_code_makes_an_account_and_the_next_one_finds_it(town: Town, no_minute: None) -> None:
    user = enter(ask("139 1111-2222"))
    person = Person.objects.get(pk=user.person_id)
    assert (user.district_id, user.has_usable_password(), actors.for_user(user.pk).kind) == (
        DISTRICT,
        False,
        "resident",
    )
    assert crypto.unseal(person.phone, context="person.phone") == PHONE
    assert PHONE not in f"{user.username}{person.shown}{person.phone_index}"
    assert enter(ask("+86 13911112222")).pk == user.pk


def test_nothing_in_the_database_but_the_outbox_tells_the_code(town: Town) -> None:
    code = ask()
    row = OneTimeCode.objects.get()
    assert code not in row.hash
    assert row.phone_index == crypto.blind_index(PHONE, purpose="phone")
    payload = Outbox.objects.get(topic="code").payload
    assert PHONE not in str(payload)


def test_a_code_opens_once(town: Town) -> None:
    code = ask()
    enter(code)
    with pytest.raises(Invalid):
        enter(code)


def test_a_code_dies_after_five_minutes(town: Town) -> None:
    code = ask(minutes_ago=5.1)
    with pytest.raises(Invalid, match="五分钟"):
        enter(code)


def test_five_wrong_tries_and_even_the_right_code_is_refused(town: Town) -> None:
    code = ask()
    for _ in range(5):
        with pytest.raises(Invalid, match="不对"):
            enter(wrong(code))
    with pytest.raises(Invalid, match="太多次"):
        enter(code)


def test_only_the_newest_code_of_a_phone_counts(town: Town, no_minute: None) -> None:
    first, second = ask(), ask()
    if first != second:
        with pytest.raises(Invalid):
            enter(first)
    assert enter(second).pk


def test_a_code_of_one_phone_does_not_open_another(town: Town) -> None:
    code = ask()
    with pytest.raises(Invalid):
        enter(code, phone="13911113333")


def test_a_phone_is_no_doorbell_and_an_address_no_mill(town: Town) -> None:
    ask()
    with pytest.raises(TooOften):
        ask()
    for last in range(8):
        ask(f"1391111330{last}")
    with pytest.raises(TooOften):
        ask("13911114400")
    ask("13911114400", address="192.0.2.8")


def test_tries_are_counted_by_address(town: Town) -> None:
    for _ in range(20):
        with pytest.raises(Invalid):
            enter("000000")
    with pytest.raises(TooOften):
        enter("000000")


@pytest.mark.parametrize(("typed", "words"), [("1391111222", "现在是 10 位"), ("0313-8012345", "座机"), ("", "0 位")])
def test_a_number_no_code_can_go_to_is_told_why(town: Town, typed: str, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        signing.make_code(typed, address=HOME)
    assert not Outbox.objects.filter(topic="code").exists()


def test_a_post_is_not_given_by_a_phone(town: Town) -> None:
    index = crypto.blind_index(PHONE, purpose="phone")
    worker = Person.objects.create(district=town.district, shown="无账号", phone_index=index)
    town.posts["grid"].person = worker
    town.posts["grid"].save()
    with pytest.raises(Forbidden, match="管理员"):
        enter(ask())


def test_a_worker_with_an_account_enters_it_and_a_closed_one_stays_closed(town: Town, no_minute: None) -> None:
    user = town.users["grid"]
    Person.objects.filter(pk=user.person_id).update(phone_index=crypto.blind_index(PHONE, purpose="phone"))
    assert enter(ask()).pk == user.pk
    User.objects.filter(pk=user.pk).update(is_active=False)
    with pytest.raises(Forbidden, match="停用"):
        enter(ask())


# ── by password ─────────────────────────────────────────────────────────────────────────────────────────────────
def by_password(name: str, password: str = "linli-demo") -> User:
    return signing.by_password(RequestFactory().post("/login/"), name, password)


def test_a_wrong_name_and_a_wrong_password_look_alike(town: Town) -> None:
    assert by_password("resident").pk == town.users["resident"].pk
    with pytest.raises(Invalid) as no_password:
        by_password("resident", "wrong")
    with pytest.raises(Invalid) as no_name:
        by_password("nobody", "wrong")
    assert no_password.value.message == no_name.value.message


def test_after_twenty_misses_the_account_rests_and_others_do_not(town: Town) -> None:
    for _ in range(20):
        with pytest.raises(Invalid):
            by_password("resident", "wrong")
    with pytest.raises(TooOften):
        by_password("Resident ")
    assert by_password("grid").pk


def test_a_shared_desk_that_signs_in_all_day_is_not_locked_out(town: Town) -> None:
    for _ in range(12):
        by_password("community")


def test_an_address_has_a_limit(town: Town) -> None:
    for n in range(60):
        with pytest.raises(Invalid):
            by_password(f"nobody{n}", "x")
    with pytest.raises(TooOften):
        by_password("resident")


def test_demo_accounts_exist_for_a_demo_only(town: Town, settings: Any) -> None:
    settings.DEMO = False
    with pytest.raises(Invalid):
        by_password("resident")


# ── the account ─────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("who", "door"),
    [("resident", "/"), ("grid", "/field/"), ("community", "/desk/"), ("street", "/desk/"), ("property", "/desk/"),
     ("admin", "/admin/"), ("auditor", "/desk/")],
)  # fmt: skip
def test_the_door_follows_from_the_posts(act_as: Callable[[str], Actor], who: str, door: str) -> None:
    assert signing.door_of(act_as(who)) == door


def test_a_residents_name_is_sealed_and_shown_masked(town: Town) -> None:
    user = town.users["resident"]
    signing.set_name(user=user, name=" 李冬青 ")
    user.refresh_from_db()
    assert user.person is not None
    assert user.person.shown == "李**"
    assert crypto.unseal(user.person.name, context="person.name") == "李冬青"
    with pytest.raises(Invalid):
        signing.set_name(user=user, name="长" * 21)
    with pytest.raises(Forbidden):
        signing.set_name(user=town.users["grid"], name="别名")


def test_leaving_everywhere_takes_the_password_and_ends_tokens(town: Town) -> None:
    user = town.users["resident"]
    token = identify.give_token(user)
    channel = identify.give_token(user, channel="phone")
    before = user.get_session_auth_hash()
    with pytest.raises(Invalid):
        signing.sign_out_everywhere(user=user, password="wrong")
    assert Token.objects.filter(user=user).count() == 2
    signing.sign_out_everywhere(user=user, password="linli-demo")
    user.refresh_from_db()
    assert user.get_session_auth_hash() != before
    assert user.check_password("linli-demo")
    left = set(Token.objects.filter(user=user).values_list("hash", flat=True))
    assert left == {crypto.hash_secret(channel, "token")}
    assert crypto.hash_secret(token, "token") not in left
