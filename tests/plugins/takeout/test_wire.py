from __future__ import annotations

import struct
from typing import Any

import msgspec
import pytest
from telethon.extensions import BinaryReader
from telethon.tl import types
from tests.plugins.takeout.convert.support import T0, around, at

from tgvault_plugins.takeout.convert.people import ContactRows
from tgvault_plugins.takeout.wire import address_book

ANN = types.SavedPhoneContact("1", "Ann", "", at(T0))


def a_list(*items: Any, number: int = 0x1CB5C415) -> bytes:
    return struct.pack("<Ii", number, len(items)) + b"".join(bytes(each) for each in items)


def test_an_address_book_is_read_contact_by_contact() -> None:
    rows = ContactRows(around())
    request = address_book(rows)

    # What was read before it was asked once more is not told twice.
    assert [request.read_result(BinaryReader(a_list(ANN, ANN))) for _ in range(2)] == [[], []]
    names = [each["first_name"] for each in msgspec.json.decode(rows.document().body)["list"]]
    assert names == ["Ann", "Ann"]


@pytest.mark.parametrize("data", [a_list(ANN, number=7), a_list(types.PeerUser(5))])
def test_what_is_no_address_book_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="the"):
        address_book(ContactRows(around())).read_result(BinaryReader(data))
