from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from restore_support import elsewhere
from tgvault.archive.lists import leaves
from tgvault.archive.reading import ArchiveReader
from tgvault.crypto.keyed import BlobId
from tgvault.engine.walking import Walk
from tgvault.errors import TgVaultError, VaultError
from tgvault.vault.manifests import Node
from tgvault.vault.opened import Snapshot
from vault_support import START, CountingBlobs, FakeChat, FakeSource, MemoryVault, pictured, said

MIB = 1 << 20
FILES = {"chats/photos/a.jpg": b"abc", "chats/photos/b.jpg": b"abcd" * (2 * MIB) + b"e", "lists/x.json": b"[]"}


class Seen:
    """Remembers what a walk tells."""

    def __init__(self) -> None:
        self.met: set[bytes] = set()
        self.needed: dict[BlobId, str] = {}
        self.failed: list[tuple[str, Exception]] = []

    def first(self, blob: bytes) -> bool:
        new = blob not in self.met
        self.met.add(blob)
        return new

    def walk(self, memory: MemoryVault, snapshot: Snapshot, source: CountingBlobs | None = None) -> Walk:
        return Walk(
            source or memory.vault.reader,
            first=self.first,
            needed=self.needed.setdefault,
            failed=lambda where, error: self.failed.append((where, error)),
            errors=(VaultError,),
        )


@pytest.fixture
def memory() -> MemoryVault:
    return MemoryVault()


def a_snapshot(memory: MemoryVault) -> Snapshot:
    """Two runs, after which there are histories, documents, files, and two states of the chat."""
    first = [pictured(1, "a.jpg"), pictured(2, "b.jpg"), *(said(number, "x") for number in range(3, 600))]
    memory.back_up(FakeSource([FakeChat(first)], {"contacts": ["c" * 1000]}, files=FILES))
    second = [said(2, "edited"), *(said(number, "x") for number in range(3, 601))]
    return memory.back_up(
        FakeSource([FakeChat(second, covered=[(1, 600)])], {"contacts": ["c" * 1000]}, FILES, START + timedelta(1))
    )


def blobs_of(node: Node | None, memory: MemoryVault) -> Iterator[str]:
    return (ref.blob for ref in leaves(node, memory.vault.reader))


def test_everything_that_a_snapshot_needs_is_told(memory: MemoryVault) -> None:
    seen, snapshot = Seen(), a_snapshot(memory)

    seen.walk(memory, snapshot).snapshot(snapshot.manifest)

    reader = ArchiveReader(snapshot.manifest, memory.vault.reader)
    chat = reader.chat("user:1")
    assert chat is not None
    contents = {media.blob or media.pieces for each in reader.messages(chat) for media in each.media.values()}
    contents |= {
        media.blob or media.pieces for each in reader.messages(chat) for v in each.earlier for media in v.media.values()
    }
    contents |= {file.blob or file.pieces for file in reader.files()}
    documents = {piece for each in reader.documents() for piece in each.pieces}
    needed = {blob.hex() for blob in seen.needed}
    assert contents | documents <= needed
    assert len(contents) == 3
    assert set(blobs_of(chat.messages, memory)) | set(blobs_of(chat.history, memory)) <= {b.hex() for b in seen.met}
    assert seen.failed == []


def test_pieces_of_large_files_are_needed(memory: MemoryVault) -> None:
    seen, snapshot = Seen(), a_snapshot(memory)

    seen.walk(memory, snapshot).snapshot(snapshot.manifest)

    assert sum(where.startswith("{chat}/photos/b.jpg") for where in seen.needed.values()) == 3


def test_what_a_blob_belongs_to_is_told_in_words(memory: MemoryVault) -> None:
    seen, snapshot = Seen(), a_snapshot(memory)

    seen.walk(memory, snapshot).snapshot(snapshot.manifest)

    lists = {"the list of chats", "the list of documents", "the layout", "the list of files"}
    chat = {"chat user:1", "the history of chat user:1"}
    assert set(seen.needed.values()) - lists - chat == {
        "document contacts",
        "file lists/x.json",
        "{chat}/photos/a.jpg in message 1 of chat user:1",
        "{chat}/photos/b.jpg in message 2 of chat user:1",
    }
    assert lists | chat <= set(seen.needed.values())


def test_what_several_snapshots_share_is_read_once(memory: MemoryVault) -> None:
    seen, last = Seen(), a_snapshot(memory)
    source = CountingBlobs(memory.vault)
    walk = seen.walk(memory, last, source)

    for snapshot in memory.snapshots():
        walk.snapshot(snapshot.manifest)

    assert len(source.loaded) == len(set(source.loaded))


def test_text_is_read_and_media_are_not(memory: MemoryVault) -> None:
    seen, snapshot = Seen(), a_snapshot(memory)
    source = CountingBlobs(memory.vault)

    seen.walk(memory, snapshot, source).snapshot(snapshot.manifest)

    text, media = (
        {blob for blob, where in seen.needed.items() if where.startswith(start)} for start in ("document", "file")
    )
    assert text <= set(source.loaded)
    assert not media & set(source.loaded)


def test_the_walk_goes_on_beside_what_cannot_be_read(memory: MemoryVault) -> None:
    seen, snapshot = Seen(), a_snapshot(memory)
    other = elsewhere(memory)
    other.snapshots()
    reader = ArchiveReader(snapshot.manifest, memory.vault.reader)
    chat = reader.chat("user:1")
    assert chat is not None
    bad = {
        next(blobs_of(chat.messages, memory)),
        next(blobs_of(chat.history, memory)),
        *(piece for each in reader.documents() for piece in each.pieces),
    }
    for blob in bad:
        other.vault.database.run("DELETE FROM blob WHERE id = ?", bytes.fromhex(blob))

    seen.walk(other, snapshot).snapshot(snapshot.manifest)

    assert {where for where, _ in seen.failed} == {
        "chat user:1",
        "the history of chat user:1",
        "document contacts",
    }
    assert all(isinstance(error, TgVaultError) for _, error in seen.failed)
    assert any(where.startswith("file ") for where in seen.needed.values())
