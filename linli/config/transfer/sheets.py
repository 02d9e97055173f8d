"""Tables on disk: CSV, Excel, GeoJSON and JSON lines, by the ending of the name."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Final
from zipfile import BadZipFile

from django.utils.translation import gettext as _

from linli.config.transfer.report import Problem, Report, TransferError

# A cell that begins like this is a formula to Excel and WPS, also from a CSV; wide forms are typed in Chinese.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_GUARD: Final = "'"
LONGEST_CELL: Final = 32_767  # Excel's own limit


@dataclass(frozen=True)
class Column:
    """One column: its key in code, its heading in the file, whether the file must have it."""

    key: str
    heading: Any
    needed: bool = False


@dataclass(frozen=True)
class Row:
    """One row as it was read: the line where it begins, and its cells by column key."""

    line: int
    cells: dict[str, Any]


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────
def read(path: Path, columns: Sequence[Column], report: Report) -> list[Row]:
    """All rows of a file. Raises TransferError where it cannot be read or lacks a needed column."""
    readers: dict[str, Callable[[Path], Iterator[tuple[int, list[Any]]]]] = {".csv": _csv, ".xlsx": _xlsx}
    try:
        if path.suffix.lower() in (".geojson", ".json"):
            rows = _geojson(path)
        else:
            rows = _tabular(readers[path.suffix.lower()](path), columns, report)
    except OSError as error:
        raise TransferError(_("打不开文件：%s") % (error.strerror or error)) from error
    report.read = len(rows)
    if not rows:
        raise TransferError(_("文件里一行数据也没有。"))
    return rows


def _tabular(lines: Iterator[tuple[int, list[Any]]], columns: Sequence[Column], report: Report) -> list[Row]:
    head: list[str | None] | None = None
    rows = []
    for line, cells in lines:
        if not any(cell not in (None, "") for cell in cells):
            continue
        if head is None:
            head = _head(line, cells, columns, report)
            continue
        if any(cell not in (None, "") for cell in cells[len(head) :]):
            report.fault(line, "", _("这一行比第一行多出了格子，多半是一个引号或逗号没有写好。"))
        found = {key: _unguarded(cell) for key, cell in zip(head, cells, strict=False) if key}
        rows.append(Row(line, found))
    return rows


def _head(line: int, cells: list[Any], columns: Sequence[Column], report: Report) -> list[str | None]:
    """Which column each cell of the first line names, by key or by heading."""
    known = {str(column.heading): column.key for column in columns} | {column.key: column.key for column in columns}
    head: list[str | None] = []
    for cell in cells:
        name = str(cell or "").strip()
        key = known.get(name)
        if key is None and name:
            report.warnings.append(Problem(line, name, _("不认识的列，没有读。")))
        if key is not None and key in head:
            raise TransferError(_("“%s”这一列出现了两次。") % name)
        head.append(key)
    missing = [str(column.heading) for column in columns if column.needed and column.key not in head]
    if missing:
        raise TransferError(_("第一行缺少这些列：%s。") % "、".join(missing))
    return head


def _csv(path: Path) -> Iterator[tuple[int, list[Any]]]:
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = raw.decode("gb18030")  # what Excel saves as CSV on a Chinese Windows
        except UnicodeDecodeError as error:
            raise TransferError(_("文件既不是 UTF-8 也不是 GB 18030 编码。")) from error
    csv.field_size_limit(16 * 1024 * 1024)  # a polygon is one cell
    reader, begins = csv.reader(io.StringIO(text, newline="")), 1
    try:
        for cells in reader:
            yield begins, list(cells)
            begins = reader.line_num + 1
    except csv.Error as error:
        if "field larger" in str(error):
            error = csv.Error(_("有一格太长，多半是一个引号没有配对。"))
        raise TransferError(_("第 %(line)d 行不是合法的 CSV：%(why)s") % {"line": begins, "why": error}) from error


def _xlsx(path: Path) -> Iterator[tuple[int, list[Any]]]:
    from openpyxl import load_workbook  # heavy, and only needed here
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, ValueError) as error:
        raise TransferError(_("文件不是 Excel 工作簿（.xlsx），或已损坏。")) from error
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # some programs write a wrong size, and rows would be lost
        for line, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            yield line, list(cells)
    finally:
        book.close()


def _geojson(path: Path) -> list[Row]:
    """Features as rows: properties are cells, a polygon is ``polygon``, a point ``lon`` and ``lat``."""
    try:
        data = json.loads(path.read_bytes().decode("utf-8-sig"))
        features = data["features"] if data["type"] == "FeatureCollection" else None
    except (UnicodeDecodeError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise TransferError(_("文件不是 GeoJSON。")) from error
    if not isinstance(features, list):
        raise TransferError(_("文件不是 GeoJSON：最外层应为 FeatureCollection。"))
    return [Row(number, _feature(number, feature)) for number, feature in enumerate(features, start=1)]


def _feature(number: int, feature: Any) -> dict[str, Any]:
    if not isinstance(feature, dict) or not isinstance(feature.get("properties") or {}, dict):
        raise TransferError(_("第 %d 项不是 Feature。") % number)
    cells = dict(feature.get("properties") or {})
    shape = feature.get("geometry")
    if isinstance(shape, dict) and shape.get("type") == "Point":
        position = shape.get("coordinates")
        if not isinstance(position, list) or len(position) < 2:
            raise TransferError(_("第 %d 项的点没有坐标。") % number)
        cells["lon"], cells["lat"] = position[:2]
    elif shape is not None:
        cells["polygon"] = shape
    return cells


# ── writing ─────────────────────────────────────────────────────────────────────────────────────────────────
def write(path: Path, columns: Sequence[Column], rows: Iterable[dict[str, Any]]) -> int:
    """Write rows under another name first, so that a file cut off is never taken for whole; how many there were."""
    writers = {".csv": _write_csv, ".xlsx": _write_xlsx, ".jsonl": _write_jsonl}
    with _whole(path) as part:
        return writers.get(path.suffix.lower(), _write_geojson)(part, columns, rows)


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    part = path.with_name(f"{path.name}.part")
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))  # it may hold names and telephones
    try:
        yield part
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _write_csv(path: Path, columns: Sequence[Column], rows: Iterable[dict[str, Any]]) -> int:
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # the mark lets Excel know that it is UTF-8
        writer = csv.writer(file)
        writer.writerow([str(column.heading) for column in columns])
        return _each(rows, lambda row: writer.writerow([_guarded(_cell(row.get(c.key))) for c in columns]))


def _write_xlsx(path: Path, columns: Sequence[Column], rows: Iterable[dict[str, Any]]) -> int:
    from openpyxl import Workbook  # heavy, and only needed here

    book = Workbook(write_only=True)
    sheet = book.create_sheet("邻理")
    sheet.append([str(column.heading) for column in columns])

    def put(row: dict[str, Any]) -> None:
        cells = [_guarded(_cell(row.get(column.key))) for column in columns]
        if any(isinstance(cell, str) and len(cell) > LONGEST_CELL for cell in cells):
            raise TransferError(_("有的边界超过 Excel 一格能放的长度：请导出成 .geojson。"))
        sheet.append(cells)

    count = _each(rows, put)
    book.save(path)
    return count


def _write_jsonl(path: Path, columns: Sequence[Column], rows: Iterable[dict[str, Any]]) -> int:
    with path.open("w", encoding="utf-8") as file:
        keys = [column.key for column in columns]
        return _each(rows, lambda row: _json_line(file, {key: _cell(row.get(key)) for key in keys}))


def _json_line(file: IO[str], row: dict[str, Any]) -> None:
    file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _write_geojson(path: Path, columns: Sequence[Column], rows: Iterable[dict[str, Any]]) -> int:
    """One feature a line, so that two exports can be compared by eye."""
    with path.open("w", encoding="utf-8") as file:
        file.write('{"type":"FeatureCollection","features":[')
        state = {"between": "\n"}

        def put(row: dict[str, Any]) -> None:
            cells = {c.key: _cell(row.get(c.key)) for c in columns if row.get(c.key) not in (None, "")}
            polygon = cells.pop("polygon", None)
            shape = json.loads(polygon) if polygon else None
            if shape is None and "lon" in cells and "lat" in cells:
                shape = {"type": "Point", "coordinates": [cells["lon"], cells["lat"]]}
            feature = {"type": "Feature", "properties": cells, "geometry": shape}
            file.write(state["between"] + json.dumps(feature, ensure_ascii=False))
            state["between"] = ",\n"

        count = _each(rows, put)
        file.write("\n]}\n")
    return count


def _each(rows: Iterable[dict[str, Any]], put: Callable[[dict[str, Any]], object]) -> int:
    count = 0
    for row in rows:
        put(row)
        count += 1
    return count


def _cell(value: Any) -> Any:
    """A value as every format takes it: numbers stay numbers, everything else is text."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value if isinstance(value, int | float) else str(value)


def _guarded(value: Any) -> Any:
    """Text that Excel would take for a formula gets an apostrophe in front, and so does text that begins with one."""
    if isinstance(value, str) and value.startswith((*_FORMULA, _GUARD)):
        return _GUARD + value
    return value


def _unguarded(value: Any) -> Any:
    """What ``_guarded`` put in front comes off again; an apostrophe that somebody typed before a name stays."""
    if isinstance(value, str) and value.startswith(_GUARD) and value[1:].startswith((*_FORMULA, _GUARD)):
        return value[1:]
    return value
