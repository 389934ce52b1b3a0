"""Written TL objects with gaps, for messages that are made a million times."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from tgvault.testing.telegram.tl import Tl

__all__ = ["MARKS", "Template", "Values"]


@dataclass(frozen=True, slots=True)
class Values:
    """What is filled in: numbers of a message, and of the file it may have."""

    message_id: int
    #: Seconds of Unix time.
    date: int
    reply_id: int = 0
    #: Ten digits in the text, which make it like no other.
    number: int = 0
    file_id: int = 0
    access_hash: int = 0
    reference: bytes = field(default=bytes(13), repr=False)


#: What stands in the object for each value; nothing else in it may look like that.
MARKS = Values(
    message_id=0x5A17_31C1,
    date=0x5A17_31C2,
    reply_id=0x5A17_31C3,
    number=9_081_726_354,
    file_id=0x5A17_31C4_0102_0304,
    access_hash=0x5A17_31C5_0102_0304,
    reference=b"\x01\x5a\x17\x31\xc6\x01\x02\x03\x04\x05\x06\x07\x08",
)


_INT, _LONG = struct.Struct("<i").pack, struct.Struct("<q").pack
#: How each value is written.
_WRITERS: dict[str, Callable[[Values], bytes]] = {
    "message_id": lambda values: _INT(values.message_id),
    "date": lambda values: _INT(values.date),
    "reply_id": lambda values: _INT(values.reply_id),
    "number": lambda values: b"%010d" % values.number,
    "file_id": lambda values: _LONG(values.file_id),
    "access_hash": lambda values: _LONG(values.access_hash),
    "reference": lambda values: values.reference,
}


class Template:
    """The bytes of an object that was made with `MARKS`."""

    def __init__(self, model: Tl) -> None:
        data: bytes = model._bytes()
        self._data = data
        self._places = tuple(
            (start, start + len(write(MARKS)), write)
            for write in _WRITERS.values()
            for start in range(len(data))
            if data.startswith(write(MARKS), start)
        )
        #: Whether it speaks of a file.
        self.has_file = _WRITERS["file_id"](MARKS) in data

    def fill(self, values: Values) -> bytes:
        """Give the bytes of the object with these values."""
        data = bytearray(self._data)
        for start, end, write in self._places:
            data[start:end] = write(values)
        return bytes(data)
