"""Looking for things in a large file a piece at a time."""

from __future__ import annotations

import re

from tgvault_plugins.desktop_export.root import Window

__all__ = ["View"]

#: Bytes read at once while searching: few at first, since most is near, then what fits into the second-level cache.
_FIRST = 1 << 12
_STEP = 1 << 18
#: Bytes kept for looking closely at one place.
_BLOCK = 1 << 16


class View:
    """A window with searching, and with a block kept for many small looks at one place."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self.size = window.size
        self._at = 0
        self._block = b""

    def take(self, start: int, stop: int) -> bytes:
        """Give the bytes from start up to stop, fewer at the end of the file."""
        return self._window.read(start, stop)

    def peek(self, at: int, count: int = 1024) -> bytes:
        """Give up to count bytes at a place; cheap when the next look is near."""
        start = at - self._at
        if not 0 <= start <= len(self._block) - count:
            self._at, self._block = at, self._window.read(at, at + max(count, _BLOCK))
            start = 0
        return self._block[start : start + count]

    def match(self, pattern: re.Pattern[bytes], at: int, count: int = 1024) -> re.Match[bytes] | None:
        """Match a pattern at a place; offsets of the match count from there. It sees count bytes at most."""
        return pattern.match(self.peek(at, count))

    def find(self, what: bytes, start: int, stop: int | None = None) -> int:
        """Position of the first occurrence that lies in the range whole, or -1."""
        return self.first((what,), start, stop)[0]

    def first(self, what: tuple[bytes, ...], start: int, stop: int | None = None) -> tuple[int, int]:
        """Position of whichever stands first, and which; (-1, -1) if none does."""
        stop = self.size if stop is None else min(stop, self.size)
        longest, step = max(map(len, what)), _FIRST
        while start < stop:
            piece = self._window.read(start, min(start + step, stop))
            step = min(step * 8, _STEP)
            found = min(((at, which) for which, each in enumerate(what) if (at := piece.find(each)) >= 0), default=None)
            # One that begins nearer to the end of the piece may stand behind a longer one that is cut off there.
            if found and (found[0] + longest <= len(piece) or start + len(piece) >= stop):
                return start + found[0], found[1]
            if start + len(piece) >= stop or not piece:
                break
            start += max(len(piece) - longest + 1, 1)
        return -1, -1

    def rfind(self, what: bytes, start: int, stop: int) -> int:
        """Position of the last occurrence that lies in the range whole, or -1."""
        stop, step = min(stop, self.size), _FIRST
        while stop - start >= len(what):
            begin = max(start, stop - step)
            step = min(step * 8, _STEP)
            if (at := self._window.read(begin, stop).rfind(what)) >= 0:
                return begin + at
            if begin == start:
                break
            stop = begin + len(what) - 1
        return -1

    def search(self, pattern: re.Pattern[bytes], start: int, stop: int, longest: int) -> tuple[int, bytes] | None:
        """Find a pattern that is never longer than `longest` bytes: where it stands and what it matched."""
        step = max(_FIRST, 2 * longest)
        while start < stop:
            piece = self._window.read(start, min(start + step, stop))
            step = min(step * 8, _STEP)
            if found := pattern.search(piece):
                return start + found.start(), found[0]
            if start + len(piece) >= stop or not piece:
                break
            start += max(len(piece) - longest + 1, 1)
        return None
