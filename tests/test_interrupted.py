"""Real processes that are stopped, killed, or two at once: nothing is lost, and nothing is done twice."""

from __future__ import annotations

import json
import os
import random
import select
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from restore_support import files_below, result

#: Seconds that a process gets for anything; it takes one.
PATIENCE = 60

#: Bytes of a pack, so that a few photos make many; two of them make a task.
PACK = 100_000

#: Imported by every Python process at its start, workers too: after so many packs it waits to be told to go on.
GATE = f"""
import os

if "GATE" in os.environ:
    from tgvault.engine import filing, packing
    from tgvault_plugins.local.sink import LocalSink

    filing.MEDIA_PACK = packing.MEDIA_PACK = {PACK}
    put, left = LocalSink.put, [int(os.environ["GATE_AFTER"])]

    def gated(self, name, data):
        put(self, name, data)
        if name.startswith("packs/"):
            left[0] -= 1
            if left[0] == 0:
                with open(os.environ["GATE"] + "/ready", "wb") as ready:
                    ready.write(b"x")
                with open(os.environ["GATE"] + "/go", "rb", buffering=0) as go:
                    go.read(1)

    LocalSink.put = gated
"""


@dataclass
class Machine:
    """A folder with a vault, and the `tgvault` of a terminal."""

    folder: Path

    def __post_init__(self) -> None:
        (self.folder / "site").mkdir(parents=True)
        (self.folder / "site" / "sitecustomize.py").write_text(GATE)
        for name in ("ready", "go"):
            os.mkfifo(self.folder / name)
        self.run("init", "--sink", "local", "--path", "vault", "--kit", "kit.txt", "--state", "state")

    def environment(self, *, gate: int | None = None) -> dict[str, str]:
        path = os.pathsep.join([str(self.folder / "site"), *sys.path])
        gated = {} if gate is None else {"GATE": str(self.folder), "GATE_AFTER": str(gate)}
        return {**os.environ, "PYTHONPATH": path, **gated}

    def command(self, *arguments: str) -> list[str]:
        tool = [sys.executable, "-m", "tgvault", "--vault", "vault.toml", "--key-file", "key"]
        return [*tool, *arguments]

    def start(self, *arguments: str, gate: int | None = None) -> subprocess.Popen[str]:
        """Start `tgvault` in a session of its own, as a terminal does."""
        return subprocess.Popen(
            self.command(*arguments),
            cwd=self.folder,
            env=self.environment(gate=gate),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, code: int = 0) -> str:
        process = self.start(*arguments)
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == code, err
        return out if code == 0 else err

    def json(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json"))

    def packed(self) -> int:
        """Bytes of all packs."""
        return sum(path.stat().st_size for path in (self.folder / "vault" / "packs").rglob("*.age"))


class Gate:
    """Where the processes of a gated command wait."""

    def __init__(self, folder: Path) -> None:
        # Open for both directions, so that neither side waits for the other to open it.
        self._ready, self._go = (os.open(folder / name, os.O_RDWR) for name in ("ready", "go"))

    def reached(self) -> None:
        """Wait until a process is at the gate."""
        assert select.select([self._ready], [], [], PATIENCE)[0], "nobody came to the gate"
        os.read(self._ready, 1)

    def open(self) -> None:
        """Let everybody pass."""
        os.write(self._go, b"x" * 100)

    def close(self) -> None:
        os.close(self._ready)
        os.close(self._go)


def export(folder: Path, *, photos: int) -> Path:
    noise = random.Random(5)
    messages = [{"id": 1, "type": "message", "date_unixtime": "1", "text": "first"}]
    for number in range(photos):
        path = folder / "photos" / f"{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(noise.randbytes(30_000))
        messages.append(
            {"id": number + 10, "type": "message", "date_unixtime": "10", "photo": f"photos/{number}.jpg", "text": ""}
        )
    folder.mkdir(exist_ok=True)
    chat = {"name": "Ben", "type": "personal_chat", "id": 7, "messages": messages}
    (folder / "result.json").write_text(json.dumps(chat))
    return folder


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine that has imported one export, and has the next one, with a hundred photos, at hand."""
    machine = Machine(tmp_path / "machine")
    machine.run("import", str(export(tmp_path / "ChatExport_2026-01-01", photos=2)))
    export(tmp_path / "ChatExport_2026-02-01", photos=100)
    return machine


def next_export(machine: Machine) -> Path:
    return machine.folder.with_name("ChatExport_2026-02-01")


def check_old_state(machine: Machine) -> None:
    """The last snapshot is whole, and the one that was being made is not there."""
    assert len(machine.json("snapshots")["snapshots"]) == 1
    machine.run("restore", "latest", "--exact", "--to", "old")
    old = machine.folder.with_name("ChatExport_2026-01-01")
    assert result(machine.folder / "old") == result(old)
    assert files_below(machine.folder / "old") == files_below(old)
    machine.run("verify")


def check_next_import(machine: Machine, *, again: int) -> None:
    """The next import completes, and packs no more than so many bytes again."""
    machine.run("import", str(next_export(machine)))
    machine.run("restore", "latest", "--exact", "--to", "new")
    assert result(machine.folder / "new") == result(next_export(machine))
    assert files_below(machine.folder / "new") == files_below(next_export(machine))
    content = sum(map(len, files_below(next_export(machine)).values()))
    assert machine.packed() <= content * 1.05 + again


@pytest.mark.parametrize("jobs", [0, 2])
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_goes_on_where_it_was(machine: Machine, jobs: int, how: signal.Signals) -> None:
    gate = Gate(machine.folder)
    process = machine.start("import", str(next_export(machine)), "--jobs", str(jobs), gate=8 // (jobs + 1))
    gate.reached()
    packed = machine.packed()

    if how is signal.SIGINT:
        os.killpg(process.pid, how)
    else:
        process.send_signal(how)
    gate.open()
    _, said = process.communicate(timeout=PATIENCE)
    gate.close()

    assert process.returncode == 130
    assert "stopped" in said
    assert "stays in the vault" in said
    assert "Traceback" not in said
    assert packed > 300_000
    check_old_state(machine)
    check_next_import(machine, again=2 * PACK if jobs == 0 else 0)


@pytest.mark.parametrize("jobs", [0, 2])
def test_a_run_that_is_killed_goes_on_where_it_was(machine: Machine, jobs: int) -> None:
    gate = Gate(machine.folder)
    process = machine.start("import", str(next_export(machine)), "--jobs", str(jobs), gate=12 // (jobs + 1))
    gate.reached()
    packed = machine.packed()

    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=PATIENCE)
    gate.close()

    assert process.returncode == -signal.SIGKILL
    assert packed > 400_000
    check_old_state(machine)
    # What a task had packed when it was killed, and the one that had not been told of yet.
    check_next_import(machine, again=2 * (max(jobs, 1) + 1) * PACK)


def test_a_second_writer_is_refused_and_readers_go_on(machine: Machine) -> None:
    gate = Gate(machine.folder)
    process = machine.start("import", str(next_export(machine)), "--jobs", "0", gate=3)
    gate.reached()

    refused = machine.run("import", str(next_export(machine)), code=71)
    check_old_state(machine)
    listed = machine.json("ls", "latest")
    gate.open()
    _, said = process.communicate(timeout=PATIENCE)
    gate.close()

    assert "another tgvault on this machine is writing" in refused
    assert "hint:" in refused
    assert listed["chats"][0]["messages"] == 3
    assert process.returncode == 0, said
    assert len(machine.json("snapshots")["snapshots"]) == 2


def test_a_restore_that_is_stopped_has_no_main_file(machine: Machine) -> None:
    process = machine.start("restore", "latest", "--to", "out", "--jobs", "1")
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=PATIENCE)

    assert "Traceback" not in said
    assert (process.returncode == 0) == (machine.folder / "out" / "result.json").exists()
    assert not list(machine.folder.glob("out/**/*tgvault-part*"))
