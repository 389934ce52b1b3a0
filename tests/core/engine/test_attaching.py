from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from run_support import NOON, Machine, Script, ScriptConfig, ScriptedSource, Talk, held, shown, talk
from tgvault.api import (
    LASTING_STAMP,
    Finding,
    FindingKind,
    Record,
    Removed,
    SegmentStarts,
    SourceContext,
    SourceUnavailableError,
    StoreContext,
    TgVaultError,
)
from tgvault.engine.attaching import Attachment, attach, attach_worker, store_place
from tgvault.engine.committing import forget_lost_packs
from tgvault.engine.progress import NullProgress
from tgvault.state.database import Database
from tgvault.vault.manifests import short_id
from vault_support import a_bundle

KEYS = a_bundle()
STAMP = LASTING_STAMP + b"5"
SCHEMA = "CREATE TABLE mine (a)"


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """A machine whose archive has a chat with a photo of ten bytes in message 1 and text in message 2."""
    machine = Machine(KEYS, database=Database.open(tmp_path / "state.db", key=KEYS.id_key.state_key()))
    pictured = Talk([shown(1, "c/a.jpg"), *talk({2: "b"}).messages])
    machine.back_up(Script([pictured], files={"c/a.jpg": b"0123456789"}))
    yield machine
    machine.vault.close()


def attachment(machine: Machine, folder: Path) -> Attachment:
    line = machine.vault.sync()[::-1]
    return Attachment(
        machine.vault, folder, source="phone", archive="main", line=line, progress=NullProgress(), now=lambda: NOON
    )


@pytest.fixture
def context(machine: Machine, tmp_path: Path) -> Iterator[Attachment]:
    made = attachment(machine, tmp_path)
    yield made
    made.close()


def test_a_file_that_the_archive_has_in_a_message_is_known_by_another_stamp_once_adopted(context: Attachment) -> None:
    found = context.held("user:1", 1, 9)
    before = context.knows(STAMP)

    adopted = context.adopt(STAMP, chat="user:1", message=1, field="photo")

    assert {number: dict(each.sizes) for number, each in found.items()} == {1: {"photo": 10}}
    assert (before, adopted, context.knows(STAMP)) == (False, True, True)


@pytest.mark.parametrize(("message", "field"), [(2, "photo"), (1, "file"), (9, "photo")])
def test_what_the_archive_does_not_have_is_not_adopted(context: Attachment, message: int, field: str) -> None:
    context.held("user:1", 1, 9)

    assert not context.adopt(STAMP, chat="user:1", message=message, field=field)
    assert not context.knows(STAMP)


@pytest.mark.parametrize("key", ["user:2", "channel:1"])
def test_of_a_chat_that_is_not_there_nothing_is_held(context: Attachment, key: str) -> None:
    assert context.held(key, 1, 9) == {}


def test_a_file_whose_pack_is_gone_is_not_known(machine: Machine, context: Attachment) -> None:
    context.held("user:1", 1, 9)
    context.adopt(STAMP, chat="user:1", message=1, field="photo")

    for pack in [*machine.vault.places.packs(listed=True), *machine.vault.places.packs(listed=False)]:
        machine.vault.places.mark_lost(pack.digest)

    assert not context.knows(STAMP)


def test_a_file_that_lacks_one_of_its_pieces_is_not_adopted(machine: Machine, tmp_path: Path) -> None:
    large = Talk([shown(3, "c/large.jpg")])
    machine.back_up(Script([large], files={"c/large.jpg": bytes(9_000_000)}))
    largest = max(machine.sink.list("packs/"), key=lambda each: each.size)
    machine.vault.places.forget_pack(bytes.fromhex(largest.name[-68:-4]))
    context = attachment(machine, tmp_path)

    held = context.held("user:1", 3, 3)

    assert dict(held[3].sizes) == {"photo": 9_000_000}
    assert not context.adopt(STAMP, chat="user:1", message=3, field="photo")
    context.close()


def test_losses_are_counted(machine: Machine, context: Attachment) -> None:
    before = context.losses
    machine.sink.delete(next(iter(machine.sink.list("packs/"))).name)

    forget_lost_packs(machine.vault)

    assert (before, context.losses) == (0, 1)


