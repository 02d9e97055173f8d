"""Addresses for the shell's tests: the kit's own, and views that end in each kind of trouble."""

from __future__ import annotations

import errno

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path
from django.views.decorators.csrf import csrf_protect

from linli.kit import errors, shell


def bad(request: HttpRequest) -> HttpResponse:
    raise BadRequest


def forbidden(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("核查要换一个人。")


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("secret detail")


def gone(request: HttpRequest, part: str) -> HttpResponse:
    if part == "unreadable":
        with connection.cursor() as cursor:
            cursor.execute("SELECT no_such_column FROM no_such_table")
    raise {
        "server": OperationalError('connection to server at "10.0.0.7" failed'), "connection": InterfaceError("closed"),
        "full": OSError(errno.ENOSPC, "secret detail"), "forbidden": OSError(errno.EACCES, "secret detail"),
    }[part]  # fmt: skip


def echo(request: HttpRequest, number: str = "") -> HttpResponse:
    if number:
        raise RuntimeError(request.POST["text"])
    return HttpResponse("|".join(request.POST.getlist("text")))


def busy(request: HttpRequest) -> HttpResponse:
    return errors.too_many(request, 12)


def happened(request: HttpRequest) -> HttpResponse:
    shell.toast(request, "已退回。<b>", undo="/undo/7")
    messages.error(request, "没存上。")
    return render(request, "shell/site.html")


def own_policy(request: HttpRequest) -> HttpResponse:
    return HttpResponse("x", headers={"Content-Security-Policy": "default-src 'none'"})


def form_answer(request: HttpRequest) -> HttpResponse:
    return render(request, "shell/site.html")


urlpatterns = [
    path("", include("linli.kit.urls")),
    path("bad", bad),
    path("forbidden", forbidden),
    path("api/v1/forbidden", forbidden),
    path("broken", broken),
    path("echo", echo),
    path("echo/<str:number>/", echo),
    path("api/v1/broken", broken),
    path("gone/<str:part>", gone),
    path("api/v1/gone/<str:part>", gone),
    path("busy", busy),
    path("happened", happened),
    path("own-policy", own_policy),
    path("guarded", csrf_protect(form_answer)),
    path("page", form_answer),
    path("desk/page", form_answer),
    path("desk/page/7", form_answer),
]
handler400 = "linli.kit.errors.bad_request"
handler403 = "linli.kit.errors.permission_denied"
handler404 = "linli.kit.errors.page_not_found"
handler500 = "linli.kit.errors.server_error"
