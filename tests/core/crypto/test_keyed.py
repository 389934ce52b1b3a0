from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from key_support import all_texts
from tgvault.crypto.keyed import BLOB_ID_SIZE, IdKey, canonical_fingerprint
from tgvault.errors import BadKeyError

KEY = IdKey(bytes(range(32)))


def test_names_and_codes_stay_what_the_format_says() -> None:
    names = (
        KEY.blob_id(b"content").hex(),
        KEY.mac("vault", b"payload").hex(),
        KEY.state_key(),
        KEY.cut_key(),
        KEY.fingerprint(),
    )

    assert names == (
        "497b8a26b36fded21ad1d7f9c77853610cf1f35c2b1d33cb12cd6a3eb5afbcd4",
        "29feb29179c7f4ba889aac7dec8c62a9b10e7cc85fa5444d1f3080de27b20b9c",
        "7c39c4f4ddd65afcbaf6dc2febc6fdcc93cd805816a5fdcaee4e54a3f4628601",
        14825524423279407683,
        "MS0J-B8M9-PN75-JBRK",
    )


def test_blob_ids_take_any_buffer() -> None:
    assert KEY.blob_id(memoryview(b"content")) == KEY.blob_id(b"content")
    assert len(KEY.blob_id(b"")) == BLOB_ID_SIZE


def test_another_key_gives_other_names() -> None:
    other = IdKey.generate()

    assert other.blob_id(b"content") != KEY.blob_id(b"content")
    assert other.fingerprint() != KEY.fingerprint()


def test_a_code_holds_for_its_purpose_and_payload_only() -> None:
    mac = KEY.mac("vault", b"payload")

    assert KEY.matches("vault", b"payload", mac)
    assert not KEY.matches("index", b"payload", mac)
    assert not KEY.matches("vault", b"payload!", mac)
    assert not KEY.matches("vault", b"payload", mac[:-1])


def test_the_cut_key_is_odd_and_fits_into_64_bits() -> None:
    keys = [IdKey.generate().cut_key() for _ in range(20)]

    assert all(key % 2 == 1 and 0 < key < 1 << 64 for key in keys)


def test_an_id_key_has_32_bytes() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        IdKey(b"short")


def test_an_id_key_never_shows_its_secret() -> None:
    shown = all_texts(KEY)

    assert "\\x01" not in shown
    assert KEY.secret.hex() not in shown


@given(st.binary(min_size=32, max_size=32))
def test_a_fingerprint_may_be_typed_in_any_way_that_people_read_it(secret: bytes) -> None:
    fingerprint = IdKey(secret).fingerprint()

    typed = fingerprint.lower().replace("-", " ").replace("0", "o").replace("1", "l")

    assert canonical_fingerprint(typed) == fingerprint
    assert canonical_fingerprint(fingerprint) == fingerprint


@pytest.mark.parametrize("text", ["", "ABCD", "UUUU-UUUU-UUUU-UUUU", "ABCD-ABCD-ABCD-ABCD-ABCD"])
def test_what_is_no_fingerprint_is_refused(text: str) -> None:
    with pytest.raises(BadKeyError, match="not a fingerprint"):
        canonical_fingerprint(text)


def test_content_in_parts_has_the_name_of_the_whole() -> None:
    key = IdKey(bytes(32))

    assert key.blob_id_of([b"some ", memoryview(b"con"), b"", b"tent"]) == key.blob_id(b"some content")
