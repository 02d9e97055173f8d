"""The language catalogues: compile ``django.po`` to ``.mo``, and ``--check`` what English still lacks.

The source language is Chinese, so a string without an entry shows Chinese to a reader of English; nothing breaks,
which is why only a check finds it. Neither needs GNU gettext.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parents[1]
LOCALE = ROOT / "locale"
SOURCES = ROOT / "linli"

# Function name → which arguments are message ids, and which one is the context.
CALLS: dict[str, tuple[tuple[int, ...], int | None]] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), ((0,), None)),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), ((0, 1), None)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1,), 0)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, 2), 0)),
}
QUOTED = r"""(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')"""
TRANSLATE = re.compile(r"\{%\s*(?:translate|trans)\s+" + QUOTED + r"(.*?)%\}")
LITERAL = re.compile(r"\b_\(" + QUOTED + r"\)")
BLOCK = re.compile(
    r"\{%\s*blocktrans(?:late)?\b(?P<head>.*?)%\}(?P<body>.*?)\{%\s*endblocktrans(?:late)?\s*%\}", re.DOTALL
)
PLURAL = re.compile(r"\{%\s*plural\s*%\}")
VARIABLE = re.compile(r"\{\{\s*([\w.]+)(?:\|[^}]*)?\s*\}\}")
CONTEXT = re.compile(r"\bcontext\s+" + QUOTED)
COMMENT = re.compile(r"\{#.*?#\}|\{%\s*comment\b.*?%\}.*?\{%\s*endcomment\s*%\}", re.DOTALL)


@dataclass(frozen=True, order=True)
class Message:
    """A string that is shown to somebody: what it says, in which context, where it was found."""

    text: str
    context: str = ""
    plural: str = ""


def in_python(source: str) -> Iterator[Message]:
    """Messages of the gettext calls in a Python file, under whatever name gettext was imported."""
    tree = ast.parse(source)
    names = _imported(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            call = CALLS.get(names.get(_called(node), ""))
            if call:
                yield from _message(node, *call)


def _imported(tree: ast.Module) -> dict[str, str]:
    """Local name → gettext function, for ``from django.utils.translation import gettext as _``."""
    names = {name: name for name in CALLS if name != "_"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            names.update({alias.asname or alias.name: alias.name for alias in node.names})
    return names


def _called(node: ast.Call) -> str:
    function = node.func
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _message(node: ast.Call, places: tuple[int, ...], context: int | None) -> Iterator[Message]:
    texts = [_constant(node, place) for place in places]
    if texts[0]:
        said = _constant(node, context) if context is not None else ""
        yield Message(texts[0], said, texts[1] if len(texts) > 1 else "")


def _constant(node: ast.Call, place: int) -> str:
    found = node.args[place] if place < len(node.args) else None
    return found.value if isinstance(found, ast.Constant) and isinstance(found.value, str) else ""


def in_template(source: str) -> Iterator[Message]:
    """Messages of a template: {% translate %}, {% blocktranslate %} and _("…") in a tag or a variable."""
    source = COMMENT.sub("", source)
    for found in TRANSLATE.finditer(source):
        yield Message(_unquote(found.group(1), found.group(2)), _context(found.group(3)))
    for found in BLOCK.finditer(source):
        yield _block(found["head"], found["body"])
    for found in LITERAL.finditer(source):
        yield Message(_unquote(found.group(1), found.group(2)))


def _block(head: str, body: str) -> Message:
    """Django turns {{ name }} into %(name)s and doubles a bare percent sign; so must the catalogue."""
    texts = [VARIABLE.sub(r"%(\1)s", part.replace("%", "%%")) for part in PLURAL.split(body)]
    if re.search(r"\btrimmed\b", head):
        texts = [" ".join(line.strip() for line in text.strip().splitlines()) for text in texts]
    return Message(texts[0], _context(head), texts[1] if len(texts) > 1 else "")


def _context(head: str) -> str:
    found = CONTEXT.search(head)
    return _unquote(found.group(1), found.group(2)) if found else ""


def _unquote(*quoted: str | None) -> str:
    text = next((part for part in quoted if part is not None), "")
    return text.replace('\\"', '"').replace("\\'", "'")


def messages(root: Path) -> dict[Message, Path]:
    """Every message below ``root``, with the first file that shows it."""
    found: dict[Message, Path] = {}
    for path in sorted(root.rglob("*")):
        if path.suffix == ".py" and "migrations" not in path.parts:
            read = in_python
        elif path.suffix in {".html", ".txt"} and "templates" in path.parts:
            read = in_template
        else:
            continue
        for message in read(path.read_text(encoding="utf-8")):
            found.setdefault(message, path)
    return found


def missing(found: dict[Message, Path], catalogue: Path) -> list[Message]:
    """What the catalogue does not say, or says only provisionally (fuzzy)."""
    entries = polib.pofile(str(catalogue)) if catalogue.is_file() else polib.POFile()
    known = {(entry.msgid, entry.msgctxt or "") for entry in entries if entry.translated()}
    return sorted(message for message in found if (message.text, message.context) not in known)


def compile_all(locale: Path) -> int:
    """Compile every catalogue whose ``.mo`` is older than it; how many were made."""
    made = 0
    for source in sorted(locale.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if not target.is_file() or target.stat().st_mtime < source.stat().st_mtime:
            polib.pofile(str(source)).save_as_mofile(str(target))
            made += 1
    return made


def check(language: str) -> int:
    found = messages(SOURCES)
    lacking = missing(found, LOCALE / language / "LC_MESSAGES" / "django.po")
    for message in lacking:
        context = f" [{message.context}]" if message.context else ""
        print(f"{found[message].relative_to(ROOT)}: {message.text!r}{context}")
    print(f"{language}: {len(found) - len(lacking)} of {len(found)} strings translated")
    return 1 if lacking else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="list the strings that English lacks; exit 1 if any")
    parser.add_argument("--language", default="en")
    arguments = parser.parse_args()
    if arguments.check:
        return check(arguments.language)
    print(f"catalogues compiled: {compile_all(LOCALE)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
