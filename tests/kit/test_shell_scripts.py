"""The two scripts of the front end: what they read, what they make, and that they notice what is missing."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import polib
import pytest

ROOT = Path(__file__).resolve().parents[2]


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"script_{name}", ROOT / "scripts" / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


frontend, messages = script("frontend"), script("messages")


def said(found: object) -> set[tuple[str, str]]:
    return {(one.text, one.context) for one in found}  # type: ignore[attr-defined]


def test_messages_of_a_template() -> None:
    source = """{# {% translate "不要" %} #}{% translate "一" %}{% trans '二' context "单位" %}
    {% blocktranslate with n=x|comma %}共 {{ n }} 件，占 50%{% endblocktranslate %}
    {% blocktranslate count n=x trimmed %}
       {{ n }} 件
    {% plural %}{{ n }} 件们{% endblocktranslate %}{{ word|default:_("全部") }}"""
    assert said(messages.in_template(source)) == {
        ("一", ""), ("二", "单位"), ("共 %(n)s 件，占 50%%", ""), ("%(n)s 件", ""), ("全部", ""),
    }  # fmt: skip


def test_messages_of_a_python_file() -> None:
    source = """
from django.utils.translation import gettext_lazy as _, pgettext, ngettext as many, npgettext
A = _("甲"); B = pgettext("时长", "分"); C = many("一件", "几件", n); D = npgettext("时长", "天", "天们", 2)
E = other("不要"); F = _(variable); G = "不要"
"""
    assert said(messages.in_python(source)) == {("甲", ""), ("分", "时长"), ("一件", ""), ("天", "时长")}


def test_check_finds_what_english_lacks(tmp_path: Path) -> None:
    catalogue = polib.POFile()
    catalogue.append(polib.POEntry(msgid="甲", msgstr="A"))
    catalogue.append(polib.POEntry(msgid="乙", msgstr="B", flags=["fuzzy"]))
    catalogue.append(polib.POEntry(msgid="丙", msgstr=""))
    catalogue.save(str(tmp_path / "django.po"))
    found = {messages.Message(text): tmp_path for text in ("甲", "乙", "丙", "丁")}
    lacking = messages.missing(found, tmp_path / "django.po")
    assert {one.text for one in lacking} == {"乙", "丙", "丁"}
    assert len(messages.missing(found, tmp_path / "none.po")) == 4


def test_compile_makes_a_catalogue_once(tmp_path: Path) -> None:
    folder = tmp_path / "en" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    catalogue = polib.POFile()
    catalogue.metadata = {"Content-Type": "text/plain; charset=utf-8"}
    catalogue.append(polib.POEntry(msgid="大字", msgstr="Large type"))
    catalogue.save(str(folder / "django.po"))
    assert messages.compile_all(tmp_path) == 1
    assert polib.mofile(str(folder / "django.mo")).find("大字").msgstr == "Large type"
    assert messages.compile_all(tmp_path) == 0


def test_the_lock_names_no_address() -> None:
    lock = (ROOT / "frontend" / "package-lock.json").read_text(encoding="utf-8")
    assert "resolved" not in lock
    assert "://registry" not in lock
    wanted = json.loads((ROOT / "frontend" / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert set(wanted) == {"@alpinejs/csp", "@tabler/icons", "echarts", "htmx.org", "maplibre-gl"}
    packages = json.loads(lock)["packages"]
    assert all(packages[f"node_modules/{name}"]["version"] == version for name, version in wanted.items())
    assert all("integrity" in package for name, package in packages.items() if name)


def test_the_list_of_icons_takes_comments() -> None:
    assert frontend.wanted("# a\nphone\n\nmap  # b\nphone\n") == ["map", "phone"]


@pytest.fixture
def drawings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    icons = tmp_path / "@tabler" / "icons" / "icons"
    head = '<svg\n xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"\n>\n'
    ground = '  <path stroke="none" d="M0 0h24v24H0z" fill="none" />\n'
    for kind, name, inside in (("outline", "phone", "<path d='M1'/>"), ("filled", "heart", "<path d='M2'/>")):
        (icons / kind).mkdir(parents=True)
        (icons / kind / f"{name}.svg").write_text(f"{head}{ground}  {inside}\n</svg>", encoding="utf-8")
    monkeypatch.setattr(frontend, "MODULES", tmp_path)
    return tmp_path


def test_the_sprite_holds_outline_filled_and_our_own(drawings: Path) -> None:
    made = frontend.sprite(["heart-filled", "phone", "whistle"])
    assert """<symbol id="i-phone" viewBox="0 0 24 24"><path d='M1'/></symbol>""" in made
    assert (
        """<symbol id="i-heart-filled" viewBox="0 0 24 24" fill="currentColor" stroke="none"><path d='M2'/>""" in made
    )
    assert 'id="i-whistle"' in made
    assert "M0 0h24v24" not in made


def test_an_unknown_icon_stops_the_build_by_name(drawings: Path) -> None:
    with pytest.raises(SystemExit, match="no-such"):
        frontend.sprite(["no-such"])


def test_no_reference_to_a_source_map_is_shipped() -> None:
    for text in (b"x\n//# sourceMappingURL=a.js.map\n", b"x\n/*# sourceMappingURL=a.css.map */"):
        assert frontend.SOURCE_MAP.sub(b"", text).strip() == b"x"
