"""Making text of other people harmless to a terminal.

A chat's title, a message or a file name may hold escape sequences that rewrite the screen, set the window's title or
make the terminal type, and bidirectional overrides that show a name in another order than it is stored. Nothing that
tgvault did not write itself reaches a terminal but through here.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["safe_json", "safe_line", "safe_text", "width"]

#: C0 and C1 controls and DEL, line and paragraph separators, bidirectional embeddings, overrides and isolates,
#: lone surrogates (half an emoji, which no encoding can write), and marks that show nothing and belong to no script.
#: The joiners U+200C and U+200D and the marks U+200E and U+200F stay: emoji, Persian, Hebrew and Arabic need them, and
#: they reach no further than their neighbours.
_HARMFUL = "\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\u200b\u2060-\u2064\ufeff\ufff9-\ufffb"

_IN_LINE = re.compile(f"[{_HARMFUL}]")
_IN_TEXT = re.compile(f"(?!\n)[{_HARMFUL}]")


def safe_line(text: str) -> str:
    """Make text fit for one line: what could act on the terminal stands there as an escape (`\\x1b`, `\\u202e`)."""
    return _IN_LINE.sub(_escaped, text)


def safe_text(text: str) -> str:
    """Make text of several lines harmless; line feeds stay, everything else is as in `safe_line`."""
    return _IN_TEXT.sub(_escaped, text.replace("\r\n", "\n").replace("\t", "    "))


def safe_json(document: str) -> str:
    """Escape in a JSON document what JSON allows unescaped and a terminal acts on; it stays the same document."""
    return _IN_TEXT.sub(lambda found: f"\\u{ord(found[0]):04x}", document)


def width(text: str) -> int:
    """How many columns of a terminal safe text takes."""
    if text.isascii():
        return len(text)
    return sum(_columns(letter) for letter in text)


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    named = {0x09: "\\t", 0x0A: "\\n", 0x0D: "\\r"}
    if code in named:
        return named[code]
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _columns(letter: str) -> int:
    if unicodedata.combining(letter) or unicodedata.category(letter) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1
