"""Judging what a matter's row says beside its words, who was involved, what it was merged into, and its pictures.

Entries commit to all of it (``linli.core.matters.standing``); a matter whose opening commits to nothing is from before,
and its pictures and links are judged by what its entries say anyway.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.core.matters import standing
from linli.core.matters.models import Attachment, Involvement
from linli.kit import chain

Row = dict[str, Any]
Told = tuple[str, int, str]  # reason, entry, sentence

_NAMES: Final = {
    "where": gettext_lazy("地点、坐标"), "whom": gettext_lazy("谁说的、谁记的"), "policy": gettext_lazy("时限规定"),
    "first": gettext_lazy("首接单位"), "resolver": gettext_lazy("谁办的"), "verifier": gettext_lazy("谁核查的"),
    "decliner": gettext_lazy("谁拟的不受理"), "back": gettext_lazy("暂停、退回前的状态"),
    "rated_round": gettext_lazy("评的是哪一轮"),
}  # fmt: skip


def judge(
    matter: Row, entries: Sequence[Row], involved: Iterable[Involvement], joined: Iterable[Any]
) -> Iterator[Told]:
    """What does not hold of a matter whose chain does."""
    yield from _joined(entries, joined)
    receipt, last = matter["receipt_hash"], entries[-1]["seq"]
    told = standing.told(entries)
    if told is None or entries[0]["data"].get("receipt") != chain.fingerprint(receipt):
        return  # from before; or the receipt was changed, which is told of and takes the salt away
    now = standing.facts(matter)
    digests = standing.digests(receipt, {part: now[part] for part in told})
    for part, stands in now.items():
        seq, holds = last, stands == standing.NOTHING[part]
        if part in told:
            seq, digest = told[part]
            holds = digest == digests[part]
        if not holds:
            yield f"row.{part}", seq, _("登记的%s和记录说的不一样") % _NAMES[part]
    yield from _involved(entries, involved)


def pictures(entries: Sequence[Row], rows: Sequence[Attachment]) -> Iterator[Told]:
    """Which pictures there are, what their files are, what is shown of them and whether they are."""
    stored: dict[int, list[str]] = {}
    for picture in rows:
        stored.setdefault(picture.seq, []).append(picture.sha256)
    said = {row["seq"]: sorted(row["data"]["pictures"]) for row in entries if row["data"].get("pictures")}
    for seq in sorted(said.keys() | stored.keys()):
        if said.get(seq, []) != sorted(stored.get(seq, [])):
            yield "pictures", seq, _("第 %d 条的照片和记录的指纹对不上") % seq
            return
    kept = {seq: row["data"].get("kept", {}) for seq, row in ((row["seq"], row) for row in entries)}
    for picture in rows:
        alike = sum(1 for other in rows if other.sha256 == picture.sha256) > 1
        if (why := _picture(picture, kept[picture.seq].get(str(picture.pk)), [] if alike else entries)) is not None:
            yield "pictures", picture.seq, why % picture.seq


# ── Inside ────────────────────────────────────────────────────────────────────────────────────────────────


def _involved(entries: Sequence[Row], rows: Iterable[Involvement]) -> Iterator[Told]:
    told = {
        post: (how, row["at"]) for row in entries for post, how in row["data"].get("involved", {}).items()
    }  # fmt: skip
    there = {str(row.post_id): (row.how, row.at) for row in rows}
    if told != there:
        seq = max((row["seq"] for row in entries if "involved" in row["data"]), default=0)
        yield "involved", seq, _("哪些单位经过手、看得到，登记的和记录说的不一样")


def _joined(entries: Sequence[Row], rows: Iterable[Any]) -> Iterator[Told]:
    """Merged into which job, why and until when: the link beside the row's own job."""
    told: list[list[Any]] = []
    for row in entries:
        if row["act"] == "merge":
            told.append([row["data"]["into"], row["text"], row["at"], None])
        elif row["act"] == "unmerge" and told:
            told[-1][-1] = row["at"]
    there = [[row.into, row.reason, row.at, row.ended_at] for row in rows]
    if sorted(told, key=str) != sorted(there, key=str):
        seq = max((row["seq"] for row in entries if row["act"] in ("merge", "unmerge")), default=0)
        yield "link", seq, _("并到哪一件，登记的和记录说的不一样")


def _picture(row: Attachment, kept: list[Any] | None, entries: Sequence[Row]) -> str | None:
    """Why a picture does not hold, with a place for the entry; None where it does.

    Without ``entries`` only its file is judged: where the same picture came twice, they do not tell which was covered.
    """
    shown, hidden, gone, boxes = ("", ""), False, False, 0
    for entry in entries:
        if entry["data"].get("picture") != row.sha256:
            continue
        act = entry["act"]
        if act == "mask":
            shown = entry["data"]["shown"], entry["data"]["shown_as"]
        elif act == "cover":
            shown, boxes = ("", ""), boxes + 1
        elif act in ("hide", "show"):
            hidden = act == "hide"
        gone = gone or act == "discard"
    now = row.shown_sha256, row.shown_path and standing.named(row.shown_path)
    if entries and (now, row.hidden, len(row.covered)) != (shown, hidden, boxes):
        return _("第 %d 条的照片，遮挡或公开与否和记录说的不一样")
    file, gone = standing.picture(row), gone if entries else not row.path
    if gone != (not row.path) or (kept is not None and kept[gone:] != file[gone:]):
        return _("第 %d 条的照片，存的文件和记录的不一样")
    return None
