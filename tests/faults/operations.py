"""The commands that meet faults: how things stand before, and what is true when they say that they did it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from faults.bench import Case, Operation, contents, misfits
from faults.scenes import EXPORTS
from run_support import Held
from tgvault.errors import NotFoundError
from tgvault.vault.diagnosis import is_named_by_content
from tgvault.vault.manifests import SnapshotName, short_id

__all__ = ["OPERATIONS", "PRUNE", "everything_is_whole", "one_more_is_forgotten"]


def a_new_snapshot(case: Case) -> None:
    assert case.makes in (None, case.new()[-1])


def nothing_forgotten_is_left(case: Case) -> None:
    assert not set(case.world.primary.objects) & set(case.scene.forgotten)
    assert not [name for name in case.world.primary.objects if name.startswith("marks/unneeded")]


def one_more_is_forgotten(case: Case) -> None:
    mine, forgotten = contents(case.world.primary)
    assert len(forgotten) == len(case.scene.forgotten) + 1
    assert {**mine, **forgotten} == {**case.scene.mine, **case.scene.forgotten}


def nothing_is_forgotten(case: Case) -> None:
    mine, forgotten = contents(case.world.primary)
    assert forgotten == {}
    assert mine == {**case.scene.mine, **case.scene.forgotten}


def the_copy_is_whole(case: Case) -> None:
    there = case.world.copy.objects
    wanted = {name: data for name, data in case.world.primary.objects.items() if is_copied(name)}
    assert {name: there.get(name) for name in wanted} == wanted


def everything_is_whole(case: Case) -> None:
    assert misfits(case.world.primary.objects) == []
    mine, forgotten = contents(case.world.primary)
    assert (mine, forgotten) == (case.scene.mine, case.scene.forgotten)


def everything_is_restored(case: Case) -> None:
    assert {each.name for each in case.out.iterdir()} == {"chats", "result.json"}
    files = {each.relative_to(case.out).as_posix() for each in case.out.rglob("*") if each.is_file()}
    assert files == {*EXPORTS["second"].contents(), "result.json"}


def is_copied(name: str) -> bool:
    return is_named_by_content(name) or name == "vault.json" or name.startswith("keys/")


def _imports(name: str) -> Callable[[Case], tuple[str, ...]]:
    return lambda case: ("import", str(case.exports / name))


def _says(*words: str) -> Callable[[Case], tuple[str, ...]]:
    return lambda _: words


def _id(snapshots: Mapping[str, Held]) -> str:
    """The id of the first of these snapshots."""
    return short_id(SnapshotName(next(iter(snapshots))))


def _restores(case: Case) -> tuple[str, ...]:
    return "restore", short_id(SnapshotName([*case.scene.mine][-1])), "--to", "out"


#: Once done, there is no such snapshot any more.
DONE_BEFORE = frozenset({0, NotFoundError.exit_code})

PRUNE = ("prune", "--grace", "0", "--max-unused", "0")

OPERATIONS: dict[str, Operation] = {
    "first backup": Operation("empty", _imports("first"), a_new_snapshot),
    "next backup": Operation("behind", _imports("third"), a_new_snapshot),
    "backup of a newcomer": Operation("behind", _imports("third"), a_new_snapshot, "two"),
    "prune": Operation("behind", _says(*PRUNE), nothing_forgotten_is_left),
    "prune of a newcomer": Operation("behind", _says(*PRUNE), nothing_forgotten_is_left, "two"),
    "forget": Operation(
        "behind", lambda case: ("forget", _id(case.scene.mine)), one_more_is_forgotten, "two", DONE_BEFORE
    ),
    "undo": Operation(
        "behind", lambda case: ("forget", "--undo", _id(case.scene.forgotten)), nothing_is_forgotten, "two", DONE_BEFORE
    ),
    "first sync": Operation("empty", _says("sync", "disk", "--init"), the_copy_is_whole),
    "sync": Operation("behind", _says("sync"), the_copy_is_whole),
    "verify": Operation("behind", _says("verify"), everything_is_whole),
    "repair": Operation("damaged", _says("verify", "--repair"), everything_is_whole),
    "restore": Operation("behind", _restores, everything_is_restored, "two"),
    "restore with a copy": Operation("copied", _restores, everything_is_restored, "two"),
}
