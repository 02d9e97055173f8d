"""The host's acts on a covenant, one form each."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from linli.core.matters.askpage import Ask, perform, posted
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.offices.covenants import actions, cautions, forms, queries
from linli.offices.covenants.actions import Putting
from linli.offices.covenants.models import Covenant, Passage
from linli.offices.covenants.pages.common import hosted


@dataclass(frozen=True)
class Act:
    """One act: its question and verb, its form, what it does, and what follows from it."""

    title: Any
    verb: Any
    do: Callable[[Actor, Covenant, dict[str, Any]], str]
    form: Callable[[Covenant, Any], forms.Plain]
    about: Any = ""
    grave: bool = False


def _form(kind: type[forms.Plain]) -> Callable[[Covenant, Any], forms.Plain]:
    return lambda _covenant, data: kind(data)


def _open(actor: Actor, covenant: Covenant, data: dict[str, Any]) -> str:
    actions.open_for_comment(actor=actor, covenant=covenant, closes_on=data["closes_on"])
    return _("大家都看得到了，等着听意见。")


def _extend(actor: Actor, covenant: Covenant, data: dict[str, Any]) -> str:
    actions.extend(actor=actor, covenant=covenant, closes_on=data["closes_on"])
    return _("延了。")


def _vote(actor: Actor, covenant: Covenant, data: dict[str, Any]) -> str:
    putting = Putting(
        rule_id=uuid.UUID(data["rule"]), closes_at=data["closes_at"], since=data["since"],
        review_on=data["review_on"], confirmed=bool(data.get("confirmed")), why=data.get("why", ""),
    )  # fmt: skip
    made = actions.put_to_vote(actor=actor, covenant=covenant, putting=putting, version=data["version"])
    return _("开始投票了：%s。通过了会自动公布。") % made.question.number


def _settle(actor: Actor, covenant: Covenant, data: dict[str, Any]) -> str:
    rows = Passage.objects.filter(district_id=covenant.district_id, covenant=covenant, outcome="")
    waiting = rows.select_related("covenant").first()
    if waiting is None:
        return _("没有在等结果的表决。")
    done = actions.settle(passage=waiting)
    return _("结果取过来了：%s。") % done.get_outcome_display()


def _amend(actor: Actor, covenant: Covenant, data: dict[str, Any]) -> str:
    actions.amend(actor=actor, covenant=covenant, reason=data["reason"])
    return _("可以改了。改好的通过以前，原来的照常施行。")


def _drop(actor: Actor, covenant: Covenant, data: dict[str, Any]) -> str:
    actions.drop(actor=actor, covenant=covenant, reason=data["reason"])
    return _("不改了，说过话的都告诉了。")


def _file(actor: Actor, covenant: Covenant, data: dict[str, Any]) -> str:
    actions.file(actor=actor, covenant=covenant, filed_with=data["filed_with"], filed_on=data["filed_on"],
                 filed_as=data["filed_as"])  # fmt: skip
    return _("备案记下了。")


def _review(actor: Actor, covenant: Covenant, data: dict[str, Any]) -> str:
    actions.review(actor=actor, covenant=covenant, text=data["text"], review_on=data["review_on"])
    return _("记下了，到下一次的日子再提醒。")


def _end(actor: Actor, covenant: Covenant, data: dict[str, Any]) -> str:
    actions.end(actor=actor, covenant=covenant, reason=data["reason"], day=data["day"])
    return _("记下了，说过话的都告诉了。")


def _vote_form(covenant: Covenant, data: Any) -> forms.Plain:
    newest = queries.version(covenant, covenant.newest, upto=covenant.newest)
    return forms.VoteForm(covenant, bool(cautions.find(newest.said)), data)


ACTS: dict[str, Act] = {
    "open": Act(lazy("开始征求意见？"), lazy("开始征求意见"), _open, _form(forms.OpenForm),
                lazy("从现在起每一稿大家都看得到，不登录也能说。")),
    "extend": Act(lazy("延长征求意见"), lazy("延长"), _extend, _form(forms.ExtendForm)),
    "vote": Act(lazy("付表决"), lazy("开始投票"), _vote, _vote_form,
                lazy("这一稿的文字就此冻住。通过了自动公布，没通过退回再改。")),
    "settle": Act(lazy("取表决的结果？"), lazy("取结果"), _settle, _form(forms.Nothing)),
    "amend": Act(lazy("修改"), lazy("开始修改"), _amend, _form(forms.ReasonForm),
                 lazy("改好的也要征求意见、表决。通过以前，原来的照常施行。")),
    "drop": Act(lazy("这次不改了？"), lazy("不改了"), _drop, _form(forms.ReasonForm),
                lazy("写过的每一稿、说过的每一句都留着。"), grave=True),
    "file": Act(lazy("记备案"), lazy("记下来"), _file, _form(forms.FileForm),
                lazy("居民公约由居民会议讨论制定，要报不设区的市、市辖区政府或者街道办事处备案（城市居民委员会组织法）。")),
    "review": Act(lazy("回头看"), lazy("记下来"), _review, _form(forms.ReviewForm)),
    "end": Act(lazy("废止？"), lazy("废止"), _end, _form(forms.EndForm),
               lazy("到那天起不再施行。文字、意见和历次表决都留着。"), grave=True),
}  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def act(request: HttpRequest, actor: Actor, number: str, name: str) -> HttpResponseBase:
    """Ask, or do, by the act's own form; afterwards back to the covenant."""
    covenant, chosen = hosted(actor, number), ACTS.get(name)
    if chosen is None:
        raise Http404
    form, back = chosen.form(covenant, posted(request)), reverse("covenants:one", args=[covenant.number])
    ask = Ask(f"{chosen.title}　《{covenant.title}》", str(chosen.verb), back, str(chosen.about), grave=chosen.grave,
              template="covenants/act.html")  # fmt: skip
    context: dict[str, Any] = {"c": covenant}
    if name == "vote":
        context["cautions"] = cautions.find(queries.version(covenant, covenant.newest, upto=covenant.newest).said)

    def do(data: dict[str, Any]) -> tuple[str, str]:
        return back, chosen.do(actor, covenant, data)

    return perform(request, ask, form, do, context)
