"""Official papers: one model, two files; both are opened again and every word, margin and line is looked for."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import docx
import pypdfium2
import pytest
from django.http import Http404
from django.test import RequestFactory
from docx.oxml.ns import qn

from linli.kit.papers import (
    Article,
    Document,
    Heading,
    Labelled,
    Note,
    Para,
    Part,
    Table,
    answering,
    blocks,
    document,
    drawing,
    numbered,
    press,
    wordfile,
)
from linli.kit.papers.model import chinese, closing, day, title_lines

pytestmark = pytest.mark.system("D1")
AT = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
MM = 72 / 25.4


def paper(**more: Any) -> Document:
    said: dict[str, Any] = {
        "title": "关于“东头建不建充电棚”的决议", "at": AT, "masthead": "柳荫社区居民委员会",
        "serial": "TS-2611-000001 第1号", "on": date(2026, 11, 20), "to": "柳荫物业",
        "signed": "柳荫社区居民委员会", "copies": "东桥街道办事处，柳荫物业", "printed": "柳荫社区居民委员会",
        "keywords": ("议事",),
        "body": (
            Heading("决议"), Para("建一个能停四十辆车的棚。\n钥匙由楼长管。"), Heading("谁办", 2),
            Labelled("出席", "赵长亭、何田田"), Heading("分成的事"),
            Table(("编号", "什么事"), (("TS-1", "划线"), ("TS-2", "装灯")), (30, 70), (0,)),
            Article("第一条", "晚十点以后不充电。"), Note("校验码 0123abcd"),
        ),
        "parts": (Part("决议事项清单", (Para("清单里的话"),)),),
    }  # fmt: skip
    return Document(**{**said, **more})


def words(made: Document) -> list[str]:
    """Everything that a reader should find in either file."""
    told = made.plain()
    found = [*told["title_lines"], *told["head_lines"], made.serial, made.to, made.signed, made.copies, made.printed]
    for block in [*told["body"], *(b for p in told["parts"] for b in p["body"])]:
        found += [block.get("mark", ""), block.get("label", ""), *block.get("text", "").split("\n")]
        found += [cell for row in [block.get("head", ()), *block.get("rows", ())] for cell in row]
    return [*filter(None, found), "附件", "2026年11月20日印发", "抄送"]


def opened(made: Document) -> Any:
    return docx.Document(io.BytesIO(wordfile.made(made.plain())))


def pages(made: Document) -> Any:
    return pypdfium2.PdfDocument(press.pdf(made.plain()))


def read(document: Any) -> list[str]:
    """The text of each page, without the breaks of its lines."""
    return ["".join(page.get_textpage().get_text_bounded().split()) for page in document]


# ── the model ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_headings_are_numbered_in_four_layers_and_keep_the_numbers_they_have() -> None:
    body = [Heading("a"), Heading("b", 2), Heading("c", 3), Heading("d", 4), Heading("e", 4), Heading("f", 2),
            Heading("g", 3), Heading("h"), Heading("i", 2), Heading("j", 1, "第九章　")]  # fmt: skip
    marks = [b.mark for b in numbered(body) if isinstance(b, Heading)]
    assert marks == ["一、", "（一）", "1.", "（1）", "（2）", "（二）", "1.", "二、", "（一）", "第九章　"]
    assert [chinese(n) for n in (1, 10, 11, 20, 21, 99)] == ["一", "十", "十一", "二十", "二十一", "九十九"]
    assert day(date(2026, 3, 5)) == "2026年3月5日"


def test_a_long_title_breaks_where_a_word_ends_and_loses_nothing() -> None:
    title = "示范区东桥街道关于二〇二六年十一月第三周诉求办理和重点任务督办情况的通报"
    lines = title_lines(title, 19)
    assert "".join(lines) == title
    assert lines[0] == "示范区东桥街道关于二〇二六年十一月"
    assert title_lines("短的", 19) == ["短的"]


@pytest.mark.parametrize(("name", "over"), [("区委", True), ("柳荫社区居民委员会和东桥街道办事处", False)])
def test_a_signature_stands_over_the_middle_of_its_day(name: str, over: bool) -> None:
    right, below = closing(name, "2026年11月20日")
    assert min(right, below) >= 2
    assert (below == 4) is over


def test_typed_minutes_are_read_into_blocks_with_their_own_numbers() -> None:
    text = (
        "时间：2026年11月20日\n\n1. 充电棚\n　　分流落实。建一个棚。\n　　决议：建棚（柳荫物业）\n（一）小项\n"
        "一、大项\n2.5 米宽的路\n3. 因为话很长，所以虽然前面有数字，这还是一段而不是标题。"
    )
    found = list(blocks(text))
    assert found == [
        Labelled("时间", "2026年11月20日"), Heading("充电棚", 3, "1."), Para("分流落实。建一个棚。"),
        Labelled("决议", "建棚（柳荫物业）"), Heading("小项", 2, "（一）"), Heading("大项", 1, "一、"),
        Para("2.5 米宽的路"),
        Para("3.因为话很长，所以虽然前面有数字，这还是一段而不是标题。"),
    ]  # fmt: skip
    covenant = document("第一章　总则\n第一条　为了大家住得好，定本公约。", title="柳荫里居民公约", at=AT)
    assert covenant.body == (Heading("总则", 1, "第一章　"), Article("第一条", "为了大家住得好，定本公约。"))


# ── Word ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_word_holds_every_word_on_the_page_of_the_standard() -> None:
    made = opened(paper())
    text = "\n".join(node.text or "" for node in made.element.body.iter(qn("w:t")))
    for said in words(paper()):
        assert said in text.replace("\n", "") or said in text, said
    section = made.sections[0]
    sizes = [round(v / 36000) for v in (section.page_width, section.page_height, section.top_margin,
                                        section.left_margin, section.right_margin, section.bottom_margin)]  # fmt: skip
    assert sizes == [210, 297, 37, 28, 26, 35]
    grid = section._sectPr.find(qn("w:docGrid"))
    pitch = int(grid.get(qn("w:linePitch"))) / 20
    assert 22 * pitch <= 225 * MM < 23 * pitch
    closer = made.styles["公文正文"].element.rPr.find(qn("w:spacing"))
    char = 16 + int(closer.get(qn("w:val"))) / 20
    assert 28 * char <= 156 * MM < 29 * char


def test_word_has_real_styles_and_names_the_faces_of_the_standard() -> None:
    made = opened(paper())
    used = {line.style.name: line for line in made.paragraphs}
    assert {"发文机关标志", "Title", "Heading 1", "Heading 2", "公文正文", "要素", "署名"} <= used.keys()
    faces = {
        name: made.styles[name].element.rPr.find(qn("w:rFonts")).get(qn("w:eastAsia"))
        for name in ("Normal", "Title", "Heading 1", "Heading 2", "Heading 3", "公文正文")
    }
    assert list(faces.values()) == [
        "仿宋_GB2312",
        "方正小标宋简体",
        "黑体",
        "楷体_GB2312",
        "仿宋_GB2312",
        "仿宋_GB2312",
    ]
    assert made.styles["公文正文"].font.size.pt == 16
    assert made.styles["公文正文"].paragraph_format.line_spacing.pt == pytest.approx(28.95)
    assert made.tables[0].style.name == "Table Grid"
    box = zipfile.ZipFile(io.BytesIO(wordfile.made(paper().plain())))
    assert "FangSong" in box.read("word/fontTable.xml").decode()
    assert not [name for name in box.namelist() if "thumbnail" in name]


def test_word_numbers_its_pages_by_fields_on_the_outer_side() -> None:
    made = opened(paper())
    assert made.settings.odd_and_even_pages_header_footer
    for footer, side in ((made.sections[0].footer, 2), (made.sections[0].even_page_footer, 0)):
        line = footer.paragraphs[0]
        assert [n.text.strip() for n in line._p.iter(qn("w:instrText"))] == ["PAGE"]
        assert (line.text, line.alignment) == ("— 1 —", side)


def test_properties_of_word_stand_in_the_order_that_word_wants() -> None:
    """Word calls a file broken whose properties stand in another order than the schema's."""
    order = [
        "pStyle", "keepNext", "keepLines", "pageBreakBefore", "framePr", "widowControl", "numPr", "pBdr", "shd", "tabs",
        "kinsoku", "snapToGrid", "spacing", "ind", "contextualSpacing", "jc", "outlineLvl", "rPr",
    ]  # fmt: skip
    made = opened(paper())
    for properties in [*made.element.iter(qn("w:pPr")), *made.styles.element.iter(qn("w:pPr"))]:
        names = [child.tag.partition("}")[2] for child in properties]
        assert names == sorted(names, key=order.index), names
    tables = ("tblStyle", "tblpPr", "tblOverlap", "tblW", "jc", "tblBorders", "tblLayout", "tblCellMar", "tblLook")
    for properties in made.element.iter(qn("w:tblPr")):
        names = [child.tag.partition("}")[2] for child in properties]
        assert names == sorted(names, key=tables.index), names


