from __future__ import annotations

import pytest

from tgvault.state.database import Database
from tgvault.state.files import Files
from tgvault.state.places import Pack, Place, Places

P, Q = b"p" * 32, b"q" * 32
A, B, C = b"a" * 32, b"b" * 32, b"c" * 32


@pytest.fixture
def database() -> Database:
    return Database.in_memory()


@pytest.fixture
def places(database: Database) -> Places:
    return Places(database)


def test_a_blob_is_found_where_it_was_put(places: Places) -> None:
    places.add_pack(P, 900, [(A, 10, 20, 0, 30), (B, 10, 20, 30, 5)], listed=True)

    assert places.find(B) == Place(B, P, 900, 10, 20, 30, 5)
    assert (places.has(A), places.has(C), places.find(C)) == (True, False, None)
    assert (places.size(P), places.size(Q)) == (900, None)


def test_the_blobs_of_a_pack_come_in_its_order(places: Places) -> None:
    places.add_pack(P, 900, [(C, 50, 9, 0, 1), (B, 10, 20, 30, 5), (A, 10, 20, 0, 30)], listed=True)

    assert [place.blob for place in places.in_pack(P)] == [A, B, C]
    assert places.in_pack(Q) == []


def test_of_several_places_the_first_one_is_tried_first(places: Places) -> None:
    places.add_pack(P, 900, [(A, 1, 1, 1, 1)], listed=True)
    places.add_pack(Q, 800, [(A, 2, 3, 4, 5)], listed=True)

    assert [place.digest for place in places.find_all(A)] == [P, Q]
    assert places.find(A) == Place(A, P, 900, 1, 1, 1, 1)
    assert places.in_pack(Q) == [Place(A, Q, 800, 2, 3, 4, 5)]


def test_a_place_in_a_pack_that_no_index_lists_comes_behind_one_that_is_listed(places: Places) -> None:
    places.add_pack(P, 900, [(A, 1, 1, 1, 1)], listed=False)
    before = places.is_listed(A)
    places.add_pack(Q, 900, [(A, 2, 2, 2, 2)], listed=True)

    assert [place.digest for place in places.find_all(A)] == [Q, P]
    assert (before, places.is_listed(A)) == (False, True)


def test_nothing_new_relies_on_a_lost_pack_and_it_is_tried_all_the_same(places: Places) -> None:
    places.add_pack(P, 900, [(A, 1, 1, 1, 1), (B, 2, 2, 2, 2)], listed=True)
    places.add_pack(Q, 900, [(A, 2, 2, 2, 2)], listed=False)

    places.mark_lost(P)

    assert (places.has(A), places.has(B), places.is_listed(B)) == (True, False, True)
    assert [place.digest for place in places.find_all(A)] == [Q, P]
    assert [place.digest for place in places.find_all(B)] == [P]
    assert list(places.packs()) == [Pack(P, 900, 2, lost=True)]


def test_a_lost_pack_that_is_there_again_is_relied_on(places: Places) -> None:
    places.add_pack(P, 900, [(A, 1, 1, 1, 1)], listed=True)
    places.mark_lost(P)

    places.mark_found(P)

    assert places.has(A)
    assert list(places.packs()) == [Pack(P, 900, 1)]


@pytest.mark.parametrize("again", [lambda places: places.clear(), lambda places: places.look_again()])
def test_a_pack_that_told_nothing_is_passed_over_until_something_changes(places: Places, again: object) -> None:
    places.pass_over(P, 900)

    known = [places.is_passed_over(*each) for each in ((P, 900), (P, 901), (Q, 900))]
    again(places)  # type: ignore[operator]

    assert known == [True, False, False]
    assert not places.is_passed_over(P, 900)


def test_a_blob_stays_known_when_one_of_its_packs_is_forgotten(places: Places) -> None:
    places.add_pack(P, 900, [(A, 1, 1, 1, 1)], listed=False)
    places.add_pack(Q, 800, [(A, 2, 3, 4, 5)], listed=True)

    places.forget_pack(P)

    assert places.find(A) == Place(A, Q, 800, 2, 3, 4, 5)


def test_packs_are_listed_or_not_yet(places: Places) -> None:
    places.add_pack(P, 900, [(A, 1, 1, 1, 1), (B, 1, 1, 1, 1)], listed=False)
    places.add_pack(Q, 800, [], listed=True)

    assert list(places.packs(listed=False)) == [Pack(P, 900, 2)]
    assert list(places.packs()) == [Pack(Q, 800, 0)]
    assert places.totals() == (1, 800, 2)


def test_a_pack_becomes_listed_with_its_index_object(places: Places) -> None:
    places.add_pack(P, 900, [(A, 1, 1, 1, 1)], listed=False)

    places.mark_listed([P], index_object="index/x.age")

    assert list(places.packs(listed=False)) == []
    assert places.index_objects() == {"index/x.age"}


def test_a_pack_that_is_listed_stays_so_when_it_is_noted_again(places: Places) -> None:
    places.add_pack(P, 900, [(A, 1, 1, 1, 1)], listed=True)
    places.add_pack(P, 900, [(A, 1, 1, 1, 1)], listed=False)

    assert [pack.digest for pack in places.packs()] == [P]


def test_what_no_index_lists_stays_when_what_came_from_the_index_is_forgotten(places: Places) -> None:
    places.add_pack(P, 900, [(A, 1, 1, 1, 1)], listed=True)
    places.add_pack(Q, 800, [(B, 1, 1, 1, 1)], listed=False)
    places.mark_listed([P], index_object="index/x.age")

    places.clear()

    assert (places.has(A), places.has(B), places.index_objects()) == (False, True, set())


FORGET = [lambda places: places.clear(), lambda places: places.forget_pack(P), lambda places: places.mark_lost(P)]


