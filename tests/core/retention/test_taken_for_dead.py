"""Machines that sleep for hours in the midst of their work, and find that others went on without them."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from prune_support import Keeper, contents
from run_support import Script, ScriptedSource, Talk, opened, said, shown
from tgvault.api import OpenedMedia
from tgvault.vault.leases import DEAD

PHOTO = random.Random(1).randbytes(20_000)


def export(*, more: dict[str, bytes] | None = None) -> Script:
    files = {"c/photo.jpg": PHOTO, **(more or {})}
    return Script([Talk([said(1, "look"), *(shown(2 + at, name) for at, name in enumerate(files))])], files=files)


@pytest.fixture
def keeper(tmp_path: Path) -> Keeper:
    """A machine that prunes; it has forgotten the one snapshot that has the photo."""
    keeper = Keeper(tmp_path)
    keeper.back_up(export(), archive="old")
    keeper.back_up(Script([Talk([said(1, "stays")])]), archive="stays")
    keeper.forget(keeper.latest("old"))
    return keeper


@pytest.mark.parametrize("is_looked_at", [True, False])
def test_a_run_that_slept_relies_on_nothing_that_was_deleted(
    keeper: Keeper, tmp_path: Path, is_looked_at: bool
) -> None:
    """Somebody lists the snapshots on the machine while its run goes on: it then knows nothing of what was deleted."""
    writer = Keeper(tmp_path, keeper.sink)
    source = ScriptedSource.of(export(more={"c/new.jpg": b"new"}))
    slept = []

    def meanwhile(name: str, data: bytes) -> OpenedMedia:
        if name == "c/new.jpg" and not slept:
            slept.append(keeper.prune())
            slept.append(keeper.prune(later=DEAD))
            if is_looked_at:
                writer.snapshots()
        return opened(data)

    source.on_open = meanwhile
    writer.back_up_at_work(source, archive="new")

    assert [report.packs_deleted > 0 for report in slept] == [False, True]
    assert contents(keeper.sink)[writer.latest("new").id].media["user:1"][2] == {"photo": PHOTO}
