from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress

import pytest

from copy_support import ANNAS, Pair, first, objects
from run_support import NOON
from tgvault.contracts.sink import ObjectName, Sink
from tgvault.crypto.age import Identity
from tgvault.engine.syncing import begin_copy
from tgvault.errors import (
    CorruptObjectError,
    ForgedObjectError,
    NotAVaultError,
    SinkError,
    SinkUnavailableError,
    VaultError,
)
from tgvault.testing import Fault, FaultKind, FaultySink, MemorySink, RecordingSink, crash_states, flip_byte
from tgvault.vault.header import HEADER, VaultHeader
from tgvault.vault.marks import MarkKind, put_mark
from tgvault.vault.slot_changes import add_recipient_slot, remove_slot


@pytest.fixture
def pair() -> Pair:
    return Pair()


@pytest.fixture
def synced(pair: Pair) -> Pair:
    """A pair whose copy is up to date."""
    begin_copy(pair.copy, name="disk")
    pair.sync(is_new=True)
    return pair


def test_a_new_copy_has_all_that_the_vault_has(pair: Pair) -> None:
    begin_copy(pair.copy, name="disk")

    report = pair.sync(is_new=True)

    assert objects(pair.copy) == objects(pair.primary)
    assert (report.objects, report.brought, report.others) == (len(objects(pair.primary)),) * 2 + (0,)
    assert report.bytes == sum(map(len, objects(pair.primary).values()))
    assert report.problems == []


def test_only_what_is_lacking_is_brought(synced: Pair) -> None:
    synced.back_up("a", "b")
    copy = RecordingSink(synced.copy)

    report = synced.sync(copy=copy)

    written = [each.name for each in copy.operations if each.method in ("put", "replace")]
    assert objects(synced.copy) == objects(synced.primary)
    assert len(written) == report.brought == 3
    assert {name.partition("/")[0] for name in written} == {"packs", "index", "snapshots"}


def test_a_copy_that_is_up_to_date_is_left_as_it_is(synced: Pair) -> None:
    copy = RecordingSink(synced.copy)

    report = synced.sync(copy=copy)

    assert (report.brought, report.bytes) == (0, 0)
    assert not [each for each in copy.operations if each.method in ("put", "replace", "delete")]


def test_whatever_is_cut_off_a_snapshot_of_the_copy_is_whole(pair: Pair) -> None:
    pair.back_up("a", "b")
    copy = RecordingSink(MemorySink())
    pair.sync(is_new=True, copy=copy)

    for state in crash_states(copy.operations):
        left = objects(state.sink)
        if any(name.startswith("snapshots/") for name in left):
            assert {n for n in objects(pair.primary) if n.startswith(("packs/", "index/"))} <= left.keys()
        assert "vault.json" not in left or {"keys/anna.age", "keys/ben.age"} <= left.keys()


def test_what_was_cut_off_is_gone_on_with(pair: Pair) -> None:
    copy = FaultySink(pair.copy, Fault(FaultKind.ERROR, "put", after=2))
    with pytest.raises(SinkUnavailableError):
        pair.sync(is_new=True, copy=copy)

    pair.sync(is_new=True)

    assert objects(pair.copy) == objects(pair.primary)


@pytest.mark.parametrize("method", ["get", "list"])
def test_a_vault_that_cannot_be_read_ends_it(synced: Pair, method: str) -> None:
    synced.back_up("a", "b")
    primary = FaultySink(synced.primary, Fault(FaultKind.ERROR, method, after=1))  # type: ignore[arg-type]

    with pytest.raises(SinkUnavailableError):
        synced.sync(primary=primary)


# What is there already


def test_an_empty_place_is_no_copy_unless_it_is_said_to_become_one(pair: Pair) -> None:
    with pytest.raises(NotAVaultError) as caught:
        pair.sync()

    assert "`tgvault sync disk --init`" in (caught.value.hint or "")
    assert objects(pair.copy) == {}


def test_a_copy_is_not_begun_where_other_objects_are(pair: Pair) -> None:
    pair.copy.put(ObjectName("notes.txt"), b"x")

    with pytest.raises(NotAVaultError, match=r"`notes\.txt`"):
        begin_copy(pair.copy, name="disk")


def test_a_copy_whose_beginning_was_cut_off_may_be_begun_again(pair: Pair) -> None:
    copy = FaultySink(pair.copy, Fault(FaultKind.ERROR, "replace", "vault.json"))
    with pytest.raises(SinkUnavailableError):
        pair.sync(is_new=True, copy=copy)

    begin_copy(pair.copy, name="disk")
    pair.sync(is_new=True)

    assert objects(pair.copy) == objects(pair.primary)


