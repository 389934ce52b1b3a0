from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from run_support import NOON, Machine, Script, ScriptedSource, Talk, opened, read, said, shown, talk
from tgvault.api import ObjectName, OpenedMedia
from tgvault.engine.committing import OvertakenError, until_sound
from tgvault.engine.start import losses
from tgvault.errors import CorruptObjectError
from tgvault.state.memory import DAMAGED
from tgvault.testing import MemorySink, names
from tgvault.vault.leases import HeldLease, LeaseKind, Writer
from tgvault.vault.marks import MarkKind, put_mark
from tgvault.vault.packs import pack_name
from vault_support import a_bundle

KEYS = a_bundle()
PHOTO = {"c/a.jpg": b"the only copy"}


def export() -> Script:
    return Script([Talk([said(1, "look"), shown(2, "c/a.jpg")])], files=PHOTO)


def packs(machine: Machine) -> list[str]:
    return names(machine.sink, "packs/")


def test_a_pack_that_is_gone_is_stored_again_by_the_next_import_into_any_archive() -> None:
    machine = Machine(KEYS)
    machine.back_up(export())
    for name in packs(machine):
        machine.sink.delete(name)

    report = machine.back_up(export(), archive="anew")

    assert report.bytes_stored > 0
    assert report.media.new == 1
    assert packs(machine)


def test_a_pack_that_was_found_damaged_is_stored_again() -> None:
    machine = Machine(KEYS)
    machine.back_up(export())
    digests = [bytes.fromhex(name.rpartition("/")[2].removesuffix(".age")) for name in packs(machine)]
    machine.vault.memory.note_verified(digests, time="2026-01-01T00:00:00Z", level=DAMAGED)

    report = machine.back_up(export(), archive="anew")

    assert report.media.new == 1


def test_packs_that_are_whole_are_used() -> None:
    machine = Machine(KEYS)
    machine.back_up(Script([talk({1: "a"})]))

    report = machine.back_up(Script([talk({1: "a"})]), archive="anew")

    assert report.bytes_stored == 0


def mark(machine: Machine, *objects: str) -> ObjectName:
    """Say that these objects are about to be deleted."""
    found = map(ObjectName, objects)
    return put_mark(machine.sink, MarkKind.UNNEEDED, found, keys=KEYS, time=machine.now, host="other").name


def test_what_is_about_to_be_deleted_is_stored_again_and_no_loss() -> None:
    machine = Machine(KEYS)
    machine.back_up(export())
    before = packs(machine)
    mark(machine, *before)

    report = machine.back_up(export(), archive="anew")

    assert report.media.new == 1
    assert losses(machine.vault.memory) == 0
    for name in before:
        machine.sink.delete(ObjectName(name))
    assert list(read(machine, "anew").media["user:1"][2].values()) == list(PHOTO.values())


def test_a_mark_that_is_taken_away_lets_the_packs_be_used_again() -> None:
    machine = Machine(KEYS)
    machine.back_up(export())
    name = mark(machine, *packs(machine))
    machine.back_up(Script([talk({1: "else"})]), archive="else")

    machine.sink.delete(name)

    assert machine.back_up(export(), archive="anew").media.new == 0


def test_a_run_during_which_its_packs_are_marked_starts_over() -> None:
    machine = Machine(KEYS)
    machine.back_up(export())
    before = packs(machine)
    source = ScriptedSource.of(Script([*export().talks, talk({9: "z"}, number=2)], files={**PHOTO, "new": b"n"}))

    def meanwhile(name: str, data: bytes) -> OpenedMedia:
        if name == "new" and not names(machine.sink, "marks/"):
            mark(machine, *before)
        return opened(data)

    source.on_open = meanwhile
    runs: list[object] = []
    until_sound(machine.vault, lambda: (runs.append(1), machine.back_up(source, archive="anew")))

    for name in before:
        machine.sink.delete(ObjectName(name))
    assert len(runs) == 2
    assert list(read(machine, "anew").media["user:1"][2].values()) == list(PHOTO.values())


