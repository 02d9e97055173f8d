"""The forms of signing in and of one's own account. What is wrong is said by the actions, in their own words."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from linli.kit.refusal import Refused

# Wider than anything that is valid: a field that cuts what was pasted makes people hunt for the mistake.
_WIDE = 80


class Complaining(forms.Form):
    """A form to which a refused action hands its words back, each to the field it is about."""

    def complain(self, refused: Refused) -> None:
        """Put the refusal where the reader looks: beside its field, or above the form."""
        placed = False
        for name, message in refused.fields.items():
            if name in self.fields:
                self.add_error(name, message)
                placed = True
        if not placed:
            self.add_error(None, refused.message)


class PasswordForm(Complaining):
    """Name and password."""

    username = forms.CharField(
        label=_("用户名"),
        max_length=_WIDE,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label=_("密码"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, show: bool = False, **kwargs: Any) -> None:
        """``show`` fills the password in: of a demo login, which everybody may know."""
        super().__init__(*args, **kwargs)
        widget = self.fields["password"].widget
        if show and isinstance(widget, forms.PasswordInput):
            widget.render_value = True


class PhoneForm(Complaining):
    """Where the code is to go."""

    phone = forms.CharField(
        label=_("手机号"),
        max_length=_WIDE,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )


class CodeForm(PhoneForm):
    """The code that came."""

    code = forms.CharField(
        label=_("验证码"),
        max_length=_WIDE,
        help_text=_("六位数，五分钟内有效。"),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class NameForm(Complaining):
    """How one wants to be called back."""

    name = forms.CharField(
        label=_("怎么称呼您"),
        max_length=_WIDE,
        help_text=_("只有给您回电话的人看得到全名，别处只露一个姓。"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


class LeaveForm(Complaining):
    """Leaving everywhere at once, with the password where there is one."""

    password = forms.CharField(
        label=_("密码"),
        strip=False,
        max_length=200,
        required=False,
        help_text=_("换一台手机也要重新登录，所以再问一次。"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class ChangePasswordForm(Complaining):
    """The old one, and the new one twice."""

    password = forms.CharField(
        label=_("现在的密码"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label=_("新密码"),
        strip=False,
        max_length=200,
        help_text=_("至少 10 个字符，一句只有自己知道的话也行。"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("再写一遍新密码"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_again(self) -> str:
        again = str(self.cleaned_data["again"])
        if again != self.cleaned_data.get("new", again):
            raise forms.ValidationError(_("两遍写得不一样。"))
        return again
