"""Skipping through a file of any form by counting brackets; slower than by indentation, and always right."""

from __future__ import annotations

import re

import msgspec

from tgvault_plugins.desktop_export.known import MESSAGE_TYPES
from tgvault_plugins.desktop_export.parts import Broken, Ended, Run
from tgvault_plugins.desktop_export.repair import repaired
from tgvault_plugins.desktop_export.tidy import UNREADABLE
from tgvault_plugins.desktop_export.view import View

__all__ = ["SPAN", "BracketSkip", "gap_end", "scalar_end"]

#: Bytes of messages read as one span.
SPAN = 1 << 22
#: Bytes read at once to guess a cut in, and the most that a message may have.
_PIECE = 1 << 20
_PLAIN_FIRST = 1 << 16
_LARGEST = 1 << 24
_GUESSES = 6
#: Nesting that no decoder of JSON follows.
_DEEPEST = 5000
#: Things in the place of messages that are looked at in a whole file before the rest is given up, and bytes of each.
_TRIES = 2000
_TRY = 1 << 18

#: Everything up to the next bracket that stands outside of a string, in one match (50 MB/s). The second group stands
#: where the last string, whose content is the first group, does not end: before CPython 3.11.5 a possessive repeat
#: whose body fails half-way goes on from there, so no body may.
_PLAIN = re.compile(rb'[^"\[\]{}]*+(?:"([^"\\]*+(?:\\.[^"\\]*+)*+)(?:"|(\\?\Z))[^"\[\]{}]*+)*+', re.DOTALL)
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_SCALAR = re.compile(rb"[^\s,\]}]+")
_GAP = re.compile(rb"\s*(,?)\s*")
_FIRST_KEY = re.compile(rb'\{\s*"(?:[^"\\]|\\.)*"\s*:')
_NEXT_OBJECT = re.compile(rb'[\]}"0-9a-z]\s{0,64},\s{0,64}\{|"messages"')
_LIST_END = re.compile(rb"\]\s{0,64}\}\s{0,64},\s{0,64}\{")
_PAIRS = {ord("}"): ord("{"), ord("]"): ord("[")}
_RAWS = msgspec.json.Decoder(list[msgspec.Raw])


class _Kind(msgspec.Struct, gc=False):
    type: str | None = None


_KIND = msgspec.json.Decoder(_Kind)


def scalar_end(view: View, at: int) -> int:
    """Position after a string, number or word.

    Raises:
        Ended: the file ends within it.
        Broken: nothing of the kind stands there.
    """
    size = 1 << 12
    while True:
        piece = view.peek(at, size) if size <= 1 << 15 else view.take(at, at + size)
        whole = at + len(piece) >= view.size
        found = (_STRING if piece[:1] == b'"' else _SCALAR).match(piece)
        if found and (found.end() < len(piece) or (whole and piece[:1] == b'"')):
            return at + found.end()
        begun = found or piece[:1] in {b'"', b""}
        if whole and begun:
            raise Ended(at)
        if not begun or size > _LARGEST:
            raise Broken(at)
        size *= 4


def gap_end(view: View, at: int) -> int:
    """Position after white space with at most one comma in it."""
    comma = False
    while found := _GAP.match(view.peek(at)):
        if (comma and found[1]) or not found[0]:
            break
        comma = comma or bool(found[1])
        at += found.end()
    return at


def _plain_end(piece: bytes, at: int) -> int:
    """Position of the next bracket outside of a string, of the string that does not end, or the end."""
    plain = _PLAIN.match(piece, at)
    assert plain is not None  # it matches nothing as well
    return plain.end() if plain[2] is None else plain.start(1) - 1


