"""Write ``linli/insight/duplicates/common.txt``: pairs of characters that stand in many of our own sentences.

A district that has few matters yet leans on it: "什么", "希望", "小区" are common anywhere. The sentences are the pages
own, the demo's invented stories and the written help; nobody's message is among them.
"""

from __future__ import annotations

import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polib

BASE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(BASE))

from linli.insight.duplicates.words import grams  # noqa: E402

OUT = BASE / "linli" / "insight" / "duplicates" / "common.txt"
LEAST = 3  # sentences of one kind


def stories() -> Iterator[str]:
    with (BASE / "linli" / "config" / "demo" / "stories.toml").open("rb") as file:
        for story in tomllib.load(file)["story"]:
            yield from (story["words"], story.get("did", ""))


def pages() -> Iterator[str]:
    for entry in polib.pofile(str(BASE / "locale" / "en" / "LC_MESSAGES" / "django.po")):
        yield entry.msgid


def help_notes() -> Iterator[str]:
    file = BASE / "linli" / "profiles" / "catalogue" / "help.toml"
    if file.exists():
        for note in tomllib.loads(file.read_text(encoding="utf-8"))["note"]:
            yield f"{note['title']}。{note['text']}"


def main() -> None:
    share: dict[str, float] = {}
    for texts in (list(stories()), list(pages()), list(help_notes())):
        held = [text for text in texts if text]
        many = Counter(gram for text in held for gram in grams(text))
        for gram, count in many.items():
            if count >= LEAST:
                share[gram] = max(share.get(gram, 0.0), count / len(held))
    rows = sorted(((round(part * 1000), gram) for gram, part in share.items()), key=lambda row: (-row[0], row[1]))
    OUT.write_text("".join(f"{gram} {permille}\n" for permille, gram in rows if permille >= 3), encoding="utf-8")


if __name__ == "__main__":
    main()
