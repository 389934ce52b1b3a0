from __future__ import annotations

from pathlib import Path

import pytest

from restore_support import opened_in
from tgvault.contracts.sink import Sink
from tgvault.engine.leasing import leased
from tgvault.engine.opening import OpenedVault
from tgvault.errors import SinkUnavailableError
from tgvault.state.database import Database
from tgvault.testing import Fault, FaultKind, FaultySink, MemorySink
from tgvault.vault.leases import LeaseKind, list_leases
from tgvault.vault.opened import Vault
from vault_support import START, a_bundle


@pytest.fixture
def database() -> Database:
    return Database.in_memory()


def an_opened(sink: Sink, database: Database, folder: Path) -> OpenedVault:
    vault = Vault(sink, a_bundle(), database)
    opened = opened_in(vault, folder)
    return OpenedVault(vault, lambda: sink, opened.unlocked, folder)


def work(sink: Sink, database: Database, folder: Path) -> int:
    """Take a lease for a moment; gives how many there are meanwhile."""
    opened = an_opened(sink, database, folder)
    with leased(opened, LeaseKind.PRUNE, machine="laptop", now=lambda: START):
        return len(list_leases(opened.vault.sink))


def test_a_lease_lasts_as_long_as_the_work(database: Database, tmp_path: Path) -> None:
    store = MemorySink()

    assert work(store, database, tmp_path) == 1
    assert list_leases(store) == []


@pytest.mark.parametrize("kind", [FaultKind.ERROR, FaultKind.LOST_ANSWER])
def test_a_lease_that_could_not_be_taken_away_is_by_the_next_run(
    database: Database, tmp_path: Path, kind: FaultKind
) -> None:
    store = MemorySink()
    work(FaultySink(store, Fault(kind, "delete", "leases/*")), database, tmp_path)

    during = work(store, database, tmp_path)

    assert during == 1
    assert list_leases(store) == []


def test_a_lease_of_which_the_answer_was_lost_is_taken_away_by_the_next_run(database: Database, tmp_path: Path) -> None:
    store = MemorySink()
    with pytest.raises(SinkUnavailableError):
        work(FaultySink(store, Fault(FaultKind.LOST_ANSWER, "put", "leases/*")), database, tmp_path)

    during = work(store, database, tmp_path)

    assert during == 1
    assert list_leases(store) == []
