"""Acts of the host on a question: opening, amendments, proxies, slips, papers, objections, call-backs, the count."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from linli.core.decisions import actions
from linli.core.decisions.actions.objecting import draw_calls
from linli.core.decisions.models import Question
from linli.core.matters.askpage import Ask, PlainForm, perform, picture, posted
from linli.core.people.actor import Actor
from linli.core.people.entering import staff_page
from linli.kit import files, shell
from linli.kit.models import Upload
from linli.kit.refusal import Refused
from linli.kit.templatetags.linli import qr_svg
from linli.offices.voting import choosing, finding, forms, words

Do = Callable[[Actor, Question, Any], str]  # what is said afterwards
ANSWERS = {"ours": lazy("是自家投的"), "not_ours": lazy("不是自家投的"), "no_answer": lazy("没找到人")}


def _at(question: Question) -> dict[str, Any]:
    return {"district_id": question.district_id, "question_id": question.pk}


# ── the small acts ──────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Act:
    """One act: its verb, what follows from it, its form and the action."""

    verb: Any
    about: Any
    form: type[forms.Plain]
    do: Do
    grave: bool = False


def _open(actor: Actor, question: Question, form: Any) -> str:
    actions.open_question(actor=actor, **_at(question), recused=form.stands_back())
    return _("开始了，名册冻住了，可以投了。")


def _withdraw(actor: Actor, question: Question, form: Any) -> str:
    actions.withdraw(actor=actor, **_at(question), reason=form.cleaned_data["reason"])
    return _("撤回了，已经收的票不再数。")


def _extend(actor: Actor, question: Question, form: Any) -> str:
    actions.extend(actor=actor, **_at(question), **form.cleaned_data)
    return _("延了，公告贴出去了。")


def _correct(actor: Actor, question: Question, form: Any) -> str:
    actions.correct_entry(actor=actor, **_at(question), **form.cleaned_data)
    return _("名册改了，公告贴出去了。")


def _proxy(actor: Actor, question: Question, form: Any) -> str:
    actions.give_proxy(actor=actor, **_at(question), **form.cleaned_data)
    return _("委托记下了。")


def _revoke(actor: Actor, question: Question, form: Any) -> str:
    actions.revoke_proxy(actor=actor, **_at(question), giver=form.cleaned_data["giver"])
    return _("委托收回了。")


def _count(actor: Actor, question: Question, _form: Any) -> str:
    actions.count_open(actor=actor, **_at(question))
    return _("数完了，结果公布了。")


def _import(actor: Actor, question: Question, form: Any) -> str:
    data = form.cleaned_data
    figures = {"heads": data["heads"]} if data["heads"] else {}
    actions.import_result(actor=actor, **_at(question), source=data["source"], reference=data["reference"],
                          outcome=data["outcome"], figures=figures)  # fmt: skip
    return _("官方的结果记下了，来源写在旁边。")


ACTS: dict[str, Act] = {
    "open": Act(lazy("开始投票"), lazy("名册从这一刻冻住，以后只能用公告更正。"), forms.OpenForm, _open),
    "withdraw": Act(
        lazy("撤回"), lazy("已经收的票不再数，名册上的人都看得到原因。"), forms.ReasonForm, _withdraw, True
    ),
    "extend": Act(lazy("延长时间"), lazy("发一条公告，谁都看得到。"), forms.ExtendForm, _extend),
    "correct": Act(lazy("更正名册"), lazy("发一条公告；不能再投的那一户，已收的票作废。"), forms.CorrectForm, _correct),
    "proxy": Act(lazy("记一个委托"), lazy("看过书面委托才记。本人自己投的总在前。"), forms.ProxyForm, _proxy),
    "revoke": Act(lazy("收回委托"), lazy("已代投的票还在，本人投了就替掉。"), forms.RevokeForm, _revoke),
    "count": Act(lazy("计票"), lazy("公示期过了、异议都查完了才能数。"), forms.CountForm, _count),
    "import": Act(lazy("记官方结果"), lazy("在别的系统投的，把结果和来源记在这里。"), forms.ImportForm, _import),
}  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def act(request: HttpRequest, actor: Actor, number: str, name: str) -> HttpResponseBase:
    question, known = finding.hosted(actor, number), ACTS.get(name)
    if known is None:
        raise Http404
    back = reverse("voting:host", args=[number])
    ask = Ask(f"{known.verb}　{question.title}", str(known.verb), back, str(known.about), grave=known.grave)
    form = known.form(posted(request))
    return perform(request, ask, form, lambda _data: (back, known.do(actor, question, form)))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def judge(request: HttpRequest, actor: Actor, number: str, objection_id: uuid.UUID) -> HttpResponseBase:
    """What the inquiry into an objection found."""
    question = finding.hosted(actor, number)
    objection = question.objections.select_related("entry").filter(pk=objection_id).first()
    if objection is None:
        raise Http404
    back = reverse("voting:host", args=[number])
    ask = Ask(_("查异议　%s") % objection.entry.label, _("写下结论"), back, f"“{objection.text}”")

    def do(data: dict[str, Any]) -> tuple[str, str]:
        actions.judge_objection(actor=actor, **_at(question), objection_id=objection_id, upheld=data["upheld"] == "yes",
                                finding=data["finding"])  # fmt: skip
        return back, _("结论记下了。")

    return perform(request, ask, forms.JudgeForm(posted(request)), do)


# ── slips, papers, call-backs ───────────────────────────────────────────────────────────────────────────────
@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
@never_cache
def slips(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """Codes to print and hand out. They are shown in this one answer and kept nowhere; new ones end the old."""
    question = finding.hosted(actor, number)
    back = reverse("voting:host", args=[number])
    form: PlainForm = forms.SlipsForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            issued = actions.issue_slips(actor=actor, **_at(question), entries=form.numbers())  # type: ignore[attr-defined]
        except Refused as refused:
            form.refuse(refused)
        else:
            link = request.build_absolute_uri(reverse("voting:slip", args=[number]))
            sheets = [(entry, code, qr_svg(f"{link}?code={code}")) for entry, code in issued]
            names = [words.name(option) for option in question.options]
            shown = {"q": question, "sheets": sheets, "link": link, "options": names, **choosing.kinds(question)}
            return render(request, "voting/slips.html", shown)
    about = _("每户一张，上面的码只显示这一次，请马上打印。重印会让旧的作废。")
    ask = Ask(_("印投票单　%s") % question.title, _("做投票单"), back, about)
    status = 422 if form.is_bound else 200
    return render(request, "matters/ask.html", {"ask": ask, "form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def paper(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """One of two persons types a sheet in; what the other typed is not shown."""
    question = finding.typed(actor, number)
    here, hosts = reverse("voting:paper", args=[number]), finding.runs(actor, question)
    form = forms.PaperForm(question, posted(request))
    about = _("两个人各录一遍，互相看不见。一样就收，不一样就都不收，重新录。")
    back = reverse("voting:host" if hosts else "voting:one", args=[number])
    ask = Ask(_("录纸票　%s") % question.title, _("录下"), back, about, template="voting/paper.html")

    shown: dict[str, Any] = {"q": question, "rows": form.rows_of_ballot, "scan": "", **choosing.kinds(question)}

    def do(data: dict[str, Any]) -> tuple[str, str]:
        scan = shown["scan"] = None if question.secret else picture(request, actor, "scan")
        row, _taken = actions.enter_paper(
            actor=actor, **_at(question), entry=data.get("entry", 0), slip=data.get("slip", ""),
            choice=choosing.read(question, request.POST), scan=scan,
        )  # fmt: skip
        said = {"first": _("%s录了第一遍，等另一个人再录。"), "taken": _("%s两遍一样，收了。"),
                "differ": _("%s两遍不一样，没有收。请两个人都再看看票，重新录。")}  # fmt: skip
        return here, said[row.state] % (_("这张票") if question.secret else _("%d 号") % row.entry.seq)

    return perform(request, ask, form, do, shown)


@require_safe
@staff_page
def scan(request: HttpRequest, actor: Actor, number: str, paper_id: uuid.UUID) -> HttpResponseBase:
    """The picture of an open vote's sheet, for its host: whoever types second, or looks into an objection."""
    question = finding.hosted(actor, number)
    kept = question.papers.filter(pk=paper_id).exclude(scan=None).values_list("scan", flat=True).first()
    upload = Upload.objects.filter(pk=kept).first() if kept else None
    if upload is None:
        raise Http404
    return files.serve(upload.path, upload.mime)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page
def calls(request: HttpRequest, actor: Actor, number: str) -> HttpResponseBase:
    """Households drawn by the published seed: was that ballot yours?"""
    question = finding.hosted(actor, number)
    if request.method == "POST":
        seq, answer = request.POST.get("seq", ""), request.POST.get("answer", "")
        try:
            actions.note_call(actor=actor, **_at(question), seq=int(seq) if seq.isdecimal() else 0, answer=answer)
        except Refused as refused:
            shell.toast(request, refused.message)
        else:
            shell.toast(request, _("记下了。"))
        return HttpResponseRedirect(reverse("voting:calls", args=[number]))
    noted = question.more.get("calls", {})
    drawn = (
        [(e, ANSWERS.get(noted.get(str(e.seq), ""), "")) for e in draw_calls(question)] if question.roll_hash else []
    )
    context = {"q": question, "drawn": drawn, "answers": list(ANSWERS.items())}
    return render(request, "voting/calls.html", context)
