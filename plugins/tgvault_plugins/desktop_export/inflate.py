"""Reading members of a zip: in order, or at any place without unpacking them to disk or into memory."""

from __future__ import annotations

import io
import zlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import Protocol

from tgvault.api import UnreadableExportError
from tgvault_plugins.desktop_export.folder import FileWindow
from tgvault_plugins.desktop_export.paths import shown

__all__ = ["Member", "MemberFile", "MemberWindow"]

#: Bytes unpacked at once, and how many such blocks are kept.
_BLOCK = 1 << 20
_KEPT = 4
#: Places to start unpacking from again, at most; each takes about 48 KiB.
_STARTS = 256
_READ = 1 << 16


@dataclass(frozen=True, slots=True)
class Member:
    """Where a member's data stands in the zip, and what it shall become."""

    name: str
    offset: int
    packed: int
    size: int
    crc: int
    stored: bool


class _Unpacker(Protocol):
    position: int

    def more(self, limit: int) -> bytes: ...

    def copy(self) -> _Unpacker: ...


class _Stored:
    def __init__(self, zipped: FileWindow, member: Member, position: int = 0) -> None:
        self._zipped = zipped
        self._member = member
        self.position = position

    def more(self, limit: int) -> bytes:
        start = self._member.offset + self.position
        data = self._zipped.read(start, min(start + limit, self._member.offset + self._member.packed))
        self.position += len(data)
        return data

    def copy(self) -> _Stored:
        return _Stored(self._zipped, self._member, self.position)


class _Deflated:
    def __init__(self, zipped: FileWindow, member: Member) -> None:
        self._zipped = zipped
        self._member = member
        self._next = member.offset
        self._left = b""
        self._state = zlib.decompressobj(-zlib.MAX_WBITS)
        self.position = 0

    def more(self, limit: int) -> bytes:
        end = self._member.offset + self._member.packed
        while not self._state.eof:
            data = self._left or self._zipped.read(self._next, min(self._next + _READ, end))
            self._next += 0 if self._left else len(data)
            try:
                out = self._state.decompress(data, limit)
            except zlib.error as exc:
                raise _damaged(self._member) from exc
            self._left = self._state.unconsumed_tail
            if out:
                self.position += len(out)
                return out
            if not data:
                break
        return b""

    def copy(self) -> _Deflated:
        twin = _Deflated(self._zipped, self._member)
        twin._next, twin._left, twin.position = self._next, self._left, self.position
        twin._state = self._state.copy()
        return twin


def _unpacker(zipped: FileWindow, member: Member) -> _Unpacker:
    return _Stored(zipped, member) if member.stored else _Deflated(zipped, member)


class MemberFile(io.RawIOBase):
    """A member read from its beginning to its end; its checksum is compared there."""

    def __init__(self, zipped: FileWindow, member: Member) -> None:
        super().__init__()
        self._zipped = zipped
        self._member = member
        self._unpacker = _unpacker(zipped, member)
        self._crc = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: object) -> int:
        """Fill the buffer.

        Raises:
            UnreadableExportError: the member is damaged, or not as long as the zip's directory says.
        """
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        data = self._unpacker.more(len(view)) if len(view) else b""
        self._crc = zlib.crc32(data, self._crc)
        _check(self._member, self._unpacker.position, self._crc, ended=bool(len(view)) and not data)
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Let go of the zip."""
        self._zipped.close()
        super().close()


class MemberWindow:
    """A member read at any place: unpacking starts again at the nearest of some places kept on the way.

    Nothing is unpacked to disk, and memory stays under 20 MiB however large the member is. Going through in order
    costs what unpacking costs (about 300 MB/s), a jump back at most a 256th of that.
    """

    def __init__(self, zipped: FileWindow, member: Member) -> None:
        self._zipped = zipped
        self._member = member
        self.size = member.size
        self._every = max(4, -(-member.size // _BLOCK) // _STARTS)
        self._starts = {0: _unpacker(zipped, member)}
        self._running = self._starts[0].copy()
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._crc = (0, 0)

    def read(self, start: int, stop: int) -> bytes:
        """Give the bytes from start up to stop."""
        stop = min(stop, self.size)
        out = []
        while start < stop:
            index, skip = divmod(start, _BLOCK)
            out.append(self._block(index)[skip : skip + stop - start])
            start += len(out[-1])
        return b"".join(out)

    def close(self) -> None:
        """Let go of the zip."""
        self._zipped.close()

    def _block(self, index: int) -> bytes:
        if index in self._blocks:
            self._blocks.move_to_end(index)
            return self._blocks[index]
        nearest = max(start for start in self._starts if start <= index)
        if not nearest * _BLOCK <= self._running.position <= index * _BLOCK:
            self._running = self._starts[nearest].copy()
        while self._running.position <= index * _BLOCK:
            block = self._next()
        return block

    def _next(self) -> bytes:
        index, wanted = self._running.position // _BLOCK, min(_BLOCK, self.size - self._running.position)
        if index % self._every == 0 and index not in self._starts:
            self._starts[index] = self._running.copy()
        block = b""
        while len(block) < wanted:
            data = self._running.more(wanted - len(block))
            if not data:
                raise _damaged(self._member)
            block += data
        self._compare(index, block)
        self._blocks[index] = block
        if len(self._blocks) > _KEPT:
            self._blocks.popitem(last=False)
        return block

    def _compare(self, index: int, block: bytes) -> None:
        done, crc = self._crc
        if index != done:
            return
        self._crc = done + 1, zlib.crc32(block, crc)
        if self._running.position == self.size:
            ended = not self._running.more(1)
            _check(self._member, self._running.position, self._crc[1], ended=ended)


def _check(member: Member, position: int, crc: int, *, ended: bool) -> None:
    if position > member.size or (ended and (position, crc) != (member.size, member.crc)):
        raise _damaged(member)


def _damaged(member: Member) -> UnreadableExportError:
    return UnreadableExportError(
        f"`{shown(member.name)}` in the zip is damaged, or is not what the zip's directory says",
        hint="test the zip with `unzip -t`, or unpack what it still gives and import the folder",
    )
