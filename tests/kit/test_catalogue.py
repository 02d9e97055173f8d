"""The English catalogue: complete, with the same placeholders, in English throughout, and nothing in it that is stale.

A string without an entry breaks nothing: it shows Chinese to a reader of English. A placeholder that differs breaks the
page, but only for that reader, and only on the page where the string stands. So neither shows up by itself.
"""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import polib
import pytest
from django.template import Context, Template
from django.test import override_settings
from django.utils import translation

from linli.core.matters import sentences
from linli.core.matters.actions.calling import KINDS
from linli.core.matters.actions.handling import PAUSE_REASONS, RETURN_REASONS
from linli.core.matters.clocks import STAGE_NAMES
from linli.core.matters.flow import MOVES, OTHER_ACTS
from linli.kit.calendar import wording

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "locale" / "en" / "LC_MESSAGES" / "django.po"
CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
QUOTED = re.compile(r'"[^"]*"')
NAMED = re.compile(r"%\((\w+)\)([-+ #0]*[\d.]*[a-zA-Z])")
PLACED = re.compile(r"%[-+ #0]*[\d.]*[a-zA-Z]|%%|\{\w*\}")


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"script_{name}", ROOT / "scripts" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


messages = script("messages")


@pytest.fixture(scope="module")
def catalogue() -> polib.POFile:
    return polib.pofile(str(CATALOGUE))


@pytest.fixture(scope="module")
def shown() -> dict[Any, Path]:
    """Every string that the scanner finds in the sources."""
    return dict(messages.messages(messages.SOURCES))


def said(entry: polib.POEntry) -> list[str]:
    """What English says for an entry: one text, or one for each plural form."""
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def placeholders(text: str) -> tuple[set[tuple[str, str]], Counter[str]]:
    """Named ones as a set, because a language may repeat or reorder them; the others counted, as they go by place."""
    named = {(name, form) for name, form in NAMED.findall(text)}
    return named, Counter(PLACED.findall(NAMED.sub("", text)))


def foreign(text: str) -> str:
    """Chinese left over, quoted samples aside; full-width signs count as left over too."""
    return "".join(CHINESE.findall(QUOTED.sub("", text)))