class BracketSkip:
    """Finds the ends of values by counting brackets."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._tries = _TRIES

    def value(self, at: int, level: int, limit: int = _LARGEST * 4) -> int:
        """Position after a value; raises as `LineSkip.value` does."""
        if self._view.peek(at, 1) not in {b"{", b"["}:
            return scalar_end(self._view, at)
        open_: list[int] = []
        here, piece, begin = at, b"", at
        while True:
            end = _plain_end(piece, here - begin)
            if end >= len(piece) or piece[end] == 0x22:
                here = begin = begin + end
                piece = self._more(begin, len(piece) - end, at)
                continue
            if here - at > limit:
                raise Broken(at)
            here = begin + end + 1
            if piece[end] in _PAIRS:
                if open_.pop() != _PAIRS[piece[end]]:
                    raise Broken(here - 1)
                if not open_:
                    return here
            elif len(open_) == _DEEPEST:
                raise Broken(at)
            else:
                open_.append(piece[end])

    def _more(self, at: int, had: int, start: int) -> bytes:
        # A string that did not end in the piece makes the next piece four times as long.
        if had > _LARGEST:
            raise Broken(at)
        piece = self._view.peek(at, 1 << 12) if had < 1 << 10 else self._view.take(at, at + had * 4)
        if len(piece) <= had:
            raise Ended(start)
        return piece

    def run(self, at: int, level: int) -> Run:
        """Find the messages of an array; `at` is behind its bracket."""
        start = gap_end(self._view, at)
        cuts: list[int] = []
        holes: list[tuple[int, int]] = []
        stop, close = self._walk(start, cuts, holes)
        return Run(start, stop, close, b"", tuple(cuts), tuple(holes))

    def _walk(self, here: int, cuts: list[int], holes: list[tuple[int, int]]) -> tuple[int, int | None]:
        stop, plain_until = here, here + _PLAIN_FIRST
        while True:
            try:
                if self._closes(here) and not self._goes_on(here):
                    return stop, here
                if not cuts or here - cuts[-1] >= SPAN:
                    cuts.append(here)
                guessed = self._guessed(here) if here >= plain_until else 0
                if not guessed and here >= plain_until:
                    plain_until = here + _PIECE
                stop = guessed or self._proved(here)
                here = gap_end(self._view, stop)
            except (Broken, Ended) as stopped:
                following = self.resumed(here)
                if following < self._view.size or isinstance(stopped, Broken):
                    holes.append((here, following))
                if following == self._view.size:
                    return stop, None
                cuts.append(following)
                here = following

    def _proved(self, at: int) -> int:
        """Position after one message that is JSON; damage can make brackets match that do not belong together."""
        if self._view.peek(at, 1) != b"{":
            # Not a message at all; a file full of such is none of Telegram Desktop's.
            self._tries -= 1
        if self._tries < 0:
            raise Broken(at)
        stop = self.value(at, 0, _LARGEST)
        message = self._view.take(at, stop)
        if not _decodes(b"[%b]" % message) and not _decodes(b"[%b]" % repaired(message)[0]):
            raise Broken(at)
        return stop

    def _closes(self, at: int) -> bool:
        if at >= self._view.size:
            raise Ended(at)
        return self._view.peek(at, 1) == b"]"

    def _guessed(self, at: int) -> int:
        """Position after the last of many messages, or 0: a guess that decoding has proved right."""
        piece = self._view.take(at, at + _PIECE)
        first = _FIRST_KEY.match(piece)
        if first is None or at + len(piece) >= self._view.size:
            return 0
        end = len(piece)
        for _ in range(_GUESSES):
            end = piece.rfind(first[0], 1, end)
            if end < 0:
                return 0
            body = piece[:end].rstrip()
            if body.endswith(b",") and _decodes(b"[%b]" % body[:-1]):
                return at + len(body[:-1].rstrip())
        return 0

    def _goes_on(self, at: int) -> bool:
        """Whether messages follow a closing bracket, which then belongs to something inside of a damaged one."""
        found = self._view.match(_LIST_END, at)
        return bool(found) and self._is_message(at + (found.end() if found else 0) - 1)

    def resumed(self, at: int) -> int:
        """Where the next message begins after one that cannot be read, or the end of the file."""
        stop = min(at + 2 * _LARGEST, self._view.size)
        while self._tries > 0 and (found := self._view.search(_NEXT_OBJECT, at, stop, 256)):
            self._tries -= 1
            at = found[0] + len(found[1]) - 1
            # Where another chat's list begins in between, these would be that chat's messages.
            if b'"messages"' in found[1]:
                break
            if found[1].endswith(b"{") and self._is_message(at):
                return at
        return self._view.size

    def _is_message(self, at: int) -> bool:
        try:
            message = self._view.take(at, self.value(at, 0, _TRY))
        except (Broken, Ended):
            return False
        try:
            return _KIND.decode(message).type in MESSAGE_TYPES
        except UNREADABLE:
            return False


def _decodes(data: bytes) -> bool:
    try:
        _RAWS.decode(data)
    except UNREADABLE:
        return False
    return True
