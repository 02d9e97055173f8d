"""The entries of a public timeline in words that everybody may read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.core.matters import masks
from linli.core.matters.clocks import STAGE_NAMES
from linli.core.matters.flow import name_of
from linli.core.matters.models import Entry
from linli.core.matters.sentences import spoken
from linli.doors.open.queries import Ledger
from linli.kit.figures import listed

# Whose words everybody may read, masked: what was found, done and decided. A reply speaks to one resident; a return, an
# escalation and an order speak between offices; a contest and a rating are the resident's own.
SPOKEN = frozenset({"progress", "resolve", "verify", "judge", "whistle", "report", "decline", "confirm", "reopen"})
# Entries that are about the reporter's contact, or only remind somebody inside.
UNTOLD = frozenset(
    {
        "reveal",
        "erase",
        "warn",
        "remind",
        "follow",
        "triage",
        "mask",
        "cover",
        "hide",
        "show",
        "discard",
        "clocks",
        "appraise",
    }
)
RESIDENT = ("contest", "rate", "thank")


@dataclass(frozen=True)
class Told:
    """One entry of the public timeline."""

    at: datetime
    who: str
    what: str
    text: str = ""
    key: bool = False
    whistle: bool = False


def say(row: Entry, ledger: Ledger) -> Told | None:
    """An entry in public words; None for one that is nobody else's business."""
    if row.act in UNTOLD:
        return None
    if row.act in ("archive", "import"):  # our own words about the older books, not somebody's
        return Told(at=row.at, who=_("历史导入"), what=_archived(row), key=row.act == "archive")
    text = masks.mask(row.text) if row.act in SPOKEN else ""
    what = _WORDS[row.act](row, ledger) if row.act in _WORDS else str(_PLAIN.get(row.act) or _(name_of(row.act)))
    return Told(at=row.at, who=_who(row), what=what, text=text, key=row.act in ("open", "whistle", "contest"),
                whistle=row.act == "whistle")  # fmt: skip


def _who(row: Entry) -> str:
    if row.data.get("affected"):
        return _("受影响的居民")
    if row.act in RESIDENT or row.actor == "一位居民":  # stored in Chinese, whoever reads
        return _("一位居民")
    return spoken(row.actor)


def _opened(row: Entry, ledger: Ledger) -> str:
    channel = ledger.catalogue.channel_name(str(row.data.get("channel", "")))
    if row.actor == "历史导入":
        return _("在旧平台登记的，%s。") % channel
    if row.actor == "一位居民":  # as it is stored, whatever language the reader speaks
        return _("从%s说的。名字不公开。") % channel
    return _("替居民记的，%s。名字不公开。") % channel


def _archived(row: Entry) -> str:
    if row.act == "import":
        return _("从旧平台的台账导入，时间和结论照原来登记的")
    words = {True: _("来源登记：按时办结"), False: _("来源登记：超时办结")}
    return words.get(row.data.get("on_time"), _("来源登记：办结")) + (
        _("，没有登记办结时间") if row.data.get("untimed") else ""
    )


def _given(row: Entry, ledger: Ledger) -> str:
    post = ledger.roster.by_word.get(str(row.data.get("to", "")))
    name = post.name if post else _("另一家")
    if row.act == "escalate":
        return _("上报到%s") % name
    return _("交给%s") % name if row.act == "hand_down" else _("派给%s") % name


def _breached(row: Entry, ledger: Ledger) -> str:
    return _("%s到点了，没做到") % _(STAGE_NAMES.get(str(row.data.get("stage", "")), "时限"))


def _checked(row: Entry, ledger: Ledger) -> str:
    return _("核查，办好了") if row.data.get("passed") else _("核查，没办好，退回去再办")


def _judged(row: Entry, ledger: Ledger) -> str:
    return _("裁定，居民说得对，重新办") if row.data.get("upheld") else _("裁定，维持原来的结果")


def _joined(row: Entry, ledger: Ledger) -> str:
    count = int(row.data.get("households", 1))
    words = _("有一户分出去了，还剩 %d 户") if row.data.get("left") else _("又有一户说了同一件事，共 %d 户")
    return words % count


def _rated(row: Entry, ledger: Ledger) -> str:
    return _("打了 %d 分") % int(row.data.get("score", 0))


def _whistled(row: Entry, ledger: Ledger) -> str:
    return _("吹哨，叫了 %(n)d 家：%(names)s") % {
        "n": len(row.data.get("names", [])), "names": listed(row.data.get("names", [])),
    }  # fmt: skip


def _reported(row: Entry, ledger: Ledger) -> str:
    words = {"arrived": _("%s到了"), "done": _("%s办好了"), "refused": _("%s说不来")}
    return words.get(str(row.data.get("report")), "%s") % str(row.data.get("name", ""))


def _missed(row: Entry, ledger: Ledger) -> str:
    return _("%s没按时报到") % str(row.data.get("name", ""))


def _confirmed(row: Entry, ledger: Ledger) -> str:
    return _("复核，同意不受理") if row.data.get("agreed") else _("复核，不同意，接着办")


_PLAIN = {
    "accept": gettext_lazy("接了"),
    "reply": gettext_lazy("给居民回了话"),
    "progress": gettext_lazy("有进展"),
    "resolve": gettext_lazy("办完了，等人核查"),
    "return": gettext_lazy("退回，说不归自己办"),
    "contest": gettext_lazy("提了异议"),
    "merge": gettext_lazy("和另一件是同一件事，一起办"),
    "close": gettext_lazy("销号"),
    "thank": gettext_lazy("谢了办事的人"),
    # The words stand beside the figures, masked, where everybody reads them.
    "exclude": gettext_lazy("不计入公布的比率"),
    "include": gettext_lazy("重新计入公布的比率"),
    "object": gettext_lazy("有人对怎么算数提了申诉"),
    "answer": gettext_lazy("答复了申诉"),
}
_WORDS = {
    "open": _opened, "dispatch": _given, "escalate": _given, "hand_down": _given, "breach": _breached,
    "verify": _checked, "judge": _judged, "member": _joined, "rate": _rated, "whistle": _whistled, "report": _reported,
    "confirm": _confirmed, "miss": _missed,
}  # fmt: skip
