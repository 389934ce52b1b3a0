"""What is not good in one place is read from another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from run_support import Held, Machine, Script, held, talk
from tgvault.contracts.sink import ObjectName, StoredObject
from tgvault.errors import CorruptObjectError, ForgedObjectError, MissingObjectError, TruncatedObjectError, VaultError
from tgvault.state.database import Database
from tgvault.testing import Fault, FaultKind, FaultySink, MemorySink, RecordingSink, flip_byte, names, truncate
from tgvault.vault.diagnosis import digest_of
from tgvault.vault.elsewhere import elsewhere, lists_everything, read_checked
from tgvault.vault.opened import Vault
from vault_support import a_bundle

KEYS = a_bundle()


class TwoPlaces(MemorySink):
    """A sink that has a whole copy besides."""

    everywhere = False

    def __init__(self, sink: MemorySink) -> None:
        super().__init__()
        self.objects.update(sink.objects)
        self.copy = MemorySink()
        self.copy.objects.update(sink.objects)
        self.asked: list[str] = []

    def elsewhere(self, name: ObjectName) -> bytes | None:
        self.asked.append(name)
        return self.copy.objects.get(name)


@pytest.fixture
def sink() -> TwoPlaces:
    machine = Machine(KEYS)
    for number in range(2):
        machine.back_up(Script([talk({1: "a", 2: "b" * (number + 1)})], files={f"{number}.jpg": bytes([number]) * 900}))
    return TwoPlaces(machine.sink)


def read(sink: MemorySink) -> Held:
    vault = Vault(sink, KEYS, Database.in_memory())
    return held(vault, vault.sync()[-1])


def swapped(sink: MemorySink, name: ObjectName) -> None:
    other = next(each for each in names(sink, name.partition("/")[0]) if each != name)
    sink.replace(name, sink.get(ObjectName(other)))


@pytest.mark.parametrize("damage", [flip_byte, truncate, swapped])
@pytest.mark.parametrize("kind", ["packs/", "snapshots/", "index/"])
def test_a_damaged_object_is_read_from_elsewhere(
    sink: TwoPlaces, kind: str, damage: Callable[[MemorySink, ObjectName], None]
) -> None:
    before = read(sink)
    for name in names(sink, kind):
        damage(sink, ObjectName(name))

    assert read(sink) == before
    assert sink.asked


def test_nothing_is_asked_for_elsewhere_as_long_as_all_is_well(sink: TwoPlaces) -> None:
    read(sink)

    assert sink.asked == []


def test_what_is_damaged_everywhere_is_told_as_if_there_were_one_place(sink: TwoPlaces) -> None:
    for name in names(sink, "packs/"):
        for each in (sink, sink.copy):
            flip_byte(each, ObjectName(name))

    with pytest.raises(CorruptObjectError):
        read(sink)
    sink.copy.objects.clear()
    with pytest.raises(CorruptObjectError):
        read(sink)


def test_where_index_objects_are_gone_the_packs_are_left_to_who_looks_elsewhere(sink: TwoPlaces) -> None:
    for name in names(sink, "index/"):
        sink.delete(ObjectName(name))
    vault = Vault(sink, KEYS, Database.in_memory())

    vault.sync()

    assert vault.bad_indexes
    assert list(vault.places.packs(listed=False)) == []


def test_what_known_index_objects_said_holds_until_somebody_has_looked_elsewhere_for_them(sink: TwoPlaces) -> None:
    vault = Vault(sink, KEYS, Database.in_memory())
    vault.sync()
    packs = list(vault.places.packs())
    for name in names(sink, "index/"):
        sink.delete(ObjectName(name))

    vault.sync()

    assert [type(error) for error in vault.bad_indexes] == [MissingObjectError]
    assert list(vault.places.packs()) == packs


def test_directories_are_read_from_elsewhere_where_there_is_no_other_place_to_list(sink: TwoPlaces) -> None:
    before = read(sink)
    sink.everywhere = True
    for name in names(sink, "index/"):
        sink.delete(ObjectName(name))
    for name in names(sink, "packs/"):
        truncate(sink, ObjectName(name))

    assert read(sink) == before


def test_an_index_object_that_is_listed_and_gone_whenever_it_is_read_is_told() -> None:
    class Listing(MemorySink):
        def list(self, prefix: str) -> Iterator[StoredObject]:
            yield from super().list(prefix)
            yield StoredObject(ObjectName(f"index/{'0' * 64}.age"), 1)

    vault = Vault(Listing(), KEYS, Database.in_memory())

    assert vault.sync() == []
    assert [type(error) for error in vault.bad_indexes] == [MissingObjectError]


def test_a_sink_of_one_place_has_nothing_elsewhere() -> None:
    sink = MemorySink()
    name = ObjectName("vault.json")
    sink.put(name, b"x")

    def refuse(data: bytes) -> None:
        raise VaultError("no")

    assert elsewhere(sink, name) is None
    assert lists_everything(sink)
    with pytest.raises(VaultError, match="no"):
        read_checked(sink, name, refuse)


# One place, read twice.


@pytest.mark.parametrize("kind", [FaultKind.TRUNCATED, FaultKind.FLIPPED_BIT])
@pytest.mark.parametrize("prefix", ["index/", "packs/", "snapshots/"])
def test_what_is_read_badly_once_is_read_again(sink: TwoPlaces, kind: FaultKind, prefix: str) -> None:
    whole = read(sink.copy)
    vault = Vault(FaultySink(sink.copy, Fault(kind, "get", f"{prefix}*", times=1)), KEYS, Database.in_memory())

    found = held(vault, vault.sync()[-1])

    assert found == whole
    assert vault.bad_indexes == vault.bad_manifests == []
    assert vault.reader.failed == set()


def test_a_damaged_pack_is_read_twice_and_not_again_for_each_blob(sink: TwoPlaces) -> None:
    name = names(sink.copy, "packs/")[0]
    flip_byte(sink.copy, name)
    asked = RecordingSink(sink.copy)
    vault = Vault(asked, KEYS, Database.in_memory())
    vault.sync()
    for place in vault.places.in_pack(bytes.fromhex(digest_of(name))):
        with pytest.raises(VaultError):
            vault.reader.extract(place)
    blobs = len(vault.places.in_pack(bytes.fromhex(digest_of(name))))

    assert [each.name for each in asked.operations if each.method == "get"].count(name) == blobs + 1


def test_what_is_gone_at_the_second_reading_is_told_as_the_first_found_it(sink: TwoPlaces) -> None:
    name = names(sink.copy, "index/")[0]

    class Going(MemorySink):
        def get(self, name: ObjectName) -> bytes:
            data = super().get(name)
            self.delete(name)
            return data[:-1]

    with pytest.raises(TruncatedObjectError):
        read_checked(Going(sink.copy.objects), name, partial(cut_off, name))


def test_what_is_forged_is_read_once() -> None:
    asked = RecordingSink(MemorySink({"x": b"made up"}))

    def forged(data: bytes) -> None:
        raise ForgedObjectError("nobody wrote that")

    with pytest.raises(ForgedObjectError):
        read_checked(asked, ObjectName("x"), forged)

    assert len(asked.operations) == 1


def cut_off(name: ObjectName, data: bytes) -> None:
    raise TruncatedObjectError(f"`{name}` is cut off")
