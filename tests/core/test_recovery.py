"""The commands of docs/recovery.md get texts and photos out of a vault with age, zstd and a shell."""

from __future__ import annotations

import io
import os
import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from tgvault.api import (
    Chat,
    ChatKind,
    Coverage,
    Document,
    MediaFile,
    MediaRef,
    Message,
    OpenedMedia,
    Record,
    SourceInfo,
    chat_key,
)
from tgvault.crypto.age import Identity
from tgvault.engine.backup import Backup, BackupOptions
from tgvault.engine.context import WorkContext
from tgvault.engine.create import NewSlot, create_vault
from tgvault.engine.pool import InlinePool
from tgvault.engine.progress import NullProgress
from tgvault.engine.reading import Reader
from tgvault.keys.kit import new_kit
from tgvault.keys.kit_files import write_kit
from tgvault.model.policy import Policy
from tgvault.state.database import Database
from tgvault.testing import NoConfig
from tgvault.vault.opened import Vault
from tgvault_plugins.local import LocalSink, LocalSinkConfig

GUIDE = Path(__file__).parents[2] / "docs" / "recovery.md"
TOOLS = ("age", "zstd")

#: What is in Debian's essential packages, the shell's own words aside.
ESSENTIAL = {"basename", "cat", "grep", "head", "ls", "mkdir", "rm", "sed", "sha256sum", "sort", "tail", "tee", "sh"}

TEXTS = {1: "first", 2: 'with "quotes", a \\ and a\nline feed', 3: "Привет, 世界 🎄", 700: '{"text":"looks like JSON"}'}
PHOTO = random.Random(1).randbytes(90_210)
VIDEO = random.Random(2).randbytes(9_000_001)


class Said:
    """An account with one chat of a thousand messages, a photo and a video in it."""

    config = NoConfig

    def __init__(self, *, gone: int | None = None, edited: int | None = None, at: datetime) -> None:
        self.at, self._gone, self._edited = at, gone, edited
        self._files = {"chats/chat_1/photos/photo_1@14-11-2024.jpg": PHOTO, "chats/chat_1/video_files/a b.mp4": VIDEO}

    def info(self) -> SourceInfo:
        return SourceInfo("test", "here", account=1, observed_at=self.at)

    def media(self) -> Iterator[MediaFile]:
        return (MediaFile(name, len(data)) for name, data in self._files.items())

    def records(self, starts: object) -> Iterator[Record]:
        yield Document("contacts", b'{"list":[{"first_name":"Ben"}]}')
        for other in range(100):
            yield Chat(chat_key(ChatKind.CHANNEL, other), ChatKind.CHANNEL, other, "public_channel", f"News {other}")
        yield Chat(chat_key(ChatKind.USER, 5), ChatKind.USER, 5, "personal_chat", "Ben", folder="chats/chat_1/")
        yield from (self._message(number) for number in range(1, 1001) if number != self._gone)
        yield Coverage(1, 1000)

    def raw(self, span: object) -> None:
        return None

    def expand(self, span: object) -> Iterator[Message]:
        return iter(())

    def open_media(self, name: str) -> OpenedMedia:
        return OpenedMedia(io.BytesIO(self._files[name]), len(self._files[name]))

    def close(self) -> None:
        pass

    def _message(self, number: int) -> Message:
        text = "another text" if number == self._edited else TEXTS.get(number, f"message {number}")
        body: dict[str, object] = {"id": number, "type": "message", "date": "2024-11-14T11:12:56", "from": "Ben"}
        media: tuple[MediaRef, ...] = ()
        for field, at, name in zip(("photo", "file"), (10, 20), self._files, strict=True):
            if number == at:
                body[field] = "{chat}/" + name.removeprefix("chats/chat_1/")
                media = (MediaRef(field, name),)
        body |= {"text": text, "text_entities": [{"type": "plain", "text": text}], "reactions": []}
        return Message(number, msgspec.json.encode(body), media)


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    """A vault of two snapshots, with its recovery kit in the folder as the guide says."""
    root = tmp_path / "vault"
    recovery = Identity.generate()
    sink = LocalSink(LocalSinkConfig(root))
    created = create_vault(sink, slots=[NewSlot.of("recovery", recovery)], clock=lambda: datetime.now(UTC))
    kit = new_kit(recovery, created.bundle, slot="recovery", place="here", created=datetime.now(UTC), config="")
    write_kit(kit, root / "KIT.txt")
    opened = Vault(sink, created.bundle, Database.in_memory())
    _back_up(opened, Said(at=datetime(2024, 12, 1, tzinfo=UTC)))
    _back_up(opened, Said(at=datetime(2025, 1, 1, tzinfo=UTC), gone=500, edited=600))
    opened.close()
    return root


