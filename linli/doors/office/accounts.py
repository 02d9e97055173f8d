"""Accounts of those who serve: opened, given a new password, closed. The password stands on one page, once."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.core.matters.askpage import line_field
from linli.core.people import actions
from linli.core.people.actions import Opened
from linli.core.people.actions.serving import serving_on
from linli.core.people.models import Person, Post, User
from linli.doors.office.acting import Act, posted
from linli.doors.office.forms import Asking
from linli.doors.office.gate import Office, office_page, show
from linli.doors.office.lists import keyed, param, tabs
from linli.kit import shell
from linli.kit.figures import listed
from linli.kit.finding import the_one
from linli.kit.pressed import YES_NO, pressed
from linli.kit.refusal import Refused

MOST_FOUND = 30


def accounts(office: Office) -> QuerySet[User]:
    """Of those who serve or served: residents keep their accounts to themselves."""
    serves = Post.objects.filter(district_id=office.district_id, person=OuterRef("person"))
    return User.objects.filter(Exists(serves), district_id=office.district_id).select_related("person")


def account_of(office: Office, user_id: uuid.UUID) -> User:
    return the_one(accounts(office).filter(pk=user_id), _("没有这个账号。"))


@require_GET
@office_page
def listing(request: HttpRequest, office: Office) -> HttpResponseBase:
    """Who can sign in, as what; those that are closed, and those whose posts have all ended."""
    tab, word, rows = param(request, "tab"), param(request, "q"), accounts(office)
    today = timezone.localdate()
    serves = Post.objects.filter(serving_on(today), person=OuterRef("person"))
    if tab == "closed":
        rows = rows.filter(is_active=False)
    elif tab == "idle":
        rows = rows.filter(~Exists(serves), is_active=True)
    else:
        rows = rows.filter(is_active=True)
    if word:
        rows = rows.filter(Q(username__icontains=word) | Q(person__shown__icontains=word))
    page = keyed(rows, request, by="username")
    named = [("", _("在用")), ("idle", _("已经不在岗的")), ("closed", _("已停用"))]
    context = {
        "page": page, "rows": _rows(office, list(page.items)), "word": word, "tab": tab, "me": office.actor.user_id,
        "tabs": tabs(named, tab),
    }  # fmt: skip
    return show(request, office, "accounts", context)


def _rows(office: Office, users: list[User]) -> list[dict[str, Any]]:
    titles = titles_of(office, [user.person_id for user in users])
    return [{"user": user, "titles": titles.get(user.person_id, [])} for user in users]


def titles_of(office: Office, person_ids: list[Any]) -> dict[Any, list[str]]:
    """What persons serve as today."""
    posts = Post.objects.filter(
        serving_on(timezone.localdate()), district_id=office.district_id, person_id__in=person_ids
    ).select_related("place")
    found: dict[Any, list[str]] = {}
    for post in posts.order_by("scope_path", "code"):
        found.setdefault(post.person_id, []).append(f"{post.place.name}　{post.title}")
    return found


# ── opening ─────────────────────────────────────────────────────────────────────────────────────────────────────
class OpenForm(Asking):
    username = line_field(lazy("用户名"), lazy("小写字母、数字、点、横线，3 到 30 个；登录时用。"), limit=30)


@require_GET
@office_page
def find(request: HttpRequest, office: Office) -> HttpResponseBase:
    """Who serves and has no account yet, by name."""
    word = param(request, "q", 20)
    people: list[Person] = []
    if word:
        serving = Post.objects.filter(serving_on(timezone.localdate()), person=OuterRef("pk"))
        rows = Person.objects.filter(Exists(serving), district_id=office.district_id, shown__icontains=word)
        people = list(rows.filter(account=None).order_by("shown", "id")[: MOST_FOUND + 1])
    titles = titles_of(office, [person.pk for person in people])
    rows_shown = [{"person": person, "titles": titles.get(person.pk, [])} for person in people[:MOST_FOUND]]
    context = {"word": word, "rows": rows_shown, "more": len(people) > MOST_FOUND, "most": MOST_FOUND}
    return show(request, office, "account_find", context)


@require_http_methods(["GET", "POST"])
@office_page
@sensitive_variables("opened")
def new(request: HttpRequest, office: Office, person_id: uuid.UUID) -> HttpResponseBase:
    """An account for one person; the answer to the post is the slip with the password."""
    person = the_one(
        Person.objects.filter(district_id=office.district_id, pk=person_id, account=None), _("没有这个人。")
    )
    form = OpenForm(office, posted(request))
    titles = titles_of(office, [person.pk]).get(person.pk, [])
    act = Act(_("给%s开账号") % person.shown, _("开账号"), reverse("office:accounts"), listed(titles))
    if request.method == "POST" and form.is_valid():
        try:
            opened = actions.open_account(
                actor=office.actor, person_id=person.pk, username=form.cleaned_data["username"]
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            return _slip(request, office, opened, _("开好了"))
    return show(request, office, "act", {"act": act, "form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@office_page
@sensitive_variables("opened")
def reset(request: HttpRequest, office: Office, user_id: uuid.UUID) -> HttpResponseBase:
    """A new password; every session of the old one ends."""
    user = account_of(office, user_id)
    if request.method == "POST":
        opened = actions.reset_password(actor=office.actor, user_id=user.pk)
        return _slip(request, office, opened, _("换好了"))
    about = _("旧密码马上失效，已经登录的手机和电脑都要重新登录。新密码只显示一次。")
    act = Act(_("给账号 %s 换密码？") % user.username, _("换密码"), reverse("office:accounts"), about, grave=True)
    return show(request, office, "act", {"act": act, "form": Asking(office)})


def _slip(request: HttpRequest, office: Office, opened: Opened, title: str) -> HttpResponseBase:
    """Never stored, never in an address: the page is the only place where the password ever stands."""
    response = show(request, office, "account_slip", {"opened": opened, "title": title})
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@office_page
def switch(request: HttpRequest, office: Office, user_id: uuid.UUID) -> HttpResponseBase:
    """Close an account, or open it again."""
    user = account_of(office, user_id)
    active = pressed(request, "active", YES_NO)
    try:
        actions.set_active(actor=office.actor, user_id=user.pk, active=active)
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        shell.toast(request, (_("账号 %s 重新启用了。") if active else _("账号 %s 停用了。")) % user.username)
    return HttpResponseRedirect(reverse("office:accounts"))