def test_a_copy_whose_beginning_was_cut_off_goes_on_without_being_begun_again(pair: Pair) -> None:
    copy = FaultySink(pair.copy, Fault(FaultKind.ERROR, "put", "snapshots/*"))
    with pytest.raises(SinkUnavailableError):
        pair.sync(is_new=True, copy=copy)

    report = pair.sync()

    assert objects(pair.copy) == objects(pair.primary)
    assert report.brought < report.objects


def test_objects_of_another_vault_without_its_vault_json_are_no_copy(pair: Pair) -> None:
    other = Pair()
    other.primary.delete(HEADER)

    with pytest.raises(NotAVaultError):
        pair.sync(copy=other.primary)


def test_a_copy_is_begun_where_the_store_was_tried_out(pair: Pair) -> None:
    pair.copy.put(ObjectName("test/20261123T120000Z-01234567-first.age"), b"x")

    begin_copy(pair.copy, name="disk")

    assert pair.sync(is_new=True).others == 0


def test_a_copy_may_be_begun_twice(synced: Pair) -> None:
    begin_copy(synced.copy, name="disk")

    assert synced.sync(is_new=True).brought == 0


@pytest.mark.parametrize("is_new", [False, True])
def test_another_vault_is_left_alone(pair: Pair, is_new: bool) -> None:
    other = Pair()

    with pytest.raises(ForgedObjectError):
        pair.sync(copy=other.primary, is_new=is_new)

    assert first(pair.primary, "packs/") not in objects(other.primary)


def test_what_only_the_copy_has_stays_and_is_counted(synced: Pair) -> None:
    name = first(synced.primary, "snapshots/")
    synced.primary.delete(name)

    report = synced.sync()

    assert (report.others, name in objects(synced.copy)) == (1, True)


def test_an_object_that_is_cut_off_in_the_copy_is_brought_again(synced: Pair) -> None:
    name = first(synced.copy, "packs/")
    synced.copy.replace(name, b"cut off")

    synced.sync()

    assert objects(synced.copy) == objects(synced.primary)


# Damage


@pytest.mark.parametrize("damaged", [b"", b'{"format":1,', b"garbage"])
def test_a_copy_whose_vault_json_is_damaged_gets_a_good_one(synced: Pair, damaged: bytes) -> None:
    synced.copy.replace(HEADER, damaged)

    synced.sync()

    assert objects(synced.copy) == objects(synced.primary)


def test_a_damaged_vault_json_beside_other_objects_is_left_alone(pair: Pair) -> None:
    other = Pair()
    other.primary.replace(HEADER, b"garbage")

    with pytest.raises(CorruptObjectError):
        pair.sync(copy=other.primary)
    assert other.primary.get(HEADER) == b"garbage"


def test_what_is_damaged_in_the_vault_is_not_brought_and_the_rest_is(pair: Pair) -> None:
    name = first(pair.primary, "packs/")
    flip_byte(pair.primary, name)

    report = pair.sync(is_new=True)

    assert [each.object for each in report.problems] == [name]
    assert objects(pair.copy).keys() == objects(pair.primary).keys() - {name}


def test_what_the_copy_has_whole_is_not_made_worse_by_damage_in_the_vault(synced: Pair) -> None:
    name = first(synced.primary, "packs/")
    whole = synced.primary.get(name)
    synced.primary.replace(name, whole[:-1])

    report = synced.sync()

    assert [each.object for each in report.problems] == [name]
    assert synced.copy.get(name) == whole


BAD_READINGS = pytest.mark.parametrize("kind", [FaultKind.TRUNCATED, FaultKind.FLIPPED_BIT])


@BAD_READINGS
@pytest.mark.parametrize("pattern", ["packs/*", "index/*", "snapshots/*", "keys/*"])
def test_what_is_read_badly_once_is_read_again(pair: Pair, kind: FaultKind, pattern: str) -> None:
    report = pair.sync(is_new=True, primary=FaultySink(pair.primary, Fault(kind, "get", pattern, times=1)))

    assert report.problems == []
    assert objects(pair.copy) == objects(pair.primary)


@BAD_READINGS
@pytest.mark.parametrize("after", [0, 1])
@pytest.mark.parametrize("keyed", [False, True])
def test_a_vault_json_that_is_read_badly_never_gets_into_the_copy(
    synced: Pair, kind: FaultKind, after: int, keyed: bool
) -> None:
    keys = synced.made.bundle if keyed else None
    add_recipient_slot(synced.primary, "eve", bundle=synced.made.bundle, recipient=Identity.generate().recipient)
    before, wanted = synced.copy.get(HEADER), synced.primary.get(HEADER)

    with suppress(VaultError):
        synced.sync(primary=FaultySink(synced.primary, Fault(kind, "get", HEADER, after)), keys=keys)

    assert synced.copy.get(HEADER) in (before, wanted)


