"""The table itself: CSV, plain or gzipped, row by row, each with the line of the file where it begins."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, cast

from django.utils.translation import gettext as _

from linli.channels.history.mapping import MapError, Mapping

if TYPE_CHECKING:
    from _csv import Writer as _Writer
else:
    _Writer = Any

# What a rejects file carries in front, so that it can be corrected and read in again.
LINE, REASON = "linli_line", "linli_reason"
MARK: Final = "\ufeff"


@dataclass(frozen=True)
class Line:
    """One row as it stands: its line, and its cells in the order of the file."""

    number: int
    cells: list[str]


class Table:
    """An open table; ``columns`` are the older system's own, ``rows`` what follows them."""

    def __init__(self, reader: Iterator[Line], columns: list[str], skip: int) -> None:
        self.columns = columns
        self._reader, self._skip = reader, skip

    def rows(self) -> Iterator[Line]:
        for line in self._reader:
            if any(line.cells):
                yield Line(line.number, line.cells[self._skip :])


@contextmanager
def opened(path: Path, mapping: Mapping) -> Iterator[Table]:
    """Open a table and check its columns. Raises MapError where it is no such table."""
    encoding = mapping.encoding or _encoding(path)
    try:
        with _text(path, encoding) as file:
            lines = _lines(file, mapping.delimiter)
            head = next(lines, None)
            if head is None:
                raise MapError(_("文件里一行数据也没有。"))
            columns = [cell.strip() for cell in head.cells]
            skip = 2 if columns[:2] == [LINE, REASON] else 0
            columns = columns[skip:]
            _check(columns, mapping)
            yield Table(lines, columns, skip)
    except (OSError, EOFError) as error:
        raise MapError(_("打不开文件：%s") % (getattr(error, "strerror", None) or error)) from error
    except (UnicodeDecodeError, LookupError) as error:
        raise MapError(_("文件不是 %s 编码。") % encoding) from error


def _check(columns: Sequence[str], mapping: Mapping) -> None:
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise MapError(_("“%s”这一列出现了两次。") % twice[0])
    missing = [name for name in mapping.columns() if name not in columns]
    if missing:
        raise MapError(_("文件缺少对应表里写的列：%s。") % "、".join(missing))


def _lines(file: IO[str], delimiter: str) -> Iterator[Line]:
    """Rows with the line where each begins; a quoted cell may hold line breaks."""
    reader = csv.reader(file, delimiter=delimiter)
    begins = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            words = {"line": begins, "why": error}
            raise MapError(_("第 %(line)d 行不是合法的 CSV：%(why)s") % words) from error
        if cells is None:
            return
        yield Line(begins, cells)
        begins = reader.line_num + 1


def _encoding(path: Path) -> str:
    """UTF-8 unless its first megabyte is not: what an office's Excel saves is GB 18030."""
    with _bytes(path) as file:
        head = file.read(1 << 20)
    try:
        head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return "utf-8-sig" if error.start > len(head) - 4 else "gb18030"  # cut within a character
    return "utf-8-sig"


def _bytes(path: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")


def _text(path: Path, encoding: str) -> IO[str]:
    return io.TextIOWrapper(_bytes(path), encoding=encoding, newline="")


@contextmanager
def written(path: Path, columns: Sequence[str], delimiter: str = ",") -> Iterator[_Writer]:
    """A new table under its name only once it is whole; ``.gz`` is gzipped, without a time, so twice is the same."""
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as raw:
            packed = gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") if path.suffix == ".gz" else raw
            with io.TextIOWrapper(packed, encoding="utf-8", newline="") as file:
                file.write(MARK)
                writer = csv.writer(file, delimiter=delimiter)
                writer.writerow(columns)
                yield writer
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