def test_the_guide_gets_everything_out_with_nothing_but_age_and_zstd(vault: Path, tmp_path: Path) -> None:
    commands = "\n".join(re.findall(r"^```sh\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL))
    before, clean_up, after = commands.partition("rm out/bundle.json")

    _run(before, vault, tmp_path)
    out = vault / "out"
    messages = [msgspec.json.decode(line) for line in (out / "messages.jsonl").read_bytes().splitlines()]
    bodies = {each["id"]: each for each in messages if isinstance(each, dict)}
    shown = (out / "messages.txt").read_text(encoding="utf-8").splitlines()
    files = {path.name.partition("-")[2]: path.read_bytes() for path in (out / "files").iterdir()}
    past = {each["id"]: each for each in map(msgspec.json.decode, (out / "history.jsonl").read_bytes().splitlines())}

    assert sorted(bodies) == [*range(1, 500), *range(501, 1001)]
    assert all(bodies[number]["text"] == text for number, text in TEXTS.items())
    assert len(shown) == 999
    assert shown[0] == '2024-11-14T11:12:56  Ben  "first"'
    assert shown[1].endswith(r'Ben  "with \"quotes\", a \\ and a\nline feed"')
    assert shown[698].endswith(r'Ben  "{\"text\":\"looks like JSON\"}"')
    assert files == {"photo_1@14-11-2024.jpg": PHOTO, "a b.mp4": VIDEO}
    assert past[500]["versions"][-1]["body"]["text"] == "message 500"
    assert past[600]["versions"][0]["body"]["text"] == "message 600"
    assert '"contacts"' in (out / "documents").read_text(encoding="utf-8")
    assert len((out / "chats").read_text(encoding="utf-8").splitlines()) == 101

    damaged = next((vault / "packs").rglob("*.age"))
    damaged.write_bytes(damaged.read_bytes()[:-1])
    said = _run(clean_up + after, vault, tmp_path)

    assert said == f"damaged: {damaged.relative_to(vault).as_posix()}\n"
    assert not list(out.glob("*.key"))


def _run(commands: str, folder: Path, tmp_path: Path) -> str:
    """Run commands in a shell that finds age, zstd and the essential programs, and nothing else."""
    programs = tmp_path / "bin"
    programs.mkdir(exist_ok=True)
    for name in ESSENTIAL | set(TOOLS):
        found = shutil.which(name)
        assert found, f"`{name}` is needed and not installed"
        if not (programs / name).exists():
            (programs / name).symlink_to(found)
    run = subprocess.run(
        [programs / "sh", "-eu", "-c", commands],
        cwd=folder,
        env={"PATH": str(programs), "LC_ALL": "C.UTF-8", "HOME": os.environ["HOME"]},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    return run.stdout


def _back_up(vault: Vault, source: Said) -> None:
    options = BackupOptions("main", Policy.KEEP, "test", "host", lambda: source.at)
    backup = Backup(vault, source, Reader(vault, source, (), settings=b""), options, progress=NullProgress())
    backup.run(vault.sync(), pool=lambda: InlinePool(WorkContext.of(vault, source, (), settings=b"")))