@BAD_READINGS
def test_a_new_copy_gets_no_vault_json_that_is_read_badly(pair: Pair, kind: FaultKind) -> None:
    report = pair.sync(is_new=True, primary=FaultySink(pair.primary, Fault(kind, "get", HEADER, 1)))

    assert [each.object for each in report.problems] == [HEADER]
    assert HEADER not in objects(pair.copy)


def test_without_keys_a_vault_json_that_nobody_can_have_written_is_not_brought(synced: Pair) -> None:
    good = synced.copy.get(HEADER)
    mac = VaultHeader.parse(good).mac.hex().encode()
    synced.primary.replace(HEADER, good.replace(mac, bytes(reversed(mac))))

    report = synced.sync()

    assert [each.object for each in report.problems] == [HEADER]
    assert synced.copy.get(HEADER) == good


def test_an_object_that_vanishes_meanwhile_is_told(pair: Pair) -> None:
    name = first(pair.primary, "packs/")

    class Vanishing(RecordingSink):
        def get(self, wanted: ObjectName) -> bytes:
            if wanted == name:
                pair.primary.delete(name)
            return super().get(wanted)

    report = pair.sync(is_new=True, primary=Vanishing(pair.primary))

    assert [each.object for each in report.problems] == [name]


@pytest.mark.parametrize("place", ["primary", "copy"])
def test_what_is_pruned_meanwhile_is_not_missed(pair: Pair, place: str) -> None:
    name = first(pair.primary, "packs/")

    def prune() -> None:
        put_mark(pair.primary, MarkKind.DELETED, [name], keys=pair.made.bundle, time=NOON, host="nas")
        pair.primary.delete(name)
        pair.copy.delete(name)

    late = Fault(FaultKind.DELAYED, "get" if place == "primary" else "list", "packs/*", times=1, meanwhile=prune)

    report = pair.sync(is_new=True, **{place: FaultySink(getattr(pair, place), late)})

    assert report.problems == []
    assert objects(pair.copy) == objects(pair.primary)


@pytest.mark.parametrize("forget", [lambda sink, name: sink.delete(name), lambda sink, name: sink.replace(name, b"x")])
def test_a_store_that_does_not_keep_what_it_took_is_found_out(
    pair: Pair, forget: Callable[[Sink, ObjectName], None]
) -> None:
    class Forgetful(RecordingSink):
        def put(self, name: ObjectName, data: bytes) -> None:
            super().put(name, data)
            forget(self.inner, name)

    with pytest.raises(SinkError, match="does not have it as it was sent"):
        pair.sync(is_new=True, copy=Forgetful(pair.copy))


# Keys


def test_a_slot_that_was_added_is_brought(synced: Pair) -> None:
    add_recipient_slot(synced.primary, "carla", bundle=synced.made.bundle, recipient=Identity.generate().recipient)

    synced.sync()

    assert objects(synced.copy) == objects(synced.primary)


@pytest.mark.parametrize("break_it", [lambda sink: sink.replace(ANNAS, b"x"), lambda sink: sink.delete(ANNAS)])
def test_a_slot_that_is_not_the_one_on_the_list_is_not_brought(synced: Pair, break_it: Callable[[Sink], None]) -> None:
    whole = synced.primary.get(ANNAS)
    break_it(synced.primary)

    report = synced.sync()

    assert [each.object for each in report.problems] == [ANNAS]
    assert synced.copy.get(ANNAS) == whole


def test_a_slot_that_was_removed_is_removed_from_the_copy_by_who_has_the_keys(synced: Pair) -> None:
    remove_slot(synced.primary, "ben", bundle=synced.made.bundle)

    synced.sync()
    without_keys = set(objects(synced.copy))
    synced.sync(keys=synced.made.bundle)

    # Whoever can write to the vault's sink can write a list; only the keys tell whether it is the vault's.
    assert "keys/ben.age" in without_keys
    assert objects(synced.copy) == objects(synced.primary)


def test_with_the_keys_a_list_that_somebody_else_wrote_is_refused(synced: Pair) -> None:
    text = synced.primary.get(HEADER)
    synced.primary.replace(HEADER, text.replace(b'"ben"', b'"eve"'))

    with pytest.raises(ForgedObjectError):
        synced.sync(keys=synced.made.bundle)
    assert synced.copy.get(HEADER) == text


def delete(pair: Pair, prefix: str) -> ObjectName:
    """Delete an object of the vault, on purpose."""
    name = first(pair.primary, prefix)
    pair.primary.delete(name)
    return name


