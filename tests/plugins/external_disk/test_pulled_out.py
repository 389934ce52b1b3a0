"""A disk that is pulled out while a copy is brought to it: the real program, on a real exFAT file system."""

from __future__ import annotations

import json
import os
import random
import select
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from disk_support import LoopDisk, loop_disk
from export_support import Export, Picture, Said, Talk
from tgvault.errors import SinkWaitingError
from tgvault.vault.diagnosis import is_named_by_content

#: Seconds that the program gets for anything; it takes one.
PATIENCE = 60

#: Imported by every Python process at its start. Packs are small, so that there are many. The links to disks that udev
#: would make lie in a folder of the test. And when so many objects have been written to the disk, but are not flushed
#: yet and have no names, the program waits to be told to go on.
SITE = """
import os

if "DISK" in os.environ:
    from functools import partial
    from itertools import count
    from pathlib import Path

    from disk_support import linked_volumes
    from tgvault.engine import filing, packing
    from tgvault_plugins.external_disk.sink import ExternalDiskSink

    filing.MEDIA_PACK = packing.MEDIA_PACK = 100_000
    ExternalDiskSink.__init__.__kwdefaults__["mounted"] = partial(linked_volumes, Path(os.environ["DISK"]))
    fsync, numbers = os.fsync, count(1)

    def gated(descriptor):
        if os.readlink(f"/proc/self/fd/{descriptor}").endswith(".tmp") and next(numbers) == int(os.environ["GATE"]):
            Path("ready").write_bytes(b"x")
            Path("go").open("rb", buffering=0).read(1)
        fsync(descriptor)

    if "GATE" in os.environ:
        os.fsync = gated
"""

COPY = '[copies.disk]\ntype = "external-disk"\nlabel = "MY DISK"\n'


@dataclass
class Person:
    """Somebody with a vault, and a disk for its copy."""

    folder: Path
    disk: LoopDisk

    def start(self, *words: str, gate: int | None = None) -> subprocess.Popen[str]:
        """Start the program; with a gate it waits there."""
        path = os.pathsep.join([str(self.folder / "site"), *(each for each in sys.path if each)])
        gated = {} if gate is None else {"GATE": str(gate)}
        return subprocess.Popen(
            [sys.executable, "-m", "tgvault", "--vault", "vault.toml", *words],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": path, "DISK": str(self.disk.links), **gated},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str) -> tuple[str, str]:
        """Run what has to succeed; gives what it says, and what it warns of."""
        with self.start(*words) as process:
            out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, err
        return out, err

    def told(self, *words: str) -> Any:
        """Run what has to succeed, and give what it says as JSON."""
        return json.loads(self.run("--json", *words)[0])

    def set_copy(self, text: str) -> None:
        """Let `vault.toml` name the copy, or none."""
        file = self.folder / "vault.toml"
        file.write_text(file.read_text().replace(COPY, "") + text)


class Gate:
    """Where the program waits."""

    def __init__(self, folder: Path) -> None:
        for name in ("ready", "go"):
            os.mkfifo(folder / name)
        # Open for both directions, so that neither side waits for the other to open it.
        self._ready, self._go = (os.open(folder / name, os.O_RDWR) for name in ("ready", "go"))

    def reached(self) -> None:
        """Wait until the program is there."""
        assert select.select([self._ready], [], [], PATIENCE)[0], "nobody came to the gate"
        os.read(self._ready, 1)

    def open(self) -> None:
        """Let it pass."""
        os.write(self._go, b"x")

    def close(self) -> None:
        os.close(self._ready)
        os.close(self._go)


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Person]:
    """Somebody whose disk has a copy of the vault as it was two backups ago."""
    with loop_disk("exfat", tmp_path, size=64 << 20) as disk:
        person = Person(tmp_path / "home", disk)
        (person.folder / "site").mkdir(parents=True)
        (person.folder / "site" / "sitecustomize.py").write_text(SITE)
        made = ("--path", "vault", "--key-file", "KEY", "--kit", "kit.txt", "--state", "state")
        person.run("init", "--sink", "local", *made)
        person.run("import", export(person.folder / "first", photos=2))
        person.set_copy(COPY)
        person.run("sync", "disk", "--init")
        person.set_copy("")
        person.run("import", export(person.folder / "second", photos=20))
        person.set_copy(COPY)
        yield person


@pytest.fixture
def gate(person: Person) -> Iterator[Gate]:
    gate = Gate(person.folder)
    yield gate
    gate.close()


def export(folder: Path, *, photos: int) -> str:
    """Write an export of a chat with photos."""
    shots = [Picture(f"chats/chat_1/photos/{at}.jpg", random.Random(at).randbytes(60_000)) for at in range(photos)]
    said = (Said(at, "", each) for at, each in enumerate(shots, 1))
    return str(Export((Talk(1, "personal_chat", "Ben", tuple(said)),)).write(folder))


def objects(place: Path) -> dict[str, tuple[int, int]]:
    """The objects in a folder that never change, with their sizes and when they were written."""
    files = {each.relative_to(place).as_posix(): each.stat() for each in place.rglob("*") if each.is_file()}
    return {name: (each.st_size, each.st_mtime_ns) for name, each in files.items() if is_named_by_content(name)}


@pytest.mark.parametrize("writing", [1, 4, 13])
def test_a_sync_goes_on_where_the_disk_was_pulled_out(person: Person, gate: Gate, tmp_path: Path, writing: int) -> None:
    copy = person.disk.folder / "tgvault"
    before = objects(copy)

    with person.start("sync", gate=writing) as process:
        gate.reached()
        person.disk.pull_out()
        gate.open()
        _, said = process.communicate(timeout=PATIENCE)
    left = [each.name for each in person.disk.folder.iterdir()]
    _, warned = person.run("import", export(person.folder / "third", photos=21))
    person.disk.plug_in(tmp_path / "elsewhere")
    copy = person.disk.folder / "tgvault"
    came = objects(copy)
    (resumed,) = person.told("sync")["copies"]
    verified = person.told("verify", "--sink", "disk")

    wanted = objects(person.folder / "vault")
    assert process.returncode == SinkWaitingError.exit_code
    assert "error: copy `disk`: disk `MY DISK` is not plugged in" in said
    assert "warning: copy `disk` is not up to date: disk `MY DISK` is not plugged in" in warned
    assert left == []
    assert before.items() <= came.items() <= objects(copy).items()
    assert len(wanted) - len(came) == resumed["report"]["brought"] > 2
    assert {name: size for name, (size, _) in objects(copy).items()} == {
        name: size for name, (size, _) in wanted.items()
    }
    assert (resumed["report"]["problems"], verified["problems"]) == ([], [])
