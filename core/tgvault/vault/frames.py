"""zstd frames: compressed ones, frames of raw blocks, and the skippable ones that carry directory and padding.

Frame and block layout: RFC 8878, sections 3.1.1 and 3.1.2. Padmé: Nikitin and others, "Reducing Metadata Leakage from
Encrypted Files and Communication with PURBs", 2019, section 4.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

import zstandard

from tgvault.errors import CorruptObjectError

__all__ = [
    "DIRECTORY_MAGIC",
    "MAX_FRAME_CONTENT",
    "MAX_TEXT",
    "PADDING_MAGIC",
    "all_content",
    "compressed",
    "decompress",
    "padding",
    "raw_blocks",
    "raw_parts",
    "skippable",
]

DIRECTORY_MAGIC = 0x184D2A50
PADDING_MAGIC = 0x184D2A5F

#: No writer makes a frame with more content or a larger window (bytes); what claims more is refused before memory is
#: taken for it.
MAX_FRAME_CONTENT = 8 << 20

#: No index object and no manifest has more content (bytes); see `MAX_FRAME_CONTENT`.
MAX_TEXT = 64 << 20

#: Level 3 compresses chat text 6.4 : 1 at 340 MB/s, level 1 6.0 : 1 at 480 MB/s, level 9 7.1 : 1 at 65 MB/s
#: (1 MiB frames, one core of a two-core EPYC).
LEVEL = 3

_MAGIC = b"\x28\xb5\x2f\xfd"
_SINGLE_SEGMENT_4_BYTE_SIZE = b"\xa0"
_MAX_BLOCK = 128 << 10
_RAW_START = _MAGIC + _SINGLE_SEGMENT_4_BYTE_SIZE
_RAW_HEAD = len(_RAW_START) + 4
_BLOCK_HEAD = 3
_RAW = 0


def compressed(content: bytes) -> bytes:
    """Make one compressed frame."""
    return zstandard.ZstdCompressor(level=LEVEL).compress(content)


def raw_parts(content: bytes) -> Iterator[bytes | memoryview]:
    """Make one frame of raw blocks, in parts to be joined; for content that compression would not make smaller."""
    yield _RAW_START + struct.pack("<I", len(content))
    view = memoryview(content)
    last = max(0, len(content) - 1) // _MAX_BLOCK
    for number in range(last + 1):
        block = view[number * _MAX_BLOCK : (number + 1) * _MAX_BLOCK]
        yield (len(block) << 3 | (number == last)).to_bytes(3, "little")
        yield block


def raw_blocks(frame: memoryview) -> list[memoryview] | None:
    """Give the content of a frame as `raw_parts` makes it, where it lies and without a copy; None for other frames."""
    if frame[: len(_RAW_START)] != _RAW_START or len(frame) < _RAW_HEAD:
        return None
    blocks: list[memoryview] = []
    at, is_last = _RAW_HEAD, 0
    while not is_last and at + _BLOCK_HEAD <= len(frame):
        head = int.from_bytes(frame[at : at + _BLOCK_HEAD], "little")
        is_last, kind, length = head & 1, head >> 1 & 3, head >> 3
        at += _BLOCK_HEAD + length
        if kind != _RAW or at > len(frame):
            return None
        blocks.append(frame[at - length : at])
    claimed = int.from_bytes(frame[len(_RAW_START) : _RAW_HEAD], "little")
    return blocks if is_last and at == len(frame) and sum(map(len, blocks)) == claimed else None


def decompress(frame: bytes | memoryview, *, where: str) -> bytes:
    """Give a frame's content.

    Raises:
        CorruptObjectError: it is no frame, or one larger than any writer makes. `where` names it.
    """
    try:
        size = zstandard.frame_content_size(frame)
        if not 0 <= size <= MAX_FRAME_CONTENT:
            raise CorruptObjectError(f"a frame of `{where}` claims {size} bytes of content")
        content = zstandard.ZstdDecompressor().decompress(frame, max_output_size=size)
    except zstandard.ZstdError as error:
        raise CorruptObjectError(f"a frame of `{where}` cannot be decompressed: {error}") from None
    return content


def all_content(plaintext: bytes, *, where: str) -> bytes:
    """Join the content of all frames of a plaintext, as `zstd -d` does; skippable frames have none.

    Raises:
        CorruptObjectError: it is not a sequence of frames, or has more than `MAX_TEXT` bytes of content.
    """
    decompressor = zstandard.ZstdDecompressor(max_window_size=MAX_FRAME_CONTENT)
    reader = decompressor.stream_reader(io.BytesIO(plaintext), read_across_frames=True)
    try:
        content = reader.read(MAX_TEXT + 1)
    except zstandard.ZstdError as error:
        raise CorruptObjectError(f"`{where}` cannot be decompressed: {error}") from None
    if len(content) > MAX_TEXT:
        raise CorruptObjectError(f"`{where}` has more than {MAX_TEXT} bytes of content")
    return content


def skippable(magic: int, payload: bytes) -> bytes:
    """Make a skippable frame."""
    return struct.pack("<II", magic, len(payload)) + payload


def padding(length: int) -> bytes:
    """Give the padding frame that raises a plaintext of that length to a Padmé length; empty if it has one already."""
    target = _padme(length)
    if target == length:
        return b""
    # A frame has 8 bytes of header: where less room than that is left, the next Padmé length is taken.
    while target - length < 8:
        target = _padme(target + 1)
    return skippable(PADDING_MAGIC, bytes(target - length - 8))


def _padme(length: int) -> int:
    if length < 2:
        return length
    exponent = length.bit_length() - 1
    step = 1 << max(0, exponent - exponent.bit_length())
    return -(-length // step) * step
