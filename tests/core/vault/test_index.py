from __future__ import annotations

import hashlib

import pyrage
import pytest

from tgvault.contracts.sink import ObjectName
from tgvault.crypto.keyed import BlobId
from tgvault.errors import (
    CorruptObjectError,
    ForgedObjectError,
    SwappedObjectError,
    TruncatedObjectError,
    VaultError,
)
from tgvault.state.database import Database
from tgvault.state.places import Places
from tgvault.testing import MemorySink, RecordingSink, flip_byte, names, swap, truncate
from tgvault.vault import index
from tgvault.vault.frames import DIRECTORY_MAGIC, compressed, skippable
from tgvault.vault.index import list_packs, list_packs_anew, load_index_object, sync_places
from tgvault.vault.packs import BlobPlace, FrameBuilder, PackBuilder, directory_lines, pack_name
from tgvault.vault.sealed import open_text, seal_text
from vault_support import a_bundle

KEYS = a_bundle()
assert KEYS.data is not None
DATA = KEYS.data.recipient


class Store:
    """A sink with packs in it, and places that are filled from it."""

    def __init__(self) -> None:
        self.sink = MemorySink()
        self.places = self.fresh()

    def fresh(self) -> Places:
        return Places(Database.in_memory())

    def put_pack(self, *contents: bytes, listed: bool = True) -> bytes:
        """Store a pack, in an index object of its own; gives its digest."""
        frames, builder = FrameBuilder(), PackBuilder()
        for content in contents:
            frames.add(KEYS.id_key.blob_id(content), content)
        frame = frames.flush()
        assert frame is not None
        builder.add_frame(frame)
        pack = builder.seal(DATA)
        self.sink.put(pack.name, pack.data)
        digest = hashlib.sha256(pack.data).digest()
        rows = [(p.blob, p.frame_offset, p.frame_length, p.offset, p.length) for p in pack.places]
        self.places.add_pack(digest, len(pack.data), rows, listed=False)
        if listed:
            list_packs(self.sink, self.places, KEYS)
        return digest

    def put_index(self, text: bytes) -> ObjectName:
        """Store an index object as a holder of the keys would."""
        data = seal_text(text, purpose="index", id_key=KEYS.id_key, recipient=KEYS.index.recipient)
        return self.put_made_up(data)

    def put_made_up(self, data: bytes) -> ObjectName:
        name = ObjectName(f"index/{hashlib.sha256(data).hexdigest()}.age")
        self.sink.put(name, data)
        return name

    def sync(self, places: Places) -> list[VaultError]:
        return sync_places(self.sink, places, KEYS)


@pytest.fixture
def store() -> Store:
    return Store()


def has(places: Places, *contents: bytes) -> list[bool]:
    return [places.has(KEYS.id_key.blob_id(content)) for content in contents]


def test_what_one_machine_lists_another_finds(store: Store) -> None:
    digest = store.put_pack(b"one", b"two")
    elsewhere = store.fresh()

    assert store.sync(elsewhere) == []
    assert elsewhere.in_pack(digest) == store.places.in_pack(digest)
    assert [pack.digest for pack in elsewhere.packs()] == [digest]


def test_an_index_object_says_what_the_format_says(store: Store) -> None:
    digest = store.put_pack(b"one", listed=False)
    (name,) = list_packs(store.sink, store.places, KEYS)

    place = store.places.in_pack(digest)[0]
    text = (
        b'{"pack":"%s","size":%d}\n["%s",%d,%d,0,3]\n'
        % (
            digest.hex().encode(), place.pack_size, KEYS.id_key.blob_id(b"one").hex().encode(),
            place.frame_offset, place.frame_length,
        )
    )  # fmt: skip
    assert load(store, name) == text


def load(store: Store, name: ObjectName) -> bytes:
    """The text of an index object."""
    return open_text(name, store.sink.get(name), purpose="index", id_key=KEYS.id_key, identity=KEYS.index)


def test_packs_are_listed_once(store: Store) -> None:
    store.put_pack(b"one")

    assert list_packs(store.sink, store.places, KEYS) == []


def test_packs_of_many_blobs_are_listed_in_several_objects(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "BLOBS_PER_OBJECT", 3)
    for number in range(4):
        store.put_pack(b"a%d" % number, b"b%d" % number, listed=False)

    written = list_packs(store.sink, store.places, KEYS)

    elsewhere = store.fresh()
    store.sync(elsewhere)
    assert len(written) == 4
    assert elsewhere.totals()[2] == 8


def test_what_is_known_is_not_read_again(store: Store) -> None:
    store.put_pack(b"one")
    elsewhere = store.fresh()
    store.sync(elsewhere)
    (name,) = names(store.sink, "index/")
    flip_byte(store.sink, name)

    assert store.sync(elsewhere) == []


