"""On which line of a TOML text each key stands, since no TOML parser that is kept up tells it."""

from __future__ import annotations

import re

import tomli

__all__ = ["KeyPath", "header_lines", "key_lines", "line_of"]

#: Where a value stands: table names and keys, and numbers for the places in a list.
KeyPath = tuple[str | int, ...]

_TRIVIA = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY = re.compile(r'"(?:\\.|[^"\\])*"|\'[^\']*\'|[^\s.=\[\]{},#"\']+')
#: A value that is neither a list nor an inline table. A date may have one blank in its middle; a multi-line string may
#: end in up to two quotes of its own before the three that close it.
_SCALAR = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\])*"'
    r"|'[^']*'"
    r"|\d{4}-\d\d-\d\d \d[^\s,\]}#]*"
    r"|[^\s,\]}#]+",
    re.DOTALL,
)


def key_lines(text: str) -> dict[KeyPath, int]:
    """Map each key and list element of a legal TOML text to the line, from 1, on which it is first named."""
    return _Scanner(text).scan()


def header_lines(text: str) -> list[tuple[KeyPath, int]]:
    """List the headers of tables in a legal TOML text, in their order: which table, and the line from 1."""
    scanner = _Scanner(text)
    scanner.scan()
    return scanner.headers


def line_of(lines: dict[KeyPath, int], path: KeyPath) -> int:
    """Give the line of the path, or of the nearest thing around it that has one; 1 for the file itself."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


class _Scanner:
    """Walks over a text that tomli has already found legal, so it checks nothing."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._lines: dict[KeyPath, int] = {}
        self.headers: list[tuple[KeyPath, int]] = []
        #: How many tables each list of tables has so far.
        self._counts: dict[KeyPath, int] = {}

    def scan(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        while self._skip():
            if self._text.startswith("[", self._at):
                table = self._header()
            else:
                self._pair(table)
        return self._lines

    def _skip(self) -> str:
        """Go to the next thing that means something, and give its first character, or nothing at the end."""
        self._at = self._matched(_TRIVIA).end()
        return self._text[self._at : self._at + 1]

    def _matched(self, pattern: re.Pattern[str]) -> re.Match[str]:
        match = pattern.match(self._text, self._at)
        assert match is not None, "a text that tomli takes"
        return match

    def _header(self) -> KeyPath:
        start = self._at
        many = self._text.startswith("[[", start)
        self._at += 2 if many else 1
        *outer, last = self._keys()
        path: KeyPath = ()
        for key in outer:
            self._note((*path, key), start)
            path = self._current((*path, key))
        path = (*path, last)
        if many:
            self._note(path, start)
            self._counts[path] = self._counts.get(path, 0) + 1
        path = self._current(path)
        self._note(path, start)
        self.headers.append((path, self._line(start)))
        self._skip()
        self._at += 2 if many else 1
        return path

    def _current(self, path: KeyPath) -> KeyPath:
        """Stand in the newest table where the path names a list of tables."""
        return (*path, self._counts[path] - 1) if path in self._counts else path

    def _pair(self, table: KeyPath) -> None:
        start = self._at
        path = table
        for key in self._keys():
            path = (*path, key)
            self._note(path, start)
        self._at += 1  # the equals sign
        self._value(path)

    def _keys(self) -> list[str]:
        keys: list[str] = []
        while True:
            self._skip()
            keys.append(self._key())
            if self._skip() != ".":
                return keys
            self._at += 1

    def _key(self) -> str:
        match = self._matched(_KEY)
        self._at = match.end()
        token = match[0]
        return next(iter(tomli.loads(f"{token} = 0"))) if token[0] in "\"'" else token

    def _value(self, path: KeyPath) -> None:
        opening = self._skip()
        if opening == "[":
            self._list(path)
        elif opening == "{":
            self._inline(path)
        else:
            self._at = self._matched(_SCALAR).end()

    def _list(self, path: KeyPath) -> None:
        self._at += 1
        count = 0
        while self._skip() != "]":
            self._note((*path, count), self._at)
            self._value((*path, count))
            count += 1
            if self._skip() == ",":
                self._at += 1
        self._at += 1

    def _inline(self, path: KeyPath) -> None:
        self._at += 1
        while self._skip() != "}":
            self._pair(path)
            if self._skip() == ",":
                self._at += 1
        self._at += 1

    def _note(self, path: KeyPath, start: int) -> None:
        self._lines.setdefault(path, self._line(start))

    def _line(self, at: int) -> int:
        return self._text.count("\n", 0, at) + 1