@pytest.mark.parametrize("prefix", ["packs/", "index/", "snapshots/"])
def test_what_was_deleted_on_purpose_is_removed_from_the_copy_by_who_has_the_keys(synced: Pair, prefix: str) -> None:
    name = delete(synced, prefix)

    without = synced.sync(deleted=[name])
    report = synced.sync(keys=synced.made.bundle, deleted=[name])

    assert (without.removed, without.others) == (0, 1)
    assert (report.removed, report.others) == (1, 0)
    assert objects(synced.copy) == objects(synced.primary)


def test_what_was_deleted_stays_in_the_copy_until_that_is_settled(synced: Pair) -> None:
    name = delete(synced, "packs/")
    asked: list[Collection[str]] = []

    def settled(names: Collection[str]) -> Collection[str]:
        asked.append(names)
        return ()

    report = synced.sync(keys=synced.made.bundle, deleted=[name, first(synced.primary, "index/")], settled=settled)

    assert (report.removed, report.others, asked) == (0, 1, [{name}])
    assert name in objects(synced.copy)


def test_what_is_gone_from_the_vault_and_was_not_deleted_on_purpose_stays(synced: Pair) -> None:
    name = delete(synced, "packs/")

    report = synced.sync(keys=synced.made.bundle)

    assert (report.removed, report.others) == (0, 1)
    assert name in objects(synced.copy)


def test_what_was_deleted_and_is_there_again_stays(synced: Pair) -> None:
    name = first(synced.primary, "packs/")

    synced.sync(keys=synced.made.bundle, deleted=[name])

    assert name in objects(synced.copy)


def test_nothing_is_removed_while_something_cannot_be_brought(synced: Pair) -> None:
    name = delete(synced, "packs/")
    synced.back_up("a", "b")
    damaged = next(each.name for each in synced.primary.list("packs/") if each.name not in objects(synced.copy))
    flip_byte(synced.primary, damaged)

    report = synced.sync(keys=synced.made.bundle, deleted=[name])

    assert report.problems
    assert (report.removed, name in objects(synced.copy)) == (0, True)


def test_a_mark_that_was_taken_back_is_removed_from_the_copy(synced: Pair) -> None:
    keys = synced.made.bundle
    mark = put_mark(
        synced.primary, MarkKind.FORGET, [first(synced.primary, "snapshots/")], keys=keys, time=NOON, host="h"
    )
    synced.sync()
    synced.primary.delete(mark.name)

    report = synced.sync(keys=keys)

    assert report.removed == 1
    assert objects(synced.copy) == objects(synced.primary)


def a_mark(sink: MemorySink, pair: Pair, *deleted: str) -> ObjectName:
    names = map(ObjectName, deleted)
    return put_mark(sink, MarkKind.DELETED, names, keys=pair.made.bundle, time=NOON, host="h").name


GONE = [f"packs/00/{number:064x}.age" for number in range(3)]


@pytest.mark.parametrize("says", [GONE[:2], GONE], ids=["replaced", "lost"])
def test_a_mark_of_what_was_deleted_stays_in_the_copy_where_the_vault_has_lost_it(
    synced: Pair, says: list[str]
) -> None:
    mark = a_mark(synced.copy, synced, *says)

    report = synced.sync(keys=synced.made.bundle, deleted=GONE[:2])

    assert (report.removed, mark in objects(synced.copy)) == ((1, False) if says == GONE[:2] else (0, True))


def test_a_mark_of_a_copy_that_says_that_what_the_vault_has_was_deleted_is_removed(synced: Pair) -> None:
    """The vault went on from an older copy; this one would hide what it gets from there."""
    mark = a_mark(synced.copy, synced, *GONE, first(synced.primary, "packs/"))

    synced.sync(keys=synced.made.bundle)

    assert mark not in objects(synced.copy)


def test_a_mark_that_is_none_is_left_where_it_is(synced: Pair) -> None:
    name = ObjectName(f"marks/forget-20260101T000000Z-{'0' * 64}.age")
    synced.copy.put(name, b"no mark")

    report = synced.sync(keys=synced.made.bundle)

    assert (report.removed, report.others) == (0, 1)


@pytest.mark.parametrize("kind", MarkKind)
def test_marks_are_brought_but_for_those_of_what_is_about_to_be_deleted(synced: Pair, kind: MarkKind) -> None:
    snapshot = first(synced.primary, "snapshots/")
    put_mark(synced.primary, kind, [snapshot], keys=synced.made.bundle, time=NOON, host="h")

    report = synced.sync()

    assert report.brought == (0 if kind is MarkKind.UNNEEDED else 1)


def test_leases_are_not_brought(synced: Pair) -> None:
    synced.primary.put(ObjectName(f"leases/{'0' * 16}-1-{'0' * 64}.age"), b"at work")

    assert synced.sync().brought == 0
