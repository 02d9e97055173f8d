"""Acts on a round and on a group: each asks on a page of its own, does it, and goes back."""

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
from linli.offices.opinions import actions, queries
from linli.offices.opinions.forms import MergeForm, Nothing, Plain, RaiseForm, ReplyForm, TieForm, TitleForm
from linli.offices.opinions.models import Group, Round


@dataclass(frozen=True)
class Act:
    """One act: how it is asked and what it does."""

    title: Any
    verb: Any
    about: Any
    do: Callable[[Actor, Round, dict[str, Any]], str]
    grave: bool = False


def _begin(actor: Actor, row: Round, _data: dict[str, Any]) -> str:
    actions.begin(actor=actor, row=row)
    return _("开始了。要去的人在手机上看得到自己的楼。")


def _end(actor: Actor, row: Round, _data: dict[str, Any]) -> str:
    actions.end(actor=actor, row=row)
    return _("收齐了。门上的记号删掉了，数留着。")


def _publish(actor: Actor, row: Round, _data: dict[str, Any]) -> str:
    actions.publish(actor=actor, row=row)
    return _("公布了，留了账号的都告诉了。")


def _drop(actor: Actor, row: Round, _data: dict[str, Any]) -> str:
    actions.drop(actor=actor, row=row)
    return _("丢掉了。")


ACTS = {
    "begin": Act(lazy("开始征求？"), lazy("开始"), lazy("开始以后题目和范围不再改。"), _begin),
    "end": Act(lazy("现在收齐？"), lazy("收齐"),
               lazy("哪家没人、哪家不想说，都会删掉，只留每栋楼的数。删了找不回来。"), _end, grave=True),
    "publish": Act(lazy("公布结果？"), lazy("公布"),
                   lazy("各组的条数和遮过的原话谁都能看，公布了收不回来。不足 5 条的组不登。"), _publish, grave=True),
    "drop": Act(lazy("丢掉这份草稿？"), lazy("丢掉"), lazy("还没开始问，丢了不影响谁。"), _drop, grave=True),
}  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def act(request: HttpRequest, actor: Actor, code: str, name: str) -> HttpResponseBase:
    """Begin, end, publish, drop."""
    row, asked = queries.own(actor, code), ACTS.get(name)
    if asked is None:
        raise Http404
    back = reverse("opinions:one", args=[row.code])
    ask = Ask(str(asked.title), str(asked.verb), back, f"{row.title}　{asked.about}", grave=asked.grave)

    def do(data: dict[str, Any]) -> tuple[str, str]:
        words = asked.do(actor, row, data)
        return (reverse("opinions:board") if name == "drop" else back), words

    return perform(request, ask, Nothing(posted(request)), do)


# ── a group ─────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class GroupAct:
    title: Any
    verb: Any
    about: Any
    form: Callable[[Round, Group, Any], Plain]
    do: Callable[[Actor, Round, Group, dict[str, Any]], str]


def _rename(actor: Actor, row: Round, group: Group, data: dict[str, Any]) -> str:
    actions.rename(actor=actor, row=row, group_id=group.pk, title=data["title"])
    return _("改好了。")


def _merge(actor: Actor, row: Round, group: Group, data: dict[str, Any]) -> str:
    into = actions.merge(actor=actor, row=row, group_id=group.pk, into_id=uuid.UUID(data["into_id"]))
    return _("并到“%s”了，一条不少。") % into.title


def _reply(actor: Actor, row: Round, group: Group, data: dict[str, Any]) -> str:
    n = actions.answer_group(actor=actor, row=row, group_id=group.pk, text=data["text"])
    return _("回了 %d 条。单独回过的没有动。") % n


def _raise(actor: Actor, row: Round, group: Group, data: dict[str, Any]) -> str:
    made = actions.raise_matter(actor=actor, row=row, group_id=group.pk, kind=data["kind"], text=data["text"])
    return _("立好了：%s。说过的人都告诉了。") % made.number


def _tie(actor: Actor, row: Round, group: Group, data: dict[str, Any]) -> str:
    there = actions.tie(actor=actor, row=row, group_id=group.pk, number=data["number"])
    return _("连到 %s 了。说过的人都告诉了。") % there.number


GROUP_ACTS = {
    "rename": GroupAct(
        lazy("这一组叫什么"), lazy("改好了"), "", lambda row, g, data: TitleForm(data, {"title": g.title}), _rename
    ),
    "merge": GroupAct(
        lazy("并到哪一组"), lazy("并过去"), lazy("原话一条不少，回执和回复各是各的。并错了能一条条移出来。"),
        lambda row, g, data: MergeForm(row, g.pk, data), _merge,
    ),
    "reply": GroupAct(
        lazy("回复这一组"), lazy("回复"), lazy("每个人都收到这段话。单独回过的不动。"),
        lambda row, g, data: ReplyForm(data), _reply,
    ),
    "raise": GroupAct(
        lazy("立成一件事"), lazy("立起来"), lazy("谁办、办到哪，说过的人都能跟着看。"),
        lambda row, g, data: RaiseForm(row, data), _raise,
    ),
    "tie": GroupAct(
        lazy("连到一件已有的事"), lazy("连上"), lazy("已经有一件事在办这个，就不另立。连上了不能改连别的。"),
        lambda row, g, data: TieForm(row, data), _tie,
    ),
}  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def group_act(request: HttpRequest, actor: Actor, code: str, group_id: uuid.UUID, name: str) -> HttpResponseBase:
    """Rename, merge, answer everybody, make a matter of it."""
    row, asked = queries.own(actor, code), GROUP_ACTS.get(name)
    if asked is None:
        raise Http404
    group = queries.group(row, group_id)
    back = reverse("opinions:group", args=[row.code, group.pk])
    ask = Ask(str(asked.title), str(asked.verb), back, f"{group.title}　{asked.about}",
              draft=f"opinion-group-{name}-{group.pk}" if name in ("reply", "raise") else "")  # fmt: skip
    form = asked.form(row, group, posted(request))

    def do(data: dict[str, Any]) -> tuple[str, str]:
        words = asked.do(actor, row, group, data)
        there = queries.group(row, group.pk)
        return reverse("opinions:group", args=[row.code, there.merged_into_id or there.pk]), words

    return perform(request, ask, form, do)
