"""One act of an office's room on a page of its own: its form, what it does, and where one goes on."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as lazy

from linli.core.matters.asking import Finding, Words
from linli.core.people.actor import Actor
from linli.kit import files, shell
from linli.kit.days import TYPED
from linli.kit.refusal import Invalid, NotFound, Refused

_WRONG_DAY = lazy("日期写成 2026-11-21 这样。")
Done = tuple[str, str]  # where to go on, and what to say there


@dataclass(frozen=True)
class Ask:
    """How an act is asked: the question, the verb on its button, what follows, the way back, the page's frame."""

    title: str
    verb: str
    back: str
    about: str = ""
    grave: bool = False
    base: str = "desk/page.html"
    template: str = "matters/ask.html"
    draft: str = ""  # a long form: what is typed is kept in the browser under this name until it is sent


class PlainForm(Finding):
    """A form of a room. A finder's search is one button of it, and a refusal finds its own field."""

    aliases: dict[str, str] = {}

    def refuse(self, refused: Refused) -> None:
        placed = False
        for name, words in refused.fields.items():
            own = self.aliases.get(name, name)
            if own in self.fields:
                self.add_error(own, words if len(words) >= len(refused.message) else refused.message)
                placed = True
        if not placed:
            self.add_error(None, refused.message)

    def looking(self) -> None:
        """Somebody is being looked for, nothing is sent yet: only that a search found nothing is worth saying."""
        self.is_valid()
        for name in [each for each in self.errors if not self._missed(each)]:
            del self.errors[name]

    def _missed(self, name: str) -> bool:
        word = self._typed(name)[1] if name in self.finders else ""
        return bool(word) and not self.finders[name].find(self.about, word)


def perform(
    request: HttpRequest, ask: Ask, form: PlainForm, do: Callable[[dict[str, Any]], Done],
    context: dict[str, Any] | None = None,
) -> HttpResponseBase:  # fmt: skip
    """Ask, or do: 422 with the form and every reason beside its field where it is refused; nothing typed is lost."""
    if (done := acted(request, form, do, draft=ask.draft)) is not None:
        return done
    return render(request, ask.template, {"ask": ask, "form": form, **(context or {})}, status=status_of(form))


def acted(
    request: HttpRequest, form: PlainForm, do: Callable[[dict[str, Any]], Done], *, draft: str = ""
) -> HttpResponseRedirect | None:
    """Do what was sent and go on; None where the form is to be shown: asked first, searched in, or refused."""
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
            shell.toast(request, words, draft=draft)
            return HttpResponseRedirect(url)
    return None


def status_of(form: PlainForm) -> int:
    return 422 if form.is_bound and form.errors else 200


def posted(request: HttpRequest) -> Any:
    """What a form is bound to."""
    return request.POST if request.method == "POST" else None


def picture(request: HttpRequest, actor: Actor, name: str) -> uuid.UUID | None:
    """The picture that came with a form's ``{% upload name= limit=1 %}``, or came with it before and waits."""
    sent, waiting = request.FILES.get(f"{name}_files"), request.POST.get(name, "")
    if sent is not None:
        try:
            return files.take(sent, owner=files.owner(actor.user_id)).pk
        except files.UnsupportedMedia as wrong:
            raise Invalid(wrong.message) from wrong
    return files.waiting([waiting], actor.user_id)[0].pk if waiting else None


def day_field(label: Words, help_text: Words = "", *, required: bool = True, initial: Any = None) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, help_text=help_text, required=required, widget=widget, initial=initial,
                           error_messages={"invalid": _WRONG_DAY}, validators=TYPED)  # fmt: skip


def line_field(label: Words, help_text: Words = "", *, limit: int = 80, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=help_text, max_length=limit, required=required,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": lazy("最多 %(limit_value)d 字，现在是 %(show_value)d 字。")},
    )  # fmt: skip


def lines_field(label: Words, help_text: Words = "", *, rows: int = 4, limit: int = 2000) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=help_text, max_length=limit, widget=forms.Textarea(attrs={"rows": rows})
    )
