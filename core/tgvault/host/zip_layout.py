"""Whether a zip says the same to everybody who reads it.

Some programs go by the directory at the end, others by the headers along the way, and a zip can be made so that these
differ: one is shown a harmless wheel, and the other one installs something else.
Format: APPNOTE.TXT of PKWARE, 4.3.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import IO, Final
from zipfile import ZipFile, ZipInfo

__all__ = ["is_plain"]

_HEADER: Final = struct.Struct("<4s22xHH")
_END: Final = 22

#: Bit 3: sizes stand behind the content, in 12 bytes or, as most write them, 16; 20 and 24 in a zip64.
_SIZES_BEHIND: Final = 0x8
_BEHIND: Final = (12, 16, 20, 24)


def is_plain(packed: ZipFile, file: IO[bytes]) -> bool:
    """Tell whether entries lie one behind the other from the first byte on, and nothing else is in the file."""
    end = file.seek(0, 2)
    directory = packed.start_dir
    entries = sorted(packed.infolist(), key=lambda each: each.header_offset)
    if any(each.orig_filename != each.filename for each in entries) or packed.comment:
        return False
    return _in_a_row(entries, file, directory) and _ends(file, directory, end)


def _in_a_row(entries: Iterable[ZipInfo], file: IO[bytes], directory: int) -> bool:
    allowed = {0}
    for entry in entries:
        if entry.header_offset not in allowed:
            return False
        file.seek(entry.header_offset)
        header = file.read(_HEADER.size)
        if len(header) < _HEADER.size:
            return False
        mark, name, extra = _HEADER.unpack(header)
        stop = entry.header_offset + _HEADER.size + name + extra + entry.compress_size
        if mark != b"PK\x03\x04" or file.read(name) != _written(entry):
            return False
        behind = _BEHIND if entry.flag_bits & _SIZES_BEHIND else (0,)
        allowed = {stop + length for length in behind}
    return directory in allowed


def _written(entry: ZipInfo) -> bytes:
    # Bit 11: the name is UTF-8; otherwise it is in the first code page of the PC.
    return entry.orig_filename.encode("utf-8" if entry.flag_bits & 0x800 else "cp437")


def _ends(file: IO[bytes], directory: int, end: int) -> bool:
    """Tell whether the directory, and what says where it is, are all that is behind the entries."""
    file.seek(directory)
    rest = file.read(end - directory)
    return rest.count(b"PK\x05\x06") == 1 and rest[-_END:].startswith(b"PK\x05\x06")
