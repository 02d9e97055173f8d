"""The demo's logins: one password that everybody may know, so they exist only where the demo is switched on."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext as _

from linli.config.loading.rows import Rows
from linli.core.people.models import User
from linli.profiles.plan import LoginPlan

PASSWORD = "linli-demo"  # noqa: S105


class LoadRefused(Exception):
    """Something that loading does not do here; the message says why."""


def check_demo(demo: bool) -> None:
    """Refuse demo logins on a system that is not a demo."""
    if demo and not settings.DEMO:
        raise LoadRefused(_("演示登录只在演示模式（LINLI_DEMO=1）下建立。"))


def make_accounts(rows: Rows, logins: tuple[LoginPlan, ...]) -> list[User]:
    """Accounts whose name is still free: a second district in the same database gets none that the first has."""
    names = [login.username for login in logins]
    taken = set(User.objects.filter(username__in=names).values_list("username", flat=True))
    return [
        User(
            username=login.username,
            password=make_password(PASSWORD),
            district=rows.district,
            person_id=rows.persons[login.person],
            home=rows.places[login.home] if login.home else None,
            demo=True,
        )
        for login in logins
        if login.username not in taken
    ]
