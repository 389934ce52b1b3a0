from __future__ import annotations

from typing import ClassVar

import pytest

from tgvault.contracts.sink import ObjectName
from tgvault.crypto.age import seal
from tgvault.engine.checking import PackDone, PackTask, check_packs
from tgvault.engine.context import WorkContext
from tgvault.errors import (
    CorruptObjectError,
    MissingObjectError,
    SinkUnavailableError,
    SwappedObjectError,
    TruncatedObjectError,
)
from tgvault.state.places import Pack
from tgvault.testing import Fault, FaultKind, FaultySink, MemorySink, flip_byte, swap, truncate
from tgvault.vault.opened import Vault
from tgvault.vault.packs import pack_name
from vault_support import FakeChat, FakeSource, MemoryVault, a_bundle, said

FILES = {f"files/{number}": bytes([number]) * 1000 for number in range(5)}


@pytest.fixture
def memory() -> MemoryVault:
    memory = MemoryVault()
    memory.back_up(FakeSource([FakeChat([said(1, "a")])], files=FILES))
    return memory


@pytest.fixture
def packs(memory: MemoryVault) -> list[Pack]:
    return list(memory.vault.places.packs())


def name(pack: Pack) -> ObjectName:
    return pack_name(pack.digest.hex())


def check(vault: Vault, *packs: Pack) -> list[PackDone]:
    return check_packs(WorkContext(vault), PackTask(tuple((pack.digest, pack.size) for pack in packs)))


def test_of_a_good_pack_every_blob_is_checked(memory: MemoryVault, packs: list[Pack]) -> None:
    done = check(memory.vault, *packs)

    assert len(packs) == 2
    assert [(each.digest, each.bytes, each.blobs, each.error) for each in done] == [
        (pack.digest, pack.size, pack.blobs, None) for pack in packs
    ]


@pytest.mark.parametrize("at", [0, 100, -1])
def test_a_byte_that_changed_is_found(memory: MemoryVault, packs: list[Pack], at: int) -> None:
    flip_byte(memory.sink, name(packs[0]), at=at)

    bad, good = check(memory.vault, *packs)

    assert isinstance(bad.error, CorruptObjectError)
    assert name(packs[0]) in str(bad.error)
    assert good.error is None


def test_a_pack_that_is_cut_off_is_told_apart(memory: MemoryVault, packs: list[Pack]) -> None:
    truncate(memory.sink, name(packs[0]))

    assert isinstance(check(memory.vault, packs[0])[0].error, TruncatedObjectError)


def test_a_pack_that_is_longer_than_it_was_is_found(memory: MemoryVault, packs: list[Pack]) -> None:
    memory.sink.objects[name(packs[0])] += b"\0"

    assert isinstance(check(memory.vault, packs[0])[0].error, CorruptObjectError)


def test_swapped_packs_are_told_apart(memory: MemoryVault, packs: list[Pack]) -> None:
    swap(memory.sink, name(packs[0]), name(packs[1]))

    assert [type(each.error) for each in check(memory.vault, *packs)] == [SwappedObjectError] * 2


def test_a_forged_pack_is_found(memory: MemoryVault, packs: list[Pack]) -> None:
    assert memory.vault.keys.data is not None
    memory.sink.objects[name(packs[0])] = seal(b"x" * 10_000, [memory.vault.keys.data.recipient])

    assert isinstance(check(memory.vault, packs[0])[0].error, CorruptObjectError)


def test_a_pack_that_is_away_is_found(memory: MemoryVault, packs: list[Pack]) -> None:
    memory.sink.delete(name(packs[0]))

    (done,) = check(memory.vault, packs[0])

    assert isinstance(done.error, MissingObjectError)
    assert (done.bytes, done.blobs) == (0, 0)


def test_an_index_that_says_other_places_is_found(memory: MemoryVault, packs: list[Pack]) -> None:
    memory.vault.database.run("UPDATE blob SET offset = offset + 1")

    assert check(memory.vault, packs[0])[0].error is not None


def test_a_sink_that_is_away_is_no_damage(memory: MemoryVault, packs: list[Pack]) -> None:
    vault = Vault(FaultySink(memory.sink, Fault(FaultKind.ERROR)), a_bundle(), memory.vault.database)

    with pytest.raises(SinkUnavailableError):
        check(vault, *packs)


def test_the_next_pack_is_expected_while_one_is_checked(memory: MemoryVault) -> None:
    class Noting(MemorySink):
        asked: ClassVar[list[str]] = []

        def expect(self, name: ObjectName) -> None:
            self.asked.append(name)

    memory.back_up(FakeSource([FakeChat([said(1, "a"), said(2, "b")])], files=FILES))
    sink = Noting()
    for each in memory.sink.list(""):
        sink.put(each.name, memory.sink.get(each.name))
    packs = list(memory.vault.places.packs())
    vault = Vault(sink, memory.vault.keys, memory.vault.database)

    check_packs(WorkContext(vault), PackTask(tuple((each.digest, each.size) for each in packs)))

    assert Noting.asked == [name(each) for each in packs[1:]]
