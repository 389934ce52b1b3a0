from __future__ import annotations

import pytest

from tgvault.model.stamps import LASTING_STAMP
from tgvault.state.database import Database
from tgvault.state.files import KEEP_RUNS, Files, KnownFile


@pytest.fixture
def files() -> Files:
    return Files(Database.in_memory())


def test_a_stamp_gives_size_and_content(files: Files) -> None:
    files.remember([(b"a", 5, b"ref a"), (b"b", 6, b"ref b")], run=1)

    assert (files.by_stamp(b"a"), files.by_stamp(b"c")) == ((5, b"ref a"), None)


def test_a_stamp_that_is_met_again_is_replaced(files: Files) -> None:
    files.remember([(b"a", 5, b"old")], run=1)
    files.remember([(b"a", 6, b"new")], run=2)

    assert files.by_stamp(b"a") == (6, b"new")


def test_stamps_that_no_run_met_for_long_are_dropped(files: Files) -> None:
    files.remember([(b"old", 5, b"x")], run=1)
    files.remember([(b"new", 5, b"x")], run=2)

    files.forget_old(run=2 + KEEP_RUNS)

    assert (files.by_stamp(b"old"), files.by_stamp(b"new")) == (None, (5, b"x"))


def test_a_stamp_that_names_a_content_for_ever_is_never_forgotten(files: Files) -> None:
    files.remember([(LASTING_STAMP + b"5", 5, b"x")], run=1)

    files.forget_old(run=10 * KEEP_RUNS)

    assert files.by_stamp(LASTING_STAMP + b"5") == (5, b"x")


def test_the_files_of_a_run_are_known_by_name_until_the_next(files: Files) -> None:
    files.add([KnownFile("a", 5, b"ref"), KnownFile("é/𝄞", 7, b"ref 2")])

    assert files.by_name("é/𝄞") == KnownFile("é/𝄞", 7, b"ref 2")
    assert files.count() == (2, 12)
    files.start_run()
    assert (files.by_name("a"), files.count()) == (None, (0, 0))


def test_files_that_no_record_uses_come_in_the_order_of_their_names(files: Files) -> None:
    names = ["b", "a", "𝄞", "\uffff", "A", "c/d"]
    files.add(KnownFile(name, 1, b"ref") for name in names)

    files.mark_used(["b", "not there"])

    assert [file.name for file in files.unused()] == sorted(set(names) - {"b"})


def test_a_file_that_cannot_be_read_is_known_and_counts_for_nothing(files: Files) -> None:
    files.add_failed(["bad"])

    assert files.by_name("bad") == KnownFile("bad", 0, b"")
    assert files.count() == (0, 0)
    assert list(files.unused()) == []


def test_a_file_that_is_added_again_is_unused_again(files: Files) -> None:
    files.add([KnownFile("a", 5, b"ref")])
    files.mark_used(["a"])

    files.add([KnownFile("a", 5, b"ref")])

    assert [file.name for file in files.unused()] == ["a"]
