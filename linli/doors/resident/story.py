"""A timeline entry as a sentence that a resident reads: who did what, and what comes of it. Plain words, no blame.

The entry itself (code, data, chain) stays what it is; here it is only told. An act without a sentence of its own is
told by its name and its text, so that nothing in the ledger is ever left out of the story.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.core.matters.actions.handling import PAUSE_REASONS, RETURN_REASONS
from linli.core.matters.catalogue import Catalogue
from linli.core.matters.flow import name_of
from linli.core.matters.sentences import spoken
from linli.core.people.posts import Roster
from linli.kit.figures import listed, when

Data = Mapping[str, Any]

SCORE_WORDS: Final = {
    5: gettext_lazy("很好"), 4: gettext_lazy("好"), 3: gettext_lazy("一般"), 2: gettext_lazy("不好"),
    1: gettext_lazy("很差"),
}  # fmt: skip
# What each promise is about, after "说好 … 前".
PROMISES: Final = {
    "accept": gettext_lazy("接下来"), "reply": gettext_lazy("给您回话"), "act": gettext_lazy("动手"),
    "result": gettext_lazy("有结果"), "contest": gettext_lazy("换人看完"), "supervise": gettext_lazy("按督办办完"),
    "rating": gettext_lazy("等您来评"), "pause": gettext_lazy("接着办"), "arrive": gettext_lazy("到场"),
}  # fmt: skip
ICONS: Final = {
    "whistle": "whistle", "breach": "alert-circle", "miss": "alert-circle", "pause": "player-pause",
    "return": "arrow-back-up", "supervise": "bell", "reveal": "eye", "erase": "eye-off", "merge": "git-merge",
    "escalate": "speakerphone", "thank": "heart",
}  # fmt: skip
_KEY: Final = frozenset({"open", "whistle", "resolve", "verify", "contest", "judge", "breach", "declined", "close"})
_QUIET: Final = frozenset({"warn", "remind", "triage", "appraise"})


@dataclass(frozen=True)
class Line:
    """One entry, told. ``key`` lines stand out, ``quiet`` ones step back; ``pictures`` are attachment rows."""

    seq: int
    at: datetime
    who: str
    role: str
    words: str
    act: str
    icon: str = ""
    key: bool = False
    quiet: bool = False
    pictures: Sequence[Mapping[str, Any]] = field(default=())


@dataclass(frozen=True)
class Book:
    """What the sentences look names up in."""

    roster: Roster
    catalogue: Catalogue
    anonymous: bool = False
    contact: bool = False
    confidential: bool = False

    def post(self, code: object) -> str:
        """王禾苗（网格员）, or the unit's own name."""
        found = self.roster.find(str(code or ""))
        if found is None:
            return str(code or _("下一家"))
        if found.person_id is None:
            return found.name
        return _("%(name)s（%(title)s）") % {"name": found.name, "title": found.title}


def tell(entry: Mapping[str, Any], book: Book, pictures: Sequence[Mapping[str, Any]] = ()) -> Line:
    """One entry (``Presenter.entry``) as a line of the story."""
    act, data = str(entry["act"]), entry["data"]
    who, _space, role = str(entry["actor"]).partition(" ")
    words = _erased() if entry.get("redacted") else _SENTENCES.get(act, _plain)(str(entry["text"]), data, book)
    return Line(
        seq=int(entry["seq"]), at=datetime.fromisoformat(str(entry["at"])), who=spoken(who), role=role,
        words=words or name_of(act), act=act, icon=ICONS.get(act, ""), key=act in _KEY, quiet=act in _QUIET,
        pictures=pictures,
    )  # fmt: skip


def _erased() -> str:
    return _("原话已依法抹去，留着的指纹仍能证明没人改过别的。")


def _plain(text: str, data: Data, book: Book) -> str:
    return text


def _stop(text: str) -> str:
    """The text with a full stop, if it has no end of its own."""
    text = text.strip()
    return text if not text or text[-1] in "。！？!?…；）”" else f"{text}。"


def _after(lead: str, text: str) -> str:
    """``lead`` alone, or ``lead：text``."""
    return f"{lead}：{_stop(text)}" if text.strip() else f"{lead}。"


def _time(data: Data, name: str) -> str:
    given = str(data.get(name) or "")
    return when(datetime.fromisoformat(given)) if given else ""


