from __future__ import annotations

import io
import random
from collections.abc import Iterator

import pytest

from tgvault.archive.segments import Content
from tgvault.engine.ingesting import FileIngest, decode_content, encode_content
from tgvault.errors import SourceChangedError
from tgvault.state.database import Database
from tgvault.state.places import Places
from tgvault.testing import MemorySink
from tgvault.vault.packs import MAX_BLOB, SHARED_FRAME
from tgvault.vault.reader import BlobReader
from tgvault.vault.writer import PackWriter, StoredPack
from vault_support import a_bundle

KEYS = a_bundle()


class Bench:
    """A place to ingest files, and to read them back."""

    def __init__(self) -> None:
        assert KEYS.data is not None
        self.sink = MemorySink()
        self.places = Places(Database.in_memory())
        self.writer = PackWriter(self.sink, KEYS.data.recipient, self._note, size=16 << 20)
        self.ingest = FileIngest(id_key=KEYS.id_key, has=self.places.has, writer=self.writer)
        self.reader = BlobReader(self.sink, self.places, identity=KEYS.data, id_key=KEYS.id_key)
        self.packs: list[StoredPack] = []

    def _note(self, pack: StoredPack) -> None:
        self.packs.append(pack)
        self.places.add_pack(pack.digest, pack.size, pack.blobs, listed=True)

    def add(self, data: bytes, name: str = "a.bin", *, size: int | None = None) -> Content:
        return self.ingest.add(io.BytesIO(data), len(data) if size is None else size, name=name)

    def read(self, content: Content) -> bytes:
        if content.blob is not None:
            return self.reader.load(KEYS.id_key.blob_id(b"").__class__(bytes.fromhex(content.blob)))
        listing = next(each for each in self.ingest.listings if KEYS.id_key.blob_id(each).hex() == content.pieces)
        return b"".join(self.reader.load(bytes.fromhex(each.decode())) for each in listing.split())  # type: ignore[arg-type]


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.writer.close()


@pytest.mark.parametrize("name", ["a.jpg", "a.txt", "no ending", "a.JPG"])
@pytest.mark.parametrize(
    "size", [0, 1, SHARED_FRAME - 1, SHARED_FRAME, MAX_BLOB - 1, MAX_BLOB, MAX_BLOB + 1, 2 * MAX_BLOB]
)
def test_files_of_every_size_come_back(bench: Bench, name: str, size: int) -> None:
    data = (b"a line of text\n" * (size // 15 + 1))[:size]

    content = bench.add(data, name)
    bench.ingest.flush()

    assert content.size == size
    assert (content.blob is None) == (size > MAX_BLOB)
    assert bench.read(content) == data


def test_what_is_dense_already_is_not_compressed(bench: Bench) -> None:
    text = b"a line of text\n" * 10_000
    bench.add(text, "a.jpg")
    bench.ingest.flush()
    bench.add(text + b"x", "b.txt")
    bench.ingest.flush()

    first, second = bench.packs
    assert first.size > len(text) > 10 * second.size


def test_noise_is_not_compressed_whatever_its_name(bench: Bench) -> None:
    noise = random.Random(1).randbytes(500_000)

    content = bench.add(noise, "a.txt")
    bench.ingest.flush()

    assert len(noise) < bench.packs[0].size < 1.07 * len(noise) + 1000
    assert bench.read(content) == noise


def test_equal_files_are_taken_once_within_a_task_and_across(bench: Bench) -> None:
    data = random.Random(1).randbytes(100_000)
    assert bench.add(data, "a.jpg") == bench.add(data, "b.txt")
    bench.ingest.flush()
    stored = len(bench.sink.objects)

    second = FileIngest(id_key=KEYS.id_key, has=bench.places.has, writer=bench.writer)
    second.add(io.BytesIO(data), len(data), name="c.jpg")
    second.flush()

    assert len(bench.sink.objects) == stored == 1
    assert (bench.ingest.new_blobs, second.new_blobs) == (1, 0)


@pytest.mark.parametrize("size", [0, 4, 6, MAX_BLOB])
def test_a_file_of_another_size_than_it_said_has_changed(bench: Bench, size: int) -> None:
    with pytest.raises(SourceChangedError, match=r"a\.bin"):
        bench.add(b"12345", size=size)


def test_a_file_that_grows_without_end_is_not_read_to_its_end(bench: Bench) -> None:
    class Endless(io.RawIOBase):
        given = 0

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: bytearray) -> int:
            self.given += len(buffer)
            return len(buffer)

    file = Endless()

    with pytest.raises(SourceChangedError):
        bench.ingest.add(file, 10, name="a")  # type: ignore[arg-type]
    assert file.given <= 2 * MAX_BLOB


def test_a_reference_comes_back() -> None:
    for content in (Content(5, "ab" * 32), Content(5, None, "cd" * 32)):
        assert decode_content(encode_content(content)) == content
