"""Reading a `result.json` that an editor saved again in another encoding."""

from __future__ import annotations

import codecs
from bisect import bisect_right
from collections import OrderedDict

from tgvault_plugins.desktop_export.root import Window
from tgvault_plugins.desktop_export.view import View

__all__ = ["Utf16Window", "text_of"]

#: Bytes of UTF-16 turned into UTF-8 at once, and how many such blocks are kept.
_BLOCK = 1 << 20
_KEPT = 4
_BRACE = {b"{\0": "utf-16-le", b"\0{": "utf-16-be"}


def text_of(window: Window) -> tuple[View, int]:
    """The text of a file as UTF-8, and where it begins behind a byte order mark."""
    start = window.read(0, 4)
    if start.startswith(codecs.BOM_UTF8):
        return View(window), len(codecs.BOM_UTF8)
    for mark, name in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if start.startswith(mark):
            return View(Utf16Window(window, name)), len("\N{ZERO WIDTH NO-BREAK SPACE}".encode())
    if name := _BRACE.get(start[:2], ""):
        return View(Utf16Window(window, name)), 0
    return View(window), 0


class Utf16Window:
    """The UTF-8 form of a UTF-16 file, made a block at a time; half characters become U+FFFD."""

    def __init__(self, inner: Window, encoding: str) -> None:
        self._inner = inner
        self._encoding = encoding
        self._high = 1 if encoding == "utf-16-le" else 0
        self._kept: OrderedDict[int, bytes] = OrderedDict()
        self._from = [0]
        self._to = [0]
        while self._from[-1] < inner.size:
            self._measure()
        self.size = self._to[-1]

    def read(self, start: int, stop: int) -> bytes:
        """Give the bytes of the UTF-8 form from start up to stop."""
        out = []
        index = bisect_right(self._to, start) - 1
        while index < len(self._to) - 1 and self._to[index] < stop:
            base = self._to[index]
            out.append(self._block(index)[max(start - base, 0) : stop - base])
            index += 1
        return b"".join(out)

    def close(self) -> None:
        """Let go of the file."""
        self._inner.close()

    def _measure(self) -> None:
        start = self._from[-1]
        stop = min(start + _BLOCK, self._inner.size)
        last = self._inner.read(stop - 2, stop)
        # A block must not end between the halves of a character.
        if stop < self._inner.size and 0xD8 <= last[self._high] <= 0xDB:
            stop -= 2
        self._from.append(stop)
        self._to.append(self._to[-1] + len(self._block(len(self._from) - 2)))

    def _block(self, index: int) -> bytes:
        if (block := self._kept.get(index)) is None:
            data = self._inner.read(self._from[index], self._from[index + 1])
            block = self._kept[index] = data.decode(self._encoding, errors="replace").encode()
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return block