def literals(path: Path) -> Iterator[str]:
    """Chinese strings of a Python file, docstrings aside."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in docstrings else None
        if isinstance(text, str) and re.search(r"[\u4e00-\u9fff]", text):
            yield text


# ── complete ──


def test_nothing_is_missing(shown: dict[Any, Path]) -> None:
    lacking = messages.missing(shown, CATALOGUE)
    assert not lacking, [f"{shown[one].relative_to(ROOT)}: {one.text}" for one in lacking]


def test_words_that_reach_gettext_through_a_variable_are_there(catalogue: polib.POFile) -> None:
    tables = [OTHER_ACTS, RETURN_REASONS, PAUSE_REASONS, KINDS, STAGE_NAMES]
    wanted = {str(word) for table in tables for word in table.values()} | {move.name for move in MOVES.values()}
    wanted |= set(literals(Path(str(sentences.__file__))))
    assert len(wanted) > 50
    assert wanted - {entry.msgid for entry in catalogue} == set()


def test_plural_forms_are_those_of_english(catalogue: polib.POFile, shown: dict[Any, Path]) -> None:
    assert catalogue.metadata["Plural-Forms"] == "nplurals=2; plural=(n != 1);"
    plural = {(one.text, one.context) for one in shown if one.plural}
    made = {(entry.msgid, entry.msgctxt or "") for entry in catalogue if entry.msgid_plural}
    assert made == plural
    assert all(set(entry.msgstr_plural) == {0, 1} and all(said(entry)) for entry in catalogue if entry.msgid_plural)


# ── right ──


def test_placeholders_are_the_same(catalogue: polib.POFile) -> None:
    wrong = [
        f"{entry.msgid} | {text}"
        for entry in catalogue
        for text in said(entry)
        if placeholders(text) != placeholders(entry.msgid)
    ]
    assert not wrong


@pytest.mark.parametrize(
    ("source", "english", "same"),
    [
        ("%(who)s 交给 %(to)s", "%(to)s has it from %(who)s", True),
        ("%(n)d 个 %(unit)s", "%(unit)s: %(n)d", True),
        ("%(n)d 件", "%(n)s matters", False),
        ("%(n)s 件", "%(m)s matters", False),
        ("%s 到 %s", "until %s", False),
        ("用时 %.1f 秒", "took %.1f s", True),
        ("误差 %d%%", "error %d%", False),
    ],
)
def test_what_counts_as_the_same_placeholders(source: str, english: str, same: bool) -> None:
    assert (placeholders(source) == placeholders(english)) is same


def test_every_pattern_can_be_filled(catalogue: polib.POFile) -> None:
    """Filled as the code fills it: a bare percent sign beside a placeholder would raise here."""
    for entry in catalogue:
        for text in said(entry):
            named, placed = placeholders(text)
            forms = [form for form in placed.elements() if form[0] == "%" and form[-1] in "sdf"]
            if named:
                assert text % {name: 7 for name, _form in named}
            elif forms:
                assert text % ((7,) * len(forms))


# ── English ──


def test_no_chinese_is_left(catalogue: polib.POFile) -> None:
    left = [text for entry in catalogue for text in said(entry) if foreign(text)]
    assert not left


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ('Write "是" (yes) or "否" (no).', ""),
        ("Sent to 街道", "街道"),
        ("Sent. Thank you。", "。"),
        ("one　two", "　"),
    ],
)
def test_what_counts_as_left_over(text: str, left: str) -> None:
    assert foreign(text) == left


def test_signs_are_those_that_a_chinese_font_sets_narrow(catalogue: polib.POFile) -> None:
    """Chinese fonts give curly quotes and the middle dot the width of a character: "don’ t", "“ so ”"."""
    assert not [text for entry in catalogue for text in said(entry) if re.search("[‘’“”·]", text)]


def test_nobody_is_shouted_at_or_addressed_as_a_form(catalogue: polib.POFile) -> None:
    spoken = re.compile(r"[!]|\bdear (user|resident)|relevant department|kindly|successfully", re.IGNORECASE)
    assert not [text for entry in catalogue for text in said(entry) if spoken.search(text)]


# ── in a template ──


def attributes(source: str) -> Iterator[tuple[str, str]]:
    """Messages that stand inside an HTML tag of a template, as (text, context)."""
    held: list[Any] = []

    def hold(found: str) -> str:
        before = len(held)
        held.extend(messages.in_template(found))
        return "".join(f"\x01{at}\x01" for at in range(before, len(held)))

    source = messages.BLOCK.sub(lambda found: hold(found[0]), messages.COMMENT.sub("", source))
    source = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", lambda found: hold(found[0]), source, flags=re.DOTALL)
    for tag in re.findall(r"<[a-zA-Z][^>]*>", source):
        for at in re.findall("\x01(\\d+)\x01", tag):
            yield held[int(at)].text, held[int(at)].context


def test_words_in_an_attribute_do_not_end_it(catalogue: polib.POFile) -> None:
    """Django puts a translated literal into the page unescaped."""
    assert list(attributes('<i title="{% translate "甲" %}">{% translate "乙" %}</i>')) == [("甲", "")]
    english = {(entry.msgid, entry.msgctxt or ""): entry for entry in catalogue}
    pages = [path.read_text(encoding="utf-8") for path in messages.SOURCES.rglob("templates/**/*.html")]
    found = {key for page in pages for key in attributes(page)}
    assert len(found) > 20
    assert not [key for key in found if key in english and '"' in "".join(said(english[key]))]


@pytest.fixture
def english(tmp_path: Path) -> Iterator[Path]:
    """English as Django reads it, compiled from the catalogue as it stands."""
    folder = tmp_path / "en" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_bytes(CATALOGUE.read_bytes())
    assert messages.compile_all(tmp_path) == 1
    with override_settings(LOCALE_PATHS=[str(tmp_path)]), translation.override("en"):
        yield folder / "django.mo"


def test_a_percent_sign_in_a_template_is_looked_up_doubled(english: Path) -> None:
    """Django doubles it before it asks; counters filled by a script carry such signs."""
    draw = Template('{% load i18n %}{% translate "选了 %d 件" %}{% translate "写了 %n 字，最多 %m 字" %}').render
    assert draw(Context()) == "Selected: %d%n characters, at most %m"


def test_a_page_reads_in_english(english: Path) -> None:
    assert str(wording.words(timedelta(hours=25, minutes=40))) == "1 day 1 h left"
    assert str(wording.words(timedelta(days=-2))) == "late by 2 days"
    page = (
        "{% load i18n %}{% blocktranslate count n=n %}还有 {{ n }} 位{% plural %}还有 {{ n }} 位{% endblocktranslate %}"
    )
    assert Template(page).render(Context({"n": 2})) == "2 more"
    with translation.override("zh-hans"):
        assert str(wording.words(timedelta(days=-2))) == "晚了 2 天"


# ── kept ──


def test_nothing_is_provisional_or_twice(catalogue: polib.POFile) -> None:
    assert not [entry.msgid for entry in catalogue if "fuzzy" in entry.flags or entry.obsolete]
    assert not [entry.msgid for entry in catalogue if not all(text.strip() for text in said(entry))]
    count = Counter((entry.msgid, entry.msgctxt or "") for entry in catalogue)
    assert not [key for key, times in count.items() if times > 1]


def test_nothing_is_stale(catalogue: polib.POFile, shown: dict[Any, Path]) -> None:
    """Every entry is asked for by a call or a template, or is at least a string of the sources."""
    asked = {(one.text, one.context) for one in shown} | {(one.text.replace("%", "%%"), one.context) for one in shown}
    loose = {text for path in messages.SOURCES.rglob("*.py") for text in literals(path)}
    stale = [
        entry.msgid
        for entry in catalogue
        if (entry.msgid, entry.msgctxt or "") not in asked and (entry.msgctxt or entry.msgid not in loose)
    ]
    assert not stale


def test_it_compiles_whole(catalogue: polib.POFile, english: Path) -> None:
    assert len(polib.mofile(str(english))) == len(catalogue)
