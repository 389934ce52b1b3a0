from __future__ import annotations

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tgvault.contracts.sink import ObjectName
from tgvault.crypto.keyed import BlobId
from tgvault.errors import SinkError, SinkFullError, SourceError
from tgvault.state.database import Database
from tgvault.state.places import Places
from tgvault.testing import Fault, FaultKind, FaultySink, MemorySink, names
from tgvault.vault.packs import MAX_BLOB, SHARED_FRAME, Frame, FrameBuilder
from tgvault.vault.reader import BlobReader
from tgvault.vault.writer import PackWriter, StoredPack, TextStore
from vault_support import a_bundle

KEYS = a_bundle()
assert KEYS.data is not None
DATA = KEYS.data.recipient


class Desk:
    """A text store over a sink."""

    def __init__(self, sink: object = None) -> None:
        self.sink = sink or MemorySink()
        self.places = Places(Database.in_memory())
        assert KEYS.data is not None
        self.reader = BlobReader(self.sink, self.places, identity=KEYS.data, id_key=KEYS.id_key)  # type: ignore[arg-type]
        self.store = self.another_run()

    def another_run(self) -> TextStore:
        return TextStore(self.sink, DATA, id_key=KEYS.id_key, places=self.places, reader=self.reader)  # type: ignore[arg-type]


def frame_of(*contents: bytes) -> Frame:
    frames = FrameBuilder()
    for content in contents:
        frames.add(KEYS.id_key.blob_id(content), content)
    frame = frames.flush()
    assert frame is not None
    return frame


def distinct(number: int, size: int = 300_000) -> bytes:
    """Content that does not compress to nothing."""
    return bytes((number * 31 + at * at) % 251 for at in range(997)) * (size // 997)


STEPS = st.lists(
    st.tuples(st.sampled_from(["store", "take", "flush", "load"]), st.integers(0, 6), st.sampled_from([0, 3, 400_000])),
    max_size=20,
)


@given(STEPS)
@settings(max_examples=50)
def test_what_was_stored_can_be_loaded_at_every_moment(steps: list[tuple[str, int, int]]) -> None:
    desk = Desk()
    known: dict[BlobId, bytes] = {}
    for step, number, size in steps:
        content = distinct(number, size) if size else b"%d" % number
        blob = KEYS.id_key.blob_id(content)
        if step == "store":
            assert desk.store.store(content) == blob
            known[blob] = content
        elif step == "take":
            desk.store.take([frame_of(content, b"beside")])
            known |= {blob: content, KEYS.id_key.blob_id(b"beside"): b"beside"}
        elif step == "flush":
            desk.store.flush()
        for each, expected in known.items():
            assert desk.store.load(each) == expected

    desk.store.flush()
    desk.store.close()

    assert all(desk.reader.load(blob) == content for blob, content in known.items())


def test_nothing_is_stored_twice() -> None:
    desk = Desk()
    first = [desk.store.store(b"%d" % number) for number in range(10)]
    desk.store.flush()
    second = desk.another_run()

    again = [second.store(b"%d" % number) for number in range(10)]
    second.take([frame_of(b"3", b"4")])
    second.flush()

    assert again == first
    assert len(names(desk.sink, "packs/")) == 1
    assert second.stored == 0


def test_a_frame_of_which_something_is_new_is_stored_whole() -> None:
    desk = Desk()
    desk.store.store(b"old")
    desk.store.flush()

    desk.store.take([frame_of(b"old", b"new")])
    desk.store.flush()

    assert desk.reader.load(KEYS.id_key.blob_id(b"new")) == b"new"
    assert desk.store.stored == sum(each.size for each in desk.sink.list("packs/"))


def test_without_content_no_pack_is_made() -> None:
    desk = Desk()

    desk.store.flush()

    assert names(desk.sink) == []


@pytest.mark.parametrize("size", [SHARED_FRAME - 1, SHARED_FRAME, SHARED_FRAME + 1, MAX_BLOB])
def test_contents_of_every_size_come_back(size: int) -> None:
    desk = Desk()
    desk.store.store(b"beside")

    blob = desk.store.store(bytes(size))

    assert desk.store.load(blob) == bytes(size)
    desk.store.flush()
    assert desk.reader.load(blob) == bytes(size)


def test_what_no_reader_would_take_is_refused_by_the_writer() -> None:
    desk = Desk()

    with pytest.raises(SourceError, match=f"{MAX_BLOB + 1} bytes") as caught:
        desk.store.store(bytes(MAX_BLOB + 1))
    assert caught.value.hint


def packs_of(sink: object, size: int) -> tuple[PackWriter, list[StoredPack]]:
    stored: list[StoredPack] = []
    return PackWriter(sink, DATA, stored.append, size=size), stored  # type: ignore[arg-type]


def test_a_pack_is_closed_at_its_size() -> None:
    sink = MemorySink()
    writer, stored = packs_of(sink, 1_000_000)
    for number in range(10):
        writer.add_incompressible(BlobId(bytes([number]) * 32), bytes(300_000))

    writer.flush()
    writer.close()

    assert [len(pack.blobs) for pack in stored] == [4, 4, 2]
    assert {pack.size for pack in stored} == {each.size for each in sink.list("")}


def test_a_pack_is_told_of_only_when_it_is_safe_and_from_the_callers_thread() -> None:
    threads: list[int] = []
    sink = MemorySink()
    kept: list[bool] = []

    def stored(pack: StoredPack) -> None:
        threads.append(threading.get_ident())
        kept.append(len(names(sink)) >= len(threads))

    writer = PackWriter(sink, DATA, stored, size=1)
    for number in range(4):
        writer.add_frame(Frame(b"x", [(BlobId(bytes([number]) * 32), 0, 1)]))
    writer.flush()
    writer.close()

    assert (set(threads), kept) == ({threading.get_ident()}, [True] * 4)


@pytest.mark.parametrize("error", [SinkFullError("full", hint="make room"), OSError(28, "No space left on device")])
def test_a_sink_that_fails_ends_the_run_and_nothing_is_told_as_stored(error: Exception) -> None:
    """A sink of somebody else's may raise what it should not; it must not be taken for a file that cannot be read."""

    class Full(MemorySink):
        def put(self, name: ObjectName, data: bytes) -> None:
            raise error

    writer, stored = packs_of(Full(), 1)
    writer.add_frame(Frame(b"x", [(BlobId(b"a" * 32), 0, 1)]))

    with pytest.raises(SinkError) as caught:
        writer.flush()
    writer.close()

    assert stored == []
    assert not isinstance(caught.value, OSError)
    assert caught.value.hint


def test_a_failed_run_leaves_nothing_in_the_places() -> None:
    desk = Desk(FaultySink(MemorySink(), Fault(FaultKind.ERROR, "put")))
    blob = desk.store.store(b"one")

    with pytest.raises(SinkError):
        desk.store.flush()
    desk.store.close()

    assert not desk.places.has(blob)
