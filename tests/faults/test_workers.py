"""Faults that worker processes meet, each with a sink of its own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cli.support import Tried, attempt
from faults.bench import Case, contents, misfits
from faults.conftest import Stage
from faults.matrix import CODES, check_restored
from tgvault.contracts.sink import ObjectName
from tgvault.testing import FaultKind, MemorySink
from tgvault_plugins.local.sink import LocalSink, LocalSinkConfig

CASES = [
    ("next backup", "put", FaultKind.ERROR),
    ("next backup", "put", FaultKind.LOST_ANSWER),
    ("verify", "get", FaultKind.FLIPPED_BIT),
    ("restore", "get", FaultKind.TRUNCATED),
]


@pytest.mark.parametrize(("operation", "method", "kind"), CASES)
def test_nothing_is_lost_whatever_goes_wrong_in_a_worker(
    stage: Stage, operation: str, method: str, kind: FaultKind
) -> None:
    case = stage.set(operation)
    folder = case.world.folder / "vault"
    for name, data in case.scene.primary.items():
        place(folder).put(ObjectName(name), data)

    tried = run(case, f'type = "faulty"\nkind = "{kind}"\nmethod = "{method}"\npattern = "packs/*"\n')
    first = store(folder)
    check_restored(case, is_whole=tried.code == 0)
    again = run(case, 'type = "local"\n')

    assert tried.code in CODES
    assert (tried.code != 0, again.code) == (True, 0), (tried, again)
    assert "Traceback" not in tried.err + again.err
    for sink in (first, store(folder)):
        assert misfits(sink.objects) == []
        found, _ = contents(sink)
        assert found.items() >= case.scene.mine.items()
    new = [held for name, held in found.items() if name not in case.scene.mine]
    assert new == ([case.makes] if case.makes is not None else [])


def place(folder: Path) -> LocalSink:
    folder.mkdir(exist_ok=True)
    return LocalSink(LocalSinkConfig(path=folder))


def store(folder: Path) -> MemorySink:
    """What lies in a folder."""
    sink = place(folder)
    return MemorySink({each.name: sink.get(each.name) for each in sink.list("")})


def run(case: Case, kind: str) -> Tried:
    """Run the command with two workers, on a sink of that kind over the vault's folder, without any copy."""
    home = case.world.machine(case.operation.machine)
    text = re.sub(r"\[copies.disk\][^\[]*", "", (home / "vault.toml").read_text())
    sink = f'[sink]\npath = "{case.world.folder / "vault"}"\n{kind}'
    (home / "vault.toml").write_text(re.sub(r"\[sink\][^\[]*", sink, text).replace("jobs = 0", "jobs = 2"))
    words = case.operation.words(case)
    if case.out.exists():
        words = (*words[:-1], "again")
    return attempt(*words, folder=home)
