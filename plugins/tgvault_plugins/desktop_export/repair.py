"""Making legal JSON of what some versions of Telegram Desktop wrote instead, without losing anything."""

from __future__ import annotations

import re

__all__ = ["repaired"]

#: A backslash and what it escapes, so that the second of two backslashes is never taken for the start of an escape.
_ESCAPE = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|.)", re.DOTALL)
#: Versions 4.0.4 to 4.1.1 wrote the path of a custom emoji without quotes, up to the end of the line.
_UNQUOTED = re.compile(rb'("document_id":[ \t]*)(?!(?:null|true|false)\b)((?:[A-Za-z(][^\r\n]*?)?)(,?)(?=\r?\n)')


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


def _quoted(found: re.Match[bytes]) -> bytes:
    text = found[2].replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    return b'%b"%b"%b' % (found[1], text, found[3])
