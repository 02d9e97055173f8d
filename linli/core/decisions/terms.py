"""What a question commits to when it is put: every word of it, its rule in full, and who stands on its roll.

The roll's published lines name nobody, so its names have a digest of their own. It is made of the rows' ids too, which
nobody outside can guess: the digest tells nothing to whoever reads it on a timeline.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any, Final

from linli.core.decisions.models import Member, Question
from linli.core.matters.records import columns, plain
from linli.kit import chain

_QUESTION: Final = (
    "number", "place_id", "scope_path", "title", "text", "method", "options", "roll_kind", "parking", "secret",
    "binding", "host_id", "made_at", "opened_at", "review_on", "sample_seed",
)  # fmt: skip
_RULE: Final = ("code", "version", "name", "basis", "spec", "signed_by", "since")
_NAMES: Final = ("id", "seq", "label", "holder", "place_path", "organisation_id", "post_id", "units")
_VOICES: Final = ("id", "seq", "state", "reason", "slip_hash")
_OBJECTION: Final = (
    "id", "entry_id", "envelope_id", "text", "state", "from_call", "finding", "judged_by", "at", "judged_at",
)  # fmt: skip
_PROXY: Final = ("id", "giver_id", "holder_id", "evidence", "recorded_by", "at", "revoked_at")
_TAKEN: Final = ("id", "entry_id", "serial", "state", "channel", "helper", "receipt_hash", "board", "reason")
_CHUNK: Final = 5000


def digest(question: Question) -> str:
    """Of what everybody read when it was put. What moves later (the end of voting) moves by amendments."""
    told = columns(question, *_QUESTION) | {"rule": columns(question.rule, *_RULE), "more": _more(question)}
    return chain.fingerprint(told)


def roll_digest(question: Question) -> str:
    """Of who stands on the roll and who may speak for whom; read row by row, however many there are."""
    total = hashlib.sha256()
    for row in question.roll.order_by("seq").values_list(*_NAMES).iterator(chunk_size=_CHUNK):
        _add(total, row)
    members = Member.objects.filter(district_id=question.district_id, question_id=question.pk).order_by("id")
    for row in members.values_list("entry_id", "person_id", "user_id").iterator(chunk_size=_CHUNK):
        _add(total, row)
    return total.hexdigest()


def voices_digest(question: Question) -> str:
    """Of why an entry does not vote, and which printed code votes for it: told anew by each act that changes either.

    The code lies there as a keyed hash of what nobody kept, so the digest says nothing of it.
    """
    total = hashlib.sha256()
    for row in question.roll.order_by("seq").values_list(*_VOICES).iterator(chunk_size=_CHUNK):
        _add(total, row)
    return total.hexdigest()


def beside_digest(question: Question) -> str:
    """Of how it ended, the objections, the proxies and which ballots were taken: told of in the entry of the count.

    By then none of them moves any more. What a ballot said is not in here: the count's own proof holds that.
    """
    total = hashlib.sha256()
    _add(total, columns(question, "closes_at", "objections_until").values())
    taken = question.envelopes.order_by("id").values_list(*_TAKEN)
    for taking in taken.iterator(chunk_size=_CHUNK):
        _add(total, taking)
    rows: Iterable[Any]
    for rows, names in ((question.objections.order_by("id"), _OBJECTION), (question.proxies.order_by("id"), _PROXY)):
        for row in rows:
            _add(total, columns(row, *names).values())
    return total.hexdigest()


def _add(total: Any, row: Iterable[Any]) -> None:
    total.update("\x1f".join(_spelt(row)).encode() + b"\n")


def _spelt(row: Iterable[Any]) -> Iterator[str]:
    for value in row:
        yield "" if value is None else str(value)


def _more(question: Question) -> dict[str, Any]:
    """Answers of call-backs are written down while it runs, and are in no way part of what is asked."""
    return {name: plain(value) for name, value in question.more.items() if name != "calls"}
