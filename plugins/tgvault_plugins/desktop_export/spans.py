"""What a span's token says, and reading the messages of a span."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from tgvault.api import Finding, FindingKind, Message
from tgvault_plugins.desktop_export.cutting import LARGEST
from tgvault_plugins.desktop_export.view import View
from tgvault_plugins.desktop_export.windows import Reader

__all__ = ["Token", "expanded", "windows"]

#: Bytes read at once. Every copy of them stays in the cache and under the size from which the C library asks the system
#: for memory anew each time: 2.5 µs a message, 3.1 µs with 256 KiB, 3.6 µs with 4 MiB.
_STEP = 1 << 16


class Token(msgspec.Struct, frozen=True, array_like=True):
    """Where a span stands in the file, and what has to be known of its chat to read it.

    `lead` is the text before each message's braces, or empty when messages do not stand on lines of their own.
    `stamp` tells whether the file is still the same.
    """

    start: int
    stop: int
    lead: bytes
    folder: str
    subject: str
    stamp: bytes


def expanded(view: View, token: Token) -> Iterator[Message | Finding]:
    """Read the messages of a span."""
    reader = Reader(token.folder, token.subject)
    for at, text in windows(view, token.start, token.stop, token.lead):
        if text:
            yield from reader.window(text, at=at, lead=token.lead)
        else:
            detail = f"a message at byte {at} is larger than {LARGEST >> 20} MiB"
            yield Finding(FindingKind.LOST, token.subject, detail)


def windows(view: View, start: int, stop: int, lead: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the text of a range of whole messages in pieces that are easy on memory, and where each stands.

    An empty text stands for a message that is too large to be one.
    """
    if not lead:
        whole = stop - start <= 2 * LARGEST
        yield start, view.take(start, stop).rstrip().removesuffix(b",") if whole else b""
        return
    border = lead + b"}," + lead + b"{"
    at = start
    while at < stop:
        text = _text(view, at, stop, border)
        yield at, text
        if text:
            # Behind the last message's brace stand a comma and the white space before the next one.
            at += len(text) + 1 + len(lead)
        else:
            following = view.find(border, at + LARGEST - len(border), stop)
            at = stop if following < 0 else following + len(border) - 1


def _text(view: View, at: int, stop: int, border: bytes) -> bytes:
    """As many whole messages as fit into a step, or one if it is larger; empty when that is too large."""
    step = _STEP
    while step <= LARGEST:
        text = view.take(at, min(at + step, stop))
        if at + len(text) >= stop:
            return text
        if (cut := text.rfind(border)) >= 0:
            return text[: cut + border.index(b",")]
        step *= 4
    return b""