def test_a_killed_writer_that_stored_an_index_object_finds_it_again(store: Store) -> None:
    digest = store.put_pack(b"one", listed=False)
    other = store.fresh()
    other.add_pack(digest, store.places.size(digest) or 0, [], listed=False)
    list_packs(store.sink, store.places, KEYS)

    store.sync(other)

    assert [pack.digest for pack in other.packs()] == [digest]
    assert list_packs(store.sink, other, KEYS) == []


def test_what_removed_index_objects_said_is_forgotten(store: Store) -> None:
    pack = pack_name(store.put_pack(b"one").hex())
    gone = names(store.sink, "index/")[0]
    store.put_pack(b"two")
    elsewhere = store.fresh()
    store.sync(elsewhere)

    store.sink.delete(gone)
    store.sink.delete(pack)

    assert store.sync(elsewhere) == []
    assert has(elsewhere, b"one", b"two") == [False, True]


def test_packs_of_a_removed_index_object_are_found_by_their_directories_and_listed_by_the_next_writer(
    store: Store,
) -> None:
    store.put_pack(b"one")
    gone = names(store.sink, "index/")[0]
    store.put_pack(b"two")
    store.sink.delete(gone)

    bad = store.sync(store.places)

    assert bad == []
    assert has(store.places, b"one", b"two") == [True, True]
    assert len(list_packs(store.sink, store.places, KEYS)) == 1
    elsewhere = store.fresh()
    store.sync(elsewhere)
    assert len(list(elsewhere.packs())) == 2


def test_packs_that_tell_nothing_are_opened_once_and_again_when_they_have_another_size() -> None:
    store = Store()
    recording = RecordingSink(store.sink)
    name = pack_name(store.put_pack(b"one").hex())
    flip_byte(store.sink, names(store.sink, "index/")[0])
    good = store.sink.get(name)
    truncate(store.sink, name)
    elsewhere = store.fresh()
    for _ in range(3):
        sync_places(recording, elsewhere, KEYS)
    reads = [each.name for each in recording.operations if each.method == "get"].count(name)

    store.sink.replace(name, good)
    sync_places(recording, elsewhere, KEYS)

    # Twice for the first time: it may have been the reading that was bad.
    assert reads == 2
    assert has(elsewhere, b"one") == [True]


def test_lost_packs_are_not_listed_again(store: Store) -> None:
    digest = store.put_pack(b"one", listed=False)
    store.places.mark_lost(digest)

    assert list_packs(store.sink, store.places, KEYS) == []


def test_a_bad_index_object_says_that_one_may_go_on_without_it(store: Store) -> None:
    store.put_pack(b"one")
    flip_byte(store.sink, names(store.sink, "index/")[0])

    (error,) = store.sync(store.fresh())

    assert "next backup lists them again; then this one may be deleted" in str(error.hint)


def test_files_that_are_no_index_objects_are_passed_over(store: Store) -> None:
    """File managers and cloud clients leave such things behind."""
    for name in ("index/desktop.ini", "index/abc.age", f"index/{'a' * 64}.age.conflict", "packs/ab/Thumbs.db"):
        store.sink.put(ObjectName(name), b"rubbish")
    store.put_pack(b"one")

    assert store.sync(store.fresh()) == []


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        (lambda sink, name: flip_byte(sink, name), CorruptObjectError),
        (lambda sink, name: truncate(sink, name, keep=50), TruncatedObjectError),
        (lambda sink, name: truncate(sink, name, keep=0), TruncatedObjectError),
    ],
)
def test_a_damaged_index_object_is_reported_and_its_packs_are_found_by_their_directories(
    store: Store, damage: object, kind: type[VaultError]
) -> None:
    digest = store.put_pack(b"one", b"two")
    (name,) = names(store.sink, "index/")
    damage(store.sink, name)  # type: ignore[operator]
    elsewhere = store.fresh()

    (error,) = store.sync(elsewhere)

    assert type(error) is kind
    assert name in str(error)
    assert has(elsewhere, b"one", b"two") == [True, True]
    assert elsewhere.in_pack(digest) == store.places.in_pack(digest)
    assert [pack.digest for pack in elsewhere.packs(listed=False)] == [digest]


def test_packs_found_by_their_directories_are_not_opened_again(store: Store) -> None:
    digest = store.put_pack(b"one")
    flip_byte(store.sink, names(store.sink, "index/")[0])
    elsewhere = store.fresh()
    store.sync(elsewhere)
    store.sink.delete(pack_name(digest.hex()))

    assert len(store.sync(elsewhere)) == 1
    assert has(elsewhere, b"one") == [True]


def test_the_next_writer_lists_what_was_found_by_directories(store: Store) -> None:
    store.put_pack(b"one")
    flip_byte(store.sink, names(store.sink, "index/")[0])
    elsewhere, third = store.fresh(), store.fresh()
    store.sync(elsewhere)

    list_packs(store.sink, elsewhere, KEYS)

    store.sync(third)
    assert [pack.blobs for pack in third.packs()] == [1]


