from __future__ import annotations

import hashlib

import pytest

from tgvault.contracts.sink import ObjectName
from tgvault.errors import (
    CorruptObjectError,
    ForgedObjectError,
    SwappedObjectError,
    TruncatedObjectError,
    VaultError,
)
from tgvault.vault.diagnosis import check_name, diagnose, digest_of, is_named_by_content, owner_among

DIGEST = hashlib.sha256(b"written").hexdigest()
OTHER = hashlib.sha256(b"other").hexdigest()
NAME = ObjectName(f"index/{DIGEST}.age")
OTHER_NAME = ObjectName(f"packs/{OTHER[:2]}/{OTHER}.age")


@pytest.mark.parametrize(
    "name", [f"index/{DIGEST}.age", f"packs/{DIGEST[:2]}/{DIGEST}.age", f"snapshots/20260101T000000Z-{DIGEST}.age"]
)
def test_the_digest_is_read_from_every_kind_of_name(name: str) -> None:
    assert digest_of(ObjectName(name)) == DIGEST


@pytest.mark.parametrize(
    ("data", "facts", "kind"),
    [
        (b"written", {}, ForgedObjectError),
        (b"written", {"truncated": True, "size": 99}, ForgedObjectError),
        (b"other", {}, SwappedObjectError),
        (b"other", {"opened": True, "size": 99}, SwappedObjectError),
        (b"made up", {"opened": True, "size": 99}, ForgedObjectError),
        (b"writ", {"truncated": True}, TruncatedObjectError),
        (b"writ", {"size": 7}, TruncatedObjectError),
        (b"wriTTen", {"size": 7}, CorruptObjectError),
        (b"written and more", {"size": 7}, CorruptObjectError),
        (b"wriTTen", {}, CorruptObjectError),
    ],
)
def test_each_damage_has_its_error_with_name_and_way_out(
    data: bytes, facts: dict[str, int], kind: type[VaultError]
) -> None:
    error = diagnose(NAME, data, owner=owner_among([NAME, OTHER_NAME]), **facts)

    assert type(error) is kind
    assert f"`{NAME}`" in str(error)
    assert error.hint


def test_a_swap_names_both_objects() -> None:
    assert OTHER_NAME in str(diagnose(NAME, b"other", owner=owner_among([OTHER_NAME])))


def test_a_cut_says_how_much_is_left() -> None:
    assert "after 4 of 7 bytes" in str(diagnose(NAME, b"writ", size=7))
    assert "after 4 bytes" in str(diagnose(NAME, b"writ", truncated=True))


def test_without_owners_a_swap_is_a_change() -> None:
    assert type(diagnose(NAME, b"other")) is CorruptObjectError


def test_bytes_are_checked_against_a_name_without_any_key() -> None:
    check_name(NAME, b"written")

    with pytest.raises(TruncatedObjectError):
        check_name(NAME, b"writ", size=7)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (f"packs/ab/{'ab' * 32}.age", True),
        (f"packs/cd/{'ab' * 32}.age", False),
        (f"index/{'0' * 64}.age", True),
        (f"snapshots/20260102T030405Z-{'0' * 64}.age", True),
        (f"marks/forget-20260102T030405Z-{'0' * 64}.age", True),
        (f"marks/deleted-20260102T030405Z-{'0' * 64}.age", True),
        (f"marks/unneeded-20260102T030405Z-{'0' * 64}.age", False),
        (f"leases/{'0' * 16}-1-{'0' * 64}.age", False),
        ("vault.json", False),
        ("keys/laptop.age", False),
    ],
)
def test_it_is_told_which_names_hold_their_content_and_are_copied(name: str, expected: bool) -> None:
    assert is_named_by_content(name) is expected
