"""Which of its buttons a form was sent by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from django.core.exceptions import BadRequest
from django.http import HttpRequest

T = TypeVar("T")
YES_NO = {"yes": True, "no": False}
ONE_NOUGHT = {"1": True, "0": False}


def pressed(request: HttpRequest, name: str, buttons: Mapping[str, T]) -> T:
    """What the pressed button means. A value that no button sends must not count as the other one: a bad request.

    A view asks for it after it has found what the act is done to: whoever does not see that hears "not found", with
    whatever button.
    """
    try:
        return buttons[request.POST.get(name, "")]
    except KeyError:
        raise BadRequest(name) from None
