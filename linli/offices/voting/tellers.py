"""``/vote/{number}/key/``: a teller takes a key and later uses it: the first strips, the second counts."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from linli.core.decisions import actions
from linli.core.decisions.models import Question
from linli.core.matters.askpage import Ask, perform, posted
from linli.core.people.actor import Actor
from linli.core.people.entering import signed_page
from linli.offices.voting import finding
from linli.offices.voting.forms import KeyForm, OpenerForm


@require_http_methods(["GET", "HEAD", "POST"])
@signed_page
def key(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """Whatever this teller's next step is."""
    question = finding.for_teller(request, number)
    held = {t.position: t for t in question.tellers.all()}
    mine = next((t for t in held.values() if t.user_id == actor.user_id), None)
    if question.state == "draft" and mine is None and len(held) < 2:
        return _take(request, actor, question, 1 if 1 not in held else 2)
    step = {1: "closed", 2: "stripped"}.get(mine.position) if mine else ""
    if mine is not None and question.state == step and mine.private:
        return _use(request, actor, question, mine.position)
    context = {"q": question, "mine": mine, "held": sorted(held)}
    return render(request, "voting/key.html", context, status=409 if request.method == "POST" else 200)


def _take(request: HttpRequest, actor: Actor, question: Question, position: int) -> HttpResponseBase:
    about = _("“%s”是秘密投票，票封着两层，要两个人先后打开。口令只有您知道，系统里没有；忘了，这次投票就作废。")
    here = reverse("voting:key", args=[question.number])
    ask = Ask(
        _("拿第 %d 把钥匙") % position,
        _("拿钥匙"),
        reverse("voting:home"),
        about % question.title,
        base="voting/page.html",
    )

    def do(data: dict[str, Any]) -> tuple[str, str]:
        actions.become_teller(actor=actor, district_id=question.district_id, question_id=question.pk,
                              position=position, passphrase=data["passphrase"])  # fmt: skip
        return here, _("钥匙在您手里了。口令请记在别人看不到的地方。")

    return perform(request, ask, KeyForm(posted(request)), do)


def _use(request: HttpRequest, actor: Actor, question: Question, position: int) -> HttpResponseBase:
    first = position == 1
    about = _("拆开外封、打乱、和名册断开。拆了就找不回谁投了哪张。") if first else _("打开里封，数票，公布结果。")
    here = reverse("voting:key", args=[question.number])
    ask = Ask(_("拆外封　%s") % question.title if first else _("计票　%s") % question.title,
              _("拆外封") if first else _("计票"), reverse("voting:public", args=[question.number]), about,
              grave=first, base="voting/page.html")  # fmt: skip

    def do(data: dict[str, Any]) -> tuple[str, str]:
        act = actions.strip if first else actions.count_secret
        act(actor=actor, district_id=question.district_id, question_id=question.pk, passphrase=data["passphrase"])
        if first:
            return here, _("拆好了，也打乱了。请第二位计票人来数。")
        return reverse("voting:public", args=[question.number]), _("数完了，结果公布了。")

    return perform(request, ask, OpenerForm(posted(request)), do)
