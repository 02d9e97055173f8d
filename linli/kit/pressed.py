"""Which of its buttons a form was sent by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import HttpRequest

from linli.kit.refusal import NotFound, Refused

T = TypeVar("T")
YES_NO = {"yes": True, "no": False}
ONE_NOUGHT = {"1": True, "0": False}


@contextmanager
def pressed(request: HttpRequest, name: str, buttons: Mapping[str, T]) -> Iterator[T]:
    """What the pressed button means, for the act inside. A value that no button sends must not count as the other one.

    The act runs even so, and is taken back: whoever does not see what it is done to then hears the same as with a
    button of the page.
    """
    sent = request.POST.get(name, "")
    with transaction.atomic():
        try:
            yield buttons[sent] if sent in buttons else next(iter(buttons.values()))
        except NotFound:
            raise
        except Refused:
            if sent in buttons:
                raise
        if sent not in buttons:
            raise BadRequest(name)
