from __future__ import annotations

import errno

import pyrage
import pytest

from tgvault.contracts.sink import ObjectName
from tgvault.crypto.keyed import BlobId
from tgvault.errors import (
    CorruptObjectError,
    ForgedObjectError,
    MissingBlobError,
    MissingObjectError,
    SinkUnavailableError,
    SwappedObjectError,
    TruncatedObjectError,
    VaultError,
)
from tgvault.state.database import Database
from tgvault.state.places import Place, Places
from tgvault.testing import Fault, FaultKind, FaultySink, MemorySink, RecordingSink, flip_byte, names, swap, truncate
from tgvault.vault import reader
from tgvault.vault.frames import compressed
from tgvault.vault.packs import pack_name
from tgvault.vault.reader import BlobReader
from tgvault.vault.writer import PackWriter, StoredPack
from vault_support import a_bundle

KEYS = a_bundle()
assert KEYS.data is not None
DATA = KEYS.data.recipient


class Shelf:
    """Packs in a sink, and reading them."""

    def __init__(self) -> None:
        self.sink = RecordingSink(MemorySink())
        self.places = Places(Database.in_memory())
        assert KEYS.data is not None
        self.reader = BlobReader(self.sink, self.places, identity=KEYS.data, id_key=KEYS.id_key)

    def put(self, *contents: bytes) -> list[BlobId]:
        """Store contents in one pack, each in a frame of its own."""
        blobs = [KEYS.id_key.blob_id(content) for content in contents]
        writer = PackWriter(self.sink, DATA, self._note, size=1 << 20)
        for blob, content in zip(blobs, contents, strict=True):
            writer.add_incompressible(blob, content)
        writer.flush()
        writer.close()
        return blobs

    def _note(self, pack: StoredPack) -> None:
        self.places.add_pack(pack.digest, pack.size, pack.blobs, listed=True)

    def pack_of(self, blob: BlobId) -> str:
        place = self.places.find(blob)
        assert place is not None
        return pack_name(place.digest.hex())

    def reads(self) -> int:
        return sum(each.method == "get" for each in self.sink.operations)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def test_contents_come_back(shelf: Shelf) -> None:
    contents = [b"", b"one", b"two" * 1000]
    blobs = shelf.put(*contents)

    assert [shelf.reader.load(blob) for blob in blobs] == contents


def test_a_blob_that_no_index_lists_is_reported(shelf: Shelf) -> None:
    with pytest.raises(MissingBlobError, match="6162") as caught:
        shelf.reader.load(BlobId(b"ab" * 16))
    assert caught.value.hint


def test_a_pack_that_is_not_there_is_named(shelf: Shelf) -> None:
    (blob,) = shelf.put(b"one")
    shelf.sink.delete(names(shelf.sink, "packs/")[0])

    with pytest.raises(MissingObjectError, match=shelf.pack_of(blob)) as caught:
        shelf.reader.load(blob)
    assert caught.value.hint


def sealed(plaintext: bytes) -> bytes:
    """What whoever knows the recipient can make."""
    return pyrage.encrypt(plaintext, [pyrage.x25519.Recipient.from_str(DATA.text)])


def to_nobody() -> bytes:
    return pyrage.encrypt(b"x" * 100_000, [pyrage.x25519.Identity.generate().to_public()])


@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        (lambda sink, name: flip_byte(sink, name), CorruptObjectError),
        (lambda sink, name: flip_byte(sink, name, at=30), CorruptObjectError),
        (lambda sink, name: truncate(sink, name), TruncatedObjectError),
        (lambda sink, name: truncate(sink, name, keep=0), TruncatedObjectError),
        (lambda sink, name: sink.replace(name, sink.get(name) + b"more"), CorruptObjectError),
        (lambda sink, name: sink.replace(name, sealed(compressed(b"made up"))), ForgedObjectError),
        (lambda sink, name: sink.replace(name, sealed(b"no frames" * 100)), ForgedObjectError),
        (lambda sink, name: sink.replace(name, sealed(b"")), ForgedObjectError),
        (lambda sink, name: sink.replace(name, to_nobody()), CorruptObjectError),
        (lambda sink, name: sink.replace(name, b"rubbish" * 100_000), CorruptObjectError),
    ],
)
def test_each_damage_to_a_pack_has_its_error(shelf: Shelf, damage: object, kind: type[VaultError]) -> None:
    (blob,) = shelf.put(b"one" * 5000)
    damage(shelf.sink.inner, shelf.pack_of(blob))  # type: ignore[operator]

    with pytest.raises(VaultError) as caught:
        shelf.reader.load(blob)

    assert caught.type is kind
    assert shelf.pack_of(blob) in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize("damage", [lambda sink, name: flip_byte(sink, name), lambda sink, name: sink.delete(name)])
