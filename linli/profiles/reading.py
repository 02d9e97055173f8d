"""Reading a profile's tables with every complaint collected, each with file, line and key path."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from linli.kit.calendar import Span
from linli.profiles.lines import Path, dotted, line_numbers, nearest_line


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a profile."""

    file: str
    line: int
    key: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.key}: {self.text}"


class ProfileError(ValueError):
    """A profile that cannot be taken, with all its problems."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


@dataclass
class Source:
    """One file being read: its name, its lines, what was found wrong."""

    file: str
    lines: dict[Path, int]
    problems: list[Problem] = field(default_factory=list)

    def complain(self, path: Path, text: str) -> None:
        self.problems.append(Problem(self.file, nearest_line(self.lines, path), dotted(path), text))

    def finish(self) -> None:
        """Refuse the file if anything was wrong, in the order of its lines."""
        if self.problems:
            raise ProfileError(sorted(self.problems, key=lambda problem: problem.line))


class Section:
    """A table of the file. Asking for a key marks it as known; ``close`` complains about the others."""

    def __init__(self, source: Source, path: Path, data: dict[str, Any]) -> None:
        self.source, self.path, self.data = source, path, data
        self._asked: set[str] = set()

    def complain(self, key: str | None, text: str) -> None:
        self.source.complain(self.path if key is None else (*self.path, key), text)

    def has(self, key: str) -> bool:
        self._asked.add(key)
        return key in self.data

    def _take(self, key: str, kind: type | tuple[type, ...], expected: str, default: Any) -> Any:
        self._asked.add(key)
        if key not in self.data:
            if default is None:
                self.complain(key, "is missing")
            return None
        value = self.data[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.complain(key, f"must be {expected}, not {value!r}")
            return None
        return value

    def text(self, key: str, default: str | None = None, *, limit: int = 80) -> str:
        value = self._take(key, str, "a text", default)
        if value is None:
            return default or ""
        if default is None and not value.strip():
            self.complain(key, "must not be empty")
        if len(value) > limit:
            self.complain(key, f"is longer than {limit} characters")
        return str(value)

    def one_of(self, key: str, allowed: frozenset[str], default: str | None = None) -> str:
        value = self.text(key, default)
        if value and value not in allowed:
            self.complain(key, f"must be one of {', '.join(sorted(allowed))}, not {value!r}")
        return value

    def integer(self, key: str, default: int | None = None, *, minimum: int = 0) -> int:
        value = self._take(key, int, "a whole number", default)
        if value is None:
            return default or 0
        if value < minimum:
            self.complain(key, f"must be at least {minimum}, not {value}")
        return int(value)

    def number(self, key: str, default: float | None = None) -> float:
        value = self._take(key, (int, float), "a number", default)
        return float(default or 0.0) if value is None else float(value)

    def flag(self, key: str, default: bool | None = None) -> bool:
        value = self._take(key, bool, "true or false", default)
        return bool(default) if value is None else bool(value)

    def span(self, key: str) -> Span | None:
        """A span, or None where the key is missing or wrong (a wrong one is a problem already)."""
        value = self.text(key, "")
        if not value:
            return None
        try:
            return Span.parse(value)
        except ValueError as error:
            self.complain(key, str(error))
            return None

    def texts(self, key: str, allowed: frozenset[str] | None = None) -> tuple[str, ...]:
        """A list of texts; empty where the key is missing."""
        value = self._take(key, list, "a list of texts", [])
        good: list[str] = []
        for position, item in enumerate(value or ()):
            if not isinstance(item, str) or not item.strip():
                self.source.complain((*self.path, key, position), f"must be a text, not {item!r}")
            elif allowed is not None and item not in allowed:
                self.source.complain((*self.path, key, position), f"{item!r} is not known")
            else:
                good.append(item)
        return tuple(good)

    def table(self, key: str) -> Section:
        value = self._take(key, dict, "a table", None)
        return Section(self.source, (*self.path, key), value or {})

    def tables(self, key: str, *, required: bool = True) -> Iterator[Section]:
        value = self._take(key, list, "a list of tables", None if required else [])
        for position, item in enumerate(value or ()):
            if isinstance(item, dict):
                yield Section(self.source, (*self.path, key, position), item)
            else:
                self.source.complain((*self.path, key, position), "must be a table")

    def close(self) -> None:
        """Complain about every key that nobody asked for: a misspelt key must not pass silently."""
        for key in sorted(set(self.data) - self._asked):
            self.complain(key, "is not a key that a profile knows here")


def open_source(file: FilePath) -> Section:
    """Read a TOML file; text that is no TOML is refused with its line."""
    text = file.read_text(encoding="utf-8")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ProfileError([_syntax_problem(file.name, str(error))]) from error
    return Section(Source(file.name, line_numbers(text)), (), data)


def _syntax_problem(file: str, message: str) -> Problem:
    head, _, tail = message.partition("(at line ")
    line = tail.partition(",")[0]
    return Problem(file, int(line) if line.isdigit() else 1, "(syntax)", head.strip() or message)