# ── PDF ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_pdf_holds_every_word_within_the_margins_of_the_standard() -> None:
    made = pages(paper())
    assert {tuple(round(v / MM) for v in page.get_size()) for page in made} == {(210, 297)}
    text = read(made)
    for said in words(paper()):
        assert "".join(said.split()) in "".join(text), said
    assert [t for t in text if "印发" in t] == [text[-1]]
    for at, page in enumerate(made, 1):
        assert f"—{at}—" in text[at - 1]
        boxes = [b for b in _boxes(page) if b[1] > 34 * MM]  # all but the number of the page
        assert min(b[0] for b in boxes) >= 28 * MM - 1
        assert max(b[2] for b in boxes) <= (210 - 26) * MM + 1
        assert max(b[3] for b in boxes) <= (297 - 37) * MM + 1
    assert made.get_metadata_dict()["Title"] == paper().title


def test_the_number_of_a_page_stands_right_on_odd_and_left_on_even_pages() -> None:
    made = pages(paper(body=tuple(Para("一行") for _n in range(60)), parts=()))
    for at, page in enumerate(made, 1):
        left = min(b[0] for b in _boxes(page) if b[3] < 34 * MM)
        assert left > 105 * MM if at % 2 else left < 40 * MM


def _boxes(page: Any) -> list[tuple[float, float, float, float]]:
    text = page.get_textpage()
    found = [text.get_charbox(n) for n in range(text.count_chars())]
    return [box for box in found if box[2] > box[0]]


