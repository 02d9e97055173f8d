"""Texts to numbers: hashed n-grams of characters and words, as one sparse matrix.

Everything is counted in numpy over the code points of a whole batch; a loop over characters in Python would be the
slowest part of a prediction. Hashing also means that a model file lists no word that anybody wrote.

A feature's number is ``block << BITS | hash``. A block (characters, words, the opening of the text) is weighed and
scaled to length one by itself, so that a long text does not drown its first sentence.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import rjieba
from scipy import sparse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.uint64]

BITS = 21
BLOCKS = ("chars", "words", "opening", "beginning")
OPENING, BEGINNING = 30, 100  # characters: where people put what they want, as the subject or without one
LONGEST = 4000  # characters of a text that are read: what comes after says nothing new
MASK = np.uint64((1 << BITS) - 1)
PRIME = np.uint64(0x9E3779B97F4A7C15)  # odd, so that it can be undone modulo 2**64
UNDO = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))
SPREAD = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
DIGITS = str.maketrans("123456789", "000000000")


def tidy(text: str) -> str:
    """One spelling for what means the same: width, case, digits and blanks."""
    whole = text[:LONGEST].encode("utf-8", "replace").decode()  # half a surrogate pair is no letter
    return "".join(unicodedata.normalize("NFKC", whole).lower().translate(DIGITS).split())


def counts(texts: Sequence[str]) -> sparse.csr_matrix:
    """How often each feature stands in each text; columns are features' numbers, up to ``width()``."""
    tidied = [tidy(text) for text in texts]
    first = [_characters([text[:length] for text in tidied]) for length in (OPENING, BEGINNING)]
    found = [_characters(tidied), _words(tidied), *first]
    keys = [np.stack([rows, (np.uint64(block) << np.uint64(BITS)) | numbers])
            for block, (rows, numbers) in enumerate(found)]  # fmt: skip
    rows, numbers = np.concatenate(keys, axis=1)
    seen, times = np.unique((rows << np.uint64(32)) | numbers, return_counts=True)
    row = (seen >> np.uint64(32)).astype(np.int64)
    starts = np.searchsorted(row, np.arange(len(texts) + 1))
    column = (seen & np.uint64(0xFFFFFFFF)).astype(np.int32)
    return sparse.csr_matrix((times.astype(np.float32), column, starts), shape=(len(texts), width()))


def width() -> int:
    return len(BLOCKS) << BITS


def _characters(texts: Sequence[str]) -> tuple[Numbers, Numbers]:
    """Rows and numbers of every run of one, two and three characters."""
    points, rows = _points(texts)
    inside = points > 0
    all_rows, all_numbers = [rows[inside]], [_spread(points[inside])]
    number, kept = points, inside
    for step in (1, 2):
        number = number[:-1] * PRIME + points[step:]
        kept = kept[:-1] & inside[step:]
        all_rows.append(rows[: len(kept)][kept])
        all_numbers.append(_spread(number[kept]))
    return np.concatenate(all_rows), np.concatenate(all_numbers)


def _words(texts: Sequence[str]) -> tuple[Numbers, Numbers]:
    """Rows and numbers of every word and every two words in a row."""
    cut = [rjieba.cut(text) for text in texts]
    lengths = np.array([len(word) for words in cut for word in words], dtype=np.int64)
    if not len(lengths):
        return np.empty(0, np.uint64), np.empty(0, np.uint64)
    rows = np.repeat(np.arange(len(cut)), [len(words) for words in cut]).astype(np.uint64)
    points = _codes("".join(texts))
    ends = np.cumsum(lengths)
    powers = np.cumprod(np.full(len(points), PRIME))
    sums = np.concatenate([[np.uint64(0)], np.cumsum(points * powers)])
    undone = np.cumprod(np.full(len(points), UNDO))
    words = (sums[ends] - sums[ends - lengths]) * undone[ends - lengths] + lengths.astype(np.uint64)
    pairs = words[:-1] * PRIME + words[1:] * np.uint64(SPREAD[1])
    same = rows[:-1] == rows[1:]
    return np.concatenate([rows, rows[:-1][same]]), _spread(np.concatenate([words, pairs[same]]))


def _points(texts: Sequence[str]) -> tuple[Numbers, Numbers]:
    """Code points of all texts, a nought after each, and the row each stands in."""
    points = _codes("\0".join([*texts, ""]))
    lengths = [len(text) + 1 for text in texts]
    return points, np.repeat(np.arange(len(texts)), lengths).astype(np.uint64)


def _codes(text: str) -> Numbers:
    return np.frombuffer(text.encode("utf-32-le", "replace"), dtype="<u4").astype(np.uint64)


def _spread(numbers: Numbers) -> Numbers:
    """Far apart, whatever was close together (splitmix64), and no wider than a block."""
    mixed = numbers + PRIME
    for shift, times in zip((30, 27), SPREAD, strict=True):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(times)
    return (mixed ^ (mixed >> np.uint64(31))) & MASK
