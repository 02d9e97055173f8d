"""The host's acts on a sitting and on its points, one form each."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_http_methods

from linli.core.decisions import actions as decisions
from linli.core.gatherings import actions as core
from linli.core.gatherings import queries as sittings
from linli.core.gatherings.briefing import brief, days_of
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.offices.councils import actions, ballots, forms, queries, room_forms
from linli.offices.councils.pages.common import About, Act, here, hosted, perform_act


def _form(kind: type[forms.Plain]) -> Callable[[About, Any], forms.Plain]:
    return lambda _about, data: kind(data)


_NOTHING, _REASON, _WHO = _form(forms.Nothing), _form(forms.ReasonForm), _form(forms.WhoForm)


# ── the sitting ─────────────────────────────────────────────────────────────────────────────────────────────
def _add(about: About, form: Any) -> str:
    data = form.cleaned_data
    matter = queries.topic(about.gathering.district_id, data["topic"]) if data.get("topic") else None
    core.add_item(
        **about.ids, matter_id=matter.pk if matter else None, title=data.get("title") or "",
        minutes=data.get("minutes") or 0, procedure=data.get("procedure") or "",
    )  # fmt: skip
    return _("排进议程了。")


def _call(about: About, form: Any) -> str:
    done = core.call(**about.ids, waive=form.cleaned_data["waive"], also=form.posts())
    return _("通知了 %d 位。") % len(done.receipts)


def _invite(about: About, form: Any) -> str:
    done = core.invite(**about.ids, posts=form.posts())
    return _("又请了 %d 位。") % len(done.receipts)


def _begin(about: About, form: Any) -> str:
    core.begin(**about.ids)
    return _("开会了。")


def _end(about: About, form: Any) -> str:
    actions.end_sitting(actor=about.actor, sitting=about.gathering)
    return _("散会了。写好纪要就公布。")


def _cancel(about: About, form: Any) -> str:
    core.cancel(**about.ids, reason=form.cleaned_data["reason"])
    return _("不开了，请过的人都告诉了。")


def _move(about: About, form: Any) -> str:
    data = form.cleaned_data
    room = uuid.UUID(data["room"]) if data["room"] else None
    core.reschedule(**about.ids, starts_at=data["starts_at"], ends_at=data["ends_at"], room_id=room,
                    where=data["where"], reason=data["reason"])  # fmt: skip
    return _("改好了，请过的人都告诉了。")


def _vouch(about: About, form: Any) -> str:
    core.vouch(**about.ids, attendance_id=form.cleaned_data["who"])
    return _("到会，记下了。")


def _left(about: About, form: Any) -> str:
    core.sign_out(**about.ids, attendance_id=form.cleaned_data["who"])
    return _("先走了，记下了。")


def _prefill(about: About, form: Any) -> str:
    g = about.gathering
    core.prefill(**about.ids, brief=brief(g.district_id, g.scope_path, timezone.now(), days_of(g)))
    return _("数字按现在的重取了。")


ACTS: dict[str, Act] = {
    "add": Act(lazy("排进一项"), lazy("排进议程"), _add, lambda a, data: forms.AddForm(a.actor, a.gathering, data)),
    "call": Act(lazy("发通知？"), lazy("发通知"), _call, lambda a, data: room_forms.CallForm(a.gathering, data),
                lazy("按这种会的名单，人人都会收到，议题上会写明排进了这次会。还要请谁，在下面添。")),
    "invite": Act(lazy("再请几位"), lazy("请"), _invite, lambda a, data: room_forms.AskAlso(a.gathering, data),
                  lazy("请过的不会再请一遍。")),
    "begin": Act(lazy("现在开会？"), lazy("开会"), _begin, _NOTHING, lazy("您是第一个到的。")),
    "end": Act(lazy("散会？"), lazy("散会"), _end, _NOTHING, lazy("定了的事要有谁办、哪天办完、哪天评审，才能散会。")),
    "cancel": Act(lazy("这次不开了？"), lazy("不开了"), _cancel, _REASON,
                  lazy("请过的人都会收到原因，议题留给下一次。"), grave=True),
    "move": Act(lazy("改时间地点"), lazy("改好了"), _move, lambda a, data: forms.MoveForm(a.gathering, data)),
    "vouch": Act(lazy("这个人在屋里？"), lazy("在"), _vouch, _WHO),
    "left": Act(lazy("这个人先走了？"), lazy("先走了"), _left, _WHO),
    "prefill": Act(lazy("重取数字？"), lazy("重取数字"), _prefill, _NOTHING),
}  # fmt: skip


# ── its points ──────────────────────────────────────────────────────────────────────────────────────────────
def _postpone(about: About, form: Any) -> str:
    core.postpone(**about.ids, item_id=about.point.pk, reason=form.cleaned_data["reason"])
    return _("留到下一次，会自动排上。")


def _withdraw(about: About, form: Any) -> str:
    actions.withdraw(actor=about.actor, item=about.point, reason=form.cleaned_data["reason"])
    return _("撤下了，说过话的人都会收到原因。")


def _turn(about: About, form: Any) -> str:
    data = form.cleaned_data
    actions.queue(actor=about.actor, item=about.point, label=data["label"], minutes=data["minutes"] or 3)
    return _("排上了。")


def _next(about: About, form: Any) -> str:
    turn = actions.next_speaker(actor=about.actor, item=about.point)
    return _("请%s发言。") % turn.label if turn else _("没有人在排队了。")


def _dissent(about: About, form: Any) -> str:
    data = form.cleaned_data
    actions.dissent(actor=about.actor, item=about.point, text=data["text"], label=data["label"], retry=data["retry"])
    return _("记下了，和结果放在一起。")


def _recuse(about: About, form: Any) -> str:
    core.recuse(**about.ids, item_id=about.point.pk, reason=form.cleaned_data["reason"])
    return _("回避了，这一项由别人主持。")


def _discuss(about: About, form: Any) -> str:
    data = form.cleaned_data
    core.discuss(**about.ids, item_id=about.point.pk, outcome=data["outcome"], text=data["text"])
    return _("记下了。")


def _vote(about: About, form: Any) -> str:
    data = form.cleaned_data
    vote = actions.Vote(
        title=data["title"], rule_id=uuid.UUID(data["rule"]), roll_kind=data["roll_kind"], text=data["text"],
        closes_at=data["closes_at"], review_on=data["review_on"],
    )  # fmt: skip
    made = actions.put_to_vote(actor=about.actor, item=about.point, vote=vote)
    return _("开始投票了：%s。") % made.number


def _discuss_form(about: About, data: Any) -> forms.Plain:
    """What was written before; where the room has voted and nothing is written yet, the result of that."""
    item = about.point
    first = {"outcome": item.outcome, "text": item.text}
    if item.state == "listed" and (vote := ballots.counted(item)) is not None:
        adopted = (vote.result or {}).get("outcome") == "adopted"
        fits = next((o for o in ("decided", "settled") if o in about.gathering.kind.says.outcomes), "")
        first = {"outcome": fits if adopted else "", "text": ballots.summary(vote)}
    return forms.DiscussForm(about.gathering, data, first)


# ── a ballot in the room ────────────────────────────────────────────────────────────────────────────────────
def _at(about: About) -> dict[str, Any]:
    found = ballots.running(about.point)
    return {"actor": about.actor, "district_id": found.district_id, "question_id": found.pk}


def _ask(about: About, form: Any) -> str:
    made = actions.ask_room(actor=about.actor, item=about.point, show=form.show())
    if made.secret:
        return _("问题写好了。请两位监票人各拿一把钥匙，再开始。")
    return _("开始了，在场能投的 %d 位。") % made.roll_heads


def _open(about: About, form: Any) -> str:
    made = decisions.open_question(**_at(about))
    return _("开始了，在场能投的 %d 位。") % made.roll_heads


def _count(about: About, form: Any) -> str:
    made = decisions.finish(**_at(about))
    if made.secret:
        return _("截止了。请第一位监票人拆外封，第二位来数。")
    return _("数完了：%s。") % ballots.outcome(made)


def _take_back(about: About, form: Any) -> str:
    decisions.withdraw(**_at(about), reason=form.cleaned_data["reason"])
    return _("撤回了，已经收的票不再数。")


# ── the agenda ──────────────────────────────────────────────────────────────────────────────────────────────
def _move_by(steps: int) -> Callable[[About, Any], str]:
    def do(about: About, form: Any) -> str:
        order = [i.pk for i in sittings.agenda(about.gathering)]
        at = order.index(about.point.pk)
        to = min(max(at + steps, 0), len(order) - 1)
        order.insert(to, order.pop(at))
        core.arrange(**about.ids, order=order)
        return _("第 %d 项了。") % (to + 1)

    return do


def _classify(about: About, form: Any) -> str:
    done = core.classify(**about.ids, item_id=about.point.pk, procedure=form.cleaned_data["procedure"])
    known = about.gathering.kind.says.procedure(done.procedure)
    return _("归到%s了。") % known.name if known else _("改好了。")


ITEM_ACTS: dict[str, Act] = {
    "ask": Act(lazy("问在场的人"), lazy("开始"), _ask, lambda a, data: room_forms.ShowForm(a.point, data),
               lazy("名册是这会儿在场的人，要回避的不算。当场投，当场数。不是议题的，先立成议题，表决记在它的账里。")),
    "open": Act(lazy("开始秘密投票？"), lazy("开始投票"), _open, _NOTHING,
                lazy("名册是这会儿在场的人，要回避的不算。")),
    "count": Act(lazy("截止，数票？"), lazy("截止，数票"), _count, _NOTHING, lazy("还没投的就不能再投了。")),
    "take-back": Act(lazy("撤回这次表决？"), lazy("撤回"), _take_back, _REASON, lazy("已经收的票不再数。"), grave=True),
    "up": Act(lazy("往前挪一项？"), lazy("往前"), _move_by(-1), _NOTHING),
    "down": Act(lazy("往后挪一项？"), lazy("往后"), _move_by(1), _NOTHING),
    "classify": Act(lazy("归哪一类？"), lazy("改好了"), _classify, lambda a, data: room_forms.ClassForm(a.point, data),
                    lazy("每一类有每一类的办法；议过了就不能再改。")),
    "discuss": Act(lazy("这一项议得怎么样？"), lazy("记下来"), _discuss, _discuss_form,
                   lazy("定了、分流，都要到会的够数。不同意的话另记，不会被盖住。")),
    "vote": Act(lazy("付表决"), lazy("开始投票"), _vote, lambda a, data: forms.VoteForm(a.point, data),
                lazy("名册现在就定下，票谁都能重算。")),
    "postpone": Act(lazy("留到下一次？"), lazy("下次再议"), _postpone, _REASON),
    "withdraw": Act(lazy("撤下这一项？"), lazy("撤下"), _withdraw, _REASON,
                    lazy("没计票的表决一起撤回，说过话的人会收到原因。议题还在，以后可以再排。"), grave=True),
    "turn": Act(lazy("排队发言"), lazy("排上"), _turn, _form(forms.TurnForm)),
    "next": Act(lazy("下一位？"), lazy("下一位"), _next, _NOTHING),
    "dissent": Act(lazy("记不同意见"), lazy("记下来"), _dissent, _form(forms.DissentForm),
                   lazy("原话和结果放在一起，评审的时候先问他。")),
    "recuse": Act(lazy("这一项您要回避？"), lazy("我回避"), _recuse, _REASON,
                  lazy("这一项不算您在场，结果由另一位主持来记。")),
}  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def act(request: HttpRequest, actor: Actor, number: str, name: str) -> HttpResponseBase:
    """One act on a sitting."""
    g = hosted(actor, number)
    return perform_act(request, ACTS, name, About(actor, g), lambda: here(g), "desk/page.html")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def item_act(request: HttpRequest, actor: Actor, number: str, item_id: uuid.UUID, name: str) -> HttpResponseBase:
    """One act on a point of the agenda."""
    g = hosted(actor, number)
    about = About(actor, g, queries.item(g, item_id))
    return perform_act(request, ITEM_ACTS, name, about, lambda: here(g), "desk/page.html")
