"""The doorstep: signing in by password or by phone, one's own page, and in a demo the inbox of nobody's phone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import auth, messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from linli.core.people import actor as actors
from linli.core.people import notices, signing
from linli.core.people.forms import (
    ChangePasswordForm,
    CodeForm,
    Complaining,
    LeaveForm,
    NameForm,
    PasswordForm,
    PhoneForm,
)
from linli.core.people.models import Notice, Post, User
from linli.core.places.models import District
from linli.core.places.tree import tree
from linli.kit import errors, paging, rates, shell
from linli.kit.refusal import Refused

_NUMBER: Final = re.compile(r"[A-Z]{1,4}-\d{4}-\d{4,}")
_HAVE_MATTERS: Final = ("/", "/field/", "/desk/")

DEMO_PASSWORD: Final = "linli-demo"  # noqa: S105  what everybody may know; refused outside a demo
_NOTICES = 20


# ── signing in ──────────────────────────────────────────────────────────────────────────────────────────────────
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """By name and password."""
    if request.user.is_authenticated:
        return HttpResponseRedirect(_onward(request))
    if request.method != "POST":
        known = request.GET.get("as", "") if settings.DEMO else ""
        form = PasswordForm(show=bool(known), initial={"username": known, "password": DEMO_PASSWORD} if known else None)
        return _doorstep(request, form, by="password")
    form = PasswordForm(request.POST)
    if form.is_valid():
        try:
            user = signing.by_password(request, form.cleaned_data["username"], form.cleaned_data["password"])
        except rates.TooOften as refused:
            return errors.too_many(request, refused.retry_after)
        except Refused as refused:
            form.complain(refused)
        else:
            return _enter(request, user)
    return _doorstep(request, form, by="password", status=422)


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def login_by_code(request: HttpRequest) -> HttpResponse:
    """By a code to the phone: first the number, then the code, on one form that keeps what was typed."""
    if request.user.is_authenticated:
        return HttpResponseRedirect(_onward(request))
    if request.method != "POST":
        return _doorstep(request, PhoneForm(), by="code")
    try:
        return _send(request) if request.POST.get("act") == "send" else _check(request)
    except rates.TooOften as refused:
        return errors.too_many(request, refused.retry_after)


def _send(request: HttpRequest) -> HttpResponse:
    form = PhoneForm(request.POST)
    if form.is_valid():
        try:
            signing.make_code(form.cleaned_data["phone"], address=rates.address(request))
        except rates.TooOften:
            raise
        except Refused as refused:
            form.complain(refused)
        else:
            return _doorstep(request, CodeForm(initial={"phone": form.cleaned_data["phone"]}), by="code", sent=True)
    return _doorstep(request, form, by="code", status=422)


def _check(request: HttpRequest) -> HttpResponse:
    form = CodeForm(request.POST)
    if form.is_valid():
        typed = form.cleaned_data
        try:
            user = signing.by_code(typed["phone"], typed["code"], address=rates.address(request))
        except rates.TooOften:
            raise
        except Refused as refused:
            form.complain(refused)
        else:
            return _enter(request, user)
    return _doorstep(request, form, by="code", sent=True, status=422)


def _enter(request: HttpRequest, user: User) -> HttpResponse:
    """Sign in under a new session key (Django rotates it), and forget what was kept of the account before."""
    auth.login(request, user)
    actors.forget(user.pk)
    return HttpResponseRedirect(_onward(request))


def _onward(request: HttpRequest) -> str:
    wanted = _wanted(request)
    return wanted or signing.door_of(actors.for_user(_user(request).pk))


def _wanted(request: HttpRequest) -> str:
    """Where the visitor was going, if that lies on this very host."""
    url = request.POST.get("next", "") or request.GET.get("next", "")
    fine = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return url if url and fine else ""


def _doorstep(
    request: HttpRequest, form: Complaining, *, by: str, sent: bool = False, status: int = 200
) -> HttpResponse:
    wanted = _wanted(request)
    tail = f"?{_query(next=wanted)}" if wanted else ""
    tabs = [
        {"label": _("手机验证码"), "url": reverse("login-by-code") + tail, "current": by == "code"},
        {"label": _("用户名和密码"), "url": reverse("login") + tail, "current": by == "password"},
    ]
    context = {
        "form": form, "by": by, "tabs": tabs, "next": wanted, "sent": sent,
        "demo_people": _demo_people(wanted) if settings.DEMO and by == "password" else [],
    }  # fmt: skip
    return render(request, "people/login.html", context, status=status)


def _query(**named: str) -> str:
    return urlencode({name: value for name, value in named.items() if value})


def _demo_people(wanted: str) -> list[dict[str, str]]:
    """The demo's logins with what each serves as; a tap fills the form in."""
    users = list(User.objects.filter(demo=True, is_active=True).select_related("person", "home"))
    titles: dict[object, str] = {}
    posts = Post.objects.filter(signing.serving_today(), person__account__in=users)
    for post in posts.select_related("place", "organisation"):
        titles.setdefault(post.person_id, f"{_serves(post)}　{post.title}")
    return [
        {
            "username": user.username,
            "name": user.person.shown if user.person else user.username,
            "title": titles.get(user.person_id) or _("居民　%s") % _home(user),
            "url": f"{reverse('login')}?{_query(**{'as': user.username, 'next': wanted})}",
        }
        for user in sorted(users, key=lambda u: (u.person_id in titles, u.joined, u.username))
    ]


def _serves(post: Post) -> str:
    """Where somebody serves: of a department the department, of everybody else the place."""
    return post.organisation.name if post.organisation and post.role.startswith("department") else post.place.name


