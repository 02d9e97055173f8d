"""Judging one matter: its chain, its row, its contact and pictures, and the seals that took it in."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from linli.core.matters.actions.history import origin_digest
from linli.core.matters.actions.opening import contact_digest, contact_index, contact_mask
from linli.core.matters.ledger import called, filed, promised, reading, reckoned, stood
from linli.core.matters.ledger.erasing import CONTACT, WORDS, plain
from linli.core.matters.ledger.reading import Stretch
from linli.core.matters.ledger.replay import COLUMNS, differing, tell
from linli.core.matters.models import Contact, Origin
from linli.kit import chain, crypto
from linli.kit.chain import Broken

Rows = list[dict[str, Any]]
Also = Callable[[Rows, list[Any]], Iterable[tuple[str, int, str]]]

_CHAIN: Final = {
    Broken.ALTERED: gettext_lazy("第 %d 条的文字不是当初写下的"),
    Broken.CHAIN: gettext_lazy("第 %d 条的内容被改过，和前一条连不上"),
    Broken.MISSING: gettext_lazy("少了第 %d 条"),
    Broken.ORDER: gettext_lazy("第 %d 条的次序不对"),
    Broken.FOREIGN: gettext_lazy("第 %d 条是别的事的"),
    Broken.TAIL: gettext_lazy("后面的记录被截掉了，应当有第 %d 条"),
    Broken.HEAD: gettext_lazy("第 %d 条和这件事登记的末尾不一样"),
}


class Finding(NamedTuple):
    """Something that does not hold. ``number`` is the matter's, or says which seal or trigger."""

    number: str
    seq: int
    reason: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.number} {self.sentence} [{self.reason}]"


class Judgement(NamedTuple):
    """What was found of one matter."""

    broken: list[Finding]
    redacted: bool = False


_above: dict[str, Also] = {}
NUMBERED: dict[str, Any] = {}


def also(kind: str, rows: Callable[[], QuerySet[Any]], judge_rows: Also, *, numbered: Any = "") -> None:
    """Rooms above add their own in ``AppConfig.ready``: which rows hang on a matter, and what its entries say of them.

    Only asked of a matter whose chain holds, and a second time, with the matter locked, where something does not.
    ``numbered`` names such a row in plain words where each has a number of its own, by which ``verify`` may be asked.
    """
    reading.BESIDE[kind], _above[kind] = rows, judge_rows
    if numbered:
        NUMBERED[kind] = numbered


def judge(stretch: Stretch, matter: dict[str, Any]) -> Judgement:
    """Everything that can be said of a matter. Its row and contact are only compared with a chain that holds."""
    key, number = matter["id"], matter["number"]
    entries, leaves = stretch.entries.get(key, []), stretch.leaves.get(key, [])
    broken = _seals(number, matter, entries, leaves)
    if not entries:
        broken.append(Finding(number, 0, "empty", _("没有任何记录")))
        return Judgement(broken)
    verdict = chain.verify(entries, head=matter["head"], head_seq=matter["seq"])
    if not verdict.ok:
        reason, seq = verdict.reason or Broken.CHAIN, verdict.seq or 0
        broken.append(Finding(number, seq, reason.value, str(_CHAIN[reason]) % seq))
        return Judgement(broken)
    try:
        broken += _against_row(number, matter, entries)
        of = functools.partial(stretch.of, key=key)
        beside = [
            *promised.judge(matter, entries, stretch.clocks.get(key, [])),
            *reckoned.judge(matter["receipt_hash"], entries, of("exclusion"), of("objection")),
            *called.judge(matter, entries, of("whistle"), of("call"), of("reveal")),
            *stood.judge(matter, entries, of("involved"), of("joined")),
            *_pictures(stretch, key, entries),
            *(told for kind, also in _above.items() for told in also(entries, of(kind))),
        ]
        broken += [Finding(number, seq, why, told) for why, seq, told in beside]
        broken += _origin(number, matter, entries, stretch.origins.get(key))
        broken += _redactions(number, entries, verdict.redacted)
        found, erased = _contact(number, entries, stretch.contacts.get(key))
    except (LookupError, TypeError, AttributeError, ValueError):
        # A forged chain may verify and still not hold what our actions write.
        broken.append(Finding(number, 0, "unreadable", _("记录里的内容不是系统写的样子")))
        return Judgement(broken)
    return Judgement(broken + found, erased or bool(verdict.redacted))


def lost(stretch: Stretch) -> dict[uuid.UUID, Finding]:
    """Entries and leaves whose matter is not there any more."""
    there = {matter["id"] for matter in stretch.matters}
    found: dict[uuid.UUID, Finding] = {}
    for key, rows in stretch.entries.items():
        if key not in there:
            data = rows[0]["data"]
            number = data.get("number") if isinstance(data, dict) else None
            found[key] = Finding(number or str(key), rows[0]["seq"], "gone", _("这件事被整个删掉了，记录还在"))
    for key, rows in stretch.leaves.items():
        if key not in there and key not in found:
            found[key] = Finding(rows[0]["number"], rows[0]["seq"], "gone", _("这件事被整个删掉了，封印里还有"))
    return found


# ── Inside ────────────────────────────────────────────────────────────────────────────────────────────────


