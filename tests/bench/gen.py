#!/usr/bin/env python3
"""A deterministic Telegram Desktop account export, in two versions (stdlib only).

    gen.py ROOT [--scale 1.0] [--seed 7] [--edits 57]

* ROOT/v1: a full export. `result.json` (about 300 MB, 40 chats by a power law, four scripts, entities, replies,
  forwards, reactions, service messages) and 3,000 incompressible media files (log-normal, 10 KB to 80 MB, 1.2 GB
  together); a message refers to each of them.
* ROOT/v2: the next export. 2 % more messages, some edited in place anywhere, 5 deleted, 50 new files; unchanged media
  are hard links of v1's, so inode and modification time stay.
* ROOT/manifest.json: what was made, for checks.

The same scale, seed and edits give the same bytes on every machine. The order in which the random numbers are drawn is
therefore part of this program: a change of it makes another data set.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from chatter import Body, Chat, Words, encode, pretty

__all__ = ["Manifest", "generate"]

KINDS = (
    ("photos", "jpg", None),
    ("video_files", "mp4", "video_file"),
    ("voice_messages", "ogg", "voice_message"),
    ("files", "pdf", None),
    ("stickers", "webp", "sticker"),
)
CHATS = 40
SMALLEST_FILE, LARGEST_FILE, VIDEO_FROM = 10_000, 80_000_000, 2_000_000
EDITED = {"edited": "2026-01-01T00:00:00", "edited_unixtime": "1767225600"}


@dataclass
class Manifest:
    """What was made. Edits and deletions are pairs of chat id and message id."""

    messages_v1: int = 0
    messages_v2: int = 0
    edited: list[list[int]] = field(default_factory=list)
    deleted: list[list[int]] = field(default_factory=list)
    json_bytes_v1: int = 0
    media_files_v1: int = 0
    media_bytes_v1: int = 0
    new_media_bytes: int = 0
    new_files: int = 0
    json_bytes_v2: int = 0


@dataclass(slots=True)
class _Written:
    """A chat with its messages; as bytes, because at ten times the size they are 3 GB."""

    chat: Chat
    blocks: list[bytes]


class _Export:
    """The making of one data set, whose random numbers all come from one row."""

    def __init__(self, root: Path, *, scale: float, seed: int, edits: int) -> None:
        self.root, self.scale, self.edits = root, scale, edits
        self.rng = random.Random(seed)
        self.files = int(3000 * scale)
        self.manifest = Manifest(media_files_v1=self.files)

    def run(self) -> Manifest:
        """Make both versions and the manifest."""
        for version in ("v1", "v2"):
            (self.root / version).mkdir(parents=True)
        media = self._first_media()
        words = Words(self.rng)
        chats = [self._first_chat(number, words, media) for number in range(CHATS)]
        self.manifest.messages_v1 = sum(len(each.blocks) for each in chats)
        self.manifest.json_bytes_v1 = self._write("v1", chats)
        _link_media(self.root / "v1", self.root / "v2")
        self._fresh_media(chats)
        for rank, each in enumerate(chats):
            self._next_version(rank, each)
        self.manifest.json_bytes_v2 = self._write("v2", chats)
        self.manifest.edited = sorted(map(list, {(chat, message) for chat, message in self.manifest.edited}))
        (self.root / "manifest.json").write_text(json.dumps(asdict(self.manifest), indent=1))
        return self.manifest

    def _sizes(self, count: int) -> list[int]:
        return [_clamp(self.rng.lognormvariate(math.log(80e3), 1.8)) for _ in range(count)]

    def _first_media(self) -> list[Body]:
        sizes = self._sizes(self.files)
        for _ in range(6):  # the limits take some away each time, so the total comes nearer step by step
            factor = 1.2e9 * self.scale / sum(sizes)
            sizes = [_clamp(size * factor) for size in sizes]
        self.manifest.media_bytes_v1 = sum(sizes)
        return [self._put("v1", number, size) for number, size in enumerate(sizes)]

    def _fresh_media(self, chats: Sequence[_Written]) -> None:
        sizes = self._sizes(max(1, int(50 * self.scale)))
        self.manifest.new_media_bytes, self.manifest.new_files = sum(sizes), len(sizes)
        for number, size in enumerate(sizes, self.files):
            chats[number % CHATS].chat.pending.append(self._put("v2", number, size))

    def _put(self, version: str, number: int, size: int) -> Body:
        folder, extension, media_type = KINDS[1] if size > VIDEO_FROM else KINDS[number % 5]
        relative = f"chats/chat_{number % CHATS + 1:02d}/{folder}/{folder[:-1]}_{number:05d}.{extension}"
        path = self.root / version / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            for left in range(size, 0, -(1 << 22)):
                file.write(self.rng.randbytes(min(left, 1 << 22)))
        os.utime(path, (1_500_000_000 + number * 60_000,) * 2)
        if folder == "photos":
            return {"photo": relative, "photo_file_size": size, "width": 1280, "height": 960}
        body: Body = {"file": relative, "file_name": path.name, "file_size": size}
        return body | {"media_type": media_type} if media_type else body

    def _first_chat(self, number: int, words: Words, media: Sequence[Body]) -> _Written:
        chat = Chat(self.rng, words, number, media[number::CHATS])
        wanted, have, blocks = _share(300e6 * self.scale, number), 0, list[bytes]()
        while have < wanted or chat.pending:
            blocks.append(encode(chat.message()))
            have += len(blocks[-1]) + 7
        return _Written(chat, blocks)

    def _next_version(self, rank: int, written: _Written) -> None:
        for _ in range(max(1, round(_share(self.edits, rank)))):
            self._edit(written)
        if rank < 5:
            self._delete(written)
        new = max(1, int(len(written.blocks) * 0.02))
        while new > 0 or written.chat.pending:
            written.blocks.append(encode(written.chat.message()))
            new -= 1
        self.manifest.messages_v2 += len(written.blocks)

    def _edit(self, written: _Written) -> None:
        at = self.rng.randrange(len(written.blocks))
        body = json.loads(written.blocks[at])
        if body["type"] != "message" or not isinstance(body["text"], str):
            return
        body["text"] += " (edited) " + written.chat.words.text()
        body["text_entities"][0]["text"] = body["text"]
        written.blocks[at] = encode(body | EDITED)
        self.manifest.edited.append([written.chat.id, body["id"]])

    def _delete(self, written: _Written) -> None:
        gone = json.loads(written.blocks.pop(self.rng.randrange(len(written.blocks))))["id"]
        self.manifest.deleted.append([written.chat.id, gone])
        self.manifest.edited = [each for each in self.manifest.edited if each != [written.chat.id, gone]]

    def _write(self, version: str, chats: Sequence[_Written]) -> int:
        path = self.root / version / "result.json"
        with path.open("wb") as file:
            file.writelines(_pieces(chats))
        return path.stat().st_size


def _clamp(size: float) -> int:
    return min(max(int(size), SMALLEST_FILE), LARGEST_FILE)


def _share(whole: float, rank: int) -> float:
    """What the chat of this rank has of the whole, by a power law."""
    return whole * (1 / (rank + 1)) / sum(1 / (each + 1) for each in range(CHATS))


def _pieces(chats: Sequence[_Written]) -> Iterator[bytes]:
    yield pretty(_account())[:-2].encode()
    yield b',\n "chats": {\n  "about": "chats",\n  "list": [\n'
    for number, each in enumerate(chats):
        yield ("   " + pretty(each.chat.head)[:-2].replace("\n", "\n   ")).encode()
        yield b',\n    "messages": [\n     '
        for at, block in enumerate(each.blocks):
            yield b",\n     " if at else b""
            yield block
        yield b"\n    ]\n   },\n" if number + 1 < len(chats) else b"\n    ]\n   }\n"
    yield b"  ]\n }\n}"


def _account() -> Body:
    name = {"user_id": 777000777, "first_name": "Ada", "last_name": "Example"}
    return {
        "about": "export",
        "personal_information": name
        | {"phone_number": "+44 7700 900123", "username": "@ada_example", "bio": "made by gen.py"},
        "contacts": {"about": "contacts", "list": [_contact(number) for number in range(300)]},
        "sessions": {"about": "sessions", "list": [_session()]},
    }


def _contact(number: int) -> Body:
    person: Body = {"user_id": 10**8 + number, "first_name": f"C{number}", "last_name": ""}
    added = {"date": "2020-01-01T00:00:00", "date_unixtime": "1577836800"}
    return person | {"phone_number": f"+44 7700 900{number:03d}"} | added


def _session() -> Body:
    active: Body = {"last_active": "2026-01-01T00:00:00", "last_active_unixtime": "1767225600"}
    return active | {"last_ip": "192.0.2.1", "application_name": "Telegram Desktop", "device_model": "PC"}


def _link_media(first: Path, second: Path) -> None:
    for path in (first / "chats").rglob("*"):
        target = second / path.relative_to(first)
        if path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.hardlink_to(path)


def generate(root: Path, *, scale: float = 1.0, seed: int = 7, edits: int = 57) -> Manifest:
    """Make the data set in root, which must not hold one yet.

    Needs about 1.8 GB of disk at scale 1, and memory for the text twice.

    Raises:
        FileExistsError: root holds a data set.
    """
    return _Export(root, scale=scale, seed=seed, edits=edits).run()


def main() -> None:
    """Make a data set as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--edits", type=int, default=57)
    given = parser.parse_args()
    made = asdict(generate(given.root, scale=given.scale, seed=given.seed, edits=given.edits))
    print({name: len(value) if isinstance(value, list) else value for name, value in made.items()})


if __name__ == "__main__":
    main()
