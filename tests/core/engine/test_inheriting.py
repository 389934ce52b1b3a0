"""Backups into a vault whose earlier snapshots are damaged: they go on, and what is lost is told."""

from __future__ import annotations

import copy
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from run_support import NOON, Held, Machine, Script, Talk, read, said, talk
from tgvault.archive.reading import ArchiveReader
from tgvault.contracts.sink import ObjectName
from tgvault.engine.committing import until_sound
from tgvault.engine.report import BackupReport
from tgvault.errors import AccountMismatchError, VaultError
from tgvault.model.findings import FindingKind
from tgvault.state.database import Database
from tgvault.state.memory import DAMAGED
from tgvault.testing import MemorySink, flip_byte, names
from tgvault.vault import packs, writer
from tgvault.vault.opened import Snapshot, Vault
from vault_support import a_bundle

KEYS = a_bundle()

Damage = Callable[[MemorySink, ObjectName], None]
DAMAGES: dict[str, Damage] = {
    "flipped": lambda sink, name: flip_byte(sink, name, at=len(sink.get(name)) // 2),
    "gone": lambda sink, name: sink.delete(name),
}


def back_up(machine: Machine, script: Script) -> BackupReport:
    """Do as a backup does: once more where something that it relied on turns out to be damaged."""
    return until_sound(machine.vault, lambda: machine.back_up(script))


def at(hour: int, *talks: Talk, **more: object) -> Script:
    return Script(list(talks), at=NOON + timedelta(hours=hour), **more)  # type: ignore[arg-type]


def texts(count: int, **changed: str) -> dict[int, str]:
    """Texts of a chat of so many messages, long enough for several packs; of those changed, an empty one is away."""
    every = {number: f"text {number} {number * 7919 % 10007 * 'ab'[:3]}" for number in range(1, count + 1)}
    every |= {int(name[1:]): text for name, text in changed.items()}
    return {number: text for number, text in every.items() if text}


FIRST = at(0, talk(texts(900)), talk(texts(40), number=2), talk({1: "quiet"}, number=3), documents={"contacts": b"[1]"})
SECOND = at(
    1,
    talk(texts(900, _5="edited", _300="", _700="")),
    talk(texts(40, _7=""), number=2),
    talk({1: "new"}, number=4),
    documents={"sessions": b"[2]"},
)
THIRD = at(2, talk(texts(905, _5="edited", _300="", _700="", _600="")), talk({1: "new", 2: "newer"}, number=4))


@pytest.fixture(scope="module")
def made() -> Machine:
    """A vault of two runs in many small packs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer, "TEXT_PACK", 2000)
        patch.setattr(packs, "SHARED_FRAME", 1000)
        patch.setattr(writer, "SHARED_FRAME", 1000)
        machine = Machine(KEYS)
        machine.back_up(FIRST)
        machine.back_up(SECOND)
    assert len(names(machine.sink, "packs/")) > 10
    return machine


def twin(machine: Machine) -> Machine:
    """The same vault, on a machine that does not know it."""
    sink = MemorySink()
    sink.objects.update(copy.copy(machine.sink.objects))
    other = Machine(KEYS, sink, Database.in_memory())
    other.now = machine.now
    return other


@pytest.fixture(scope="module")
def whole(made: Machine) -> Held:
    """What the third run makes of an undamaged vault."""
    machine = twin(made)
    machine.back_up(THIRD)
    return read(machine)


def losses(report: BackupReport) -> list[str]:
    return [f"{each.subject}: {each.detail}" for each in report.findings if each.kind is FindingKind.LOST]


@pytest.mark.parametrize("kind", ["gone", "flipped", "flipped and verified"])
def test_whatever_pack_is_damaged_the_next_backup_goes_on_and_tells_what_is_lost(
    made: Machine, whole: Held, kind: str
) -> None:
    silent, lossless = [], 0
    for name in names(made.sink, "packs/"):
        machine = twin(made)
        DAMAGES[kind.partition(" ")[0]](machine.sink, name)
        if "verified" in kind:
            machine.vault.memory.note_verified([digest_of(name)], time="2026-01-01T00:00:00Z", level=DAMAGED)

        report = back_up(machine, THIRD)

        vault = Vault(machine.sink, KEYS, Database.in_memory())
        snapshots = vault.sync()
        assert snapshots[2].manifest.parents == (snapshots[1].name,)
        after = readable_texts(vault, snapshots[2])
        told = losses(report)
        # What the run has not come upon, it cannot tell: that is what verifying is for.
        if kind != "flipped":
            for each in THIRD.talks:
                assert after[each.chat.key].items() >= {m.id: m.body for m in each.messages}.items()  # type: ignore[union-attr]
            expected = {key: whole.live[key] | whole.gone[key] for key in ("user:1", "user:4")}
            lossless += (same := {key: after[key] for key in expected} == expected)
            silent += [] if same or told else [name]
        assert bool(told) == (report.losses > 0)

    assert silent == []
    assert lossless > 0 or kind == "flipped"


def readable_texts(vault: Vault, snapshot: Snapshot) -> dict[str, dict[int, bytes]]:
    """All messages, with those that are gone, of the chats that can be read."""
    reader = ArchiveReader(snapshot.manifest, vault.reader)
    found = {}
    for chat in reader.chats():
        with suppress(VaultError):
            found[chat.key] = {each.id: each.body for each in reader.messages(chat)}
    return found


def digest_of(name: ObjectName) -> bytes:
    return bytes.fromhex(name.rpartition("/")[2].removesuffix(".age"))


def test_a_loss_is_told_once_and_the_next_runs_go_on_from_there(made: Machine) -> None:
    machine = twin(made)
    root = machine.vault.sync()[-1].manifest.chats
    assert root is not None
    place = machine.vault.places.find(bytes.fromhex(root.blob))
    assert place is not None
    machine.sink.delete(packs.pack_name(place.digest.hex()))

    first = back_up(machine, THIRD)
    again = back_up(machine, replace(THIRD, at=NOON + timedelta(hours=3)))

    assert any("history of chats" in each and machine.vault.sync()[1].id in each for each in losses(first))
    assert losses(again) == []
    vault = Vault(machine.sink, KEYS, Database.in_memory())
    texts_after = [readable_texts(vault, each) for each in vault.sync()[2:]]
    assert texts_after[0] == texts_after[1]
    assert texts_after[0].keys() >= {"user:1", "user:4"}


def test_of_a_chat_that_is_lost_for_good_the_history_is_told_and_the_rest_goes_on(made: Machine) -> None:
    machine = twin(made)
    for name in names(machine.sink, "packs/"):
        machine.sink.delete(name)

    report = back_up(machine, THIRD)

    after = read(machine)
    assert sorted(after.live) == ["user:1", "user:4"]
    assert any("history of chats user:1 to user:4 before this run" in each for each in losses(report))
    assert any("history of documents" in each for each in losses(report))
    assert report.messages.total == sum(len(each.messages) for each in THIRD.talks)


def without_ids(*lines: str) -> Talk:
    return Talk([said(None, line) for line in lines], number=None, split=100, key="weak:1:Ben")


def test_chats_without_ids_go_on_as_well() -> None:
    machine = Machine(KEYS)
    machine.back_up(at(0, without_ids(*(f"line {number}" for number in range(400)))))
    machine.back_up(at(1, without_ids("more")))
    (chat,) = ArchiveReader(machine.latest().manifest, machine.vault.reader).chats()
    assert chat.messages is not None
    place = machine.vault.places.find(bytes.fromhex(chat.messages.blob))
    assert place is not None
    machine.sink.delete(packs.pack_name(place.digest.hex()))
    fresh = Machine(KEYS, machine.sink, clock=machine.now)

    report = back_up(fresh, at(2, without_ids("line 5", "last")))

    assert any("history of chat" in each for each in losses(report))
    assert b"last" in b"".join(read(fresh).live["weak:1:Ben"].values())


def test_a_line_beside_that_is_damaged_is_joined_as_far_as_it_can_be_read(made: Machine) -> None:
    one, other = twin(made), twin(made)
    one.back_up(THIRD)
    other.back_up(at(2, talk(texts(910, _5="edited", _300="", _700="")), talk({1: "elsewhere"}, number=9)))
    before = set(names(made.sink, "packs/"))
    for name, data in other.sink.objects.items():
        one.sink.objects.setdefault(name, data)
    for name in set(names(other.sink, "packs/")) - before:
        flip_byte(one.sink, name)
    fresh = Machine(KEYS, one.sink, clock=one.now)

    report = back_up(fresh, at(3, talk({1: "new", 2: "newer", 3: "newest"}, number=4)))

    assert losses(report)
    assert len(fresh.latest().manifest.parents) == 2
    vault = Vault(fresh.sink, KEYS, Database.in_memory())
    assert readable_texts(vault, vault.sync()[-1]).keys() >= {"user:1", "user:2", "user:3", "user:4"}


def test_a_snapshot_whose_manifest_cannot_be_read_is_told_and_the_run_goes_on_from_the_one_before(
    made: Machine,
) -> None:
    machine = twin(made)
    known = machine.vault.sync()
    flip_byte(machine.sink, known[-1].name, at=300)

    for seen_by in (machine, Machine(KEYS, machine.sink, clock=machine.now)):
        seen_by.vault.database.run("DELETE FROM manifest")
        report = back_up(seen_by, THIRD)

        assert seen_by.latest().manifest.parents[-1] != known[-1].name
        assert any(f"what only snapshot {known[-1].id} has" in each for each in losses(report))


def test_of_another_archives_damaged_snapshot_nothing_is_said(made: Machine) -> None:
    machine = twin(made)
    machine.back_up(FIRST, archive="work")
    name = machine.latest("work").name
    flip_byte(machine.sink, name, at=300)
    machine.vault.database.run("DELETE FROM manifest")

    assert losses(back_up(machine, THIRD)) == []


def test_a_pack_that_comes_back_is_relied_on_again(made: Machine) -> None:
    machine = twin(made)
    name = names(machine.sink, "packs/")[0]
    machine.vault.sync()
    data = machine.sink.objects.pop(name)
    back_up(machine, THIRD)
    lost = [pack.digest for pack in machine.vault.places.packs() if pack.lost]

    machine.sink.objects[name] = data
    back_up(machine, THIRD)

    assert lost == [digest_of(name)]
    assert not any(pack.lost for pack in machine.vault.places.packs())


def test_a_source_that_did_not_change_is_read_again_once_something_is_lost(made: Machine) -> None:
    machine = twin(made)
    export = replace(THIRD, fingerprint=b"same")
    back_up(machine, export)
    for name in names(machine.sink, "packs/"):
        machine.sink.delete(name)

    healed = back_up(machine, export)
    repeated = back_up(machine, export)

    assert (healed.unchanged, repeated.unchanged) == (False, True)


def test_what_is_no_damage_is_raised(made: Machine) -> None:
    machine = twin(made)

    with pytest.raises(AccountMismatchError):
        back_up(machine, replace(THIRD, account=99))
    with pytest.raises(VaultError, match="no more"):
        until_sound(machine.vault, broken)


def broken() -> None:
    raise VaultError("no more")