def test_a_blob_of_two_packs_is_read_from_the_one_that_is_good(shelf: Shelf, damage: object) -> None:
    (blob,) = shelf.put(b"one")
    shelf.put(b"one", b"more")
    first, second = shelf.places.find_all(blob)
    damage(shelf.sink.inner, pack_name(first.digest.hex()))  # type: ignore[operator]

    loaded, fetched = shelf.reader.load(blob), b"".join(shelf.reader.fetch(first))

    assert (loaded, fetched, b"".join(shelf.reader.fetch(second))) == (b"one", b"one", b"one")
    assert shelf.reader.failed == {first.digest}


def test_where_no_place_of_a_blob_is_good_the_first_one_is_named(shelf: Shelf) -> None:
    (blob,) = shelf.put(b"one")
    shelf.put(b"one", b"more")
    first, second = shelf.places.find_all(blob)
    flip_byte(shelf.sink.inner, pack_name(first.digest.hex()))
    shelf.sink.delete(pack_name(second.digest.hex()))

    for read in (lambda: shelf.reader.load(blob), lambda: shelf.reader.fetch(first)):
        with pytest.raises(CorruptObjectError, match=first.digest.hex()):
            read()
    assert shelf.reader.failed == {first.digest, second.digest}


def test_a_blob_that_no_index_lists_is_searched_for_once(shelf: Shelf) -> None:
    (blob,) = shelf.put(b"one")
    found = []
    assert KEYS.data is not None
    places = Places(Database.in_memory())

    def search() -> None:
        found.append(1)
        for place in shelf.places.find_all(blob):
            row = (place.blob, place.frame_offset, place.frame_length, place.offset, place.length)
            places.add_pack(place.digest, place.pack_size, [row], listed=False)

    reader = BlobReader(shelf.sink, places, identity=KEYS.data, id_key=KEYS.id_key, search=search)

    assert reader.load(blob) == b"one"
    for _ in range(2):
        with pytest.raises(MissingBlobError):
            reader.load(BlobId(b"ab" * 16))
    assert found == [1]