def _promise(data: Data) -> str:
    stage = str(data.get("stage", ""))
    return str(PROMISES.get(stage, name_of(stage)))


# ── opening and moving ──────────────────────────────────────────────────────────────────────────────────────────
def _open(text: str, data: Data, book: Book) -> str:
    how = book.catalogue.channel_name(str(data.get("channel", "")))
    said = _("%s说的。") % how if how else _("说了这件事。")
    if data.get("helper"):
        said += _("由邻居代填。")
    if book.anonymous:
        return said + _("没有留名，只凭回执码查。")
    if not book.contact:
        return said + _("没有留电话。")
    return said + (_("名字和电话只有回话的那一个人能看到。") if book.confidential else _("名字只有回电话的人能看到。"))


def _dispatch(text: str, data: Data, book: Book) -> str:
    if data.get("meant"):
        return _("您写给%s的，已经交给本人。") % book.post(data.get("to"))
    return (_("按规则派给%s。") if data.get("rule") else _("派给%s。")) % book.post(data.get("to"))


def _triage(text: str, data: Data, book: Book) -> str:
    return _("归到“%s”这一类。说好的时间不变。") % book.catalogue.category_name(str(data.get("category", "")))


def _accept(text: str, data: Data, book: Book) -> str:
    return _("接下了这件事。")


def _return(text: str, data: Data, book: Book) -> str:
    why = RETURN_REASONS.get(str(data.get("reason", "")), "")
    said = _after(_("退了回去，%s") % why if why else _("退了回去"), text)
    if data.get("suggest"):
        said += _("建议给%s。") % book.post(data["suggest"])
    return said + _("时钟没停。")


def _escalate(text: str, data: Data, book: Book) -> str:
    return _after(_("上报给%s") % book.post(data.get("to")), text)


def _hand_down(text: str, data: Data, book: Book) -> str:
    return _after(_("交给%s去办") % book.post(data.get("to")), text)


def _merge(text: str, data: Data, book: Book) -> str:
    return _("和邻居说的同一件事一起办。您的答复、评价和异议还是您自己的。")


def _unmerge(text: str, data: Data, book: Book) -> str:
    return _after(_("从一起办的里面拿出来，单独办"), text)


def _member(text: str, data: Data, book: Book) -> str:
    words = _("有一户拿出去单独办了，现在是 %d 户。") if data.get("left") else _("又有一户说了同一件事，现在是 %d 户。")
    return words % int(data.get("households", 1))


# ── working ─────────────────────────────────────────────────────────────────────────────────────────────────────
def _whistle(text: str, data: Data, book: Book) -> str:
    names = [str(n) for n in data.get("names", ())]
    return _("吹哨，叫了 %(n)d 家：%(names)s。%(why)s") % {
        "n": len(names), "names": listed(names), "why": _stop(text)
    }  # fmt: skip


def _report(text: str, data: Data, book: Book) -> str:
    name, state = str(data.get("name", "")), data.get("report")
    if state == "refused":
        return _after(_("%s说不来") % name, str(data.get("reason") or text))
    if state == "done":
        return _after(_("%s办好了") % name, text)
    return _after(_("%s到了，比说好的晚") % name if data.get("late") else _("%s到了") % name, text)


def _pause(text: str, data: Data, book: Book) -> str:
    why = PAUSE_REASONS.get(str(data.get("reason", "")), "")
    return _("先停一停，%(why)s。最晚 %(until)s接着办。%(text)s") % {
        "why": why, "until": _time(data, "until"), "text": _stop(text)
    }  # fmt: skip


def _resume(text: str, data: Data, book: Book) -> str:
    return _("接着办，时钟从停的地方接着走。")


def _resolve(text: str, data: Data, book: Book) -> str:
    cause = str(data.get("cause_name", ""))
    return _after(_("办完了"), text) + (_("原因是%s。") % cause if cause else "")


def _supervise(text: str, data: Data, book: Book) -> str:
    return _("督办：%(text)s%(when)s 前要办完。") % {"text": _stop(text), "when": _time(data, "due_at")}


# ── ending ──────────────────────────────────────────────────────────────────────────────────────────────────────
def _verify(text: str, data: Data, book: Book) -> str:
    return _after(_("去看过，办好了") if data.get("passed") else _("去看过，还没好，接着办"), text)


