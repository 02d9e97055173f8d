"""The doorstep's addresses. They bring what the shell asks about accounts: who is here, where, and how it is kept."""

from __future__ import annotations

from django.urls import path

from linli.core.people import pages
from linli.kit import shell

shell.identify_with(pages.who)
shell.name_district_with(pages.district_name)
shell.keep_prefs_with(pages.keep_prefs)

urlpatterns = [
    path("login/", pages.login, name="login"),
    path("login/code/", pages.login_by_code, name="login-by-code"),
    path("logout/", pages.logout, name="logout"),
    path("me/", pages.me, name="me"),
    path("me/name/", pages.name, name="me-name"),
    path("me/read/", pages.read, name="me-read"),
    path("me/password/", pages.password, name="me-password"),
    path("me/leave/", pages.leave_everywhere, name="me-leave"),
    path("demo/inbox/", pages.demo_inbox, name="demo-inbox"),
]
