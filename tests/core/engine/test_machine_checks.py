from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tgvault.engine.machine_checks import check_clock, check_folder, check_keyring, check_private, check_space, failed
from tgvault.errors import KeyringLockedError
from tgvault.vault.manifests import SnapshotName

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def snapshot(time: str) -> SnapshotName:
    return SnapshotName(f"snapshots/{time}-{'ab' * 32}.age")


class NoKeyring:
    """A back end that the keyring package gives where there is none."""

    __module__ = "keyring.backends.fail"
    __qualname__ = "Keyring"


class GoodKeyring:
    """One that keeps a secret."""

    __module__ = "keyring.backends.SecretService"
    __qualname__ = "Keyring"


def test_a_clock_that_is_not_behind_the_vault_is_good() -> None:
    found = check_clock(NOON, made=NOON - timedelta(days=1), snapshots=[snapshot("20261123T120500Z")])

    assert found.ok
    assert found.detail == "it is 2026-11-23 12:00 UTC"


def test_a_clock_behind_the_newest_snapshot_is_told() -> None:
    found = check_clock(NOON, made=NOON, snapshots=[snapshot("20261123T130000Z"), snapshot("20261101T000000Z")])

    assert not found.ok
    assert "2026-11-23 13:00" in found.detail


def test_a_name_that_is_no_date_says_nothing_about_the_clock() -> None:
    assert check_clock(NOON, made=NOON, snapshots=[snapshot("20269999T999999Z")]).ok


def test_a_keyring_that_would_keep_a_key_is_named() -> None:
    found = check_keyring(GoodKeyring, needed=True)  # type: ignore[arg-type]

    assert (found.ok, found.detail) == (True, "`keyring.backends.SecretService.Keyring`")


def test_without_a_keyring_a_key_in_it_cannot_be_had() -> None:
    found = check_keyring(NoKeyring, needed=True)  # type: ignore[arg-type]

    assert not found.ok
    assert found.hint is not None


def test_without_a_keyring_a_key_from_elsewhere_does() -> None:
    found = check_keyring(NoKeyring, needed=False)  # type: ignore[arg-type]

    assert found.ok
    assert "none is needed" in found.detail


def test_a_folder_that_can_be_written_to_is_good(tmp_path: Path) -> None:
    assert check_folder("x", tmp_path).ok


def test_a_folder_that_is_not_there_may_be_on_a_disk_that_is_not_mounted(tmp_path: Path) -> None:
    found = check_folder("x", tmp_path / "absent")

    assert not found.ok
    assert found.hint == "is its disk mounted?"


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert "is no folder" in check_folder("x", tmp_path / "file").detail


def test_a_folder_that_may_not_be_written_to_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Who runs the tests as root may write everywhere.
    monkeypatch.setattr(os, "access", lambda path, mode: False)

    assert "cannot be written to" in check_folder("x", tmp_path).detail


def test_a_folder_of_ones_own_is_private(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)

    assert check_private("x", tmp_path).ok


def test_a_folder_that_others_can_look_into_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)

    found = check_private("x", tmp_path)

    assert not found.ok
    assert "mode 755" in found.detail
    assert found.hint == f"`chmod 700 {tmp_path}`"


def test_a_state_folder_that_is_not_there_yet_is_no_fault(tmp_path: Path) -> None:
    assert check_private("x", tmp_path / "absent").ok


def test_little_room_is_told_for_the_folder_above_one_that_is_not_there(tmp_path: Path) -> None:
    asked: list[Path] = []

    def free(folder: Path) -> int:
        asked.append(folder)
        return 10**8

    found = check_space(tmp_path / "a" / "b", free=free)

    assert not found.ok
    assert asked == [tmp_path]
    assert found.detail.startswith("100 MB left")


def test_enough_room_is_good(tmp_path: Path) -> None:
    assert check_space(tmp_path, free=lambda _: 10**10).ok


def test_an_error_tells_itself_and_its_way_out() -> None:
    found = failed("x", KeyringLockedError("it is locked", hint="unlock it"))

    assert (found.ok, found.detail, found.hint) == (False, "it is locked", "unlock it")
    assert failed("x", OSError("disk")).hint is None
