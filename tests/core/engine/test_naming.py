from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tgvault.engine.naming import LONGEST_NAME, Names, check_path
from tgvault.errors import HostilePathError
from tgvault.state.database import Database

A, B, C = b"a", b"b", b"c"


def names(*, folds: bool = False, reserved: tuple[str, ...] = ()) -> Names:
    return Names(Database.in_memory(), folds=folds, reserved=reserved)


@pytest.mark.parametrize("path", ["a", "a/b.jpg", "photos/photo_1@14-11-2024_11-12-56.jpg", "ф/й", ".a", "...", "a b"])
def test_a_path_below_a_folder_is_good(path: str) -> None:
    check_path(path)


@pytest.mark.parametrize(
    "path",
    ["", "/a", "../a", "a/../b", "a//b", "a/", "./a", "a/.", "C:/a", "c:a", "a\\b", "\\\\host\\a", "a\0b", "é" * 128],
)
def test_a_path_that_could_lead_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(HostilePathError, match="no path below a folder"):
        check_path(path)


def test_a_content_keeps_its_path_and_has_it_once() -> None:
    given = names()

    assert given.take("a/b.jpg", A, rename=True) == ("a/b.jpg", True)
    assert given.take("a/b.jpg", A, rename=True) == ("a/b.jpg", False)


def test_another_content_gets_a_number_in_front_of_the_ending() -> None:
    given = names()

    taken = [given.take("a/b.jpg", content, rename=True) for content in (A, B, C, B)]

    assert taken == [("a/b.jpg", True), ("a/b (2).jpg", True), ("a/b (3).jpg", True), ("a/b (2).jpg", False)]


@pytest.mark.parametrize(("path", "renamed"), [("a", "a (2)"), (".b", ".b (2)"), ("a.b/c", "a.b/c (2)")])
def test_a_name_without_an_ending_gets_a_number_at_its_end(path: str, renamed: str) -> None:
    given = names()
    given.take(path, A, rename=True)

    assert given.take(path, B, rename=True) == (renamed, True)


def test_a_number_that_is_taken_is_passed_over() -> None:
    given = names()
    given.take("a (2).jpg", A, rename=True)
    given.take("a.jpg", B, rename=True)

    assert given.take("a.jpg", C, rename=True) == ("a (3).jpg", True)


def test_without_renaming_a_path_is_for_one_content() -> None:
    given = names()
    given.take("a.jpg", A, rename=False)

    assert given.take("a.jpg", A, rename=False) == ("a.jpg", False)
    assert given.take("a.jpg", B, rename=False) is None


def test_a_file_does_not_take_the_place_of_a_folder() -> None:
    given = names()
    given.take("a/b/c", A, rename=True)

    assert given.take("a/b", B, rename=True) == ("a/b (2)", True)
    assert given.take("a", B, rename=False) is None


def test_a_folder_does_not_take_the_place_of_a_file() -> None:
    given = names()
    given.take("a", A, rename=True)

    assert given.take("a/b/c", B, rename=False) is None
    assert given.take("a/b/c", B, rename=True) == ("a (2)/b/c", True)
    assert given.take("a/b/d", C, rename=True) == ("a (2)/b/d", True)


def test_what_the_restore_needs_itself_is_taken() -> None:
    given = names(reserved=("result.json", ".tgvault-part"))

    assert given.take("result.json", A, rename=False) is None
    assert given.take("result.json", A, rename=True) == ("result (2).json", True)
    assert given.take(".tgvault-part/1", A, rename=True) == (".tgvault-part (2)/1", True)


def test_where_case_does_not_tell_names_apart_a_number_does() -> None:
    given = names(folds=True, reserved=("result.json",))

    assert given.take("A/b.jpg", A, rename=True) == ("A/b.jpg", True)
    assert given.take("a/B.jpg", B, rename=True) == ("A/B (2).jpg", True)
    assert given.take("a/B.jpg", A, rename=True) == ("A/b.jpg", False)
    assert given.take("Result.JSON", A, rename=True) == ("Result (2).JSON", True)
    assert given.take("a/B.jpg", C, rename=False) is None


def test_where_case_tells_names_apart_nothing_is_renamed() -> None:
    given = names()
    given.take("a.jpg", A, rename=True)

    assert given.take("A.jpg", B, rename=True) == ("A.jpg", True)


def test_two_ways_to_write_a_letter_are_one_name_where_case_is() -> None:
    given = names(folds=True)
    given.take("caf\u00e9", A, rename=True)

    assert given.take("cafe\u0301", B, rename=True) == ("cafe\u0301 (2)", True)


@pytest.mark.parametrize("name", ["é" * 127, "x" * 251 + ".jpg", "x." + "y" * 253, "я" * 127])
def test_a_number_makes_no_name_too_long(name: str) -> None:
    given = names()
    given.take(name, A, rename=True)

    taken = given.take(name, B, rename=True)

    assert taken is not None
    assert taken[0] != name
    assert len(taken[0].encode()) <= LONGEST_NAME


def test_more_folders_than_are_kept_at_hand_keep_their_names() -> None:
    given = names()
    given.take("0", A, rename=True)
    first = [given.take(f"{number}/a", A, rename=True) for number in range(1500)]

    assert [given.take(f"{number}/a", A, rename=True) for number in range(1500)] == [
        (taken[0], False) for taken in first if taken
    ]
    assert first[0] == ("0 (2)/a", True)


_PART = st.sampled_from(["a", "A", "b.jpg", "B.jpg", "a (2)"])
_PATH = st.lists(_PART, min_size=1, max_size=3).map("/".join)


@given(st.lists(st.tuples(_PATH, st.sampled_from([A, B, C]))), st.booleans(), st.booleans())
def test_no_two_contents_ever_share_a_name(wanted: list[tuple[str, bytes]], folds: bool, rename: bool) -> None:
    given, files = names(folds=folds), dict[str, bytes]()
    for path, content in wanted:
        taken = given.take(path, content, rename=rename)
        if taken is not None:
            key = taken[0].casefold() if folds else taken[0]
            assert taken[1] == (key not in files)
            assert files.setdefault(key, content) == content
        assert taken is not None or not rename

    assert not [one for one in files for other in files if other.startswith(one + "/")]
