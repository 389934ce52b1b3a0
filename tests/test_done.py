"""The project's own measure of being done, at a hundredth of the size: two exports in, and everything out again."""

from __future__ import annotations

import importlib
import json
import os
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from restore_support import DiskVault, files_below, restored_chats, result
from tgvault.engine.changes import ChangeKind
from tgvault.engine.diff import summarise
from tgvault.engine.report import BackupReport

BENCH = Path(__file__).parent / "bench"
VERSIONS = ("v1", "v2")

#: With it no chat loses its very first message: an export that begins later proves nothing about what was before.
SEED = 8


@dataclass(frozen=True)
class World:
    """Two versions of an export, what was changed between them, and a vault that took both in."""

    root: Path
    manifest: dict[str, Any]
    vault: DiskVault
    reports: list[BackupReport]

    def pairs(self, name: str) -> set[tuple[int, int]]:
        return {(chat, message) for chat, message in self.manifest[name]}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    root = tmp_path_factory.mktemp("done")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCH))
        importlib.import_module("gen").generate(root / "data", scale=0.01, seed=SEED)
        for name in ("gen", "chatter"):
            del sys.modules[name]
    for month, version in enumerate(VERSIONS, start=1):
        time = datetime(2026, month, 1, tzinfo=UTC).timestamp()
        os.utime(root / "data" / version / "result.json", (time, time))
    manifest = json.loads((root / "data" / "manifest.json").read_bytes())
    vault = DiskVault(root / "vault", jobs=2)
    return World(root / "data", manifest, vault, [vault.back_up(root / "data" / version) for version in VERSIONS])


def test_the_runs_saw_what_there_is(world: World) -> None:
    first, second = world.reports

    assert [each.findings for each in world.reports] == [[], []]
    assert (first.messages.new, first.messages.total) == (world.manifest["messages_v1"],) * 2
    assert second.messages.seen == second.messages.total == world.manifest["messages_v2"]
    assert second.messages.edited == len(world.manifest["edited"])
    assert second.messages.gone == len(world.manifest["deleted"])
    assert second.media.new == world.manifest["new_files"]
    assert second.bytes_stored < first.bytes_stored / 5


def test_the_difference_is_exactly_what_was_changed(world: World) -> None:
    with world.vault.opened() as opened:
        first, second, *_ = opened.vault.sync()
        told = summarise(opened.vault, first, second, listed=list(ChangeKind))

    found: dict[ChangeKind, set[tuple[int | None, int]]] = {kind: set() for kind in ChangeKind}
    for chat in told.chats:
        for change in chat.messages:
            found[change.kind].add((chat.chat.id, change.id))
    assert found[ChangeKind.EDITED] == world.pairs("edited")
    assert found[ChangeKind.GONE] == world.pairs("deleted")
    assert len(found[ChangeKind.NEW]) == world.manifest["messages_v2"] - world.manifest["messages_v1"] + len(
        world.manifest["deleted"]
    )
    assert {kind for kind in found if found[kind]} == {ChangeKind.EDITED, ChangeKind.GONE, ChangeKind.NEW}


@pytest.mark.parametrize("at", range(2))
def test_an_exact_restore_is_what_went_in(world: World, tmp_path: Path, at: int) -> None:
    report = world.vault.restore(tmp_path / "out", snapshot=at, exact=True)

    assert result(tmp_path / "out") == result(world.root / VERSIONS[at])
    assert list(result(tmp_path / "out")) == list(result(world.root / VERSIONS[at]))
    assert files_below(tmp_path / "out") == files_below(world.root / VERSIONS[at])
    assert report.findings == []


def test_a_restore_has_the_deleted_messages_in_their_places_and_marked(world: World, tmp_path: Path) -> None:
    report = world.vault.restore(tmp_path / "out")

    chats = restored_chats(tmp_path / "out")
    told = {(chat, each["id"]): each for chat in chats for each in chats[chat]["messages"]}
    assert {key for key, each in told.items() if "gone" in each.get("tgvault", {})} == world.pairs("deleted")
    assert {key for key, each in told.items() if "earlier" in each.get("tgvault", {})} == world.pairs("edited")
    for chat in chats.values():
        ids = [each["id"] for each in chat["messages"]]
        assert ids == sorted(set(ids))
    assert len(told) == report.messages == world.manifest["messages_v2"] + len(world.manifest["deleted"])
    assert report.gone == len(world.manifest["deleted"])
    assert set(files_below(tmp_path / "out").values()) == set(files_below(world.root / "v2").values())


def test_before_and_after_every_text_is_kept(world: World, tmp_path: Path) -> None:
    world.vault.restore(tmp_path / "out")

    chats = restored_chats(tmp_path / "out")
    told = {(chat, each["id"]): each for chat in chats for each in chats[chat]["messages"]}
    for version in reversed(VERSIONS):
        for chat in result(world.root / version)["chats"]["list"]:
            for said in chat["messages"]:
                there = told[chat["id"], said["id"]]
                texts = [there["text"], *(each["body"]["text"] for each in there.get("tgvault", {}).get("earlier", ()))]
                assert said["text"] in texts


def test_all_is_well_and_an_unchanged_export_adds_a_manifest_and_nothing_else(world: World) -> None:
    before = world.vault.objects()
    report = world.vault.back_up(world.root / "v2")
    added = world.vault.objects().keys() - before.keys()
    verified = world.vault.verify()

    assert [name.partition("/")[0] for name in added] == ["snapshots"]
    assert (report.unchanged, report.bytes_stored, report.bytes_read) == (True, 0, 0)
    assert verified.problems == []
    assert (verified.snapshots, verified.leftover) == (3, 0)
    assert verified.packs == verified.packs_total > 2
