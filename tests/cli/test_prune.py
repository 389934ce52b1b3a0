"""What was pruned goes from the copies as well, and not at once."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.support import Tried

EXPORTS = Path(__file__).parent / "exports"

Run = Callable[..., Tried]


@pytest.fixture
def pruned(tgvault: Run, tmp_path: Path) -> Path:
    """Make a vault with a copy, and prune it while the copy is away; gives the copy's folder, which is back."""
    made = ("--vault", "vault.toml", "init", "--path", "v", "--key-file", "KEY", "--kit", "kit.txt", "--state", "s")
    assert tgvault(*made).code == 0
    assert tgvault("sink", "add", "disk", "local", f"path={tmp_path / 'copy'}").code == 0
    for export in ("11", "12"):
        path = EXPORTS / f"DataExport_2026-{export}-01"
        assert tgvault("import", str(path), "--archive", f"a{export}", "--jobs", "0").code == 0
    assert tgvault("sync", "disk", "--init").code == 0
    assert tgvault("forget", shown(tgvault)[0], "--even-newest").code == 0
    (tmp_path / "copy").rename(tmp_path / "away")
    assert tgvault("prune", "--grace", "0").code == 0
    (tmp_path / "away").rename(tmp_path / "copy")
    return tmp_path / "copy"


def shown(tgvault: Run) -> list[str]:
    return [line.split()[0] for line in tgvault("snapshots").out.splitlines()[1:]]


def packs(folder: Path) -> set[str]:
    return {name for _, _, found in os.walk(folder / "packs") for name in found}


def test_what_was_pruned_goes_from_the_copies_when_its_grace_is_over(tgvault: Run, pruned: Path) -> None:
    vault, before = pruned.with_name("v"), packs(pruned)
    again = tgvault("import", str(EXPORTS / "DataExport_2026-12-01"), "--archive", "a12", "--jobs", "0")
    kept = packs(pruned)

    tried = tgvault("prune", "--grace", "0")

    assert (again.code, tried.code) == (0, 0)
    assert before < kept
    assert "only there" in again.out
    assert "removed" in tried.out
    assert packs(pruned) == packs(vault)
    assert tgvault("verify", "--sink", "disk", "--jobs", "0").code == 0
