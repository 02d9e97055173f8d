"""One sheet and one script for every page, put together where files are collected."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.staticfiles.finders import find
from django.core.files.storage import FileSystemStorage
from django.template.loader import render_to_string

from linli.kit import bundles

KIT = Path(bundles.__file__).parent / "static"


@pytest.fixture
def collected(tmp_path: Path) -> bundles.Storage:
    """A folder as ``collectstatic`` leaves it, before names are hashed."""
    store = bundles.Storage(location=str(tmp_path), base_url="/static/")
    source = FileSystemStorage(location=str(KIT))
    parts = [part for parts in bundles.BUNDLES.values() for part in parts]
    for part in parts:
        store.save(part, source.open(part))
    list(store.post_process({part: (source, part) for part in parts}))
    return store


def test_every_part_is_a_file_of_the_kit() -> None:
    assert all(find(part) for parts in bundles.BUNDLES.values() for part in parts)


def test_the_bundles_are_collected_under_hashed_names_with_all_their_parts(collected: bundles.Storage) -> None:
    for name, parts in bundles.BUNDLES.items():
        hashed = collected.stored_name(name)
        assert hashed != name
        text = Path(collected.path(hashed)).read_text()
        for part in parts:
            line = next(one for one in (KIT / part).read_text().splitlines() if len(one) > 40 and "export" not in one)
            assert line in text, part
        assert Path(collected.path(hashed) + ".gz").is_file()


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