def test_swapped_index_objects_are_reported_as_such(store: Store) -> None:
    store.put_pack(b"one")
    store.put_pack(b"two")
    one, two = names(store.sink, "index/")
    swap(store.sink, one, two)
    elsewhere = store.fresh()

    errors = store.sync(elsewhere)

    assert [type(error) for error in errors] == [SwappedObjectError] * 2
    assert has(elsewhere, b"one", b"two") == [True, True]


def test_a_forged_index_object_is_reported_and_not_believed(store: Store) -> None:
    index_recipient = pyrage.x25519.Recipient.from_str(KEYS.index.recipient.text)
    text = b'%s\n{"pack":"%s","size":5}\n["%s",0,1,2,3]\n' % (b"0" * 64, b"ab" * 32, b"cd" * 32)
    name = store.put_made_up(pyrage.encrypt(compressed(text), [index_recipient]))
    elsewhere = store.fresh()

    (error,) = store.sync(elsewhere)

    assert type(error) is ForgedObjectError
    assert name in str(error)
    assert elsewhere.totals() == (0, 0, 0)


def forged_pack(store: Store, plaintext: bytes) -> None:
    data = pyrage.encrypt(plaintext, [pyrage.x25519.Recipient.from_str(DATA.text)])
    store.sink.put(pack_name(hashlib.sha256(data).hexdigest()), data)


def with_directory(frames: bytes, places: list[BlobPlace]) -> bytes:
    lines = b"".join(directory_lines(places))
    return frames + skippable(DIRECTORY_MAGIC, lines + len(lines).to_bytes(4, "little") + b"TGV1")


def test_a_directory_is_not_believed(store: Store) -> None:
    """It carries no code: whoever knows the data recipient can make a pack that claims anything."""
    store.put_pack(b"one")
    flip_byte(store.sink, names(store.sink, "index/")[0])
    frame = compressed(b"not one")
    wanted = KEYS.id_key.blob_id(b"wanted")
    forged_pack(store, with_directory(frame, [BlobPlace(wanted, 0, len(frame), 0, 7)]))
    forged_pack(store, with_directory(frame, [BlobPlace(wanted, 5, 1 << 40, 0, 7)]))
    forged_pack(store, with_directory(b"", [BlobPlace(BlobId(b"x" * 32), 0, 0, 0, 0)]))
    forged_pack(store, b"no directory")
    elsewhere = store.fresh()

    store.sync(elsewhere)

    assert has(elsewhere, b"one", b"wanted") == [True, False]
    assert len(list(elsewhere.packs(listed=False))) == 1


def test_damaged_packs_are_left_out_when_directories_are_read(store: Store) -> None:
    digests = [store.put_pack(b"pack %d" % number) for number in range(3)]
    for name in names(store.sink, "index/"):
        flip_byte(store.sink, name)
    flip_byte(store.sink, pack_name(digests[0].hex()))
    truncate(store.sink, pack_name(digests[1].hex()))
    elsewhere = store.fresh()

    store.sync(elsewhere)

    assert has(elsewhere, b"pack 0", b"pack 1", b"pack 2") == [False, False, True]


@pytest.mark.parametrize(
    "text",
    [
        b'["%s",0,1,2,3]\n' % (b"ab" * 32),
        b'{"pack":"%s"}\n' % (b"ab" * 32),
        b'{"pack":"xy","size":5}\n',
        b'{"pack":"ab","size":5}\n',
        b'{"pack":"%s","size":-5}\n' % (b"ab" * 32),
        b'{"pack":"%s","size":5}\n["ab",0,1,2,3]\n' % (b"ab" * 32),
        b'{"pack":"%s","size":5}\nrubbish\n' % (b"ab" * 32),
    ],
)
def test_a_good_writers_nonsense_is_reported_and_nothing_of_it_is_noted(store: Store, text: bytes) -> None:
    good = b'{"pack":"%s","size":5}\n["%s",0,1,2,3]\n' % (b"cd" * 32, b"ef" * 32)
    name = store.put_index(good + text if text.startswith(b"{") else text)

    with pytest.raises(CorruptObjectError, match=name):
        load_index_object(name, store.sink.get(name), store.places, KEYS)

    assert store.places.totals() == (0, 0, 0)
    assert store.places.index_objects() == set()


def test_an_empty_index_object_lists_nothing(store: Store) -> None:
    store.put_index(b"")
    elsewhere = store.fresh()

    assert store.sync(elsewhere) == []
    assert elsewhere.totals() == (0, 0, 0)


def test_the_index_is_written_anew_without_some_packs() -> None:
    store = Store()
    gone, kept = store.put_pack(b"gone"), store.put_pack(b"kept")
    store.sync(store.places)
    old = [ObjectName(name) for name in store.places.index_objects()]

    (new,) = list_packs_anew(store.sink, store.places, KEYS, without={gone})

    fresh = store.fresh()
    assert sync_places(store.sink, fresh, KEYS, look_at_deleted=lambda: old) == []
    assert [pack.digest for pack in fresh.packs()] == [kept]
    assert new not in old
