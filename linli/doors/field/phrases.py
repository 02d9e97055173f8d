"""Ready phrases: what is said ten times a day, one tap each. A district may write its own (setting ``phrases``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from linli.core.matters.catalogue import Catalogue
from linli.core.matters.models import Matter
from linli.core.places.tree import DistrictInfo

Words = str | Promise


@dataclass(frozen=True)
class Phrase:
    """What the button says is what is sent; ``fields`` is whatever else the form asks for."""

    code: str
    words: Words
    fields: Mapping[str, str]


_TEXT: dict[str, tuple[Words, ...]] = {
    "reply": (
        _("收到了，我今天就过去看。"), _("正在办，明天给您回话。"), _("已经报给相关单位，他们来了我陪着看。"),
        _("今天没能办完，是我们慢了，明天接着办。"),
    ),
    "progress": (
        _("到现场看过了，情况属实。"), _("已经叫了维修，等师傅来。"), _("修了一半，明天接着修。"),
        _("和两边都说过了，再约时间谈。"),
    ),
    "verify": (_("去看过了，办好了。"), _("去看过了，还没办好。")),
}  # fmt: skip
_REASON: dict[str, tuple[Words, ...]] = {
    "escalate": (_("要别的单位一起来，我这里叫不动。"), _("要花钱，我这里没有这笔钱。"), _("要停水停电，得上面定。")),
}
_RETURN: tuple[tuple[str, Words], ...] = (
    ("wrong_place", _("地方不在我这一片，请按地址重新派。")),
    ("not_ours", _("这件事不归我们管，请派给管这件事的单位。")),
    ("need_info", _("没写清在哪里、是什么，请先问清楚再派。")),
)
# What the resident is told, and the cause by the catalogue's Chinese name; left out where there is none.
_RESOLVED: tuple[tuple[Words, str], ...] = (
    (_("修好了，能用了。"), "设施老化"), (_("清干净了。"), "养护不到位"), (_("劝过了，已经改了。"), "违规行为"),
    (_("两边说开了，都同意。"), "相处矛盾"), (_("问清楚了，已经跟您说明白。"), "信息不畅"),
)  # fmt: skip


def of(act: str, matter: Matter, known: Catalogue, district: DistrictInfo) -> list[Phrase]:
    """The phrases for one act on one matter, the district's own first."""
    own = district.settings.get("phrases", {}).get(act, ()) if act in ("reply", "progress", "escalate") else ()
    name = "reason" if act == "escalate" else "text"
    said = [*own, *(_REASON if act == "escalate" else _TEXT).get(act, ())]
    made = [Phrase(f"p{n}", words, {name: str(words)}) for n, words in enumerate(said)]
    if act == "verify":
        return [Phrase(p.code, p.words, {**p.fields, "passed": "yes" if n == 0 else "no"}) for n, p in enumerate(made)]
    if act == "return":
        return [Phrase(code, words, {"reason": code, "text": str(words)}) for code, words in _RETURN]
    if act == "resolve":
        return _resolved(matter, known)
    return made


def _resolved(matter: Matter, known: Catalogue) -> list[Phrase]:
    """None where the kind asks for a photo: one tap would only come back and ask for it."""
    kind = known.kinds.get(matter.kind)
    if kind is not None and kind.evidence:
        return []
    codes = {cause.name: code for code, cause in known.causes.items() if cause.active}
    return [
        Phrase(f"r{n}", words, {"text": str(words), "cause": codes[cause]})
        for n, (words, cause) in enumerate(_RESOLVED)
        if cause in codes
    ]


def put(post: Any, offered: list[Phrase]) -> Any:
    """The post with what the pressed phrase fills in. Words typed already stay: they are sent before the phrase's."""
    chosen = next((p for p in offered if p.code == post.get("phrase")), None)
    if chosen is None:
        return post
    made = post.copy()
    for name, worth in chosen.fields.items():
        typed = made.get(name, "").strip()
        made[name] = f"{worth} {typed}".strip() if name == "text" and typed else worth
    return made
