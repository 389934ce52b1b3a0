"""Counter mode."""

from __future__ import annotations

import pytest
from telethon.crypto import AESModeCTR

from tgvault.testing.telegram.ctr import ctr

KEY = bytes(range(32))


@pytest.mark.parametrize("length", [0, 1, 15, 16, 17, 1000])
def test_it_is_what_telethon_makes(length: int) -> None:
    data, counter = bytes(range(256)) * 4, bytes(15) + b"\xff"

    encrypted = ctr(data[:length], key=KEY, counter=counter)

    assert encrypted == AESModeCTR(KEY, counter).encrypt(data[:length])
    assert ctr(encrypted, key=KEY, counter=counter) == data[:length]
