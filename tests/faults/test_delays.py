"""Before any call that a command makes of a sink, another machine may prune the vault, or back up into it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cli.support import Tried
from faults.bench import Case, contents, misfits
from faults.calls import delays_of, expected
from faults.conftest import Stage
from faults.operations import PRUNE, everything_is_whole, one_more_is_forgotten
from tgvault.errors import VaultBusyError
from tgvault.testing import Fault, FaultySink

#: What is said by who is alone: others may have deleted what was forgotten before.
OF_ONE = (everything_is_whole, one_more_is_forgotten)

#: Nobody prunes a vault that is damaged.
CASES = [
    pytest.param(row.operation, row.place, fault, id=f"{row.operation}: {row.place} {word.rstrip('+')} {which}")
    for row in expected()
    if row.operation != "repair"
    for word in row.words
    for which, fault in delays_of(word)
]


@pytest.mark.parametrize(("operation", "place", "fault"), CASES)
def test_nobody_is_in_the_way_of_another(stage: Stage, operation: str, place: str, fault: Fault) -> None:
    case = stage.set(operation)
    others: list[Tried] = []

    def act() -> None:
        words = ("--archive", "aaa", "import", str(case.exports / "large")) if "prune" in operation else PRUNE
        others.append(case.world.run(*words, machine="three"))

    store = {"primary": case.world.primary, "copy": case.world.copy}[place]
    late = FaultySink(store, replace(fault, meanwhile=act))
    tried = case.world.run(*case.operation.words(case), machine=case.operation.machine, **{place: late})

    assert tried.code in case.operation.again, tried
    assert {each.code for each in others} <= {0, VaultBusyError.exit_code}
    check(case, tried, others)


def check(case: Case, tried: Tried, others: list[Tried]) -> None:
    """Everything is there that was acknowledged, by whomever."""
    world, scene = case.world, case.scene
    assert misfits(world.primary.objects) == misfits(world.copy.objects) == []
    mine, forgotten = contents(world.primary)
    assert {name: {**mine, **forgotten}.get(name) for name in scene.mine} == scene.mine
    assert forgotten.items() <= {**scene.forgotten, **scene.mine}.items()
    backups = (case.makes is not None) + sum(each.code == 0 and "archive aaa" in each.out for each in others)
    assert len({**mine, **forgotten}.keys() - {*scene.mine, *scene.forgotten}) == backups
    contents(world.copy)
    if tried.code == 0 and "waiting" not in tried.out and case.operation.check not in OF_ONE:
        case.operation.check(case)
