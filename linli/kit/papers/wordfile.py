"""A paper as a Word file that opens in Word, WPS and LibreOffice alike: real styles, real fields, nothing drawn.

Runs in the press (``press.py``). The same paper gives the same bytes: the file's own dates are the paper's.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from docx import Document as new
from docx.enum.table import WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt

from linli.kit.papers.wordstyles import CHAR, HEI, LATIN, LEFT, RIGHT, prepare

TEXT = 156  # mm: what stands between the margins
_THUMBNAIL = "metadata/thumbnail"


def made(paper: dict[str, Any]) -> bytes:
    """The file."""
    doc = new()
    prepare(doc)
    _properties(doc, paper)
    _numbers(doc)
    _head(doc, paper)
    _body(doc, paper)
    _closing(doc, paper)
    for at, part in enumerate(paper["parts"], 1):
        _part(doc, part, at if len(paper["parts"]) > 1 else 0)
    _imprint(doc, paper)
    out = io.BytesIO()
    doc.save(out)
    return _same(out.getvalue())


# ── what a file says of itself ──────────────────────────────────────────────────────────────────────────────────
def _properties(doc: Any, paper: dict[str, Any]) -> None:
    at, own = datetime(*paper["stamp"]), doc.core_properties  # noqa: DTZ001  Word's own dates have no zone
    own.title, own.author, own.last_modified_by = paper["title"][:255], paper["author"][:255], paper["author"][:255]
    own.created = own.modified = at
    own.comments, own.language, own.revision = "", "zh-CN", 1
    own.keywords = "，".join(paper["keywords"])[:255]
    for key, relation in list(doc.part.package.rels.items()):
        if relation.reltype.endswith(_THUMBNAIL):  # the library's template brings a picture of itself
            doc.part.package.rels.pop(key)


def _same(saved: bytes) -> bytes:
    """The same parts in the same order, without the hour at which they were packed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(saved)) as old, zipfile.ZipFile(out, "w") as box:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            box.writestr(entry, old.read(name))
    return out.getvalue()


# ── page numbers ────────────────────────────────────────────────────────────────────────────────────────────────
def _numbers(doc: Any) -> None:
    """— 1 — on the outer side: right on odd pages, left on even ones, one character in."""
    doc.settings.odd_and_even_pages_header_footer = True
    section = doc.sections[0]
    for footer, align in ((section.footer, RIGHT), (section.even_page_footer, LEFT)):
        footer.is_linked_to_previous = False
        line = footer.paragraphs[0]
        line.style = doc.styles["页码"]
        line.alignment = align
        line.paragraph_format.left_indent = line.paragraph_format.right_indent = Pt(14)
        line.add_run("— ")
        _field(line, "PAGE")
        line.add_run(" —")


def _field(line: Any, code: str) -> None:
    for kind, words in (("begin", ""), ("", code), ("separate", ""), ("text", "1"), ("end", "")):
        run = line.add_run(words if kind == "text" else "")
        if kind in ("begin", "separate", "end"):
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)
        elif not kind:
            said = OxmlElement("w:instrText")
            said.set(qn("xml:space"), "preserve")
            said.text = f" {words} "
            run._r.append(said)


# ── the head ────────────────────────────────────────────────────────────────────────────────────────────────────
def _head(doc: Any, paper: dict[str, Any]) -> None:
    if paper["head_lines"]:
        _red_head(doc, paper)
        _blank(doc, 2)
    for words in paper["title_lines"]:
        doc.add_paragraph(words, "Title")
    if paper["serial"] and not paper["head_lines"]:
        doc.add_paragraph(paper["serial"], "发文字号")
    _blank(doc, 1)
    if paper["to"]:
        doc.add_paragraph(f"{paper['to']}：", "主送机关")


