from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import timedelta

import pytest

from run_support import (
    NOON,
    Machine,
    Script,
    ScriptedSource,
    Talk,
    body,
    objects,
    read,
    said_exactly,
    talk,
)
from tgvault.api import (
    Message,
)
from tgvault.model.policy import Policy
from tgvault.testing import Fault, FaultKind, FaultySink
from tgvault.vault.packs import MAX_BLOB
from vault_support import a_bundle

KEYS = a_bundle()


@pytest.fixture
def machine() -> Machine:
    return Machine(KEYS)


def test_an_unchanged_source_is_not_read_and_makes_a_snapshot_of_the_same(machine: Machine) -> None:
    source = ScriptedSource.of(Script([talk({1: "a"}, split=1)], files={"x": b"x"}, fingerprint=b"same"))
    first = machine.back_up(source)
    before, found = objects(machine.sink), read(machine)

    second = machine.back_up(source)

    assert (source.expanded, source.opened) == (1, ["x"])
    assert read(machine) == found
    assert len(objects(machine.sink)) == len(before) + 1
    assert (second.unchanged, second.sequence, second.messages.total) == (True, 2, first.messages.total)
    assert (second.messages.new, second.chats_new, second.bytes_stored, second.media.new) == (0, 0, 0, 0)
    assert [each.manifest.parents for each in machine.vault.sync()][1] == (machine.vault.sync()[0].name,)


@pytest.mark.parametrize(
    "change",
    [
        lambda machine, script: machine.back_up(msgspec_free(script, fingerprint=b"other")),
        lambda machine, script: machine.back_up(script, policy=Policy.MIRROR),
        lambda machine, script: machine.back_up(script, settings=b"a transform"),
    ],
)
def test_a_source_is_read_again_when_it_or_what_is_kept_of_it_changed(
    machine: Machine, change: Callable[[Machine, Script], object]
) -> None:
    script = Script([talk({1: "a"})], fingerprint=b"same")
    machine.back_up(script)

    change(machine, script)

    assert machine.report is not None
    assert not machine.report.unchanged


def msgspec_free(script: Script, **changes: object) -> Script:
    return Script(**{**vars(script), **changes})  # type: ignore[arg-type]


def test_a_source_is_read_again_when_another_run_came_between(machine: Machine) -> None:
    script = Script([talk({1: "a"})], fingerprint=b"same")
    machine.back_up(script)
    machine.back_up(Script([talk({1: "b"})], at=NOON + timedelta(minutes=1)))

    report = machine.back_up(script)

    assert not report.unchanged


def test_a_source_without_a_fingerprint_is_always_read(machine: Machine) -> None:
    script = Script([talk({1: "a"})])
    machine.back_up(script)

    assert not machine.back_up(script).unchanged


def test_a_second_run_of_the_same_stores_a_manifest_and_nothing_else(machine: Machine) -> None:
    texts = {number: f"text {number}" for number in range(1, 1000)}
    script = Script([talk(texts, split=100)], files={"x": b"x" * 5000}, stamped=True)
    machine.back_up(script)
    before = objects(machine.sink)

    report = machine.back_up(script)

    assert {name.partition("/")[0] for name in objects(machine.sink).keys() - before.keys()} == {"snapshots"}
    assert (report.messages.new, report.messages.updated, report.bytes_stored, report.media.new) == (0, 0, 0, 0)


def test_files_with_a_known_stamp_are_not_opened(machine: Machine) -> None:
    source = ScriptedSource.of(Script(files={"a": b"a", "b": b"b"}, stamped=True))
    machine.back_up(source)
    source.opened.clear()

    machine.back_up(source)

    assert source.opened == []
    assert read(machine).files == {"a": b"a", "b": b"b"}


def test_files_without_a_stamp_are_read_again_and_stored_once(machine: Machine) -> None:
    source = ScriptedSource.of(Script(files={"a": b"a" * 3000}))
    machine.back_up(source)

    report = machine.back_up(source)

    assert source.opened == ["a", "a"]
    assert report.bytes_stored == 0


def test_a_file_in_pieces_is_read_again_when_one_of_its_packs_is_lost(machine: Machine) -> None:
    """The list of pieces is in another pack than they are."""
    data = random.Random(7).randbytes(3 * MAX_BLOB)
    source = ScriptedSource.of(Script(files={"big.mp4": data}, stamped=True))
    broken = FaultySink(machine.sink, Fault(FaultKind.ERROR, "put", "index/*"))
    first = Machine(KEYS, broken, machine.vault.database)
    with pytest.raises(Exception, match="on purpose"):
        first.back_up(source)
    largest = max(objects(machine.sink).items(), key=lambda each: each[1])[0]
    machine.sink.delete(largest)

    machine.back_up(source)

    assert read(machine).files == {"big.mp4": data}


