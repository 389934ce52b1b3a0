from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tgvault.contracts.sink import ObjectName
from tgvault.crypto.age import Identity, unseal
from tgvault.crypto.keyed import IdKey
from tgvault.errors import (
    CorruptObjectError,
    ForgedObjectError,
    SwappedObjectError,
    TruncatedObjectError,
    VaultError,
)
from tgvault.vault.diagnosis import owner_among
from tgvault.vault.frames import compressed, padding
from tgvault.vault.sealed import open_text, seal_text

IDENTITY = Identity.generate()
KEY = IdKey(b"k" * 32)


def sealed(payload: bytes = b"payload", *, purpose: str = "index", key: IdKey = KEY) -> bytes:
    return seal_text(payload, purpose=purpose, id_key=key, recipient=IDENTITY.recipient)


def named(data: bytes) -> ObjectName:
    return ObjectName(f"index/{hashlib.sha256(data).hexdigest()}.age")


def opened(name: ObjectName, data: bytes, **more: object) -> bytes:
    return open_text(name, data, purpose="index", id_key=KEY, identity=IDENTITY, **more)


def made_up(plaintext: bytes) -> bytes:
    """What whoever knows the recipient can make."""
    return pyrage.encrypt(plaintext, [pyrage.x25519.Recipient.from_str(IDENTITY.recipient.text)])


@given(st.binary(max_size=3000))
def test_a_payload_comes_back(payload: bytes) -> None:
    data = sealed(payload)

    assert opened(named(data), data) == payload


def test_a_payload_of_several_frames_comes_back() -> None:
    payload = bytes(range(256)) * (20 << 10)
    data = sealed(payload)

    assert opened(named(data), data) == payload


def test_age_and_zstd_alone_show_code_and_payload(tmp_path: Path) -> None:
    key, file = tmp_path / "key", tmp_path / "object.age"
    key.write_text(IDENTITY.text)
    file.write_bytes(sealed(b"payload"))

    plaintext = subprocess.run(["age", "-d", "-i", key, file], capture_output=True, check=True).stdout
    text = subprocess.run(["zstd", "-dc"], input=plaintext, capture_output=True, check=True).stdout

    assert text == KEY.mac("index", b"payload").hex().encode() + b"\npayload"


@given(st.binary(max_size=3000))
def test_the_plaintext_has_a_padme_length(payload: bytes) -> None:
    assert padding(len(unseal(sealed(payload), [IDENTITY]))) == b""


@pytest.mark.parametrize(
    "plaintext",
    [
        b"",
        b"not frames",
        compressed(b""),
        compressed(b"no code"),
        compressed(b"00" * 32 + b"\npayload"),
        compressed(b"\xff" * 64 + b"\npayload"),
        compressed(KEY.mac("index", b"payload").hex().upper().encode() + b"\npayload"),
        compressed(KEY.mac("manifest", b"payload").hex().encode() + b"\npayload"),
        compressed(IdKey(b"other" + bytes(27)).mac("index", b"payload").hex().encode() + b"\npayload"),
        compressed(KEY.mac("index", b"payload").hex().encode() + b"\npayload")[:-3],
    ],
)
def test_what_others_sealed_to_the_recipient_is_forged_under_any_name(plaintext: bytes) -> None:
    data = made_up(plaintext)

    for name in (named(data), named(b"a good one")):
        with pytest.raises(ForgedObjectError, match=name) as caught:
            opened(name, data)
        assert caught.value.hint


def test_what_is_sealed_to_somebody_else_is_forged_under_its_own_name() -> None:
    data = seal_text(b"payload", purpose="index", id_key=KEY, recipient=Identity.generate().recipient)

    with pytest.raises(ForgedObjectError):
        opened(named(data), data)


def test_every_flipped_byte_is_found() -> None:
    data = sealed()

    for at in range(0, len(data), 3):
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        with pytest.raises((CorruptObjectError, TruncatedObjectError)):
            opened(named(data), changed)


def test_a_byte_that_has_changed_in_the_first_line_is_no_cut() -> None:
    data = sealed()

    with pytest.raises(CorruptObjectError):
        opened(named(data), b"b" + data[1:])


def test_nearly_every_cut_is_called_a_cut() -> None:
    """One that leaves a length to which a writer might have padded cannot be told from another change."""
    data = sealed(bytes(range(256)) * 3)
    kinds: list[type[VaultError]] = []
    for keep in range(0, len(data), 7):
        with pytest.raises(VaultError) as caught:
            opened(named(data), data[:keep])
        kinds.append(caught.type)

    assert set(kinds) <= {TruncatedObjectError, CorruptObjectError}
    assert kinds.count(TruncatedObjectError) > 0.85 * len(kinds)


def test_a_good_object_under_another_name_is_swapped() -> None:
    data, other = sealed(b"one"), sealed(b"two")
    owner = owner_among([named(data), named(other)])

    with pytest.raises(SwappedObjectError, match=named(data)):
        opened(named(data), other, owner=owner)
    with pytest.raises(SwappedObjectError, match=named(other).removeprefix("index/")):
        opened(named(data), other)


def test_an_object_of_another_kind_under_this_name_is_swapped() -> None:
    other = seal_text(b"two", purpose="manifest", id_key=KEY, recipient=Identity.generate().recipient)
    mine = sealed(b"two", purpose="manifest")

    for data in (other, mine):
        with pytest.raises(SwappedObjectError):
            opened(named(b"one"), data, owner=owner_among([named(data)]))