def _red_head(doc: Any, paper: dict[str, Any]) -> None:
    for at, words in enumerate(paper["head_lines"]):
        line = doc.add_paragraph("", "发文机关标志")
        line.add_run(words).font.size = Pt(paper["head_size"])
        line.paragraph_format.line_spacing = Pt(round(paper["head_size"] * 1.25))
        if at == 0:
            line.paragraph_format.space_before = Mm(35)
    _blank(doc, 1 if paper["issuer"] else 2)
    last = doc.add_paragraph(paper["serial"], "发文字号")
    if paper["issuer"]:
        last = doc.add_paragraph("", "版头一行")
        last.paragraph_format.left_indent = last.paragraph_format.right_indent = Pt(CHAR)
        last.paragraph_format.tab_stops.add_tab_stop(Mm(TEXT) - Pt(CHAR), WD_TAB_ALIGNMENT.RIGHT)
        last.add_run(f"{paper['issuer']}\t{paper['on']}")
    rule = doc.add_paragraph("", "附注")
    rule.paragraph_format.line_spacing, rule.paragraph_format.keep_with_next = Pt(6), True
    borders = parse_xml(
        f'<w:pBdr {nsdecls("w")}><w:bottom w:val="single" w:sz="12" w:space="1" w:color="E60012"/></w:pBdr>'
    )
    _before(rule._p.get_or_add_pPr(), borders, ("w:shd", "w:tabs", "w:snapToGrid", "w:spacing", "w:ind", "w:jc"))


def _before(properties: Any, one: Any, names: tuple[str, ...]) -> None:
    """In the place where the schema wants it: Word refuses a file whose properties stand in another order."""
    found = next((properties.find(qn(n)) for n in names if properties.find(qn(n)) is not None), None)
    properties.append(one) if found is None else found.addprevious(one)


def _blank(doc: Any, lines: int) -> None:
    for _line in range(lines):
        doc.add_paragraph("", "主送机关")


# ── the body ────────────────────────────────────────────────────────────────────────────────────────────────────
def _body(doc: Any, paper: dict[str, Any]) -> None:
    for block in paper["body"]:
        _block(doc, block)
    if paper["parts"]:
        _blank(doc, 1)
        names = [part["title"] for part in paper["parts"]]
        lines = names if len(names) == 1 else [f"{at}.{name}" for at, name in enumerate(names, 1)]
        for at, words in enumerate(lines):
            _hanging(doc, "附件说明", "附件：" if at == 0 else "", words, face="", chars=3)
    if paper["signed"] and paper["body"] and paper["body"][-1]["kind"] != "table":
        doc.paragraphs[-1].paragraph_format.keep_with_next = True  # nobody signs an empty page


def _block(doc: Any, block: dict[str, Any]) -> None:
    kind = block["kind"]
    if kind == "heading":
        doc.add_paragraph(block["mark"] + block["text"], f"Heading {block['level']}")
    elif kind == "table":
        _table(doc, block)
    elif kind == "labelled":
        _hanging(doc, "要素", f"{block['label']}：", block["text"], face=HEI, chars=len(block["label"]) + 1)
    elif kind == "article":
        line = doc.add_paragraph("", "条文")
        _face(line.add_run(block["mark"]), HEI)
        line.add_run(f"　{block['text']}")
    else:
        for words in _lines(block["text"]):
            doc.add_paragraph(words, "附注" if kind == "note" else "公文正文")


def _lines(text: str) -> Iterator[str]:
    return (line.strip() for line in text.split("\n") if line.strip())


def _hanging(doc: Any, style: str, label: str, text: str, *, face: str, chars: int) -> None:
    """A label two characters in, and what follows under its own first character."""
    for at, words in enumerate(_lines(text)):
        line = doc.add_paragraph("", style)
        line.paragraph_format.left_indent = Pt((2 + chars) * CHAR)
        line.paragraph_format.first_line_indent = Pt(-chars * CHAR) if label and at == 0 else Pt(0)
        if label and at == 0:
            run = line.add_run(label)
            if face:
                _face(run, face)
        line.add_run(words)


def _face(run: Any, face: str) -> None:
    run.font.name = LATIN
    own = run._r.get_or_add_rPr().find(qn("w:rFonts"))
    own.set(qn("w:eastAsia"), face)
    own.set(qn("w:hint"), "eastAsia")


# ── tables ──────────────────────────────────────────────────────────────────────────────────────────────────────
def _table(doc: Any, block: dict[str, Any]) -> None:
    columns = len(block["head"])
    shares = block["widths"] or [1] * columns
    widths = [Mm(TEXT * share / sum(shares)) for share in shares]
    table = doc.add_table(rows=0, cols=columns, style="Table Grid")
    table.autofit, table.alignment = False, WD_TABLE_ALIGNMENT.CENTER
    _air(table)
    for at, width in enumerate(widths):
        table.columns[at].width = width
    rows = [(block["head"], "表头"), *((row, "表内文字") for row in block["rows"])]
    for at, (cells, style) in enumerate(rows):
        row = table.add_row()
        _row(row, cells, style, widths, block["right"])
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if at and block["height"]:
            row.height, row.height_rule = Mm(block["height"]), WD_ROW_HEIGHT_RULE.AT_LEAST
        if at == 0:
            properties.append(OxmlElement("w:tblHeader"))
    after = doc.add_paragraph("", "附注")
    after.paragraph_format.line_spacing = Pt(9)


