"""Machines that sleep for hours in the midst of their work, and find that others went on without them."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest

from prune_support import Asleep, Keeper, contents
from run_support import Script, ScriptedSource, Talk, opened, said, shown
from tgvault.api import OpenedMedia
from tgvault.engine.start import losses
from tgvault.errors import NotFoundError, SinkError, VaultBusyError
from tgvault.testing import names
from tgvault.vault.leases import DEAD, list_leases

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


# Pruners who sleep.


@pytest.mark.parametrize("before", ["put index/", "put marks/deleted"])
def test_a_pruner_that_slept_deletes_nothing_that_was_taken_back(keeper: Keeper, tmp_path: Path, before: str) -> None:
    """It has found that nobody needs the photo; then somebody takes the snapshot back, and prunes as well."""
    awake = Keeper(tmp_path, keeper.sink)
    awake.snapshots()
    (forgotten,) = awake.vault.forgotten
    kept = len(contents(keeper.sink))

    def meanwhile() -> None:
        with pytest.raises(VaultBusyError):
            awake.prune()
        awake.now += timedelta(seconds=DEAD)
        awake.take_back(forgotten.id)
        awake.prune()

    asleep = Keeper(tmp_path, Asleep(keeper.sink.objects, before, meanwhile))
    with pytest.raises(VaultBusyError, match="did not answer"):
        asleep.prune()

    assert contents(keeper.sink)[forgotten.id].media["user:1"][2] == {"photo": PHOTO}
    assert len(contents(keeper.sink)) == kept + 1
    assert asleep.prune().snapshots == awake.prune().snapshots == []
    assert contents(keeper.sink)[forgotten.id].media["user:1"][2] == {"photo": PHOTO}


def test_what_is_said_to_be_deleted_already_is_not_taken_back(keeper: Keeper, tmp_path: Path) -> None:
    awake = Keeper(tmp_path, keeper.sink)
    awake.snapshots()
    (forgotten,) = awake.vault.forgotten
    tried = []

    def meanwhile() -> None:
        with pytest.raises(VaultBusyError):
            awake.prune()
        awake.now += timedelta(seconds=DEAD)
        with pytest.raises(NotFoundError) as caught:
            awake.take_back(forgotten.id)
        tried.append(caught.value)

    asleep = Keeper(tmp_path, Asleep(keeper.sink.objects, "delete snapshots/", meanwhile))
    with pytest.raises(VaultBusyError):
        asleep.prune()

    assert len(tried) == 1
    assert len(contents(keeper.sink)) == 1


def test_who_slept_while_taking_back_is_not_told_that_it_is_there(keeper: Keeper, tmp_path: Path) -> None:
    keeper.snapshots()
    (forgotten,) = keeper.vault.forgotten

    def meanwhile() -> None:
        with pytest.raises(VaultBusyError):
            keeper.prune()
        keeper.prune(later=DEAD)

    asleep = Keeper(tmp_path, Asleep(keeper.sink.objects, "delete marks/forget", meanwhile))
    with pytest.raises((SinkError, VaultBusyError)):
        asleep.take_back(forgotten.id)

    assert forgotten.id not in contents(keeper.sink)


def test_a_packs_mark_is_left_alone_by_a_pruner_that_slept(keeper: Keeper, tmp_path: Path) -> None:
    """It would let others rely on packs that the one who took its place is just deleting."""
    awake = Keeper(tmp_path, keeper.sink)

    def meanwhile() -> None:
        for each in list_leases(keeper.sink):
            keeper.sink.delete(each.name)

    asleep = Keeper(tmp_path, Asleep(keeper.sink.objects, "delete marks/forget", meanwhile))
    with pytest.raises(VaultBusyError):
        asleep.prune()

    assert names(keeper.sink, "marks/unneeded") != []
    awake.prune()
    assert names(keeper.sink, "marks/unneeded") == []


def test_what_was_deleted_while_a_machine_slept_is_no_loss(keeper: Keeper, tmp_path: Path) -> None:
    """A source that reads an account would fetch all of it again."""
    writer = Keeper(tmp_path, keeper.sink)
    source = ScriptedSource.of(export(more={"c/new.jpg": b"new"}))
    slept = []

    def meanwhile(name: str, data: bytes) -> OpenedMedia:
        if name == "c/new.jpg" and not slept:
            slept.append(keeper.prune())
            slept.append(keeper.prune(later=DEAD))
        return opened(data)

    source.on_open = meanwhile
    writer.back_up_at_work(source, archive="new")

    assert losses(writer.vault.memory) == 0
