from __future__ import annotations

from run_support import Machine, Script, Talk, said, shown, talk
from tgvault.state.memory import DAMAGED
from tgvault.testing import names
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
