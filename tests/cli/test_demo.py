"""The demonstration shows what it says, in its own folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.support import Tried

Run = Callable[..., Tried]


def test_the_demo_runs_without_a_keyring_and_leaves_nothing_outside_its_folder(
    tgvault: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))

    tried = tgvault("demo", environment={"TGVAULT_VAULT": "elsewhere.toml", "TGVAULT_KEY_FILE": "elsewhere.key"})

    demo = tmp_path / "tgvault-demo"
    assert tried.code == 0, tried.err
    assert [path.name for path in tmp_path.iterdir()] == ["tgvault-demo"]
    for shown in ("$ tgvault snapshots", "3 edited, 1 gone", "problems   none", "All of this is in tgvault-demo"):
        assert shown in tried.out
    assert _json(demo / "as-it-was") == _json(demo / "exports" / "april")
    assert "lies there only because this is a demo" in (demo / "demo.key").read_text()


def test_a_folder_that_is_there_is_left_alone(tgvault: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()

    tried = tgvault("demo", "--dir", "mine")

    assert tried.code == 2
    assert tried.err.startswith("error: `mine` is there already")


def test_the_demo_ends_where_a_command_fails(tgvault: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tgvault.cli.demo._STATE", ("--state", "exports/april/result.json"))

    tried = tgvault("demo", "--dir", "broken")

    assert tried.code != 0
    assert tried.out.splitlines()[-1].startswith("$ tgvault import")


def _json(folder: Path) -> object:
    return json.loads((folder / "result.json").read_text(encoding="utf-8"))
