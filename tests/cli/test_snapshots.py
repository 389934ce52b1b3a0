"""The list of snapshots shows what there is to tell."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from cli.support import Tried, a_snapshot, in_words
from tgvault.cli.snapshots import SnapshotList, _in_words

pytestmark = pytest.mark.usefixtures("berlin")


def test_one_archive_without_losses_is_a_narrow_table() -> None:
    out, _ = in_words(_in_words, SnapshotList([a_snapshot()]))

    assert out.splitlines() == [
        "snapshot  time                        messages    new  edited   gone   stored",
        "0123abcd  2024-03-01 12:00:00 +01:00     2,000  1,000   1,000  1,000  5.00 kB",
    ]


def test_several_archives_and_losses_get_columns_of_their_own() -> None:
    out, _ = in_words(_in_words, SnapshotList([a_snapshot(), a_snapshot("work", losses=2)]))

    assert out.splitlines()[0].split() == [
        *("snapshot", "archive", "time", "messages", "new", "edited", "gone", "stored", "losses")
    ]
    assert out.splitlines()[2].split()[1] == "work"
    assert out.splitlines()[2].split()[-1] == "2"


def test_tags_get_a_column_where_there_are_any() -> None:
    tagged = msgspec.structs.replace(a_snapshot(), tags=["exam", "move"])
    out, _ = in_words(_in_words, SnapshotList([a_snapshot(), tagged]))

    assert [line.split()[-1] for line in out.splitlines()] == ["tags", "kB", "move"]
    assert "exam, move" in out


@pytest.mark.parametrize("tag", [" ", "a b", "-x", "a,b", "ä", "x" * 33])
@pytest.mark.parametrize("command", ["snapshots", "backup", "import"])
def test_what_cannot_be_a_tag_is_refused(tgvault: Callable[..., Tried], command: str, tag: str) -> None:
    tried = tgvault(command, *(["."] if command == "import" else []), f"--tag={tag}")

    assert tried.code == 2
    assert "cannot be a tag" in tried.err
