"""One form an act: what it asks, in the words of whoever does it, and what it hands to the action.

A form judges only shape (is it filled, is it a date, which unit is meant); whether the act may be done is the action's
to say. Every page that does an act uses these (``acting.py``); the API has its own schemas with the same names.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from linli.core.matters.actions.calling import KINDS
from linli.core.matters.actions.handling import PAUSE_REASONS, RETURN_REASONS
from linli.core.matters.asking import (
    ANYBODY,
    BELOW,
    CALLABLE,
    LINE,
    NEARBY,
    About,
    ActForm,
    One,
    Several,
    category_choices,
    cause_choices,
    open_calls,
    radios,
    text_field,
    urgency_choices,
    when_field,
    yes_no,
)
from linli.core.matters.points import Told, told

SCORES = {"5": lazy("很好"), "4": lazy("好"), "3": lazy("一般"), "2": lazy("不好"), "1": lazy("很差")}


class TriageForm(ActForm):
    act, icon, label = "triage", "filter", lazy("分类…")
    question, verb, done = lazy("这是哪一类事？"), lazy("分好"), lazy("分好类了。")
    about_act = lazy("已经答应的时限不变。")

    category = forms.ChoiceField(label=lazy("分类"), choices=[])
    urgency = forms.ChoiceField(label=lazy("急不急"), choices=urgency_choices, required=False, widget=forms.RadioSelect)

    def __init__(self, about: About, data: Any = None, **kwargs: Any) -> None:
        initial = {"category": about.matter.category, "urgency": "", **(kwargs.pop("initial", None) or {})}
        super().__init__(about, data, initial=initial, **kwargs)
        shown = self.fields["category"]
        assert isinstance(shown, forms.ChoiceField)
        shown.choices = category_choices(about.catalogue)


class DispatchForm(ActForm):
    act, icon, label = "dispatch", "send", lazy("派给…")
    question, verb, done = lazy("派给谁？"), lazy("派"), lazy("派出去了。")
    finders = {"to": ANYBODY}

    to = One(label=lazy("派给"), help_text=lazy("离这件事近的排在前面。"))

    def explain(self) -> str:
        first = self.about.roster.by_id.get(self.about.matter.first_id) if self.about.matter.first_id else None
        return _("对方接单以前，仍由%s负责。") % first.name if first else _("对方接单以前，仍由您这里负责。")


class AcceptForm(ActForm):
    act, icon, label = "accept", "check", lazy("接单")
    question, verb, done = lazy("接下这件事？"), lazy("接单"), lazy("接了，记得先给居民回句话。")


class ReturnForm(ActForm):
    act, icon, label = "return", "arrow-back-up", lazy("退回…")
    question, verb, done = lazy("退回这件事？"), lazy("退回"), lazy("退回了。")
    cancel = lazy("先不退")
    finders = {"suggest": ANYBODY}

    reason = radios(lazy("为什么退"), RETURN_REASONS)
    text = text_field(lazy("说清楚一点"), lazy("写清归谁管、缺什么，下一家不用再问。"))
    suggest = One(label=lazy("您看该给谁"), required=False)

    def explain(self) -> str:
        first = self.about.roster.by_id.get(self.about.matter.first_id) if self.about.matter.first_id else None
        return _("时钟不停，回到首接的%s。") % first.name if first else _("时钟不停，回去等重新派。")


class ReplyForm(ActForm):
    act, icon, label = "reply", "message", lazy("回话…")
    question, verb, done = lazy("给居民回句话"), lazy("发出去"), lazy("回了，居民收得到。")

    text = text_field(lazy("回居民的话"), lazy("先说结果，再说时间，三句以内。"))


class ProgressForm(ActForm):
    act, icon, label = "progress", "edit", lazy("记进展…")
    question, verb, done = lazy("办到哪一步了？"), lazy("记下"), lazy("记下了。")
    pictures = True

    text = text_field(lazy("做了什么，看到什么"), lazy("居民看得到。"))


class EscalateForm(ActForm):
    act, icon, label = "escalate", "chevron-up", lazy("上报…")
    question, verb, done = lazy("报给上一级？"), lazy("上报"), lazy("报上去了。")
    about_act = lazy("事号、时钟和经过都跟着走，您以后还看得到。")

    reason = text_field(lazy("为什么办不了"), lazy("缺权限、缺钱还是缺人手，写具体。"), limit=LINE)


class HandDownForm(ActForm):
    act, icon, label = "hand_down", "chevron-down", lazy("交办…")
    question, verb, done = lazy("交给下面谁来办？"), lazy("交办"), lazy("交办下去了。")
    finders = {"to": BELOW}

    to = One(label=lazy("交给"), help_text=lazy("只列您管的范围。"))
    reason = text_field(lazy("交代一句"), lazy("要办成什么样，什么时候要。"), limit=LINE)


class WhistleForm(ActForm):
    act, icon, label = "whistle", "whistle", lazy("吹哨…")
    question, verb, done = lazy("吹哨叫哪几家？"), lazy("吹哨"), lazy("哨吹出去了，各家都收到。")
    about_act = lazy("每一家各有一个到场的钟，没到的往上报。事还在原来的人手上。")
    finders = {"units": CALLABLE}

    units = Several(label=lazy("叫谁"), help_text=lazy("一次最多 20 家。"))
    kind = radios(lazy("哪一类哨"), KINDS)
    reason = text_field(lazy("请他们来做什么"), lazy("一句话说清：什么事、要哪样权限。"), limit=LINE)


class ReportForm(ActForm):
    act, icon, label = "report", "hand-stop", lazy("报到…")
    question, verb, done = lazy("这一哨怎么样了？"), lazy("报到"), lazy("报了，吹哨的人收得到。")

    unit = forms.ChoiceField(label=lazy("哪一家"), choices=[], required=False, widget=forms.RadioSelect)
    state = radios(lazy("情况"), {"arrived": "到了", "done": "办好了", "refused": "不来"})
    text = text_field(
        lazy("说一句"), lazy("到了可以不写；办好了写结果；不来写理由，理由会报给上一级。"), required=False
    )

    def __init__(self, about: About, data: Any = None, **kwargs: Any) -> None:
        super().__init__(about, data, **kwargs)
        calls = open_calls(about)
        posts = [about.roster.by_id[c.post_id] for c in calls if c.post_id in about.roster.by_id]
        unit, state = self.fields["unit"], self.fields["state"]
        assert isinstance(unit, forms.ChoiceField) and isinstance(state, forms.ChoiceField)  # noqa: PT018
        unit.choices = [(post.code, post.name) for post in posts]
        unit.required = len(posts) > 1
        if len(posts) <= 1:
            unit.widget = forms.HiddenInput()
            self.initial.setdefault("unit", posts[0].code if posts else "")
        if calls and all(call.state == "arrived" for call in calls):
            state.choices = [("done", _("办好了")), ("refused", _("不来"))]
            self.verb = lazy("记下")  # whoever has come does not report once more

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        needs = {"done": _("写一句办成什么样。"), "refused": _("不来要写理由。")}
        if data.get("state") in needs and not data.get("text"):
            self.add_error("text", needs[data["state"]])
        return data


class PauseForm(ActForm):
    act, icon, label = "pause", "player-pause", lazy("暂停…")
    question, verb, done = lazy("先停一停？"), lazy("暂停"), lazy("停了，到时间自己接着走。")
    cancel = lazy("先不停")
    about_act = lazy("停着的时间不算，剩下的时间留着。居民会看到停的原因和到哪天。")

    reason = radios(lazy("等什么"), PAUSE_REASONS)
    until = when_field(lazy("最晚停到"), lazy("到了这个时间自动接着走。"))
    text = text_field(lazy("补一句"), required=False)


class ResumeForm(ActForm):
    act, icon, label = "resume", "player-play", lazy("接着办")
    question, verb, done = lazy("接着办？"), lazy("接着办"), lazy("接着办了，时钟从剩下的时间走。")


class ResolveForm(ActForm):
    act, icon, label = "resolve", "clipboard-check", lazy("办结…")
    question, verb, done = lazy("办好了？"), lazy("办结"), lazy("报办结了，等另一个人核查。")
    pictures = True

    text = text_field(lazy("跟居民说办成什么样"), lazy("先说结果，再说怎么办的。"))
    cause = forms.ChoiceField(label=lazy("为什么会出这件事"), choices=[], help_text=lazy("从目录里选，将来按它治本。"))

    def __init__(self, about: About, data: Any = None, **kwargs: Any) -> None:
        super().__init__(about, data, **kwargs)
        shown = self.fields["cause"]
        assert isinstance(shown, forms.ChoiceField)
        shown.choices = cause_choices(about.catalogue)

    def points(self) -> Told | None:
        return told(self.about.actor, self.about.matter)

    def explain(self) -> str:
        kind = self.about.catalogue.kinds.get(self.about.matter.kind)
        ends = _("办结后由另一个人去核查。")
        return _("这一类事要有现场照片。") + ends if kind and kind.evidence else ends


class VerifyForm(ActForm):
    act, icon, label = "verify", "checklist", lazy("核查…")
    question, verb, done = lazy("去看过了，办好了吗？"), lazy("记下核查"), lazy("核查记下了。")
    about_act = lazy("没办好就退回去接着办，结果的钟一直在走。")

    passed = yes_no(lazy("看下来"), lazy("办好了"), lazy("没办好"))
    text = text_field(lazy("您看到了什么"), lazy("时间、地点、样子。居民看得到。"))

    def points(self) -> Told | None:
        return told(self.about.actor, self.about.matter)


class RateForm(ActForm):
    act, icon, label = "rate", "star", lazy("评价…")
    question, verb, done = lazy("您看办得怎么样？"), lazy("就这样评"), lazy("谢谢，评价记下了。")

    score = radios(lazy("办得"), SCORES)
    text = text_field(lazy("想说的话"), required=False)


class ContestForm(ActForm):
    act, icon, label = "contest", "flag", lazy("提异议…")
    question, verb, done = lazy("哪里没办好？"), lazy("提异议"), lazy("换一家没经手的单位来查，时钟从头走。")
    pictures = True
    about_act = lazy("换一家没经手的单位来查，原来的记录留着。")

    text = text_field(lazy("现在是什么样"), lazy("拍张照片更清楚。"))


class JudgeForm(ActForm):
    act, icon, label = "judge", "scale", lazy("裁定…")
    question, verb, done = lazy("异议成立吗？"), lazy("裁定"), lazy("裁定记下了。")
    about_act = lazy("成立就重新办，另起时钟；不成立就维持原来的结果。两边都看得到理由。")

    upheld = yes_no(lazy("看下来"), lazy("成立，重新办"), lazy("不成立，维持原结果"))
    text = text_field(lazy("查到了什么"), lazy("理由要让居民看得懂。"))


class CloseForm(ActForm):
    act, icon, label = "close", "circle-check", lazy("销号…")
    question, verb, done = lazy("回访过了，销号？"), lazy("销号"), lazy("销号了。")
    about_act = lazy("居民没来得及评价的，打电话回访后可以先销号。")

    text = text_field(lazy("回访时居民怎么说"))


class SuperviseForm(ActForm):
    act, icon, label = "supervise", "bell", lazy("督办…")
    question, verb, done = lazy("督办这件事？"), lazy("督办"), lazy("督办下去了。")
    about_act = lazy("另有一个督办的钟，不动原来的时钟。")

    text = text_field(lazy("要求"), lazy("要办成什么样，谁来回话。"))
    due_at = when_field(lazy("什么时候要结果"), lazy("到点没办，会再提醒您和经办人。"))


class UrgeForm(ActForm):
    act, icon, label = "urge", "bell", lazy("催一催…")
    question, verb, done = lazy("催一催这件事？"), lazy("催"), lazy("催了，经办的人收到提醒。")
    about_act = lazy("不动时钟，记进经过。")

    text = text_field(lazy("催的话"), lazy("问到哪一步了、几时能好。"), required=False, limit=LINE)


class MergeForm(ActForm):
    act, icon, label = "merge", "git-merge", lazy("并案…")
    question, verb, done = lazy("和哪一件是同一件事？"), lazy("并过去"), lazy("并好了，一起办。")
    about_act = lazy("并过去一起办。这位居民的答复、评价和异议还是他自己的。")
    finders = {"into": NEARBY}

    into = One(label=lazy("并到"), help_text=lazy("同一片、还在办的排在前面。"))
    reason = text_field(lazy("为什么是同一件事"), limit=LINE)


class UnmergeForm(ActForm):
    act, icon, label = "unmerge", "git-branch", lazy("拆出来…")
    question, verb, done = lazy("从并案里拆出来？"), lazy("拆出来"), lazy("拆出来了，接着原来的时钟走。")

    reason = text_field(lazy("为什么不是同一件事"), limit=LINE)


class DeclineForm(ActForm):
    act, icon, label, grave = "decline", "x", lazy("不受理…"), True
    question, verb, done = lazy("拟不受理这件事？"), lazy("提请复核"), lazy("提上去了，等另一个人复核。")
    about_act = lazy("要另一个人复核同意才算数。居民会看到依据和去处，也可以提异议。")

    basis = text_field(lazy("依据"), lazy("哪一条法律、规定，写到条款。"), limit=LINE)
    redirect = text_field(lazy("该去哪里"), lazy("单位、电话或地址，让居民不用再问。"), limit=LINE)


class ConfirmForm(ActForm):
    act, icon, label = "confirm", "gavel", lazy("复核…")
    question, verb, done = lazy("同意不受理吗？"), lazy("记下复核"), lazy("复核记下了。")

    agreed = yes_no(lazy("您看"), lazy("同意，不受理"), lazy("不同意，接着办"))
    text = text_field(lazy("说一句"), lazy("不同意要写为什么。"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("agreed") is False and not data.get("text"):
            self.add_error("text", _("不同意要写为什么，首接的人要照着办。"))
        return data


class ReopenForm(ActForm):
    act, icon, label = "reopen", "refresh", lazy("重办…")
    question, verb, done = lazy("重新办这件事？"), lazy("重办"), lazy("重新办了，另起时钟。")
    about_act = lazy("原来的记录和时钟都留着，另起一轮。")

    reason = text_field(lazy("为什么要重办"))


FORMS: dict[str, type[ActForm]] = {
    form.act: form
    for form in (
        TriageForm, DispatchForm, AcceptForm, ReturnForm, ReplyForm, ProgressForm, EscalateForm, HandDownForm,
        WhistleForm, ReportForm, PauseForm, ResumeForm, ResolveForm, VerifyForm, RateForm, ContestForm, JudgeForm,
        CloseForm, SuperviseForm, UrgeForm, MergeForm, UnmergeForm, DeclineForm, ConfirmForm, ReopenForm,
    )
}  # fmt: skip
