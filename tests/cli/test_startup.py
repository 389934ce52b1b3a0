"""What a start may not import. Times are measured elsewhere; this is what they hang on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cli.support import attempt

#: Slow to import, or not needed: 45 ms pydantic, 40 ms rich, 70 ms keyring, 30 ms importlib.metadata.
SLOW = {
    *(
        "asyncio",
        "concurrent.futures",
        "importlib.metadata",
        "keyring",
        "lxml",
        "multiprocessing",
        "pluggy",
        "pydantic",
    ),
    *("rich", "segno", "sqlite3", "tgvault_plugins"),
}

PROGRAM = """
import sys
from tgvault.cli.main import run
code = run()
print(*sys.modules, file=sys.stderr)
sys.exit(code)
"""


def imported_by(*arguments: str, folder: Path) -> set[str]:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return set(ended.stderr.split())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give the folder of a vault with its configuration."""
    made = attempt("--vault", "vault.toml", "init", "--path", "v", *_KEYS, "--state", "s", folder=tmp_path)
    assert made.code == 0, made.err
    return tmp_path


_KEYS = ("--key-file", "KEY", "--kit", "kit.txt")


def test_looking_into_a_vault_imports_nothing_slow_but_the_hooks(folder: Path) -> None:
    modules = imported_by("snapshots", folder=folder)

    assert modules & SLOW <= {"pluggy"} | {"tgvault_plugins"}
    assert {name for name in modules if name.startswith("tgvault_plugins.")} == {
        "tgvault_plugins.local",
        "tgvault_plugins.local.sink",
    }


def test_help_imports_nothing_slow(tmp_path: Path) -> None:
    modules = imported_by("--help", folder=tmp_path)

    assert modules & SLOW == set()


@pytest.mark.parametrize("arguments", [("version",), ("version", "--help"), ("version", "--json")])
def test_a_small_verb_imports_nothing_slow_but_the_hooks(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    modules = imported_by(*arguments, folder=tmp_path)

    assert modules & SLOW <= {"pluggy"}


def test_help_imports_no_verb_and_no_engine(tmp_path: Path) -> None:
    modules = imported_by("--help", folder=tmp_path)

    ours = {name for name in modules if name.startswith("tgvault.")}
    assert ours == {
        "tgvault.cli",
        "tgvault.cli.coercion",
        "tgvault.cli.command",
        "tgvault.cli.failure",
        "tgvault.cli.frame",
        "tgvault.cli.invocation",
        "tgvault.cli.main",
        "tgvault.cli.options",
        "tgvault.cli.root",
        "tgvault.cli.safe",
        "tgvault.cli.signals",
        "tgvault.cli.streams",
        "tgvault.errors",
    }


def test_a_verb_imports_no_other_verb(tmp_path: Path) -> None:
    modules = imported_by("version", folder=tmp_path)

    assert "tgvault.cli.version" in modules
    assert {name for name in modules if name.startswith("tgvault.engine")} == set()


def test_the_entry_point_itself_imports_nothing_which_workers_would_import_again() -> None:
    program = "import sys; before = set(sys.modules); import tgvault.cli.main; print(*(set(sys.modules) - before))"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert set(ended.stdout.split()) == {"tgvault", "tgvault.cli", "tgvault.cli.main"}