@pytest.mark.parametrize(("lines", "count"), [(22, 1), (23, 2), (44, 2), (45, 3)])
def test_twenty_two_lines_stand_on_a_page(lines: int, count: int) -> None:
    # The title and the line below it take two of the first page's: both are left out here.
    bare = {"title": "", "masthead": "", "serial": "", "to": "", "signed": "", "copies": "", "printed": "", "parts": ()}
    made = pages(paper(**bare, body=tuple(Para("一行") for _n in range(lines - 1))))  # one is the blank before the body
    assert len(made) == count


@pytest.mark.parametrize(("characters", "lines"), [(26, 1), (27, 2), (26 + 28, 2), (27 + 28, 3)])
def test_twenty_eight_characters_stand_on_a_line(characters: int, lines: int) -> None:
    page = pages(paper(body=(Para("国" * characters),), parts=(), masthead="", to=""))[0]
    text = page.get_textpage()
    tops = {round(text.get_charbox(n)[1]) for n in range(text.count_chars()) if text.get_text_range(n, 1) == "国"}
    assert len(tops) == lines


def test_a_row_of_a_table_stays_on_its_page_unless_it_fills_one() -> None:
    rows = tuple((f"行{n}", "一\n二\n三\n四") for n in range(40))
    bare = {"masthead": "", "serial": "", "to": "", "signed": "", "copies": "", "printed": "", "parts": ()}
    for text in read(pages(paper(**bare, body=(Table(("谁", "什么"), rows),)))):
        assert text.count("行") == text.count("一二三四")
    long = Table(("谁", "什么"), (("甲", "很长的话。" * 900),))
    assert "".join(read(pages(paper(**bare, body=(long,))))).count("很") == 900