def _air(table: Any) -> None:
    """A little room above and below the words of a cell."""
    margins = "".join(
        f'<w:{side} w:w="{twips}" w:type="dxa"/>'
        for side, twips in (("top", 60), ("left", 80), ("bottom", 60), ("right", 80))
    )
    _before(table._tbl.tblPr, parse_xml(f"<w:tblCellMar {nsdecls('w')}>{margins}</w:tblCellMar>"), ("w:tblLook",))


def _row(row: Any, cells: list[str], style: str, widths: list[Any], right: list[int]) -> None:
    for at, words in enumerate(cells):
        cell = row.cells[at]
        cell.width, cell.vertical_alignment = widths[at], 1
        lines = list(_lines(words)) or [""]
        for n, said in enumerate(lines):
            line = cell.paragraphs[0] if n == 0 else cell.add_paragraph()
            line.style = row.part.document.styles[style]
            line.add_run(said)
            if at in right and style != "表头":
                line.alignment = RIGHT


# ── the end ─────────────────────────────────────────────────────────────────────────────────────────────────────
def _closing(doc: Any, paper: dict[str, Any]) -> None:
    if not paper["signed"]:
        return
    for _line in range(2):
        doc.add_paragraph("", "署名").paragraph_format.keep_with_next = True
    name = doc.add_paragraph(paper["signed"], "署名")
    name.paragraph_format.right_indent = Pt(paper["signed_right"] * CHAR)
    name.paragraph_format.keep_with_next = True
    day = doc.add_paragraph(paper["on"], "署名")
    day.paragraph_format.right_indent = Pt(paper["on_right"] * CHAR)


def _part(doc: Any, part: dict[str, Any], number: int) -> None:
    """附件: on a page of its own."""
    label = doc.add_paragraph(f"附件{number or ''}", "附件序号")
    label.paragraph_format.page_break_before = True
    _blank(doc, 1)
    doc.add_paragraph(part["title"], "Title")
    _blank(doc, 1)
    for block in part["body"]:
        _block(doc, block)


def _imprint(doc: Any, paper: dict[str, Any]) -> None:
    """版记: at the foot of the last page, between two thick lines, a thin one between its rows.

    A floating table: Word, WPS and LibreOffice from 7.6 set it to the foot, an older one leaves it where the text ends.
    """
    rows = [f"抄送：{paper['copies']}。"] if paper["copies"] else []
    if paper["printed"]:
        rows.append(f"{paper['printed']}\t{paper['on']}印发")
    if not rows:
        return
    table = doc.add_table(rows=len(rows), cols=1)
    table.autofit = False
    table.columns[0].width = Mm(TEXT)
    _to_the_foot(table._tbl.tblPr)
    for at, words in enumerate(rows):
        cell = table.rows[at].cells[0]
        cell.width, line = Mm(TEXT), cell.paragraphs[0]
        line.style, form = doc.styles["版记"], line.paragraph_format
        form.tab_stops.add_tab_stop(Mm(TEXT) - Pt(24), WD_TAB_ALIGNMENT.RIGHT)
        hangs = Pt(14 * 3) if words.startswith("抄送：") else Pt(0)
        form.left_indent, form.first_line_indent = Pt(8) + hangs, -hangs
        line.add_run(words)
    doc.add_paragraph("", "附注").paragraph_format.line_spacing = Pt(1)  # what the table is tied to


def _to_the_foot(properties: Any) -> None:
    place = parse_xml(
        f'<w:tblpPr {nsdecls("w")} w:leftFromText="0" w:rightFromText="0" w:vertAnchor="margin" w:horzAnchor="margin" '
        'w:tblpXSpec="left" w:tblpYSpec="bottom"/>'
    )
    _before(properties, place, ("w:tblOverlap", "w:bidiVisual", "w:tblW", "w:jc", "w:tblLayout", "w:tblLook"))
    lines = "".join(
        f'<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="000000"/>'
        for side, size in (("top", 8), ("bottom", 8), ("insideH", 6))
    )
    borders = parse_xml(f"<w:tblBorders {nsdecls('w')}>{lines}</w:tblBorders>")
    _before(properties, borders, ("w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook"))