class AsleepAtTheEnd(MemorySink):
    """A store in which something happens while the writer sleeps, right before the first manifest is put."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: Callable[[], object] | None = None

    def put(self, name: ObjectName, data: bytes) -> None:
        if name.startswith("snapshots/") and self.meanwhile is not None:
            self.meanwhile, happens = None, self.meanwhile
            happens()
        super().put(name, data)


def delete(sink: MemorySink, found: Iterable[str]) -> None:
    for name in found:
        sink.delete(ObjectName(name))


def leased(machine: Machine) -> HeldLease:
    return HeldLease(machine.sink, KEYS, Writer(LeaseKind.BACKUP, "laptop", "0" * 16, lambda: machine.now))


@pytest.mark.parametrize("fingerprint", [None, b"the same"])
@pytest.mark.parametrize("is_gone", [True, False])
def test_who_was_taken_for_dead_stores_again_what_was_deleted_meanwhile(
    is_gone: bool, fingerprint: bytes | None
) -> None:
    sink = AsleepAtTheEnd()
    machine = Machine(KEYS, sink)
    machine.back_up(export())
    before = packs(machine)
    script = replace(export(), fingerprint=fingerprint)
    runs: list[object] = []

    def meanwhile() -> None:
        mark(machine, *packs(machine))
        delete(sink, names(sink, "leases/"))
        delete(sink, packs(machine) if is_gone else [])

    def run() -> None:
        runs.append(1)
        machine.back_up(script, archive="anew", lease=leased(machine))

    sink.meanwhile = meanwhile
    until_sound(machine.vault, run)

    delete(sink, before)
    assert len(runs) == 2
    assert len([each for each in machine.vault.sync() if each.manifest.archive == "anew"]) == 1
    assert list(read(machine, "anew").media["user:1"][2].values()) == list(PHOTO.values())


@pytest.mark.parametrize("is_lost", [True, False])
def test_a_run_whose_packs_are_all_there_is_done_whatever_became_of_its_lease(is_lost: bool) -> None:
    sink = AsleepAtTheEnd()
    machine = Machine(KEYS, sink)
    if is_lost:
        sink.meanwhile = lambda: delete(sink, names(sink, "leases/"))

    machine.back_up(export(), lease=leased(machine))

    assert list(read(machine).media["user:1"][2].values()) == list(PHOTO.values())


def test_a_run_that_another_machine_overtakes_goes_on_from_there() -> None:
    machine = Machine(KEYS)
    machine.back_up(Script([talk({1: "a"})]))
    elsewhere = Machine(KEYS, machine.sink, clock=NOON)
    source = ScriptedSource.of(Script([talk({1: "a", 2: "b"})], files={"x": b"x"}))

    def meanwhile(name: str, data: bytes) -> OpenedMedia:
        if len(machine.vault.sync()) == 1:
            elsewhere.back_up(Script([talk({1: "a", 3: "c"})]))
        return opened(data)

    source.on_open = meanwhile
    until_sound(machine.vault, lambda: machine.back_up(source))

    assert machine.latest().manifest.sequence == 3
    assert read(machine).texts().keys() == {1, 2, 3}


def test_a_run_that_is_overtaken_again_and_again_gives_up() -> None:
    machine = Machine(KEYS)
    tries: list[int] = []

    def run() -> None:
        tries.append(1)
        raise OvertakenError("`other` was faster")

    with pytest.raises(OvertakenError):
        until_sound(machine.vault, run)

    assert len(tries) == 11


def test_a_run_starts_over_for_other_packs_than_were_lost_before() -> None:
    """As many as before: those are gone for good, and forgotten."""
    machine = Machine(KEYS)
    machine.back_up(export())
    machine.vault.places.set_aside([b"unknown" * 4])
    first, *_ = [pack.digest for pack in machine.vault.places.packs()]
    machine.vault.places.add_pack(b"p" * 32, 5, [], listed=False)
    machine.vault.places.mark_lost(b"p" * 32)
    runs: list[int] = []

    def run() -> None:
        runs.append(1)
        if len(runs) == 1:
            machine.vault.places.remove([b"p" * 32])
            mark(machine, pack_name(first.hex()))
            raise CorruptObjectError("packs are about to be deleted")

    until_sound(machine.vault, run)

    assert len(runs) == 2
