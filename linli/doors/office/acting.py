"""One act of the office: its form, what it does, and where one goes on. Every page that changes something ends here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from linli.core.matters.askpage import Done, acted, posted, status_of
from linli.doors.office.forms import Asking
from linli.doors.office.gate import Office, show

__all__ = ["Act", "Done", "perform", "posted"]


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


def perform(
    request: HttpRequest, office: Office, act: Act, form: Asking, do: Callable[[dict[str, Any]], Done],
    context: dict[str, Any] | None = None,
) -> HttpResponseBase:  # fmt: skip
    """Ask, or do: 422 with the form and every reason beside its field where it is refused."""
    if (done := acted(request, form, do)) is not None:
        return done
    told = {"act": act, "form": form, **(context or {})}
    return show(request, office, act.template, told, status=status_of(form))
