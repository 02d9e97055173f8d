"""What happened to a covenant and what becomes of a comment, in words."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from linli.offices.covenants.comparing import Change, Comparison
from linli.offices.covenants.text import called

ACTS: Final[dict[str, Any]] = {
    "start": lazy("起草"), "revise": lazy("改出新的一稿"), "open": lazy("开始征求意见"),
    "extend": lazy("改了截止的日子"),
    "vote": lazy("付表决"), "adopted": lazy("表决通过，公布"), "rejected": lazy("表决没通过，退回再改"),
    "recalled": lazy("表决撤回，退回再改"), "file": lazy("报备案"), "review": lazy("回头看"), "amend": lazy("开始修改"),
    "drop": lazy("这次不改了"), "end": lazy("废止"), "replaced": lazy("由新的一份替换"),
}  # fmt: skip


def summary(found: Comparison) -> str:
    """The whole difference in one sentence: 改了 3 条，加了 1 条，第五条挪到第二条。"""
    counts, said = found.counts, []
    if counts["preamble"]:
        said.append(_("开头的话改了"))
    for name, one in (("changed", "改了 %(n)d 条"), ("added", "加了 %(n)d 条"), ("removed", "删了 %(n)d 条")):
        if counts[name]:
            said.append(_plural(one, counts[name]))
    said += [_moved(c) for c in found.changes if c.moved]
    return _("，").join(said) + _("。") if said else _("两稿一个字也不差。")


def _plural(one: str, n: int) -> str:
    forms = {
        "改了 %(n)d 条": ngettext("改了 %(n)d 条", "改了 %(n)d 条", n),
        "加了 %(n)d 条": ngettext("加了 %(n)d 条", "加了 %(n)d 条", n),
        "删了 %(n)d 条": ngettext("删了 %(n)d 条", "删了 %(n)d 条", n),
    }
    return forms[one] % {"n": n}


def _moved(change: Change) -> str:
    told = {"old": called(change.before), "new": called(change.after)}
    if change.before == change.after:
        return _("%(old)s和邻近的换了位置") % told
    return _("%(old)s挪到%(new)s") % told


def of_change(change: Change) -> str:
    """What became of one article, before its words are looked at."""
    told = {"old": called(change.before) if change.before else "", "add": change.added, "cut": change.cut,
            "new": called(change.after) if change.after else ""}  # fmt: skip
    if change.kind == "added":
        return _("新加的一条")
    if change.kind == "removed":
        return _("删掉了，原来是%(old)s") % told
    said = [_moved(change)] if change.moved else []
    if change.renumbered:
        said.append(_("原来是%(old)s") % told)
    if change.kind == "changed":
        said.append(_("改了：加 %(add)d 个字，删 %(cut)d 个字") % told)
    elif not said:
        return _("没有改")
    return _("，").join(said)
