from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from key_support import NOON
from tgvault.crypto.age import Identity
from tgvault.errors import (
    BadKeyError,
    CorruptObjectError,
    ForgedObjectError,
    NotAVaultError,
    TgVaultError,
    TruncatedObjectError,
    UnsupportedFormatError,
)
from tgvault.testing import MemorySink
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.header import HEADER, VaultHeader, read_header

BUNDLE = KeyBundle.generate()
OTHER = KeyBundle.generate()
WRITE_ONLY = KeyBundle(BUNDLE.vault_id, None, BUNDLE.index, BUNDLE.id_key)
SLOTS = {"ben": "1" * 64, "anna": "0" * 64}
TEXT = VaultHeader.make(BUNDLE, created=NOON, slots=SLOTS).to_json()


def changed(**members: object) -> bytes:
    return json.dumps({**json.loads(TEXT), **members}, separators=(",", ":")).encode()


def signed(bundle: KeyBundle, **members: object) -> bytes:
    """What a holder of the bundle's id key would write with these members."""
    payload = {**json.loads(TEXT), **members}
    del payload["mac"]
    text = json.dumps(payload, separators=(",", ":")).encode()
    return text[:-1] + b',"mac":"' + bundle.id_key.mac("vault", text).hex().encode() + b'"}'


def test_a_header_comes_back_and_is_good() -> None:
    header = VaultHeader.parse(TEXT)

    header.check(BUNDLE)
    header.check(WRITE_ONLY)
    header.check(BUNDLE, expected_fingerprint=BUNDLE.fingerprint.lower().replace("-", " "))

    assert header == VaultHeader.make(BUNDLE, created=NOON, slots=SLOTS)
    assert header.created == NOON


def test_the_members_stand_as_the_format_says() -> None:
    members = json.loads(TEXT)

    assert list(members) == ["format", "vault", "data", "index", "created", "slots", "mac"]
    assert members["created"] == "2026-11-23T12:00:00Z"
    assert list(members["slots"].items()) == [("anna", "0" * 64), ("ben", "1" * 64)]
    assert b" " not in TEXT


def test_the_time_is_written_in_utc_and_whole_seconds() -> None:
    local = datetime(2026, 11, 23, 14, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=2)))

    header = VaultHeader.make(BUNDLE, created=local, slots=SLOTS)

    assert header.created == datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_members_of_a_later_version_are_covered_by_the_code() -> None:
    text = signed(BUNDLE, later={"a": [1, "ä"]})

    VaultHeader.parse(text).check(BUNDLE)

    with pytest.raises(ForgedObjectError):
        VaultHeader.parse(text.replace(b"[1,", b"[2,")).check(BUNDLE)


def test_another_list_of_slots_changes_nothing_else() -> None:
    text = signed(BUNDLE, slots=SLOTS, later={"a": [1, "\u00e4"]}, created="2026-11-24T12:00:00Z")
    header = VaultHeader.parse(text)

    changed_list = header.with_slots({"carla": "2" * 64, "ben": "1" * 64}, bundle=BUNDLE)

    members = json.loads(changed_list.to_json())
    changed_list.check(BUNDLE)
    assert VaultHeader.parse(changed_list.to_json()) == changed_list
    assert list(members["slots"]) == ["ben", "carla"]
    assert {**members, "slots": 0, "mac": 0} == {**json.loads(text), "slots": 0, "mac": 0}
    assert list(members) == list(json.loads(text))
    assert rb'{"a":[1,"\u00e4"]}' in changed_list.to_json()


def test_a_header_may_follow_itself_and_one_with_another_list() -> None:
    header = VaultHeader.parse(TEXT)
    later = header.with_slots({"carla": "2" * 64}, bundle=BUNDLE)

    assert header.may_follow(header)
    assert later.may_follow(header)
    assert header.may_follow(later)


@pytest.mark.parametrize(
    "text",
    [
        changed(mac="0" * 64),
        changed(slots={"carla": "2" * 64}),
        changed(created="2025-01-01T00:00:00Z"),
        signed(BUNDLE, created="2025-01-01T00:00:00Z"),
        signed(BUNDLE, created="2025-01-01T00:00:00Z", slots={"carla": "2" * 64}),
        signed(BUNDLE, more=1, slots={"carla": "2" * 64}),
    ],
    ids=["code", "list", "time", "time and code", "time, list and code", "more"],
)
def test_nothing_else_may_follow_a_header(text: bytes) -> None:
    header = VaultHeader.parse(TEXT)

    assert not VaultHeader.parse(text).may_follow(header)