def _home(user: User) -> str:
    """The door with its house, because every house has a first staircase."""
    if user.home is None:
        return ""
    known = tree(user.home.district_id)
    node = known.by_id.get(user.home.pk)
    return known.full_name(node, below="quarter") if node else user.home.name


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """Leave; the session ends on the server, not only in the browser."""
    auth.logout(request)
    shell.toast(request, _("已经退出。"))
    return redirect("/")


# ── one's own page ──────────────────────────────────────────────────────────────────────────────────────────────
@never_cache
@login_required
@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """Name, door, type, language, notices, and the ways out."""
    return _me(request)


def _me(
    request: HttpRequest, *, name: NameForm | None = None, leave: LeaveForm | None = None, status: int = 200
) -> HttpResponse:
    user = _user(request)
    actor = actors.for_user(user.pk)
    page = notices.inbox(actor, request.GET.get("cursor") or None, limit=_NOTICES)
    known = tree(actor.district_id) if actor.district_id else None
    home = known.by_id.get(actor.home_id) if known and actor.home_id else None
    door = signing.door_of(actor)
    context = {
        "actor": actor, "notices": page, "rows": [(n, _leads(n, door)) for n in page.items],
        "unread": any(n.read_at is None for n in page.items),
        "dwelling": known.full_name(home) if known and home else "",
        "posts": [post.title for post in actor.posts],
        "name_form": name or NameForm(), "leave_form": leave or LeaveForm(), "asks": user.has_usable_password(),
        "door": door,
    }  # fmt: skip
    return render(request, "people/me.html", context, status=status)


def _leads(notice: Notice, door: str) -> str:
    """Where a notice leads: its own address, else the matter that it names, in the workspace of whoever reads."""
    if notice.url.startswith("/"):
        return notice.url
    named = _NUMBER.search(notice.text)
    return f"{door}m/{named.group()}/" if named and door in _HAVE_MATTERS else ""


@login_required
@require_POST
def name(request: HttpRequest) -> HttpResponse:
    """Say how one wants to be called."""
    form = NameForm(request.POST)
    if form.is_valid():
        try:
            signing.set_name(user=_user(request), name=form.cleaned_data["name"])
        except Refused as refused:
            form.complain(refused)
        else:
            shell.toast(request, _("记下了。"))
            return redirect("me")
    return _me(request, name=form, status=422)


@login_required
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Everything told so far has been read."""
    notices.mark_read(actor=actors.for_user(_user(request).pk))
    return redirect("me")


@login_required
@require_POST
@sensitive_post_parameters("password")
def leave_everywhere(request: HttpRequest) -> HttpResponse:
    """End every session of this account, this one too."""
    form = LeaveForm(request.POST)
    form.is_valid()
    try:
        rates.count("leave", str(request.user.pk), limit=10)
        signing.sign_out_everywhere(user=_user(request), password=form.cleaned_data.get("password", ""))
    except rates.TooOften as refused:
        return errors.too_many(request, refused.retry_after)
    except Refused as refused:
        form.complain(refused)
        return _me(request, leave=form, status=422)
    auth.logout(request)
    messages.success(request, _("所有手机和电脑上都退出了。"))
    return redirect("login")


@login_required
@never_cache
@sensitive_post_parameters("password", "new", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Choose one's own password instead of the one that was handed over. Who signs in by code has none."""
    user = _user(request)
    if not user.has_usable_password():
        return redirect("me")
    form = ChangePasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            rates.count("password", str(user.pk), limit=10)
            signing.change_password(user=user, password=form.cleaned_data["password"], new=form.cleaned_data["new"])
        except rates.TooOften as refused:
            return errors.too_many(request, refused.retry_after)
        except Refused as refused:
            form.complain(refused)
        else:
            auth.update_session_auth_hash(request, user)
            shell.toast(request, _("换好了，别的手机和电脑要重新登录。"))
            return redirect("me")
    return render(request, "people/password.html", {"form": form}, status=422 if request.method == "POST" else 200)


def _user(request: HttpRequest) -> User:
    user: User = request.user  # type: ignore[assignment]
    return user


# ── a demo's phone ──────────────────────────────────────────────────────────────────────────────────────────────
@never_cache
@require_safe
def demo_inbox(request: HttpRequest) -> HttpResponse:
    """What would have gone out by SMS, where there is no phone to send it to: in a demo only."""
    if not settings.DEMO:
        raise Http404
    try:
        page = paging.page(Notice.objects.exclude(phone_index=""), cursor=request.GET.get("cursor"), limit=30, at="at")
    except paging.BadCursorError:
        raise Http404 from None
    return render(request, "people/inbox.html", {"page": page})


# ── what the shell asks ─────────────────────────────────────────────────────────────────────────────────────────
def who(request: HttpRequest) -> shell.Identity | None:
    """Name and duty of the visitor, for every page's corner."""
    if not request.user.is_authenticated:
        return None
    actor = actors.for_user(_user(request).pk)
    title = actor.posts[0].title if actor.posts else _("居民")
    return shell.Identity(actor.name, title, reverse("me"))


def district_name(request: HttpRequest) -> str:
    """The district beside the mark: the visitor's own, else the one that lives here."""
    user = request.user
    district_id = getattr(user, "district_id", None)
    if district_id is not None:
        return tree(district_id).district.name
    return District.objects.order_by("pk").values_list("name", flat=True).first() or ""


def keep_prefs(request: HttpRequest, chosen: Mapping[str, str]) -> None:
    """The shell's switches, kept in the account."""
    signing.keep_prefs(_user(request), chosen)
