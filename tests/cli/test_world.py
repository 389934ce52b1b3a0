"""Which configuration a command takes, and what it may do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cli.support import Tried

Run = Callable[..., Tried]


@pytest.fixture
def marker(tmp_path: Path, tgvault: Run) -> Path:
    """A vault whose `vault.toml` in the current folder has a key command, and the file that the command leaves."""
    marker = tmp_path / "ran"
    command = f"sh -c 'touch {marker}; cat {tmp_path / 'KEY'}'"
    tgvault("--vault", "first.toml", "init", "--path", "first", "--key-file", "KEY", "--kit", "A.txt")
    tgvault("--vault", "vault.toml", "init", "--path", "v", "--key-command", command, "--kit", "B.txt", "--state", "s")
    marker.unlink()
    return marker


def test_a_key_command_that_lies_about_in_the_current_folder_is_not_run(tgvault: Run, marker: Path) -> None:
    tried = tgvault("snapshots")

    assert tried.code == 20
    assert "`--vault vault.toml`" in tried.err
    assert not marker.exists()


@pytest.mark.parametrize(
    ("options", "environment"), [(("--vault", "vault.toml"), {}), ((), {"TGVAULT_VAULT": "vault.toml"})]
)
def test_a_key_command_of_a_configuration_that_was_named_is_run(
    tgvault: Run, marker: Path, options: tuple[str, ...], environment: dict[str, str]
) -> None:
    tried = tgvault("snapshots", *options, environment=environment)

    assert tried.code == 0, tried.err
    assert marker.exists()


def test_a_key_command_of_the_users_own_configuration_is_run(
    tgvault: Run, marker: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    own = tmp_path / "config" / "tgvault" / "vault.toml"
    own.parent.mkdir(parents=True)
    text = (tmp_path / "vault.toml").read_text().replace('path = "v"', f'path = "{tmp_path / "v"}"')
    (tmp_path / "vault.toml").unlink()
    own.write_text(text)

    tried = tgvault("snapshots")

    assert tried.code == 0, tried.err
    assert marker.exists()


@pytest.mark.parametrize("table", ["sink", "copies.cloud"])
def test_a_credential_command_that_lies_about_in_the_current_folder_is_not_run(
    tgvault: Run, tmp_path: Path, table: str
) -> None:
    tgvault("--vault", "vault.toml", "init", "--path", "v", "--key-file", "KEY", "--kit", "KIT.txt", "--state", "s")
    own = 'credential_command = "touch ran"\n'
    text = (tmp_path / "vault.toml").read_text()
    changed = text.replace("[sink]\n", f"[sink]\n{own}") if table == "sink" else f'{text}[{table}]\ntype = "x"\n{own}'
    (tmp_path / "vault.toml").write_text(changed)

    lying_about, named = tgvault("snapshots"), tgvault("--vault", "vault.toml", "snapshots")

    assert lying_about.code == 20
    assert "has a credential command, and was found only because" in lying_about.err
    assert named.code == 0