def test_an_archive_that_is_damaged_holds_nothing_and_stops_nobody(machine: Machine, context: Attachment) -> None:
    for name in [each.name for each in machine.sink.list("packs/")]:
        machine.sink.delete(name)

    assert context.held("user:1", 1, 9) == {}


def test_the_snapshots_that_a_run_continues_are_known_by_their_ids(machine: Machine, context: Attachment) -> None:
    (snapshot,) = machine.vault.sync()

    assert context.newest == short_id(snapshot.name)
    assert context.has_snapshot(short_id(snapshot.name))
    assert not context.has_snapshot("00000000")


def test_the_store_is_the_same_in_worker_processes_and_in_the_next_run(context: Attachment, tmp_path: Path) -> None:
    context.store(SCHEMA, version=1).run("INSERT INTO mine VALUES (5)")

    place = store_place(tmp_path, KEYS, source="phone", archive="main")
    other = place.store(SCHEMA, version=1)

    assert other.run("SELECT a FROM mine") == [(5,)]
    other.close()


def test_sources_and_archives_do_not_share_a_store(tmp_path: Path) -> None:
    named = {store_place(tmp_path, KEYS, source=a, archive=b).path for a in ("x", "y") for b in ("x", "y")}

    assert len(named) == 4
    assert all("phone" not in path.name for path in named)


def test_the_key_of_a_store_is_in_no_text_of_it(tmp_path: Path) -> None:
    place = store_place(tmp_path, KEYS, source="phone", archive="main")

    assert place.key not in repr(place)


def test_room_and_time_are_those_of_the_machine(context: Attachment) -> None:
    assert context.free_space() > 0
    assert context.now() == NOON


class Live(ScriptedSource):
    """Takes what it is given, tells of a message that is gone, and ends early where it is told to."""

    def __init__(self, config: ScriptConfig) -> None:
        super().__init__(config)
        self.given: list[object] = []
        self.safe: list[str] = []
        self.gone: tuple[int, ...] = ()
        self.end: TgVaultError | None = None

    def attach(self, context: SourceContext) -> None:
        self.given.append(context)

    def attach_worker(self, context: StoreContext) -> None:
        self.given.append(context)

    def records(self, starts: SegmentStarts) -> Iterator[Record | Finding]:
        yield from super().records(starts)
        if self.gone:
            yield Removed(self.gone)
        if self.end is not None:
            yield Finding(FindingKind.TRUNCATED, "the account", str(self.end))

    def committed(self, snapshot: str) -> TgVaultError | None:
        self.safe.append(snapshot)
        return self.end


def test_only_a_source_that_has_a_use_for_it_is_attached(context: Attachment, tmp_path: Path) -> None:
    live, plain = Live.of(Script()), ScriptedSource.of(Script())
    place = store_place(tmp_path, KEYS, source="phone", archive="main")

    for source in (live, plain):
        attach(source, context)
        attach_worker(source, place)
    attach_worker(live, None)

    assert live.given == [context, place]


def test_a_source_is_told_which_snapshot_holds_what_it_told(machine: Machine) -> None:
    source = Live.of(Script([talk({3: "c"}, covered=False)]))

    report = machine.back_up(source)

    assert source.safe == [report.snapshot]


def test_a_message_that_a_source_tells_to_be_gone_is_marked_and_the_others_stay(machine: Machine) -> None:
    source = Live.of(Script([talk({3: "c"}, covered=False)]))
    source.gone = (2,)

    report = machine.back_up(source)

    found = held(machine.vault, machine.latest())
    assert (report.messages.gone, sorted(found.live["user:1"]), sorted(found.gone["user:1"])) == (1, [1, 3], [2])


def test_a_chat_of_which_nothing_is_told_stays_as_it_is(machine: Machine) -> None:
    before = held(machine.vault, machine.latest())

    machine.back_up(Live.of(Script([Talk([], title="Benny")])))

    after = held(machine.vault, machine.latest())
    assert (after.live, after.media, after.gone) == (before.live, before.media, before.gone)


def test_a_run_that_ended_early_makes_a_snapshot_and_says_so(machine: Machine) -> None:
    source = Live.of(Script([talk({3: "c"}, covered=False)]))
    source.end = SourceUnavailableError("the network is gone")

    report = machine.back_up(source)

    assert report.losses == 1
    assert sorted(held(machine.vault, machine.latest()).live["user:1"]) == [1, 2, 3]