class BadSector(MemorySink):
    """A disk that cannot read one object, or is away altogether."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def get(self, name: ObjectName) -> bytes:
        raise SinkUnavailableError("the disk failed") from OSError(self.number, "")


@pytest.mark.parametrize(("number", "kind"), [(errno.EIO, CorruptObjectError), (errno.EHOSTDOWN, SinkUnavailableError)])
def test_a_bad_sector_is_damage_to_one_object(shelf: Shelf, number: int, kind: type[Exception]) -> None:
    (blob,) = shelf.put(b"one")
    assert KEYS.data is not None
    reader = BlobReader(BadSector(number), shelf.places, identity=KEYS.data, id_key=KEYS.id_key)

    with pytest.raises(kind) as caught:
        reader.load(blob)

    assert (shelf.pack_of(blob) in str(caught.value)) == (kind is CorruptObjectError)


def test_swapped_packs_are_named_both(shelf: Shelf) -> None:
    (one,) = shelf.put(b"one")
    (two,) = shelf.put(b"two and more")
    swap(shelf.sink.inner, shelf.pack_of(one), shelf.pack_of(two))

    with pytest.raises(SwappedObjectError, match=f"{shelf.pack_of(one)}.*{shelf.pack_of(two)}"):
        shelf.reader.load(one)


def test_a_place_beyond_the_end_of_the_pack_is_never_content(shelf: Shelf) -> None:
    (blob,) = shelf.put(b"one")
    place = shelf.places.find(blob)
    assert place is not None

    with pytest.raises(VaultError):
        shelf.reader.extract(Place(blob, place.digest, place.pack_size, 1 << 30, 5, 0, 3))


def test_a_pack_that_is_at_hand_is_not_read_again(shelf: Shelf) -> None:
    blobs = shelf.put(b"one", b"two")

    for blob in blobs * 3:
        shelf.reader.load(blob)

    assert shelf.reads() == 1


def test_what_lies_beside_a_blob_is_found_without_asking_again(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = shelf.put(b"one", b"two")
    (third,) = shelf.put(b"three")
    shelf.reader.load(first)
    asked: list[bytes] = []
    find_all = shelf.places.find_all
    monkeypatch.setattr(shelf.places, "find_all", lambda blob: asked.append(blob) or find_all(blob))

    contents = [shelf.reader.load(blob) for blob in (first, second, third, second)]

    assert contents == [b"one", b"two", b"three", b"two"]
    assert asked == [third]


def test_places_in_packs_used_long_ago_are_forgotten(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "NEAR", 1)
    blobs = [*shelf.put(b"one"), *shelf.put(b"two")]

    assert [shelf.reader.load(blob) for blob in blobs * 2] == [b"one", b"two"] * 2


def test_a_blob_beside_another_is_read_from_elsewhere_when_their_pack_is_damaged(shelf: Shelf) -> None:
    first, second = shelf.put(b"one", b"two")
    shelf.reader.load(first)
    name = shelf.pack_of(first)
    shelf.sink.replace(ObjectName(name), b"nothing")
    shelf.put(b"two")
    shelf.reader.release(bytes.fromhex(name[-68:-4]))

    assert shelf.reader.load(second) == b"two"
    with pytest.raises(VaultError, match=name):
        shelf.reader.load(first)


def test_a_pack_that_was_let_go_of_is_read_again(shelf: Shelf) -> None:
    (blob,) = shelf.put(b"content")
    place = shelf.places.find(blob)
    assert place is not None
    plaintext = shelf.reader.open_pack(place.digest)
    shelf.reader.release(place.digest)

    again = shelf.reader.open_pack(place.digest)

    assert again == plaintext
    assert shelf.reads() == 2


def test_packs_used_long_ago_are_dropped(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "PACKS_KEPT", 250_000)
    monkeypatch.setattr(reader, "FRAMES_KEPT", 0)
    shelf = Shelf()
    blobs = [shelf.put(bytes([number]) * 100_000)[0] for number in range(3)]

    for blob in (blobs[0], blobs[1], blobs[0], blobs[2], blobs[0], blobs[1]):
        shelf.reader.load(blob)

    assert shelf.reads() == 4


def test_opening_a_pack_again_does_not_push_others_out(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "PACKS_KEPT", 250_000)
    monkeypatch.setattr(reader, "FRAMES_KEPT", 0)
    shelf = Shelf()
    one, two = (shelf.put(bytes([number]) * 100_000)[0] for number in range(2))
    place = shelf.places.find(one)
    assert place is not None
    for _ in range(5):
        shelf.reader.take_pack(place.digest, shelf.sink.inner.get(pack_name(place.digest.hex())))

    for blob in (two, one, two, one):
        shelf.reader.load(blob)

    assert shelf.reads() == 1


def test_a_pack_is_opened_by_its_digest(shelf: Shelf) -> None:
    (blob,) = shelf.put(b"one")
    place = shelf.places.find(blob)
    assert place is not None

    plaintext = shelf.reader.open_pack(place.digest)

    assert b"one" in plaintext
    assert shelf.reader.owner(place.digest.hex()) == shelf.pack_of(blob)
    assert shelf.reader.owner("00" * 32) is None


def test_what_the_sink_cannot_do_is_not_taken_for_damage(shelf: Shelf) -> None:
    (blob,) = shelf.put(b"one")
    assert KEYS.data is not None
    sink = FaultySink(shelf.sink, Fault(FaultKind.ERROR))
    broken = BlobReader(sink, shelf.places, identity=KEYS.data, id_key=KEYS.id_key)

    with pytest.raises(SinkUnavailableError):
        broken.load(blob)


class Moved(Shelf):
    """Packs that somebody puts elsewhere while they are read; `renewed` counts how often the index was looked at."""

    def __init__(self, *, tells: bool = True) -> None:
        super().__init__()
        assert KEYS.data is not None
        self.renewed = 0
        self._tells = tells
        self.reader = BlobReader(self.sink, self.places, identity=KEYS.data, id_key=KEYS.id_key, renew=self._look_again)
        self._contents: list[bytes] = []

    def move(self, *contents: bytes) -> None:
        """Delete all packs; the content is in a new one of which the index is still to tell."""
        for pack in list(self.places.packs()):
            self.sink.delete(pack_name(pack.digest.hex()))
        self._contents = list(contents)

    def _look_again(self) -> None:
        self.renewed += 1
        if self._tells:
            self.put(*self._contents)


def test_a_blob_whose_pack_was_deleted_meanwhile_is_read_from_where_it_lies_now() -> None:
    shelf = Moved()
    one, two = shelf.put(b"one", b"two")
    shelf.reader.load(one)
    shelf.reader.release(shelf.places.find_all(one)[0].digest)

    shelf.move(b"one", b"two")

    assert shelf.reader.load(two) == b"two"
    assert shelf.renewed == 1


def test_a_place_whose_pack_was_deleted_meanwhile_is_no_loss() -> None:
    shelf = Moved()
    (one,) = shelf.put(b"one")
    place = shelf.places.find(one)
    assert place is not None

    shelf.move(b"one")

    assert b"".join(shelf.reader.fetch(place)) == b"one"


def test_packs_that_are_missing_are_looked_for_anew_a_few_times_only() -> None:
    shelf = Moved(tells=False)
    blobs = [shelf.put(b"content %d" % number)[0] for number in range(10)]
    shelf.move()

    for blob in blobs:
        with pytest.raises(MissingObjectError):
            shelf.reader.load(blob)

    assert shelf.renewed == reader.RENEWALS
