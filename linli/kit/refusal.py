"""Why an act is refused, in words for the person who tried it. The API maps them to 403, 404, 409 and 422."""

from __future__ import annotations


class Refused(Exception):
    """The base: ``code`` for programs, the message for people, ``fields`` for forms."""

    status = 400
    code = "invalid"

    def __init__(self, message: str, *, code: str = "", fields: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.fields = fields or {}


class Invalid(Refused):
    """Something in what was sent cannot be used."""

    status = 422
    code = "invalid"


class NotFound(Refused):
    """There is no such thing, or the caller may not see it: the two look alike."""

    status = 404
    code = "not_found"


class Forbidden(Refused):
    """The caller sees the matter but has not this duty."""

    status = 403
    code = "forbidden"


class Conflict(Refused):
    """Not in this state, or the page was older than the matter."""

    status = 409
    code = "conflict"
