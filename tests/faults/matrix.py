"""One fault, met by one command: what has to hold afterwards, and after the command is repeated without it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping

from cli.support import Tried
from faults.bench import Case, contents, misfits
from faults.scenes import EXPORTS
from tgvault import errors
from tgvault.contracts.sink import Sink
from tgvault.errors import EXIT_WITH_LOSSES, TgVaultError
from tgvault.testing import Fault, FaultySink

__all__ = ["carry_out", "repeat", "with_fault"]

#: How a command may end: well, with losses that it lists, or with an error that tgvault foresaw.
CODES = {0, EXIT_WITH_LOSSES} | {
    each.exit_code for each in vars(errors).values() if isinstance(each, type) and issubclass(each, TgVaultError)
}


def with_fault(case: Case, place: str, fault: Fault) -> Tried:
    """Run the command while one of the places goes wrong."""
    case.is_read_badly = fault.method == "get" and fault.times is None
    if place == "primary":
        return carry_out(case, primary=FaultySink(case.world.primary, fault))
    return carry_out(case, copy=FaultySink(case.world.copy, fault))


def repeat(case: Case) -> None:
    """Run the command once more: it completes, and nobody has to wait for the run that failed."""
    shutil.rmtree(case.out, ignore_errors=True)
    tried = carry_out(case)
    assert tried.code in case.operation.again | ({EXIT_WITH_LOSSES} if case.has_losses else set()), tried
    if tried.code != EXIT_WITH_LOSSES:
        case.operation.check(case)
    assert not [name for name in case.world.primary.objects if name.startswith("leases/")]


def carry_out(case: Case, *, primary: Sink | None = None, copy: Sink | None = None) -> Tried:
    """Run the command, and look at whatever it left."""
    operation = case.operation
    tried = case.world.run(*operation.words(case), machine=operation.machine, primary=primary, copy=copy)
    assert tried.code in CODES, tried
    assert "This is a bug" not in tried.err
    assert "Traceback" not in tried.err
    check_stores(case, tried)
    check_restored(case, is_whole=tried.code == 0)
    case.has_losses = case.has_losses or tried.code == EXIT_WITH_LOSSES
    if tried.code == 0 and not case.is_read_badly and not _told(tried, "marks/"):
        operation.check(case)
    return tried


def _told(tried: Tried, name: str) -> bool:
    """Tell whether it was said that an object of that kind is not good."""
    return f"`{name}" in tried.err


def check_stores(case: Case, tried: Tried) -> None:
    """Nothing is lost that was acknowledged, and nothing wrong was written."""
    scene, world = case.scene, case.world
    wrong = misfits(world.primary.objects)
    assert {name: world.primary.objects[name] for name in wrong}.items() <= scene.primary.items()
    assert misfits(world.copy.objects) == []
    known = {**scene.mine, **scene.forgotten}
    if scene.is_whole or (scene.names <= world.primary.objects.keys() and not wrong):
        found, forgotten = contents(world.primary)
        there = {**found, **forgotten}
        assert {name: there.get(name) for name in scene.mine} == scene.mine
        new = {name: held for name, held in there.items() if name not in known}
        assert case.is_read_badly or all(held == case.makes for held in new.values())
        known |= there
    if "could not be brought" not in tried.out + tried.err:
        for each in contents(world.copy):
            assert each.items() <= known.items()


def check_restored(case: Case, *, is_whole: bool) -> None:
    """Nothing is restored that is not what it was."""
    files = {each.relative_to(case.out).as_posix(): each for each in case.out.rglob("*") if each.is_file()}
    said = files.pop("result.json", None)
    assert {name: each.read_bytes() for name, each in files.items()}.items() <= EXPORTS["second"].contents().items()
    if said is None:
        return
    told = _messages(json.loads(said.read_bytes()))
    wanted = _messages(json.loads(case.says))
    assert told.items() <= wanted.items()
    assert not is_whole or told == wanted


def _messages(result: Mapping[str, Mapping[str, list[Mapping[str, object]]]]) -> dict[tuple[object, object], object]:
    chats = result["chats"]["list"]
    return {(chat["id"], each["id"]): each for chat in chats for each in chat["messages"]}  # type: ignore[attr-defined, index]
