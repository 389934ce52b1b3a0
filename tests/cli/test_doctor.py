"""The doctor tells what it finds also where there is nothing yet."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.support import Tried

Run = Callable[..., Tried]


@pytest.fixture(autouse=True)
def _no_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))


def test_without_a_configuration_that_is_the_problem(tgvault: Run) -> None:
    tried = tgvault("doctor")

    assert tried.code == 1
    assert tried.out.startswith("problem  configuration: no `vault.toml` here or in ")
    assert "         hint: run `tgvault init` to make a vault" in tried.out
    assert "need attention." in tried.err


def test_programs_get_all_checks(tgvault: Run) -> None:
    tried = tgvault("doctor", "--json")

    said = json.loads(tried.out)
    assert (tried.code, said["ok"], said["checks"][0]["name"]) == (1, False, "configuration")
