"""Making legal JSON of what some versions of Telegram Desktop wrote instead, without losing anything."""

from __future__ import annotations

import re

__all__ = ["repaired", "whole_characters"]

#: A backslash and what it escapes, so that the second of two backslashes is never taken for the start of an escape.
_ESCAPE = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|.)", re.DOTALL)
#: Versions 4.0.4 to 4.1.1 wrote the path of a custom emoji without quotes, up to the end of the line.
_UNQUOTED = re.compile(rb'("document_id":[ \t]*)(?!(?:null|true|false)\b)((?:[A-Za-z(][^\r\n]*?)?)(,?)(?=\r?\n)')
#: Escapes, among them the halves of characters beyond U+FFFF that stand alone.
_HALF = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)


def repaired(data: bytes) -> tuple[bytes, int]:
    """Put right what is known to be written wrongly; the second value counts the places.

    Control characters stand in strings as `\\xNN` in every version up to at least 6.1, which JSON does not know.
    """
    count = 0

    def legal(found: re.Match[bytes]) -> bytes:
        nonlocal count
        if found[1] is None:
            return found[0]
        count += 1
        return b"\\u00" + found[1]

    if b"\\x" in data:
        data = _ESCAPE.sub(legal, data)
    data, quoted = _UNQUOTED.subn(_quoted, data)
    return data, count + quoted


def whole_characters(data: bytes) -> tuple[bytes, int]:
    """Put U+FFFD in the place of halves of characters, which no JSON reader takes; the second value counts them.

    Telegram Desktop writes none. Programs that cut a text in the middle of an emoji do.
    """
    count = 0

    def marked(found: re.Match[bytes]) -> bytes:
        nonlocal count
        if found[1] is None:
            return found[0]
        count += 1
        return b"\\ufffd"

    return _HALF.sub(marked, data), count


def _quoted(found: re.Match[bytes]) -> bytes:
    text = found[2].replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    return b'%b"%b"%b' % (found[1], text, found[3])
