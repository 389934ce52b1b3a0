"""Disks that are full while a command works."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.support import Tried, attempt
from tgvault.cli.failure import machine_error

EXPORT = Path(__file__).parent / "exports" / "DataExport_2026-11-01"

#: Runs the command line where no file may grow beyond a size.
LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)),) * 2)
from tgvault.cli.main import run
sys.exit(run())
"""

#: Runs the command line with a local database that gets few pages more than it has: SQLite says that the disk is full.
FEW_PAGES = """
import sys
from tgvault.state import database
pages, prepare = sys.argv.pop(1), database._prepare

def prepared(connection, key):
    prepare(connection, key)
    connection.execute(f"PRAGMA max_page_count = {pages}")

database._prepare = prepared
from tgvault.cli.main import run
sys.exit(run())
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give the folder of a vault with one snapshot."""
    made = ("--vault", "vault.toml", "init", "--path", "v", "--key-file", "KEY", "--kit", "kit.txt", "--state", "s")
    assert attempt(*made, folder=tmp_path).code == 0
    assert attempt("import", str(EXPORT), "--jobs", "0", folder=tmp_path).code == 0
    return tmp_path


def run(program: str, limit: int, *arguments: str, folder: Path) -> Tried:
    ended = subprocess.run(
        [sys.executable, "-c", program, str(limit), *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    return Tried(ended.returncode, ended.stdout, ended.stderr)


@pytest.mark.parametrize("jobs", ["0", "1"])
@pytest.mark.parametrize(("program", "limit"), [(LIMITED, 60_000), (LIMITED, 3_000), (FEW_PAGES, 1)])
def test_a_full_disk_of_the_local_state_is_one_line_and_spoils_nothing(
    program: str, limit: int, jobs: str, folder: Path
) -> None:
    second = str(EXPORT.with_name("DataExport_2026-12-01"))

    tried = run(program, limit, "import", second, "--jobs", jobs, folder=folder)

    assert (tried.code, "Traceback" in tried.err) == (23, False), tried.err
    assert tried.err.startswith("error: the local state `")
    assert attempt("verify", folder=folder).code == 0
    assert attempt("import", second, "--jobs", "0", folder=folder).code == 0


def test_a_full_disk_of_the_vault_is_one_line(folder: Path) -> None:
    tried = run(LIMITED, 0, "key", "export", "--kit", "KIT2.txt", folder=folder)

    assert "Traceback" not in tried.err
    assert tried.code in {2, 12, 101}


def test_what_the_machine_says_wherever_it_is_met_is_no_bug() -> None:
    full = machine_error(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "a/b"))
    bare = machine_error(OSError(errno.EIO, os.strerror(errno.EIO)))

    assert str(full) == "the operating system refuses `a/b`: no space left on device"
    assert str(bare) == "the operating system refuses: input/output error"
    assert [machine_error(each) for each in (OSError(errno.ENOENT, "x"), ValueError())] == [None, None]


def test_a_full_disk_that_nobody_foresaw_is_one_line(
    monkeypatch: pytest.MonkeyPatch, tgvault: Callable[..., Tried]
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("tgvault.cli.root._of_plugins", full)

    tried = tgvault("anything")

    assert (tried.code, tried.err.splitlines()[0]) == (
        12,
        "error: the operating system refuses: no space left on device",
    )