@pytest.mark.parametrize("forget", FORGET)
def test_files_are_read_again_once_a_pack_is_forgotten(database: Database, places: Places, forget: object) -> None:
    """A large file lies in several packs, and only the first of its blobs is looked for."""
    files = Files(database)
    files.remember([(b"stamp", 5, b"{}")], run=1)
    places.add_pack(P, 900, [(A, 1, 1, 1, 1)], listed=False)

    forget(places)  # type: ignore[operator]

    assert files.by_stamp(b"stamp") is None


def test_nothing_of_a_pack_is_noted_if_its_rows_cannot_be_read(places: Places) -> None:
    def rows():
        yield (A, 1, 1, 1, 1)
        raise ValueError("torn")

    with pytest.raises(ValueError, match="torn"):
        places.add_pack(P, 900, rows(), listed=True)

    assert (places.has(A), places.size(P)) == (False, None)


def one(blob: bytes) -> bytes:
    """What the file cache has of a file that is one blob."""
    return b'{"size":5,"blob":"%s"}' % blob.hex().encode()


PIECES = b'{"size":5,"pieces":"%s"}' % A.hex().encode()

DROP = [lambda places: places.set_aside([P]), lambda places: places.remove([P])]


@pytest.mark.parametrize("drop", DROP, ids=["about to be deleted", "deleted"])
def test_only_files_that_may_lie_in_a_deleted_pack_are_read_again(
    database: Database, places: Places, drop: object
) -> None:
    files = Files(database)
    places.add_pack(P, 900, [(A, 1, 1, 1, 1), (B, 1, 1, 1, 1)], listed=True)
    places.add_pack(Q, 900, [(B, 1, 1, 1, 1), (C, 1, 1, 1, 1)], listed=True)
    contents = {b"gone": one(A), b"twice": one(B), b"elsewhere": one(C), b"large": PIECES}
    files.remember([(stamp, 5, content) for stamp, content in contents.items()], run=1)

    drop(places)  # type: ignore[operator]

    assert {stamp for stamp in contents if files.by_stamp(stamp)} == {b"twice", b"elsewhere"}


@pytest.mark.parametrize("drop", DROP, ids=["about to be deleted", "deleted"])
def test_files_are_not_read_again_for_a_pack_with_nothing_of_its_own(
    database: Database, places: Places, drop: object
) -> None:
    files = Files(database)
    places.add_pack(P, 900, [(B, 1, 1, 1, 1)], listed=True)
    places.add_pack(Q, 900, [(B, 1, 1, 1, 1)], listed=True)
    files.remember([(b"large", 5, PIECES)], run=1)

    drop(places)  # type: ignore[operator]

    assert files.by_stamp(b"large") is not None


def test_a_pack_that_is_set_aside_is_relied_on_no_more_and_read_all_the_same(places: Places) -> None:
    places.add_pack(P, 900, [(A, 1, 1, 1, 1)], listed=True)

    places.set_aside([P])

    assert (places.has(A), places.find(A) is not None, places.lost()) == (False, True, {P})


def test_a_pack_that_is_removed_is_known_no_more(places: Places) -> None:
    places.add_pack(P, 900, [(A, 1, 1, 1, 1), (B, 1, 1, 1, 1)], listed=True)
    places.add_pack(Q, 900, [(B, 1, 1, 1, 1)], listed=True)

    places.remove([P, b"unknown" * 4])

    assert [pack.digest for pack in places.packs()] == [Q]
    assert (places.has(A), places.has(B), places.lost()) == (False, True, set())


def test_an_index_object_that_was_replaced_is_forgotten_and_what_it_said_is_not(places: Places) -> None:
    places.add_pack(P, 900, [(A, 1, 1, 1, 1)], listed=True)
    places.mark_listed([P], index_object="index/old.age")

    places.forget_index_objects(["index/old.age"])

    assert (places.index_objects(), places.is_listed(A)) == (set(), True)


@pytest.mark.parametrize("drop", ["set_aside", "remove"])
def test_a_large_file_is_read_again_where_all_packs_that_have_a_piece_go_at_once(
    database: Database, places: Places, drop: str
) -> None:
    """Two machines have stored the piece at the same time; the list of the pieces is still there."""
    files = Files(database)
    places.add_pack(P, 900, [(B, 1, 1, 1, 1)], listed=True)
    places.add_pack(Q, 900, [(B, 1, 1, 1, 1)], listed=True)
    places.add_pack(b"r" * 32, 900, [(A, 1, 1, 1, 1)], listed=True)
    files.remember([(b"large", 5, PIECES)], run=1)

    getattr(places, drop)([P, Q])

    assert (places.has(A), files.by_stamp(b"large")) == (True, None)


SETBACKS = {
    "damaged": lambda places: places.mark_lost(P),
    "about to be deleted": lambda places: places.set_aside([P]),
    "deleted": lambda places: places.remove([P]),
    "forgotten": lambda places: places.forget_pack(P),
    "unknown where": lambda places: places.clear(),
}


@pytest.mark.parametrize("lose", SETBACKS.values(), ids=SETBACKS)
def test_who_works_can_tell_that_something_was_lost_meanwhile(places: Places, lose: object) -> None:
    places.add_pack(P, 900, [(A, 1, 1, 1, 1)], listed=True)
    before = places.setbacks()

    lose(places)  # type: ignore[operator]

    assert places.setbacks() == before + 1


def test_what_nothing_relied_on_is_no_setback(places: Places) -> None:
    places.add_pack(P, 900, [(A, 1, 1, 1, 1)], listed=True)
    places.set_aside([P])
    before = places.setbacks()

    places.set_aside([P])
    places.mark_lost(P)
    places.remove([P, Q])

    assert places.setbacks() == before
