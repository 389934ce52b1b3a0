"""What the tests of faults share: stores, machines that use a vault by the command line, and what it has to hold."""

from __future__ import annotations

import hashlib
import random
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cli.support import Tried, attempt
from export_support import Export, Picture, Said, Talk
from faults.stores import STORES
from run_support import Held, held
from tgvault.contracts.sink import Sink
from tgvault.crypto.age import Identity
from tgvault.keys.private_file import write_private
from tgvault.state.database import Database
from tgvault.testing import MemorySink
from tgvault.vault.header import HEADER, VaultHeader
from tgvault.vault.opened import Vault
from tgvault.vault.slot_changes import add_recipient_slot
from vault_support import a_bundle

__all__ = ["KEYS", "Case", "Operation", "Scene", "World", "an_export", "contents", "misfits", "new_world"]

KEYS = a_bundle()

ANNA = Identity.generate()

_DIGEST = re.compile(r".*[/-]([0-9a-f]{64})\.age")

_CONFIG = f"""
[vault]
id = "{KEYS.vault_id}"
fingerprint = "{KEYS.fingerprint}"
[sink]
type = "held"
name = "primary"
[copies.disk]
type = "held"
name = "copy"
[key]
file = "key"
[state]
path = "state"
[workers]
jobs = 0
"""


@dataclass
class World:
    """The stores, and a folder with machines; each has its `vault.toml` and what it knows of the vault."""

    folder: Path
    primary: MemorySink = field(default_factory=MemorySink)
    copy: MemorySink = field(default_factory=MemorySink)

    def run(self, *words: str, machine: str = "one", primary: Sink | None = None, copy: Sink | None = None) -> Tried:
        """Run a command on a machine; other sinks may stand in for the stores while it runs."""
        with stores(primary or self.primary, copy or self.copy):
            return attempt(*words, folder=self.machine(machine))

    def done(self, *words: str, machine: str = "one", copy: Sink | None = None) -> None:
        """Run a command that has to succeed."""
        tried = self.run(*words, machine=machine, copy=copy)
        assert tried.code == 0, (words, tried)

    def machine(self, name: str) -> Path:
        """The folder of a machine, made where it is new."""
        folder = self.folder / name
        if not folder.exists():
            folder.mkdir(parents=True)
            (folder / "vault.toml").write_text(_CONFIG)
            write_private(folder / "key", ANNA.text)
        return folder


@contextmanager
def stores(primary: Sink, copy: Sink) -> Iterator[None]:
    before = dict(STORES)
    STORES.update(primary=primary, copy=copy)
    try:
        yield
    finally:
        STORES.clear()
        STORES.update(before)


