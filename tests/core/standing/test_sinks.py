"""What a place has, and how that is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from copy_support import Pair
from standing_support import NOW, known, snapshot_name
from tgvault.contracts.sink import ObjectName
from tgvault.errors import (
    ConfigError,
    CredentialError,
    NotAVaultError,
    SinkGoneError,
    SinkPermissionError,
    SinkUnavailableError,
    SinkWaitingError,
    TgVaultError,
)
from tgvault.standing.sinks import Contents, SinkState, describe_place, read_contents
from tgvault.testing import MemorySink
from tgvault.vault.header import HEADER

ID = "0" * 32
WANTED = [ObjectName(snapshot_name(days)) for days in (9, 5, 1)]


def having(*names: str, vault_id: str | None = ID) -> Contents:
    return Contents(vault_id, frozenset(map(ObjectName, names)))


def test_a_place_tells_its_vault_and_its_snapshots_without_a_key() -> None:
    pair = Pair()

    found = read_contents(lambda: pair.primary)

    assert found.vault_id == pair.made.bundle.vault_id
    assert len(found.names) == 1
    with pytest.raises(NotAVaultError):
        read_contents(MemorySink)


def test_a_place_without_its_header_still_tells_its_snapshots() -> None:
    pair = Pair()
    pair.primary.delete(HEADER)

    found = read_contents(lambda: pair.primary)
    status = describe_place(known(), found, sorted(found.names), vault_id=ID)

    assert status.state is SinkState.WRONG
    assert status.snapshots == 1
    assert status.problem == "there is no vault at that place: `vault.json` is missing"


def test_a_place_that_has_everything_is_whole_whatever_else_it_has() -> None:
    status = describe_place(known(), having(*WANTED, snapshot_name(30)), WANTED, vault_id=ID)

    assert (status.state, status.snapshots, status.missing) == (SinkState.WHOLE, 3, 0)
    assert (status.newest_time, status.behind_since) == (NOW - timedelta(days=1), None)


def test_a_place_that_lacks_some_tells_since_when() -> None:
    status = describe_place(known(), having(WANTED[0]), WANTED, vault_id=ID)

    assert (status.state, status.snapshots, status.missing) == (SinkState.BEHIND, 1, 2)
    assert (status.newest_time, status.behind_since) == (NOW - timedelta(days=9), NOW - timedelta(days=5))


def test_another_vault_is_wrong() -> None:
    status = describe_place(known(), having(*WANTED, vault_id="1" * 32), WANTED, vault_id=ID)

    assert status.state is SinkState.WRONG
    assert "another vault" in str(status.problem)


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (SinkWaitingError("x"), SinkState.WAITING),
        (SinkGoneError("x"), SinkState.EMPTY),
        (SinkUnavailableError("x"), SinkState.AWAY),
        (CredentialError("x"), SinkState.REFUSED),
        (SinkPermissionError("x"), SinkState.REFUSED),
        (NotAVaultError("x"), SinkState.EMPTY),
        (ConfigError("x"), SinkState.WRONG),
        (None, SinkState.SILENT),
    ],
)
def test_a_place_that_cannot_be_asked_is_told_with_the_reason(error: TgVaultError | None, state: SinkState) -> None:
    status = describe_place(known(synced=3), error, WANTED, vault_id=ID)

    assert status.state is state
    assert status.problem
    assert (status.snapshots, status.missing) == (None, None)
    assert status.behind_since == NOW - timedelta(days=1)


def test_a_place_that_nobody_knows_to_have_anything_lacks_the_first_snapshot() -> None:
    status = describe_place(known(), None, WANTED, vault_id=ID)

    assert status.behind_since == NOW - timedelta(days=9)
