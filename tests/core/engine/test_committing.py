from __future__ import annotations

import json
import random
from datetime import UTC, datetime

import msgspec
import pytest

from run_support import (
    NOON,
    Machine,
    Script,
    ScriptedSource,
    opened,
    read,
    talk,
)
from tgvault.api import (
    OpenedMedia,
)
from tgvault.errors import (
    SinkFullError,
    VaultBusyError,
)
from tgvault.testing import Fault, FaultKind, FaultySink, MemorySink
from vault_support import a_bundle

KEYS = a_bundle()


@pytest.fixture
def machine() -> Machine:
    return Machine(KEYS)


@pytest.mark.parametrize("pattern", ["packs/*", "index/*", "snapshots/*"])
def test_a_full_store_ends_the_run_and_the_next_one_completes(machine: Machine, pattern: str) -> None:
    script = Script([talk({1: "a"})], files={"x.jpg": b"x" * 100})
    full = FaultySink(machine.sink, Fault(FaultKind.ERROR, "put", pattern, error=SinkFullError("full", hint="room")))

    with pytest.raises(SinkFullError):
        Machine(KEYS, full, machine.vault.database).back_up(script)
    assert machine.vault.sync() == []
    machine.back_up(script)

    assert read(machine).texts() == {1: "a"}


def test_a_sink_that_fails_with_an_error_of_the_system_loses_nothing_silently(machine: Machine) -> None:
    """Errors of network libraries are OSErrors; a file of the source that cannot be read is one too."""
    script = Script(files={f"{number}.jpg": random.Random(number).randbytes(3 << 20) for number in range(12)})

    class Broken(MemorySink):
        def put(self, name: str, data: bytes) -> None:  # type: ignore[override]
            if name.startswith("packs/") and not self.objects:
                raise ConnectionResetError(104, "Connection reset by peer")
            super().put(name, data)  # type: ignore[arg-type]

    with pytest.raises(Exception, match="Connection reset"):
        Machine(KEYS, Broken()).back_up(script)


def test_an_answer_that_got_lost_makes_no_second_state(machine: Machine) -> None:
    lost = FaultySink(machine.sink, Fault(FaultKind.LOST_ANSWER, "put", "snapshots/*"))
    with pytest.raises(Exception, match="on purpose"):
        Machine(KEYS, lost, machine.vault.database).back_up(Script([talk({1: "a"})]))

    machine.back_up(Script([talk({1: "a", 2: "b"})]))

    assert [each.manifest.sequence for each in machine.vault.sync()] == [1, 2]
    assert read(machine).texts() == {1: "a", 2: "b"}


def test_the_report_of_a_snapshot_is_kept_in_it(machine: Machine) -> None:
    report = machine.back_up(Script([talk({1: "a"})]))

    kept = json.loads(bytes(machine.latest().manifest.report))
    assert kept == {**json.loads(msgspec.json.encode(report)), "snapshot": ""}
    assert report.snapshot == machine.latest().id


def test_the_manifest_says_who_made_it_and_from_what(machine: Machine) -> None:
    machine.back_up(Script([], fingerprint=b"\xab", at=datetime(2025, 5, 5, tzinfo=UTC)))

    manifest = machine.latest().manifest
    assert (manifest.host, manifest.archive, manifest.policy, manifest.account) == ("laptop", "main", "keep", 1)
    assert manifest.tool.startswith("tgvault ")
    assert manifest.source == type(manifest.source)("scripted", "scripted", "/export", "2025-05-05T00:00:00Z", "ab")
    assert manifest.time == "2026-01-01T13:00:00Z"


def test_a_run_that_finds_another_one_committed_starts_over(machine: Machine) -> None:
    machine.back_up(Script([talk({1: "a"})]))
    elsewhere = Machine(KEYS, machine.sink, clock=NOON)
    source = ScriptedSource.of(Script([talk({1: "a", 2: "b"})], files={"x": b"x"}))

    def meanwhile(name: str, data: bytes) -> OpenedMedia:
        if len(machine.vault.sync()) == 1:
            elsewhere.back_up(Script([talk({1: "a", 3: "c"})]))
        return opened(data)

    source.on_open = meanwhile

    with pytest.raises(VaultBusyError, match="laptop") as caught:
        machine.back_up(source)
    assert caught.value.hint
    machine.back_up(source)
    assert machine.latest().manifest.sequence == 3


def test_another_archive_may_be_written_meanwhile(machine: Machine) -> None:
    elsewhere = Machine(KEYS, machine.sink, clock=NOON)
    source = ScriptedSource.of(Script([talk({1: "a"})], files={"x": b"x"}))

    def meanwhile(name: str, data: bytes) -> OpenedMedia:
        elsewhere.back_up(Script([talk({9: "z"})]), archive="work")
        return opened(data)

    source.on_open = meanwhile

    machine.back_up(source)

    assert {each.manifest.archive for each in machine.vault.sync()} == {"main", "work"}


def test_half_a_manifest_that_a_killed_writer_left_stops_nobody(machine: Machine) -> None:
    machine.back_up(Script([talk({1: "a"})]))
    name = machine.latest().name
    torn = name.replace(name[-20:-4], "0" * 16)
    machine.sink.put(torn, machine.sink.get(name)[:150])  # type: ignore[arg-type]

    machine.back_up(Script([talk({1: "a", 2: "b"})]))

    assert machine.latest().manifest.sequence == 2
