"""What a password has to be, told in the reader's language."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class LongEnough:
    """Length and nothing else: Django's own check of it speaks no Chinese."""

    def __init__(self, min_length: int = 10) -> None:
        self.least = min_length

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) < self.least:
            raise ValidationError(self.get_help_text(), code="password_too_short")

    def get_help_text(self) -> str:
        return _("密码至少要 %d 个字符，越长越好，一句话也行。") % self.least