@dataclass(frozen=True)
class Scene:
    """How things stand before a command: what the stores hold, and what the machine `one` knows.

    `mine` is what each snapshot holds that is the vault's, by the name of its manifest, `forgotten` the same of those
    that are not any more.
    """

    folder: Path
    primary: Mapping[str, bytes]
    copy: Mapping[str, bytes]
    mine: Mapping[str, Held]
    forgotten: Mapping[str, Held]
    #: All objects that the vault should have.
    names: frozenset[str]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is damaged or gone before the command."""
        return self.names <= self.primary.keys() and not misfits(self.primary)

    @classmethod
    def of(cls, world: World) -> Scene:
        """Keep how things stand in a world."""
        mine, forgotten = contents(world.primary)
        objects = dict(world.primary.objects)
        return cls(world.folder, objects, dict(world.copy.objects), mine, forgotten, frozenset(objects))

    def again(self, folder: Path) -> World:
        """Make a world in which things stand so."""
        world = World(folder, MemorySink(dict(self.primary)), MemorySink(dict(self.copy)))
        if (self.folder / "one").exists():
            shutil.copytree(self.folder / "one", folder / "one")
        return world


@dataclass(frozen=True)
class Operation:
    """A command of a machine, `one`, who has seen the vault before, or another, and the scene before it.

    `check` makes sure that what it says it did is done.
    """

    scene: str
    words: Callable[[Case], tuple[str, ...]]
    check: Callable[[Case], None]
    machine: str = "one"
    #: How it may end when it is carried out a second time.
    again: frozenset[int] = frozenset({0})


@dataclass
class Case:
    """A command, the world in which it is run, and how things stood there before.

    `makes` is what the snapshot holds that it makes, and `says` the text that it restores, where that is known.
    `exports` is where exports lie. Where objects of the vault are read badly again and again, as if they were damaged,
    a run lists what it has not taken over.
    """

    operation: Operation
    scene: Scene
    world: World
    exports: Path
    makes: Held | None = None
    says: bytes = b"{}"
    is_read_badly: bool = False
    has_losses: bool = False

    @property
    def out(self) -> Path:
        """Where it restores to."""
        return self.world.machine(self.operation.machine) / "out"

    def new(self) -> list[Held]:
        """What the snapshots hold that were not there before."""
        known = {*self.scene.mine, *self.scene.forgotten}
        return [held for name, held in contents(self.world.primary)[0].items() if name not in known]


def new_world(folder: Path) -> World:
    """A vault with two slots and no snapshots, of which nobody knows anything."""
    world = World(folder)
    header = VaultHeader.make(KEYS, created=datetime(2026, 1, 1, tzinfo=UTC), slots={})
    world.primary.replace(HEADER, header.to_json())
    for name, identity in (("anna", ANNA), ("ben", Identity.generate())):
        add_recipient_slot(world.primary, name, bundle=KEYS, recipient=identity.recipient)
    return world


#: What was found among objects of these names, all of which had the bytes that their names tell.
_FOUND: dict[frozenset[str], tuple[dict[str, Held], dict[str, Held]]] = {}


def contents(sink: MemorySink) -> tuple[dict[str, Held], dict[str, Held]]:
    """Everything that a machine that knows nothing finds in each snapshot, and in each that was forgotten."""
    here = frozenset(name for name in sink.objects if not name.startswith(("keys/", "leases/")))
    is_whole = not misfits(sink.objects)
    if is_whole and here in _FOUND:
        return _FOUND[here]
    vault = Vault(sink, KEYS, Database.in_memory())
    # What a copy lacks that is being brought is no concern of the snapshots that it has.
    mine = vault.sync(accept_missing=True)
    found, forgotten = ({each.name: held(vault, each) for each in some} for some in (mine, vault.forgotten))
    assert vault.bad_indexes == vault.bad_manifests == vault.bad_marks == []
    if is_whole:
        _FOUND[here] = found, forgotten
    return found, forgotten


def misfits(objects: Mapping[str, bytes]) -> list[str]:
    """Name the objects whose bytes are not those that their names, or the list of slots, tell."""
    wrong = []
    for name, data in objects.items():
        match = _DIGEST.fullmatch(name)
        if match and hashlib.sha256(data).hexdigest() != match[1]:
            wrong.append(name)
    if HEADER in objects:
        header = VaultHeader.parse(objects[HEADER])
        header.check(KEYS)
        slots = {f"keys/{name}.age": digest for name, digest in header.slots.items()}
        for name, data in objects.items():
            if name.startswith("keys/") and hashlib.sha256(data).hexdigest() != slots.get(name):
                wrong.append(name)
    return wrong


def an_export(*texts: str, photos: tuple[int, ...] = ()) -> Export:
    """An export with a chat of these texts and these photos, and one that all have."""
    pictures = [Picture(f"chats/chat_1/photos/p{each}.jpg", random.Random(each).randbytes(4_000)) for each in photos]
    said = [Said(at, text) for at, text in enumerate(texts, start=1)]
    said += [Said(1000 + number, "", each) for number, each in zip(photos, pictures, strict=True)]
    everybody = Talk(2, "personal_chat", "Eve", tuple(Said(at, f"everybody's {at}") for at in range(1, 30)))
    return Export((Talk(1, "personal_chat", "Ben", tuple(said)), everybody))
