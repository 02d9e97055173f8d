"""One act of the office: its form, what it does, and where one goes on. Every page that changes something ends here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase

from linli.doors.office.forms import Asking
from linli.doors.office.gate import Office, show
from linli.kit import shell
from linli.kit.refusal import NotFound, Refused


@dataclass(frozen=True)
class Act:
    """How an act is asked: the question, the verb on its button, what follows, and the way back."""

    title: str
    verb: str
    back: str
    about: str = ""
    cancel: str = ""
    grave: bool = False
    template: str = "act"


Done = tuple[str, str]  # where to go on, and what to say there


def perform(
    request: HttpRequest, office: Office, act: Act, form: Asking, do: Callable[[dict[str, Any]], Done],
    context: dict[str, Any] | None = None,
) -> HttpResponseBase:  # fmt: skip
    """Ask, or do: 422 with the form and every reason beside its field where it is refused."""
    if request.method == "POST" and "find" in request.POST:
        form.looking()
    elif request.method == "POST" and form.is_valid():
        try:
            url, words = do(form.cleaned_data)
        except NotFound as missing:
            if not missing.fields:
                raise
            form.refuse(missing)
        except Refused as refused:
            form.refuse(refused)
        else:
            shell.toast(request, words)
            return HttpResponseRedirect(url)
    status = 422 if form.is_bound and form.errors else 200
    return show(request, office, act.template, {"act": act, "form": form, **(context or {})}, status=status)


def posted(request: HttpRequest) -> Any:
    """What a form is bound to."""
    return request.POST if request.method == "POST" else None
