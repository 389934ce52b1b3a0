"""A small vault, every way to damage it, and every command that is run on what is left."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.support import Tried, attempt
from tgvault.contracts.sink import ObjectName
from tgvault.crypto.age import Identity, Recipient, plaintext_length, seal
from tgvault.crypto.keyed import IdKey
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.frames import padding

__all__ = ["COMMANDS", "DAMAGES", "OBJECTS", "STORIES", "Zoo"]

#: zstd for nothing at all.
EMPTY_FRAME = b"\x28\xb5\x2f\xfd\x20\x00\x01\x00\x00"

#: The commands, each with what follows it; `{out}` is a new folder. The last one writes.
COMMANDS: dict[str, tuple[str, ...]] = {
    "snapshots": (),
    "ls": ("{newest}",),
    "show": ("{newest}", "Ben", "5"),
    "diff": ("{oldest}", "{newest}"),
    "history": ("Ben", "5"),
    "restore": ("{newest}", "--to", "{out}"),
    "restore exact": ("{newest}", "--exact", "--to", "{out}"),
    "verify objects": ("--level", "objects"),
    "verify index": ("--level", "index"),
    "verify data": ("--level", "data"),
    "status": (),
    "doctor": (),
    "report": ("{newest}",),
    "import": ("{second}",),
}


def export(folder: Path, *, texts: dict[int, str], photos: dict[str, bytes], contacts: int) -> Path:
    """An export of an account with two chats."""
    for name, data in photos.items():
        path = folder / "chats/chat_1/photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    folder.mkdir(parents=True, exist_ok=True)
    said = {"type": "message", "date": "2026-01-01T00:00:00", "from": "Ben", "from_id": "user7"}
    messages = [
        {"id": number, **said, "date_unixtime": str(1_700_000_000 + number), "text": text}
        for number, text in texts.items()
    ]
    for at, name in enumerate(photos, start=1000):
        shown = {"photo": f"chats/chat_1/photos/{name}", "width": 1, "height": 1}
        messages.append({"id": at, **said, "date_unixtime": str(1_700_100_000 + at), **shown, "text": ""})
    quiet = [{"id": 1, "type": "message", "date_unixtime": "1700000000", "from": "Eve", "text": "quiet"}]
    account = {
        "about": "…",
        "personal_information": {"user_id": 5, "first_name": "Ada"},
        "contacts": {"about": "…", "list": [{"user_id": number} for number in range(contacts)]},
        "chats": {
            "about": "…",
            "list": [
                {"name": "Ben", "type": "personal_chat", "id": 7, "messages": messages},
                {"name": "Eve", "type": "personal_chat", "id": 8, "messages": quiet},
            ],
        },
    }
    (folder / "result.json").write_text(json.dumps(account))
    return folder


@dataclass
class Zoo:
    """A vault in a folder with its configuration, its key and the exports that it was made from."""

    root: Path
    #: Names of objects by what they are: `index of the first run`.
    objects: dict[str, ObjectName]
    snapshots: tuple[str, ...]

    @classmethod
    def make(cls, root: Path, patch: pytest.MonkeyPatch, *, seed: int) -> Zoo:
        """Make a vault of two imports: edits, deleted messages, photos and documents.

        Where lists are cut depends on the key, and what is lost with a pack on the cuts: so the key is a fixed one.
        """
        patch.setattr(IdKey, "generate", lambda: IdKey(random.Random(seed).randbytes(32)))
        noise = random.Random(5).randbytes
        # What is larger than it should be does not look cut off: the vault of a higher seed has larger objects.
        texts = {number: f"text {number} {noise(20 * seed).hex()}" for number in range(1, 160)}
        photos = {f"photo_{number}.jpg": noise(20_000 * seed) for number in range(3)}
        export(root / "first", texts=texts, photos=photos, contacts=20)
        texts |= {5: "edited", 160: f"new {noise(20 * seed).hex()}"}
        del texts[30]
        export(root / "second", texts=texts, photos=photos | {"photo_3.jpg": noise(20_000 * seed)}, contacts=21)
        zoo = cls(root, {}, ())
        (root / "key").write_text(Identity.generate().text + "\n")
        (root / "key").chmod(0o600)
        where = ("--path", str(root / "vault"), "--key-file", str(root / "key"), "--kit", str(root / "kit.txt"))
        zoo._do("--vault", str(root / "vault.toml"), "init", "--sink", "local", *where)
        with (root / "vault.toml").open("a") as file:
            file.write(f'\n[state]\npath = "{root / "state"}"\n[workers]\njobs = 0\n')
        zoo.objects = {"vault.json": ObjectName("vault.json"), "slot": ObjectName("keys/device.age")}
        for run in ("first", "second"):
            before = set(zoo.names())
            zoo._do("import", str(root / run))
            zoo._note(run, sorted(set(zoo.names()) - before))
        return zoo

    def _do(self, *arguments: str) -> Tried:
        tried = attempt(*arguments, folder=self.root)
        assert tried.code == 0, tried.err
        return tried

    def _note(self, run: str, new: list[str]) -> None:
        packs = sorted(
            (name for name in new if name.startswith("packs/")), key=lambda name: self.path(name).stat().st_size
        )
        (index,) = (name for name in new if name.startswith("index/"))
        (manifest,) = (name for name in new if name.startswith("snapshots/"))
        text, media = packs
        named = {"text pack": text, "media pack": media, "index": index, "manifest": manifest}
        self.objects |= {f"{run} {kind}": ObjectName(name) for kind, name in named.items()}
        self.snapshots = (*self.snapshots, manifest.rpartition("-")[2][:8])

    def names(self) -> list[str]:
        """The names of all objects."""
        base = self.root / "vault"
        return [path.relative_to(base).as_posix() for path in base.rglob("*") if path.is_file()]

    def path(self, name: str) -> Path:
        """The file of an object."""
        return self.root / "vault" / name

    def copy(self, root: Path, *, known: bool) -> Zoo:
        """Copy it to be damaged; on a machine that has seen it, or on one that has not."""
        root.mkdir(parents=True)
        for name in ("vault", "state") if known else ("vault",):
            shutil.copytree(self.root / name, root / name)
        for name in ("key", "kit.txt"):
            shutil.copy2(self.root / name, root / name)
        said = (self.root / "vault.toml").read_text().replace(str(self.root), str(root))
        (root / "vault.toml").write_text(said.replace(str(root / "first"), str(self.root / "first")))
        return Zoo(root, self.objects, self.snapshots)

    def run(self, command: str, *, exports: Path) -> Tried:
        """Run one of the commands; what it restores lies in `out`."""
        shutil.rmtree(self.root / "out", ignore_errors=True)
        oldest, newest = self.snapshots
        verb, *more = (command.partition(" ")[0], *COMMANDS[command])
        words = {"newest": newest, "oldest": oldest, "out": str(self.root / "out"), "second": str(exports / "second")}
        return attempt(verb, *(word.format(**words) for word in more), folder=self.root)

    def restored(self) -> dict[str, bytes]:
        """What was restored besides the text."""
        out = self.root / "out"
        files = (path for path in out.rglob("*") if path.is_file() and path.name != "result.json")
        return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


Damage = Callable[[Zoo, str, Zoo], None]


def _sibling(kind: str) -> str:
    run, _, what = kind.partition(" ")
    if kind in ("slot", "vault.json"):
        return kind
    return f"{'second' if run == 'first' else 'first'} {what}"


def _flip(zoo: Zoo, kind: str, share: float) -> None:
    path = zoo.path(zoo.objects[kind])
    data = bytearray(path.read_bytes())
    data[min(int(len(data) * share), len(data) - 1)] ^= 1
    path.write_bytes(bytes(data))


def _swap(zoo: Zoo, kind: str, _: Zoo) -> None:
    one = zoo.path(zoo.objects[kind])
    other = zoo.path("keys/recovery.age" if kind == "slot" else zoo.objects[_sibling(kind)])
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)


def _forge(zoo: Zoo, kind: str, _: Zoo) -> None:
    """Make it anew with nothing but what everybody can know."""
    said = json.loads(zoo.path("vault.json").read_bytes())
    if kind == "vault.json":
        zoo.path(kind).write_bytes(json.dumps(said | {"created": "2020-01-01T00:00:00Z"}).encode())
        return
    if kind == "slot":
        recipient = Identity((zoo.root / "key").read_text().strip()).recipient
        data = seal(KeyBundle.generate().to_json(), [recipient])
    else:
        data = seal(EMPTY_FRAME, [Recipient(said["index" if "index" in kind else "data"])])
    zoo.path(zoo.objects[kind]).write_bytes(data)


DAMAGES: dict[str, Damage] = {
    "missing": lambda zoo, kind, _: zoo.path(zoo.objects[kind]).unlink(),
    "emptied": lambda zoo, kind, _: _cut(zoo, kind, 0),
    "cut off": lambda zoo, kind, _: _cut(zoo, kind, 0.6),
    "flipped at the start": lambda zoo, kind, _: _flip(zoo, kind, 0),
    "flipped in the middle": lambda zoo, kind, _: _flip(zoo, kind, 0.5),
    "flipped at the end": lambda zoo, kind, _: _flip(zoo, kind, 1),
    "swapped": _swap,
    "another vault's": lambda zoo, kind, other: _bytes(zoo, kind, other.path(other.objects[kind]).read_bytes()),
    "forged": _forge,
}


def _cut(zoo: Zoo, kind: str, share: float) -> None:
    path = zoo.path(zoo.objects[kind])
    data = path.read_bytes()
    size = int(len(data) * share)
    # Not to a length that padding gives, which does not look cut off: see "Frames and padding" in the format.
    while size and padding(plaintext_length(data[:size]) or 513) == b"":
        size -= 1
    _bytes(zoo, kind, data[:size])


def _bytes(zoo: Zoo, kind: str, data: bytes) -> None:
    zoo.path(zoo.objects[kind]).write_bytes(data)


OBJECTS = (
    "vault.json",
    "slot",
    *(f"{run} {what}" for what in ("manifest", "index", "text pack", "media pack") for run in ("first", "second")),
)


def _hide(zoo: Zoo, kind: str, _: Zoo) -> None:
    zoo.path(zoo.objects[kind]).unlink()


def _made_up(zoo: Zoo, _: str, __: Zoo) -> None:
    recipient = Recipient(json.loads(zoo.path("vault.json").read_bytes())["data"])
    data = seal(EMPTY_FRAME, [recipient])
    zoo.path(f"snapshots/20270101T000000Z-{hashlib.sha256(data).hexdigest()}.age").write_bytes(data)


def _wrong_key(zoo: Zoo, _: str, __: Zoo) -> None:
    (zoo.root / "key").write_text(Identity.generate().text + "\n")


#: What happens to a machine that has seen the vault: by name, what is done to which object.
STORIES: dict[str, tuple[Damage, str]] = {
    "the newest snapshot is rolled back": (_hide, "second manifest"),
    "a snapshot in the middle is hidden": (_hide, "first manifest"),
    "a snapshot is made up": (_made_up, "second manifest"),
    "the key is another one": (_wrong_key, "slot"),
}
