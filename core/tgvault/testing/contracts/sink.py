"""What every sink has to hold to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import TypeAlias

import msgspec
import pytest

from tgvault.contracts.sink import OBJECT_NAME, ObjectName, Sink, StoredObject
from tgvault.errors import MissingObjectError

__all__ = ["MakeSink", "SinkContract", "content", "named"]

#: Makes one more instance for the same store.
MakeSink: TypeAlias = Callable[[], Sink]

KIB = 1 << 10
MIB = 1 << 20

_PACK = ObjectName(f"packs/ab/{'ab' * 32}.age")
_UNUSUAL = [
    "a",
    "0",
    "A-b_c.d",
    "a.",
    "n" * 128,
    "-/_/0",
    "_-_/a.b.c-",
    "keys/laptop-2.age",
    f"{'d' * 40}/{'e' * 30}/{'n' * 128}",
    "snapshots/20261123T043200Z-" + "0f" * 32 + ".age",
]


def content(size: int, seed: int = 0) -> bytes:
    """Bytes of that number that no two seeds share and that do not compress."""
    blocks = (sha256(f"{seed} {at}".encode()).digest() for at in range(-(-size // 32)))
    return b"".join(blocks)[:size] if size <= MIB else (content(MIB, seed) * (size // MIB + 1))[:size]


def named(data: bytes) -> ObjectName:
    """The name of a pack with that content."""
    digest = sha256(data).hexdigest()
    return ObjectName(f"packs/{digest[:2]}/{digest}.age")


class SinkContract:
    """Subclass it as `Test…` and override the fixture `make_sink`; `litter` too, if the store can hold other things.

    `SharedSinkContract` is the one for a store that several processes can reach.
    """

    @pytest.fixture
    def sink(self, make_sink: MakeSink) -> Iterator[Sink]:
        """A prepared, empty sink."""
        sink = make_sink()
        sink.prepare()
        yield sink
        sink.close()

    @pytest.fixture
    def litter(self) -> Callable[[], None]:
        """Put things in the prepared store that are not objects of a vault; override it where that is possible."""
        return lambda: None

    def test_it_names_the_type_of_its_configuration(self, make_sink: MakeSink) -> None:
        """`config` is a msgspec struct, so that `vault.toml` is checked before anything runs."""
        assert issubclass(type(make_sink()).config, msgspec.Struct)

    @pytest.mark.parametrize("size", [0, 1, 64 * KIB, 16 * MIB], ids=["0", "1", "64 KiB", "16 MiB"])
    def test_what_is_put_is_got_back(self, sink: Sink, size: int) -> None:
        """Also nothing at all, and a whole pack."""
        data = content(size)

        sink.put(_PACK, data)

        assert sink.get(_PACK) == data
        assert sink.size(_PACK) == size

    @pytest.mark.parametrize("name", _UNUSUAL)
    def test_every_legal_name_can_be_stored_listed_and_deleted(self, sink: Sink, name: str) -> None:
        """Names at the limits of `OBJECT_NAME`."""
        assert OBJECT_NAME.fullmatch(name)

        sink.put(ObjectName(name), b"content")

        assert sink.get(ObjectName(name)) == b"content"
        assert list(sink.list("")) == [StoredObject(ObjectName(name), 7)]
        sink.delete(ObjectName(name))
        assert list(sink.list("")) == []

    def test_putting_the_same_again_changes_nothing(self, sink: Sink) -> None:
        """The engine repeats a put whose answer it did not get."""
        sink.put(_PACK, b"content")

        sink.put(_PACK, b"content")

        assert sink.get(_PACK) == b"content"
        assert list(sink.list("")) == [StoredObject(_PACK, 7)]

    def test_putting_other_bytes_leaves_one_of_the_two_whole(self, sink: Sink) -> None:
        """Either is allowed, a mixture is not."""
        sink.put(_PACK, b"first, and longer")

        sink.put(_PACK, b"second")

        assert sink.get(_PACK) in (b"first, and longer", b"second")
        assert sink.size(_PACK) == len(sink.get(_PACK))

    @pytest.mark.parametrize("data", [b"", b"short", b"longer than it was before"])
    def test_replace_takes_the_place_of_what_is_there(self, sink: Sink, data: bytes) -> None:
        """Shorter and longer than before."""
        sink.put(ObjectName("vault.json"), b"as it was before")

        sink.replace(ObjectName("vault.json"), data)

        assert sink.get(ObjectName("vault.json")) == data
        assert list(sink.list("")) == [StoredObject(ObjectName("vault.json"), len(data))]

    def test_replace_stores_where_nothing_was(self, sink: Sink) -> None:
        """A new slot."""
        sink.replace(ObjectName("keys/a.age"), b"slot")

        assert sink.get(ObjectName("keys/a.age")) == b"slot"

    def test_another_instance_sees_what_was_stored(self, sink: Sink, make_sink: MakeSink) -> None:
        """An instance keeps nothing to itself that belongs in the store."""
        sink.put(_PACK, b"content")

        other = make_sink()

        assert other.get(_PACK) == b"content"
        assert [each.name for each in other.list("")] == [_PACK]
        other.close()

    def test_what_was_stored_outlives_the_instance(self, make_sink: MakeSink) -> None:
        """`close` throws nothing away, and `prepare` of a store in use neither."""
        first = make_sink()
        first.prepare()
        first.put(_PACK, b"content")
        first.close()

        second = make_sink()
        second.prepare()

        assert second.get(_PACK) == b"content"
        second.close()

    @pytest.mark.parametrize("name", ["vault.json", "packs/00/none.age", "packs", "packs/ab", f"{_PACK}.tmp"])
    def test_what_is_not_there_is_reported_missing(self, sink: Sink, name: str) -> None:
        """Also where the name is the beginning of another, or another the beginning of it."""
        sink.put(_PACK, b"content")

        with pytest.raises(MissingObjectError):
            sink.get(ObjectName(name))
        with pytest.raises(MissingObjectError):
            sink.size(ObjectName(name))

    def test_deleting_is_idempotent(self, sink: Sink) -> None:
        """What is not there need not be deleted."""
        sink.put(_PACK, b"content")
        sink.put(ObjectName("vault.json"), b"stays")

        sink.delete(_PACK)
        sink.delete(_PACK)
        sink.delete(ObjectName("keys/never.age"))

        assert [each.name for each in sink.list("")] == ["vault.json"]
        with pytest.raises(MissingObjectError):
            sink.get(_PACK)

    def test_what_was_deleted_can_be_stored_again(self, sink: Sink) -> None:
        """A deleted name is free."""
        sink.put(_PACK, b"first")
        sink.delete(_PACK)

        sink.put(_PACK, b"second")

        assert sink.get(_PACK) == b"second"

    def test_an_empty_store_lists_nothing(self, sink: Sink) -> None:
        """And says so without an error, for a prefix too."""
        assert list(sink.list("")) == []
        assert list(sink.list("packs/")) == []

    @pytest.mark.parametrize(
        ("prefix", "expected"),
        [
            ("", ["index/c.age", "packs/ab/a.age", "packs/ac/b.age", "packs2/d.age", "vault.json"]),
            ("packs/", ["packs/ab/a.age", "packs/ac/b.age"]),
            ("packs", ["packs/ab/a.age", "packs/ac/b.age", "packs2/d.age"]),
            ("packs/a", ["packs/ab/a.age", "packs/ac/b.age"]),
            ("packs/ab/", ["packs/ab/a.age"]),
            ("packs/ab/a", ["packs/ab/a.age"]),
            ("vault.json", ["vault.json"]),
            ("ndex", []),
            ("packs/zz/", []),
            ("vault.json/", []),
        ],
    )
    def test_a_listing_holds_the_names_that_start_with_the_prefix(
        self, sink: Sink, prefix: str, expected: list[str]
    ) -> None:
        """A prefix is letters, not a folder."""
        for name in ("packs/ab/a.age", "packs/ac/b.age", "index/c.age", "packs2/d.age", "vault.json"):
            sink.put(ObjectName(name), b"x")

        listed = sorted(each.name for each in sink.list(prefix))

        assert listed == expected

    def test_a_listing_tells_sizes(self, sink: Sink) -> None:
        """They save the engine a call for each object."""
        for size in (0, 1, 70_000):
            sink.put(ObjectName(f"packs/00/{size}"), content(size))

        sizes = {each.name: each.size for each in sink.list("packs/")}

        assert sizes == {"packs/00/0": 0, "packs/00/1": 1, "packs/00/70000": 70_000}

    def test_a_listing_of_many_objects_has_each_once(self, sink: Sink) -> None:
        """Over the page size that stores use."""
        expected = sorted(f"packs/{at % 7:02x}/{at:05}" for at in range(1_100))
        for name in expected:
            sink.put(ObjectName(name), b"x")

        listed = sorted(each.name for each in sink.list(""))

        assert listed == expected

    def test_what_is_not_an_object_is_left_out_of_listings(self, sink: Sink, litter: Callable[[], None]) -> None:
        """People keep other things where they keep vaults, and file managers drop theirs."""
        sink.put(_PACK, b"content")

        litter()

        assert list(sink.list("")) == [StoredObject(_PACK, 7)]

    def test_tidying_keeps_every_object(self, sink: Sink, litter: Callable[[], None]) -> None:
        """It removes what killed writers left, and nothing else."""
        sink.put(_PACK, b"content")
        litter()

        sink.tidy()

        assert list(sink.list("")) == [StoredObject(_PACK, 7)]
        assert sink.get(_PACK) == b"content"

    def test_objects_may_come_and_go_while_a_listing_is_read(self, sink: Sink, make_sink: MakeSink) -> None:
        """What was there all the time is listed; of the rest either answer is right."""
        for at in range(50):
            sink.put(ObjectName(f"packs/{at:02}/old"), b"x")
        writer = make_sink()

        listed = set()
        for at, each in enumerate(sink.list("")):
            listed.add(each.name)
            writer.put(ObjectName(f"packs/{at:02}/new"), b"y")
            writer.delete(ObjectName(f"packs/{at:02}/new"))

        assert {f"packs/{at:02}/old" for at in range(50)} <= listed
        writer.close()

    def test_threads_with_instances_of_their_own_do_not_disturb_each_other(
        self, sink: Sink, make_sink: MakeSink
    ) -> None:
        """Two of them store the same objects, too."""
        objects = [content(5_000 + at, seed=at) for at in range(20)]

        def store() -> None:
            own = make_sink()
            for data in objects:
                own.put(named(data), data)
            own.close()

        with ThreadPoolExecutor(4) as pool:
            for done in [pool.submit(store) for _ in range(4)]:
                done.result()

        assert sorted(each.name for each in sink.list("")) == sorted(map(named, objects))
        assert all(sink.get(named(data)) == data for data in objects)

    def test_a_thread_reads_while_another_stores_with_the_same_instance(self, sink: Sink) -> None:
        """While a pack is on its way, the next one is made."""
        objects = [content(300_000 + at, seed=at) for at in range(12)]

        with ThreadPoolExecutor(1) as pool:
            for before, data in zip([None, *objects], objects, strict=False):
                storing = pool.submit(sink.put, named(data), data)
                assert before is None or sink.get(named(before)) == before
                assert {each.name for each in sink.list("")} <= set(map(named, objects))
                storing.result()

        assert {each.name for each in sink.list("")} == set(map(named, objects))

    def test_a_reader_never_sees_half_of_what_is_being_replaced(self, sink: Sink, make_sink: MakeSink) -> None:
        """Also not while `vault.json` changes."""
        states = {bytes([letter]) * 200_000 for letter in b"abc"}
        name = ObjectName("vault.json")
        sink.put(name, b"a" * 200_000)

        def rewrite() -> None:
            own = make_sink()
            for _ in range(10):
                for state in states:
                    own.replace(name, state)
            own.close()

        with ThreadPoolExecutor(1) as pool:
            writing = pool.submit(rewrite)
            seen = {sink.get(name)}
            while not writing.done():
                seen.add(sink.get(name))
            writing.result()

        assert seen <= states
