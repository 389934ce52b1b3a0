"""Pruning and taking back, killed before and amid each write."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import nullcontext, suppress
from pathlib import Path

import pytest

from prune_support import KEYS, Keeper, contents
from run_support import NOON, Held, Script, Talk, held, said, shown
from tgvault.engine.progress import NullProgress
from tgvault.engine.removing import Deleted
from tgvault.engine.syncing import SyncReport, sync_copy
from tgvault.errors import SinkError, VaultBusyError, VaultError
from tgvault.state.database import Database
from tgvault.testing import (
    CrashState,
    Fault,
    FaultKind,
    FaultySink,
    MemorySink,
    RecordingSink,
    crash_states,
    names,
)
from tgvault.testing.recording import Method
from tgvault.vault.header import HEADER, VaultHeader
from tgvault.vault.leases import DEAD
from tgvault.vault.marks import MarkKind
from tgvault.vault.opened import Vault

PHOTOS = {f"c/{number}.jpg": random.Random(number).randbytes(5_000) for number in range(8)}


def album(*numbers: int) -> Script:
    shots = [f"c/{number}.jpg" for number in numbers]
    messages = [said(1, "look"), *(shown(2 + at, name) for at, name in enumerate(shots))]
    return Script([Talk(messages)], files={name: PHOTOS[name] for name in shots})


def killed(tmp_path: Path, work: Callable[[Keeper], object]) -> tuple[dict[str, Held], str, list[CrashState]]:
    """Two archives are forgotten in part, and some work is killed.

    Gives all that was in snapshots, the id of the forgotten one, and all states of the store.
    """
    sink = RecordingSink(MemorySink())
    keeper = Keeper(tmp_path, sink)  # type: ignore[arg-type]
    keeper.back_up(album(*range(8)), archive="all")
    keeper.back_up(album(0, 1), archive="some")
    keeper.back_up(album(2), archive="one")
    before = contents(sink)
    forgotten = keeper.latest("all")
    keeper.forget(forgotten)
    done = sum(each.method in ("put", "replace", "delete") for each in sink.operations)
    work(keeper)
    return before, forgotten.id, [each for each in crash_states(sink.operations) if each.done >= done]


def taken_back(keeper: Keeper) -> None:
    keeper.snapshots()
    keeper.take_back(keeper.vault.forgotten[0].id)


def whole(state: CrashState) -> tuple[dict[str, Held], dict[str, Held]]:
    """What is in the snapshots that are shown, and in those that are forgotten."""
    vault = Vault(state.sink, KEYS, Database.in_memory())
    shown_ones = {each.id: held(vault, each) for each in vault.sync()}
    return shown_ones, {each.id: held(vault, each) for each in vault.forgotten}


def test_a_prune_that_is_killed_anywhere_harms_no_snapshot_and_is_finished_by_the_next(tmp_path: Path) -> None:
    before, forgotten, states = killed(tmp_path, lambda keeper: keeper.prune())
    kept = {name: what for name, what in before.items() if name != forgotten}

    assert len(states) > 15
    for state in states:
        there, hidden = whole(state)
        assert there == kept, state.at
        assert hidden in ({}, {forgotten: before[forgotten]}), state.at
        if not state.torn:
            other = Keeper(tmp_path, state.sink)
            with pytest.raises(VaultBusyError) if names(state.sink, "leases/") else nullcontext():
                other.prune()
            other.prune(later=DEAD)
            assert contents(state.sink) == kept, state.at
            assert names(state.sink, "marks/unneeded") == names(state.sink, "marks/forget") == [], state.at
            assert len(names(state.sink, "snapshots/")) == len(kept), state.at


def test_taking_back_that_is_killed_anywhere_leaves_all_there(tmp_path: Path) -> None:
    before, forgotten, states = killed(tmp_path, taken_back)

    for state in states:
        there, hidden = whole(state)
        assert there | hidden == before, state.at
        assert hidden.keys() <= {forgotten}, state.at
    assert whole(states[-1])[0] == before


def test_a_copy_that_follows_a_prune_and_is_killed_anywhere_holds_whole_snapshots(tmp_path: Path) -> None:
    keeper = Keeper(tmp_path, MemorySink())
    keeper.sink.put(HEADER, VaultHeader.make(KEYS, created=NOON, slots={}).to_json())
    keeper.back_up(album(*range(8)), archive="all")
    keeper.back_up(album(0, 1), archive="some")
    kept = keeper.latest("some").id
    copy = RecordingSink(MemorySink())
    synced(keeper, copy, is_new=True)
    done = len([each for each in copy.operations if each.method in ("put", "replace", "delete")])
    keeper.forget(keeper.latest("all"))
    keeper.prune()
    expected = contents(keeper.sink)[kept]

    report = synced(keeper, copy)

    assert report.removed > 3
    for state in crash_states(copy.operations):
        if state.done >= done and not state.torn:
            there, hidden = whole(state)
            assert (there | hidden)[kept] == expected, state.at
    assert contents(copy) == {kept: expected}


def synced(keeper: Keeper, copy: RecordingSink, *, is_new: bool = False) -> SyncReport:
    """Bring a copy up to date, as who has the keys does it."""
    deleted = Deleted(keeper.vault.look_at_marks().objects(MarkKind.DELETED))
    return sync_copy(
        lambda: keeper.sink,
        lambda: copy,
        name="disk",
        is_new=is_new,
        progress=NullProgress(),
        keys=KEYS,
        deleted=deleted,
    )


FAULTS = [
    *((kind, method) for kind in (FaultKind.ERROR, FaultKind.LOST_ANSWER) for method in ("put", "delete")),
    *((FaultKind.ERROR, method) for method in ("get", "list", "size")),
    *((kind, "get") for kind in (FaultKind.TRUNCATED, FaultKind.FLIPPED_BIT)),
    (FaultKind.CUT_OFF, "list"),
]


@pytest.mark.parametrize(("kind", "method"), FAULTS)
def test_a_prune_of_a_store_that_fails_once_harms_no_snapshot(tmp_path: Path, kind: FaultKind, method: Method) -> None:
    before, forgotten, (start, *_) = killed(tmp_path, lambda _: None)
    kept = {name: what for name, what in before.items() if name != forgotten}
    counting = RecordingSink(MemorySink(dict(start.sink.objects)))
    Keeper(tmp_path, counting).prune()  # type: ignore[arg-type]
    calls = sum(each.method == method for each in counting.operations)

    assert calls > 0
    for after in range(calls):
        objects = dict(start.sink.objects)
        faulty = FaultySink(MemorySink(objects), Fault(kind, method, after=after, times=1))
        with suppress(SinkError, VaultError):
            Keeper(tmp_path, faulty).prune()  # type: ignore[arg-type]
        assert contents(MemorySink(objects)) == kept, after
        other = Keeper(tmp_path, MemorySink(objects))
        with suppress(VaultBusyError):
            other.prune()
        other.prune(later=DEAD)
        assert contents(other.sink) == kept, after
        assert names(other.sink, "marks/unneeded") == names(other.sink, "marks/forget") == [], after