def test_the_white_space_of_a_copy_does_not_matter() -> None:
    VaultHeader.parse(json.dumps(json.loads(TEXT), indent=2).encode()).check(BUNDLE)


def test_a_write_only_machine_makes_no_vault() -> None:
    with pytest.raises(ValueError, match="all keys"):
        VaultHeader.make(WRITE_ONLY, created=NOON, slots=SLOTS)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (VaultHeader.make(OTHER, created=NOON, slots=SLOTS).to_json(), "the key bundle says"),
        (changed(slots={**SLOTS, "ben": "2" * 64}), "not written by a holder"),
        (changed(slots={}), "not written by a holder"),
        (changed(created="2027-01-01T00:00:00Z"), "not written by a holder"),
        (changed(mac="00" * 32), "not written by a holder"),
        (changed(index=Identity.generate().recipient.text), "not written by a holder"),
        (signed(OTHER), "not written by a holder"),
        (signed(BUNDLE, index=OTHER.index.recipient.text), "recipients that are not"),
        (signed(BUNDLE, data=BUNDLE.index.recipient.text), "recipients that are not"),
    ],
)
def test_a_header_of_somebody_else_is_called_forged(text: bytes, said: str) -> None:
    header = VaultHeader.parse(text)

    with pytest.raises(ForgedObjectError, match=said) as caught:
        header.check(BUNDLE)

    assert "another copy" in str(caught.value.hint)


def test_a_whole_new_vault_in_the_place_of_this_one_has_another_fingerprint() -> None:
    replaced = VaultHeader.make(OTHER, created=NOON, slots=SLOTS)

    with pytest.raises(ForgedObjectError, match=OTHER.fingerprint) as caught:
        replaced.check(OTHER, expected_fingerprint=BUNDLE.fingerprint)

    assert BUNDLE.fingerprint in str(caught.value)


def test_an_expected_fingerprint_that_is_none_is_refused() -> None:
    with pytest.raises(BadKeyError):
        VaultHeader.parse(TEXT).check(BUNDLE, expected_fingerprint="?")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (b"", TruncatedObjectError),
        (TEXT[:40], TruncatedObjectError),
        (TEXT[:-1], TruncatedObjectError),
        (b"{" * 3, CorruptObjectError),
        (b"\xff\xfe", CorruptObjectError),
        (b'{"x":' + b"[" * 100_000, CorruptObjectError),
        (b"[" * 100_000, NotAVaultError),
        (b"[]", NotAVaultError),
        (b'{"name":"other"}', NotAVaultError),
        (b'{"format":"one"}', NotAVaultError),
        (b'{"format":1}', NotAVaultError),
        (changed(format=2), UnsupportedFormatError),
        (b'{"format":2}', UnsupportedFormatError),
        (changed(vault="x"), CorruptObjectError),
        (changed(data="age1"), CorruptObjectError),
        (changed(created="yesterday"), CorruptObjectError),
        (changed(mac="0"), CorruptObjectError),
        (changed(slots=[]), NotAVaultError),
        (changed(slots={"Anna": "0" * 64}), CorruptObjectError),
        (changed(slots={"anna": "0" * 63}), CorruptObjectError),
    ],
)
def test_each_kind_of_damage_is_an_error_of_its_own(text: bytes, kind: type[TgVaultError]) -> None:
    with pytest.raises(kind, match=r"`vault\.json`") as caught:
        VaultHeader.parse(text)

    assert type(caught.value) is kind
    assert caught.value.hint is not None


def test_every_flipped_byte_is_found() -> None:
    for at in range(len(TEXT)):
        flipped = TEXT[:at] + bytes([TEXT[at] ^ 1]) + TEXT[at + 1 :]

        with pytest.raises(TgVaultError):
            VaultHeader.parse(flipped).check(BUNDLE)


@given(st.binary(max_size=300))
def test_hostile_bytes_raise_nothing_else(text: bytes) -> None:
    with pytest.raises(TgVaultError):
        VaultHeader.parse(text)


def test_the_header_is_read_from_a_sink() -> None:
    sink = MemorySink({HEADER: TEXT})

    assert read_header(sink).vault_id == BUNDLE.vault_id


def test_a_place_without_a_header_is_no_vault() -> None:
    with pytest.raises(NotAVaultError, match=r"`vault\.json` is missing") as caught:
        read_header(MemorySink())

    assert "tgvault init" in str(caught.value.hint)