def test_what_a_failed_run_packed_is_not_packed_again(machine: Machine) -> None:
    source = ScriptedSource.of(Script(files={"a": random.Random(1).randbytes(100_000)}, stamped=True))
    broken = FaultySink(machine.sink, Fault(FaultKind.ERROR, "put", "snapshots/*"))
    with pytest.raises(Exception, match="on purpose"):
        Machine(KEYS, broken, machine.vault.database).back_up(source)

    report = machine.back_up(source)

    assert source.opened == ["a"]
    assert report.bytes_stored == 0
    assert len(read(machine).files["a"]) == 100_000


def test_edits_deletions_and_new_messages_are_counted(machine: Machine) -> None:
    machine.back_up(Script([talk({1: "a", 2: "b", 3: "c"})]))

    report = machine.back_up(Script([talk({1: "a", 3: "C", 4: "d"})], at=NOON + timedelta(minutes=1)))

    found = read(machine)
    assert found.texts() == {1: "a", 3: "C", 4: "d"}
    assert [json.loads(each)["text"] for each in found.gone["user:1"].values()] == ["b"]
    numbers = report.messages
    assert (numbers.total, numbers.seen, numbers.new, numbers.edited, numbers.gone) == (3, 3, 1, 1, 1)


def test_chats_and_documents_that_a_run_does_not_see_stay(machine: Machine) -> None:
    machine.back_up(Script([talk({1: "a"})], documents={"contacts": b"1", "sessions": b"2"}))

    machine.back_up(Script([talk({7: "b"}, number=2)], documents={"contacts": b"3"}))

    found = read(machine)
    assert (found.texts(), found.texts("user:2")) == ({1: "a"}, {7: "b"})
    assert found.documents == {"contacts": b"3", "sessions": b"2"}


def test_an_older_export_gives_no_newer_document(machine: Machine) -> None:
    machine.back_up(Script(documents={"contacts": b"new"}, at=NOON))

    machine.back_up(Script(documents={"contacts": b"old", "sessions": b"only old"}, at=NOON - timedelta(days=400)))

    assert read(machine).documents == {"contacts": b"new", "sessions": b"only old"}
    assert said_exactly(machine.vault, machine.latest())[1] == '"contacts":'


def test_an_older_export_gives_no_newer_text_and_no_newer_title(machine: Machine) -> None:
    machine.back_up(Script([talk({1: "new"}, title="Benjamin")], at=NOON))

    machine.back_up(Script([talk({1: "old", 2: "more"}, covered=False)], at=NOON - timedelta(days=400)))

    found = read(machine)
    assert (found.texts(), found.earlier["user:1"]) == ({1: "new", 2: "more"}, {1: [body(1, "old")]})


def test_a_time_in_the_future_is_taken_for_now(machine: Machine) -> None:
    """A file's time may be anything; what comes after must not count as older for ever."""
    machine.back_up(Script([talk({1: "a"})], at=NOON + timedelta(days=9000)))

    machine.back_up(Script([talk({1: "b"})], at=None))

    assert read(machine).texts() == {1: "b"}
    assert machine.latest().manifest.source.observed_at == "2026-01-01T14:00:00Z"


def test_what_a_source_shows_was_not_seen_before_its_latest_message(machine: Machine) -> None:
    latest = int(NOON.timestamp()) - 100
    message = Message(1, b'{"id":1,"date_unixtime":"%d"}' % latest)

    machine.back_up(Script([Talk([message], split=1)], at=NOON - timedelta(days=1)))

    assert machine.latest().manifest.source.observed_at == "2026-01-01T11:58:20Z"


@pytest.mark.parametrize("date", [b'"soon"', b"5", b'"-5"', b'"%d"' % 10**30, b'"' + b"9" * 5000 + b'"'])
def test_a_date_that_is_none_changes_nothing(machine: Machine, date: bytes) -> None:
    machine.back_up(Script([Talk([Message(1, b'{"id":1,"date_unixtime":%s}' % date)])], at=NOON))

    observed = machine.latest().manifest.source.observed_at
    assert observed == ("2026-01-01T13:00:00Z" if date == b'"%d"' % 10**30 else "2026-01-01T12:00:00Z")


def test_the_policy_mirror_leaves_out_what_is_gone(machine: Machine) -> None:
    machine.back_up(Script([talk({1: "a", 2: "b", 3: "c"})]), policy=Policy.MIRROR)

    machine.back_up(
        Script([talk({1: "a", 3: "c"})], at=NOON + timedelta(minutes=1)), policy=Policy.MIRROR
    )  # fmt: skip

    found = read(machine)
    assert (found.texts(), found.gone) == ({1: "a", 3: "c"}, {"user:1": {}})
