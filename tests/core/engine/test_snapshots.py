from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from tgvault.engine.snapshots import as_of, find_snapshot, in_archive, list_snapshots
from tgvault.errors import AmbiguousNameError, NotFoundError
from tgvault.vault.diagnosis import digest_of
from tgvault.vault.manifests import SnapshotName
from tgvault.vault.opened import Snapshot
from vault_support import START, FakeChat, FakeSource, MemoryVault, said


@pytest.fixture
def memory() -> MemoryVault:
    return MemoryVault()


@pytest.fixture
def four(memory: MemoryVault) -> list[Snapshot]:
    """Three snapshots of `main`, a day apart, then one of `work`."""
    made = memory.observe(*[[said(1, "a")]] * 3)
    return [*made, *memory.observe([said(1, "b")], archive="work")]


def test_latest_is_the_newest_snapshot_of_the_archive(four: list[Snapshot]) -> None:
    assert find_snapshot(four, "latest", archive="main") == four[2]
    assert find_snapshot(four, "latest", archive="work") == four[3]


def test_snapshots_before_the_latest_are_counted_back(four: list[Snapshot]) -> None:
    assert find_snapshot(four, "latest~0", archive="main") == four[2]
    assert find_snapshot(four, "latest~2", archive="main") == four[0]


def test_counting_back_too_far_names_the_oldest(four: list[Snapshot]) -> None:
    with pytest.raises(NotFoundError, match="3 snapshots") as caught:
        find_snapshot(four, "latest~3", archive="main")

    assert caught.value.hint is not None
    assert "latest~2" in caught.value.hint
    assert four[0].id in caught.value.hint


def test_one_snapshot_is_counted_in_the_singular(four: list[Snapshot]) -> None:
    with pytest.raises(NotFoundError, match=r"1 snapshot$"):
        find_snapshot(four, "latest~1", archive="work")


@pytest.mark.parametrize("digits", [4, 8, 20, 64])
def test_digits_of_the_id_name_a_snapshot_of_any_archive(four: list[Snapshot], digits: int) -> None:
    wanted = digest_of(four[3].name)[:digits]

    assert find_snapshot(four, wanted, archive="main") == four[3]
    assert find_snapshot(four, wanted.upper(), archive="main") == four[3]


def test_full_names_are_understood(four: list[Snapshot]) -> None:
    name = four[1].name

    for written in (name, name.removesuffix(".age"), name.removeprefix("snapshots/")):
        assert find_snapshot(four, written, archive="main") == four[1]


def test_three_digits_are_too_few(four: list[Snapshot]) -> None:
    with pytest.raises(NotFoundError, match="too short") as caught:
        find_snapshot(four, four[0].id[:3], archive="main")

    assert caught.value.hint == "give at least 4 digits"


def test_digits_of_two_snapshots_are_ambiguous(four: list[Snapshot]) -> None:
    twins = [
        Snapshot(SnapshotName(f"snapshots/x-{'abcd' * 15}{end}.age"), four[0].manifest) for end in ("0000", "1111")
    ]

    with pytest.raises(AmbiguousNameError, match="2 snapshots") as caught:
        find_snapshot(twins, "abcd", archive="main")

    assert caught.value.hint is not None
    assert "abcdabcdabcdabcd" in caught.value.hint


def test_a_slip_gets_a_suggestion(four: list[Snapshot]) -> None:
    with pytest.raises(NotFoundError) as caught:
        find_snapshot(four, "lates", archive="main")

    assert caught.value.hint == "did you mean `latest`? `tgvault snapshots` lists all"


def test_unknown_digits_are_not_found(four: list[Snapshot]) -> None:
    unknown = "0123456789abcdef"

    with pytest.raises(NotFoundError, match=unknown) as caught:
        find_snapshot(four, unknown, archive="main")

    assert caught.value.hint is not None
    assert "tgvault snapshots" in caught.value.hint


def test_an_archive_without_snapshots_is_named_with_those_there_are(four: list[Snapshot]) -> None:
    with pytest.raises(NotFoundError, match="archive `wrk`") as caught:
        find_snapshot(four, "latest", archive="wrk")

    assert caught.value.hint == "did you mean `work`?"


def test_an_empty_vault_says_how_to_make_the_first_snapshot(memory: MemoryVault) -> None:
    with pytest.raises(NotFoundError) as caught:
        find_snapshot(memory.snapshots(), "latest", archive="main")

    assert caught.value.hint is not None
    assert "tgvault backup" in caught.value.hint


def test_as_of_gives_the_newest_snapshot_that_was_there_then(four: list[Snapshot]) -> None:
    noon = START + timedelta(days=1)

    assert as_of(four, noon, archive="main") == four[1]
    assert as_of(four, noon - timedelta(seconds=1), archive="main") == four[0]
    assert as_of(four, datetime(2030, 1, 1, tzinfo=UTC), archive="main") == four[2]


def test_before_the_first_snapshot_there_is_none(four: list[Snapshot]) -> None:
    with pytest.raises(NotFoundError, match="2025-12-31 00:00 UTC or before") as caught:
        as_of(four, datetime(2025, 12, 31, tzinfo=UTC), archive="main")

    assert caught.value.hint is not None
    assert four[0].id in caught.value.hint


def test_a_list_of_one_archive_leaves_the_others_out(four: list[Snapshot]) -> None:
    assert [each.id for each in list_snapshots(four, archive="work")] == [four[3].id]
    assert len(list_snapshots(four)) == 4
    assert in_archive(four, "main") == four[:3]


def test_a_list_reads_nothing_but_manifests(memory: MemoryVault, four: list[Snapshot]) -> None:
    for name in [name for name in memory.sink.objects if name.startswith(("packs/", "index/"))]:
        del memory.sink.objects[name]

    assert len(list_snapshots(four)) == 4


def test_times_and_figures_stand_in_json_as_they_are(memory: MemoryVault) -> None:
    snapshot = memory.back_up(FakeSource([FakeChat([said(1, "a")])]))

    shown = msgspec.json.decode(msgspec.json.encode(list_snapshots([snapshot])[0]))

    assert shown["time"] == "2026-01-01T12:00:00Z"
    assert shown["source"]["observed_at"] == "2026-01-01T12:00:00Z"
    assert (shown["messages"], shown["run"]["new"], shown["chats"]) == (1, 1, 1)


def test_only_those_with_all_of_the_tags_are_listed(memory: MemoryVault) -> None:
    (plain,) = memory.observe([said(1, "a")])
    names = {("a",): plain.name, ("a", "b"): SnapshotName("snapshots/x-" + "ab" * 32 + ".age")}
    tagged = [Snapshot(name, msgspec.structs.replace(plain.manifest, tags=tags)) for tags, name in names.items()]

    listed = list_snapshots(tagged, tags=["b", "a"])

    assert [(each.name, each.tags) for each in listed] == [(tagged[1].name, ["a", "b"])]
