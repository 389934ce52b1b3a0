"""What a stopped import leaves behind is told, and used again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.support import Tried

EXPORT = Path(__file__).parent / "exports" / "DataExport_2026-12-01"

Run = Callable[..., Tried]


@pytest.fixture
def stopped(tgvault: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a vault, and stop an import when all is packed and nothing is committed."""
    made = ("--vault", "vault.toml", "init", "--path", "v", "--key-file", "KEY", "--kit", "kit.txt", "--state", "s")
    assert tgvault(*made).code == 0

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("tgvault.engine.backup.commit", stop)
        assert tgvault("import", str(EXPORT), "--jobs", "0").code == 130


def left(tgvault: Run) -> dict[str, int]:
    said: dict[str, int] = json.loads(tgvault("status", "--json").out)["leftover"]
    return said


@pytest.mark.usefixtures("stopped")
def test_the_same_import_uses_the_packs_of_the_one_that_was_stopped(tgvault: Run) -> None:
    before = left(tgvault)

    repeated = tgvault("import", str(EXPORT), "--jobs", "0", "--json")

    assert before["packs"] == before["usable"] > 0
    assert repeated.code == 0, repeated.err
    assert left(tgvault) == {"packs": 0, "bytes": 0, "usable": 0}


@pytest.mark.usefixtures("stopped")
def test_the_doctor_says_what_they_are_and_what_becomes_of_them(tgvault: Run) -> None:
    told = tgvault("doctor").out

    assert "in no index object: what a run had packed that was stopped, or that is going on" in told
    assert "of them\n" in told.partition("hint: the next backup on this machine takes over ")[2]


@pytest.mark.usefixtures("stopped")
def test_another_machine_is_told_that_they_do_no_harm(tgvault: Run, tmp_path: Path) -> None:
    (tmp_path / "s").rename(tmp_path / "away")

    told = tgvault("doctor").out

    assert "hint: they take up room and do no harm\n" in told