def _rate(text: str, data: Data, book: Book) -> str:
    word = SCORE_WORDS.get(int(data.get("score", 0)), "")
    return _("评了“%(word)s”。%(text)s") % {"word": word, "text": _stop(text)}


def _contest(text: str, data: Data, book: Book) -> str:
    if data.get("affected"):
        return _after(_("受影响的邻居提了异议，换一家没经手的来看"), text)
    return _after(_("一起办的一户提了异议") if data.get("member") else _("提了异议，换一家没经手的来看"), text)


def _thank(text: str, data: Data, book: Book) -> str:
    return _after(_("谢谢办事的人"), text)


def _judge(text: str, data: Data, book: Book) -> str:
    return _after(_("看过了，您说得对，重新办") if data.get("upheld") else _("看过了，维持原来的结果"), text)


def _close(text: str, data: Data, book: Book) -> str:
    return _after(_("销号"), text)


def _reopen(text: str, data: Data, book: Book) -> str:
    return _after(_("重新办"), text)


def _decline(text: str, data: Data, book: Book) -> str:
    said = _after(_("觉得这件事不归这里受理，依据是"), text)
    if data.get("redirect"):
        said += _("可以去：%s") % _stop(str(data["redirect"]))
    return said + _("还要换一个人复核。")


def _confirm(text: str, data: Data, book: Book) -> str:
    return _after(_("换人复核过，不受理") if data.get("agreed") else _("复核没有同意，接着办"), text)


# ── by itself ───────────────────────────────────────────────────────────────────────────────────────────────────
def _warn(text: str, data: Data, book: Book) -> str:
    return _("快到点了，提醒过一次。说好 %(when)s 前%(what)s。") % {
        "when": _time(data, "due_at"), "what": _promise(data)
    }  # fmt: skip


def _breach(text: str, data: Data, book: Book) -> str:
    return _("晚了。说好 %(when)s 前%(what)s，没做到，已经告诉上一级。") % {
        "when": _time(data, "due_at"), "what": _promise(data)
    }  # fmt: skip


def _remind(text: str, data: Data, book: Book) -> str:
    return _("提醒%(name)s：%(when)s 前要到。") % {"name": data.get("name", ""), "when": _time(data, "due_at")}


def _urge(text: str, data: Data, book: Book) -> str:
    return _("催过一次。")


def _miss(text: str, data: Data, book: Book) -> str:
    return _("%(name)s没有按时到，说好 %(when)s。已经报给街道和区里。") % {
        "name": data.get("name", ""), "when": _time(data, "due_at")
    }  # fmt: skip


def _reveal(text: str, data: Data, book: Book) -> str:
    return _after(_("为了回话，看过您留的联系方式"), text)


# ── how it is counted ───────────────────────────────────────────────────────────────────────────────────────────
def _exclude(text: str, data: Data, book: Book) -> str:
    return _after(_("这件事不计入公布的比率，理由是"), text)


def _include(text: str, data: Data, book: Book) -> str:
    return _after(_("这件事重新计入公布的比率"), text)


def _object(text: str, data: Data, book: Book) -> str:
    return _after(_("对怎么算数提了申诉"), text)


def _answer(text: str, data: Data, book: Book) -> str:
    return _after(_("申诉成立") if data.get("upheld") else _("申诉没有成立，维持不变"), text)


_SENTENCES: Final[dict[str, Callable[[str, Data, Book], str]]] = {
    "open": _open, "dispatch": _dispatch, "triage": _triage, "accept": _accept, "return": _return,
    "escalate": _escalate, "hand_down": _hand_down, "merge": _merge, "unmerge": _unmerge, "member": _member,
    "whistle": _whistle, "report": _report, "pause": _pause, "resume": _resume, "resolve": _resolve,
    "supervise": _supervise, "verify": _verify, "rate": _rate, "contest": _contest, "judge": _judge, "close": _close,
    "reopen": _reopen, "decline": _decline, "confirm": _confirm, "warn": _warn, "breach": _breach, "remind": _remind,
    "miss": _miss, "reveal": _reveal, "urge": _urge, "thank": _thank, "exclude": _exclude, "include": _include,
    "object": _object, "answer": _answer,
}  # fmt: skip