# ── the press ───────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("form", ["docx", "pdf"])
def test_the_same_paper_is_the_same_file(form: str) -> None:
    first, again = drawing.draw(paper(), form), drawing.draw(paper(), form)
    assert first == again
    assert first.startswith(b"%PDF-" if form == "pdf" else b"PK")
    assert drawing.digest(paper(), form) == drawing.digest(paper(), form) != drawing.digest(paper(to="别家"), form)


def test_what_somebody_pasted_breaks_no_file() -> None:
    odd = paper(body=(Para("前\x00\x0b后 #let x = 1 $a$ *b* <w:t>&\ud7ff"), Table(("",), (("",),))), to="")
    for said in ("前后", "#letx=1", "<w:t>&"):
        assert said in "".join(read(pages(odd)))
    assert "前后 #let x = 1 $a$ *b* <w:t>&" in "\n".join(line.text for line in opened(odd).paragraphs)
    assert len(pages(paper(body=(), parts=(), title="无"))) == 1


def test_no_web_process_loads_what_the_press_needs() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import django,sys\ndjango.setup()\nimport linli.kit.papers.answering\n"
         "print([m for m in ('docx','lxml','typst') if m in sys.modules])"], capture_output=True, text=True, check=True,
        env={"DJANGO_SETTINGS_MODULE": "linli.config.settings", "LINLI_TESTING": "1", "PATH": ""},
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert told.stdout.strip() == "[]"


def test_faces_of_the_district_are_taken_from_its_folder_alone(tmp_path: Path) -> None:
    assert press.own_faces("") == press.own_faces(str(tmp_path)) == press.own_faces(str(tmp_path / "none")) == []
    (tmp_path / "fang.ttf").write_bytes(b"")
    assert press.own_faces(str(tmp_path)) == [tmp_path]


# ── the answer ──────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.django_db
def test_a_file_has_a_name_and_is_not_drawn_again_for_who_holds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(form: str = "docx", **headers: str) -> Any:
        request = RequestFactory().get("/", headers=headers)
        return answering.answer(request, paper, form, name="柳荫 议事/会纪要", back="/back/")

    got = ask()
    assert got["Content-Type"].endswith("wordprocessingml.document")
    assert "filename*=UTF-8''%E6%9F%B3%E8%8D%AB-%E8%AE%AE%E4%BA%8B-" in got["Content-Disposition"]
    monkeypatch.setattr(drawing, "draw", lambda *_a: pytest.fail("drawn again"))
    assert ask(**{"If-None-Match": got["ETag"]}).status_code == 304
    with pytest.raises(Http404):
        ask("exe")


@pytest.mark.django_db
def test_a_press_that_fails_is_told_on_the_page_one_came_from(
    client: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from django.contrib.messages.storage.cookie import CookieStorage

    broken = tmp_path / "press.py"
    broken.write_text("import sys\nsys.stderr.write('no ink')\nsys.exit(1)\n")
    monkeypatch.setattr(drawing, "PRESS", broken)
    with pytest.raises(drawing.PressError, match="no ink"):
        drawing.draw(paper(), "pdf")
    request = RequestFactory().get("/")
    request._messages = CookieStorage(request)  # type: ignore[attr-defined]
    got = answering.answer(request, paper, "pdf", name="x", back="/back/")
    assert (got.status_code, got["Location"]) == (302, "/back/")
    assert [str(m) for m in request._messages] == ["文件没有排出来，请过一会儿再下载一次。"]  # type: ignore[attr-defined]
