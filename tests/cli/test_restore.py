"""Restoring what a run with losses kept."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.support import Tried, attempt

EXPORT = Path(__file__).parent / "exports" / "DataExport_2026-12-01"

Run = Callable[..., Tried]


@pytest.fixture
def lossy(tgvault: Run, tmp_path: Path) -> str:
    """Make a vault of an export that lacks a file that it names; gives the snapshot's id."""
    export = shutil.copytree(EXPORT, tmp_path / "DataExport_2026-12-01")
    shutil.rmtree(export / "chats")
    made = ("--vault", "vault.toml", "init", "--path", "v", "--key-file", "KEY", "--kit", "kit.txt", "--state", "s")
    assert tgvault(*made).code == 0
    imported = tgvault("import", "DataExport_2026-12-01", "--jobs", "0")
    assert imported.code == 3, imported.err
    return imported.out.split()[1].rstrip(",")


@pytest.mark.parametrize("also", [(), ("--exact",), ("--json",), ("--quiet",)])
def test_losses_of_the_run_are_told_and_are_none_of_the_restore(
    also: tuple[str, ...], tgvault: Run, lossy: str
) -> None:
    restored = tgvault("restore", "latest", "--to", "out", *also)

    assert restored.code == 0, restored.err
    assert restored.err.splitlines()[-1] == (
        f"the run that made snapshot {lossy} had 1 loss; `tgvault report {lossy}` lists what its source lacked"
    )


def test_the_command_that_is_named_lists_them(tgvault: Run, lossy: str) -> None:
    told = tgvault("report", lossy)

    assert "not in the result: 1 thing" in told.err


def test_nothing_is_told_where_nothing_was_lost(tgvault: Run, lossy: str, tmp_path: Path) -> None:
    assert attempt("import", str(EXPORT), "--jobs", "0", folder=tmp_path).code == 0

    restored = tgvault("restore", "latest", "--to", "out")

    assert (restored.code, restored.err) == (0, "")


def test_a_newer_snapshot_that_is_cut_off_is_a_loss(tgvault: Run, lossy: str, tmp_path: Path) -> None:
    cut = tmp_path / "v" / "snapshots" / f"29991231T235959Z-{'0' * 64}.age"
    cut.write_bytes(b"")

    latest = tgvault("restore", "latest", "--to", "latest")
    named = tgvault("restore", lossy, "--to", "named")

    assert (latest.code, named.code) == (3, 0)
    assert latest.err.splitlines()[-1] == (
        f"`snapshots/{cut.name}` is newer than snapshot {lossy} and cannot be read: this may not be the newest version"
    )


def test_a_snapshot_and_a_date_are_too_much(tgvault: Run, lossy: str) -> None:
    tried = tgvault("restore", lossy, "--as-of", "2026-12-31", "--to", "out")

    assert tried.code == 2
    assert "both say what to restore" in tried.err
