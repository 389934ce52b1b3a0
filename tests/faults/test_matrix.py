"""Every call that a command makes of a sink goes wrong in every way: nothing is lost, nothing wrong is written."""

from __future__ import annotations

import pytest

from faults.calls import Row, expected, faults_of
from faults.conftest import Stage
from faults.matrix import repeat, with_fault
from faults.operations import OPERATIONS
from tgvault.testing import Fault

TABLE = expected()

CASES = [
    pytest.param(row.operation, row.place, fault, id=f"{row.operation}: {row.place} {word.rstrip('+')} {how}")
    for row in TABLE
    for word in row.words
    for how, fault in faults_of(word)
]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_table_has_every_call_of_the_command(stage: Stage, operation: str) -> None:
    _, said = stage.well(operation)

    found = {place: Row(operation, place, words).calls for place, words in said.items()}
    assert {row.place: row.calls for row in TABLE if row.operation == operation} == found


@pytest.mark.parametrize(("operation", "place", "fault"), CASES)
def test_nothing_is_lost_whatever_goes_wrong(stage: Stage, operation: str, place: str, fault: Fault) -> None:
    case = stage.set(operation)

    tried = with_fault(case, place, fault)

    assert tried.code == 0 or operation != "restore with a copy"
    repeat(case)