def _seals(number: str, matter: dict[str, Any], entries: Rows, leaves: Rows) -> list[Finding]:
    """What a seal once took in must still be there as it was, even if everything since was computed anew."""
    chains = {row["seq"]: row["chain"] for row in entries}
    broken = []
    for leaf in leaves:
        seq = leaf["seq"]
        if seq not in chains:
            broken.append(Finding(number, seq, "cut", _("封印过第 %d 条，现在没有了") % seq))
        elif chains[seq] != leaf["head"]:
            broken.append(Finding(number, seq, "rehashed", _("第 %d 条和封印过的不一样：公布以后被重算过") % seq))
        if leaf["number"] != number:
            broken.append(Finding(number, seq, "number", _("封印时的编号是 %s") % leaf["number"]))
    if matter["sealed_seq"] and matter["sealed_seq"] not in {leaf["seq"] for leaf in leaves}:
        seq = matter["sealed_seq"]
        broken.append(Finding(number, seq, "unsealed", _("登记说封印过第 %d 条，封印里没有") % seq))
    return broken


def _pictures(stretch: Stretch, key: uuid.UUID, entries: Rows) -> list[stood.Told]:
    """The rows first; the files behind them only where the rows are what the entries say."""
    rows = stretch.pictures.get(key, [])
    return [*stood.pictures(entries, rows)] or [*(filed.judge(rows) if stretch.files else ())]


def _against_row(number: str, matter: dict[str, Any], entries: Rows) -> list[Finding]:
    last = entries[-1]
    broken = [
        Finding(number, last["seq"], f"row.{name}", _("登记的%s和记录说的不一样") % COLUMNS[name])
        for name in differing(tell(entries), matter, last)
    ]
    if matter["seq"] != last["seq"]:
        broken.append(Finding(number, last["seq"], "row.seq", _("记录有 %d 条，登记的少") % last["seq"]))
    return broken


def _origin(number: str, matter: dict[str, Any], entries: Rows, origin: Origin | None) -> list[Finding]:
    """The row that an imported matter came from, against what the entry of the import holds of it."""
    said = next((row for row in entries if row["act"] == "import"), None)
    if said is None:
        strange = origin is not None or matter["imported"]
        return [Finding(number, 0, "origin", _("登记为导入的历史，记录里却没有"))] if strange else []
    seq = said["seq"]
    erased = any(row["act"] == "erase" and WORDS in row["data"]["erased"] for row in entries)
    if origin is None or matter["imported"] != said["data"]["imported"]:
        return [Finding(number, seq, "origin", _("导入的来源没有了，或者被改过"))]
    whole = erased and not origin.salt and not origin.cells
    if not whole and origin_digest(origin) != said["data"]["row"]:
        return [Finding(number, seq, "origin", _("导入时的原始一行被改过"))]
    return []


def _redactions(number: str, entries: Rows, redacted: list[int]) -> list[Finding]:
    """Words may be missing only where a later entry says who erased them."""
    lawful: set[int] = set()
    for row in entries:
        if row["act"] == "erase" and WORDS in row["data"]["erased"]:
            lawful.update(seq for seq in row["data"]["seqs"] if seq < row["seq"])
    return [
        Finding(number, seq, "unlawful", _("第 %d 条的文字没了，却没有抹去的记录") % seq)
        for seq in redacted
        if seq not in lawful
    ]


def _contact(number: str, entries: Rows, contact: Contact | None) -> tuple[list[Finding], bool]:
    """(what is wrong, whether the contact was lawfully erased)."""
    said = next((row for row in reversed(entries) if isinstance(row["data"].get("contact"), str)), None)
    if said is None:
        extra = [Finding(number, 0, "contact", _("有联系方式，记录里却没有"))] if contact else []
        return extra, False
    seq = said["seq"]
    by_entry = any(row["act"] == "erase" and CONTACT in row["data"]["erased"] and row["seq"] > seq for row in entries)
    if contact is None:
        return [Finding(number, seq, "contact", _("联系方式没有了，也没有抹去的记录"))], False
    if by_entry != _emptied(contact):
        told = _("记录说联系方式抹去了，却还有") if by_entry else _("联系方式没有了，也没有抹去的记录")
        return [Finding(number, seq, "contact", told)], False
    if by_entry:
        return [], True
    return [Finding(number, seq, reason, told) for reason, told in _wrong(contact, said["data"]["contact"])], False


def _emptied(contact: Contact) -> bool:
    kept = contact.name or contact.phone or contact.salt or contact.mask or contact.phone_index
    return contact.erased_at is not None and not kept


def _wrong(contact: Contact, digest: str) -> Iterator[tuple[str, str]]:
    """What is wrong with a contact that was not erased: its index says who hears of the matter, its mask is shown."""
    try:
        said = plain(contact)
    except (crypto.UnsealError, ValueError) as problem:
        if isinstance(problem, crypto.UnsealError) and problem.reason == "key":
            yield "contact.key", _("联系方式打不开，没法核对：封它的密钥不在 LINLI_KEYS 里")
        else:
            yield "contact", _("联系方式被改过")
        return
    if contact_digest(contact.salt, **said) != digest:
        yield "contact", _("联系方式被改过")
    elif contact.erased_at is not None or contact.mask != contact_mask(**said):
        yield "contact.shown", _("联系方式给人看的样子被改过")
    elif contact.phone_index != contact_index(said["phone"]):
        yield "contact.index", _("查电话用的索引对不上：被改过，或者 LINLI_INDEX_KEY 不是当初那一把")
