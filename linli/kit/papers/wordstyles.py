"""Page, faces and styles of a paper as Word knows them: real styles, so that an office changes one and all follow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

PITCH: Final = 28.95  # points a line: 22 of them in 225 mm
CLOSER: Final = 0.25  # points that characters of 16 stand closer, so that 28 of them stand in 156 mm
CHAR: Final = 16 - CLOSER
RED: Final = RGBColor(0xE6, 0x00, 0x12)

FANG, HEI, KAI, SONG, XIAOBIAO = "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体", "方正小标宋简体"
LATIN: Final = "Times New Roman"
# What Word takes in turn where a machine has not got a face.
INSTEAD: Final = {
    FANG: "仿宋,FangSong,FangSong_GB2312,STFangsong,华文仿宋,Noto Serif CJK SC",
    HEI: "SimHei,STHeiti,华文黑体,Noto Sans CJK SC",
    KAI: "楷体,KaiTi,KaiTi_GB2312,STKaiti,华文楷体,Noto Serif CJK SC",
    SONG: "SimSun,STSong,华文宋体,Noto Serif CJK SC",
    XIAOBIAO: "FZXiaoBiaoSong-B05S,小标宋,华文中宋,STZhongsong,宋体,Noto Serif CJK SC",
}  # fmt: skip
LEFT, CENTRE, RIGHT, BOTH = (
    WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT, WD_ALIGN_PARAGRAPH.JUSTIFY,
)  # fmt: skip


@dataclass(frozen=True)
class Look:
    """One style: its face, its size and line in points, how far in, and whether it holds on to what follows."""

    name: str
    face: str = FANG
    size: float = 16
    line: float = PITCH
    align: Any = BOTH
    first: float = 0  # characters the first line stands in
    colour: RGBColor | None = None
    keep: bool = False


LOOKS: Final = (
    Look("Heading 1", HEI, first=2, keep=True),
    Look("Heading 2", KAI, first=2, keep=True),
    Look("Heading 3", FANG, first=2, keep=True),
    Look("Heading 4", FANG, first=2, keep=True),
    Look("Title", XIAOBIAO, 22, 36, CENTRE, keep=True),
    Look("发文机关标志", XIAOBIAO, 36, 45, CENTRE, colour=RED, keep=True),
    Look("发文字号", align=CENTRE, keep=True),
    Look("版头一行", align=LEFT, keep=True),
    Look("主送机关", align=LEFT, keep=True),
    Look("公文正文", first=2),
    Look("要素", align=LEFT),
    Look("条文", first=2),
    Look("附注", FANG, 12, 20, LEFT, first=2),
    Look("附件说明", align=LEFT),
    Look("署名", align=RIGHT),
    Look("附件序号", HEI, align=LEFT, keep=True),
    Look("表头", HEI, 12, 18, CENTRE, keep=True),
    Look("表内文字", FANG, 12, 18, LEFT),
    Look("版记", FANG, 14, 25, LEFT),
    Look("页码", SONG, 14, 16, LEFT),
)  # fmt: skip


def prepare(doc: Any) -> None:
    """The page, the grid of 22 lines and 28 characters, the styles, the faces."""
    _page(doc)
    _base(doc)
    for look in LOOKS:
        _style(doc, look)
    _faces(doc)


def _page(doc: Any) -> None:
    section = doc.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.header_distance, section.footer_distance = Mm(15), Mm(23)
    for old in section._sectPr.findall(qn("w:docGrid")):
        section._sectPr.remove(old)
    grid = OxmlElement("w:docGrid")
    # Lines alone: LibreOffice gives a character that is wider than the cell of a character grid two cells.
    said = {"type": "lines", "linePitch": str(round(PITCH * 20))}
    for name, value in said.items():
        grid.set(qn(f"w:{name}"), value)
    section._sectPr.append(grid)


def _base(doc: Any) -> None:
    """Normal is 3 号仿宋, so that what an office types into the file looks right without a style."""
    normal = doc.styles["Normal"]
    _bare(normal)
    _font(normal, Look("Normal"))
    _lines(normal.paragraph_format, PITCH)
    defaults = doc.styles.element.find(qn("w:docDefaults"))
    for language in defaults.iter(qn("w:lang")):
        language.set(qn("w:val"), "en-US")
        language.set(qn("w:eastAsia"), "zh-CN")


def _style(doc: Any, look: Look) -> None:
    known = {style.name for style in doc.styles}
    style = doc.styles[look.name] if look.name in known else doc.styles.add_style(look.name, WD_STYLE_TYPE.PARAGRAPH)
    outline = style.element.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
    _bare(style)
    if look.name != "Normal":
        style.base_style = doc.styles["Normal"]
    style.quick_style = True
    _font(style, look)
    form = style.paragraph_format
    form.alignment, form.keep_with_next = look.align, look.keep
    form.widow_control = False  # the page has 22 lines, as the standard counts them
    _lines(form, look.line)
    if look.first:
        form.first_line_indent = Pt(look.first * (CHAR if look.size == 16 else look.size))
        style.element.get_or_add_pPr().find(qn("w:ind")).set(qn("w:firstLineChars"), str(int(look.first * 100)))
    if look.line != PITCH:
        _flag(style.element.get_or_add_pPr(), "w:snapToGrid", "0")
    if outline is not None:
        style.element.get_or_add_pPr().append(outline)


def _flag(properties: Any, name: str, value: str) -> None:
    """A switch of a paragraph, in the place where the schema wants it."""
    switch = OxmlElement(name)
    switch.set(qn("w:val"), value)
    after = ("w:spacing", "w:ind", "w:contextualSpacing", "w:jc", "w:outlineLvl")
    found = next((properties.find(qn(n)) for n in after if properties.find(qn(n)) is not None), None)
    properties.append(switch) if found is None else found.addprevious(switch)


def _bare(style: Any) -> None:
    """Nothing of what the library's template had: blue headings, theme faces, lines under titles."""
    for name in ("w:rPr", "w:pPr"):
        for old in style.element.findall(qn(name)):
            style.element.remove(old)


def _font(style: Any, look: Look) -> None:
    style.font.name, style.font.size = LATIN, Pt(look.size)
    style.font.bold = style.font.italic = False
    if look.colour is not None:
        style.font.color.rgb = look.colour
    own = style.element.get_or_add_rPr().find(qn("w:rFonts"))
    own.set(qn("w:eastAsia"), look.face)
    own.set(qn("w:cs"), LATIN)
    own.set(qn("w:hint"), "eastAsia")  # “ ” and … are Chinese here
    if look.size == 16:
        closer = OxmlElement("w:spacing")
        closer.set(qn("w:val"), str(-round(CLOSER * 20)))
        style.element.rPr.find(qn("w:sz")).addprevious(closer)


def _lines(form: Any, points: float) -> None:
    form.space_before = form.space_after = Pt(0)
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(points)


def _faces(doc: Any) -> None:
    """The table of faces, each with what may stand in for it."""
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{instead}"/><w:charset w:val="86"/>'
        f'<w:family w:val="auto"/><w:pitch w:val="variable"/></w:font>'
        for name, instead in INSTEAD.items()
    )
    table = parse_xml(f"<w:fonts {nsdecls('w')}>{fonts}</w:fonts>")
    from lxml import etree

    for part in doc.part.package.iter_parts():
        if str(part.partname) == "/word/fontTable.xml":
            part._blob = etree.tostring(table, xml_declaration=True, encoding="UTF-8", standalone=True)
