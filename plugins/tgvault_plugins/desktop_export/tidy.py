"""Taking the white space out of a piece of JSON, and mending it where that is needed and possible."""

from __future__ import annotations

import re
from dataclasses import dataclass

import msgspec

from tgvault.api import Finding, FindingKind
from tgvault_plugins.desktop_export.repair import repaired, whole_characters

__all__ = ["UNREADABLE", "Tidied", "closed", "minified", "tidied"]

_TOKEN = re.compile(rb'\s*("[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{},:]|[^\s\[\]{},:"]++)', re.DOTALL)
#: Deeper nesting than this is nothing that Telegram Desktop writes, and JSON readers refuse it.
_DEEPEST = 500
#: What decoding raises for text that is no JSON, no UTF-8, or nested too deeply.
UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Tidied:
    """Legal JSON on one line; how often it was put right, and how often a byte of damaged text was replaced."""

    data: bytes
    repaired: int = 0
    replaced: int = 0

    def findings(self, subject: str) -> list[Finding]:
        """What there is to tell of the mending."""
        told = [
            Finding(FindingKind.REPAIRED, subject, "illegal JSON of some versions of Telegram Desktop", self.repaired),
            Finding(FindingKind.LOST, subject, "damaged bytes of text, a mark stands in their place", self.replaced),
        ]
        return [each for each in told if each.count]


def minified(data: bytes) -> bytes:
    """Take out white space; every token stays as it was written.

    Raises:
        MsgspecError: it is no JSON.
        UnicodeDecodeError: its text is no UTF-8.
        RecursionError: it is nested too deeply.
    """
    short = msgspec.json.format(data, indent=-1)
    if not short.isascii():
        short.decode()
    return short


def tidied(data: bytes) -> Tidied | None:
    """Take out white space, mending what is known to be written wrongly; None when it cannot be read at all."""
    try:
        return Tidied(minified(data))
    except UNREADABLE:
        pass
    mended, count = repaired(data)
    text = mended.decode(errors="replace")
    replaced = 0 if text.encode() == mended else text.count("\N{REPLACEMENT CHARACTER}")
    whole, halves = whole_characters(text.encode())
    try:
        return Tidied(minified(whole), count, replaced + halves)
    except UNREADABLE:
        return None


def closed(data: bytes) -> bytes:
    """Cut a value that lacks its end back to its last complete part, and put the missing closers on."""
    open_, key, at = bytearray(), False, 0
    good, closers = 0, b"null"
    while (found := _TOKEN.match(data, at)) and len(open_) < _DEEPEST:
        token, at = found[1], found.end()
        if token in {b",", b":"}:
            key = token == b"," and open_[-1:] == b"}"
            continue
        if token in {b"{", b"["}:
            open_ += b"}" if token == b"{" else b"]"
            key = token == b"{"
            if len(open_) > 1:
                continue
        elif token in {b"}", b"]"}:
            if open_[-1:] != token:
                break
            del open_[-1]
        elif key or (at == len(data) and token[:1] != b'"'):
            continue
        good, closers = at, bytes(open_[::-1])
        if not open_:
            break
    return data[:good] + closers
