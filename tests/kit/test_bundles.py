"""One sheet and one script for every page, put together where files are collected."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.staticfiles.finders import find, get_finders
from django.template.loader import render_to_string

from linli.kit import bundles

KIT = Path(bundles.__file__).parent / "static"


def test_every_part_is_a_file_of_the_kit() -> None:
    assert all(find(part) for parts in bundles.BUNDLES.values() for part in parts)


def test_the_bundles_are_found_with_all_their_parts_and_collected() -> None:
    for name, parts in bundles.BUNDLES.items():
        text = Path(str(find(name))).read_text()
        for part in parts:
            line = next(one for one in (KIT / part).read_text().splitlines() if len(one) > 40 and "export" not in one)
            assert line in text, part
    assert set(bundles.BUNDLES) <= {name for finder in get_finders() for name, _storage in finder.list([])}


def test_a_bundle_is_written_again_only_when_a_part_has_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(str(find(bundles.SHEET)))
    before = path.stat().st_ino
    assert Path(str(find(bundles.SHEET))).stat().st_ino == before
    monkeypatch.setitem(bundles.BUNDLES, bundles.SHEET, bundles.BUNDLES[bundles.SHEET][:1])
    assert Path(str(find(bundles.SHEET))).read_text() == (KIT / bundles.BUNDLES[bundles.SHEET][0]).read_text()


def test_scripts_keep_their_names_to_themselves_and_the_sheet_for_paper_speaks_to_printers_only() -> None:
    script = bundles.joined({"linli/a.js": "const n = 1;\nexport function say() {}", "linli/b.js": "const n = 2;"})
    assert script.count("(() => {") == 2
    assert "export" not in script
    sheet = bundles.joined({"linli/a.css": "p { top: 0 }", bundles.ON_PAPER: "p { top: 1px }"})
    assert sheet == "p { top: 0 }\n@media print {\np { top: 1px }\n}"


def test_no_part_asks_for_another_module() -> None:
    scripts = bundles.BUNDLES[bundles.SCRIPT]
    assert not [name for name in scripts if "import " in (KIT / name).read_text()]


def test_a_page_asks_for_one_sheet_and_one_script_of_the_kit() -> None:
    page = render_to_string("base.html")
    assert page.count('rel="stylesheet"') == 1
    assert page.count('type="module"') == 1
