"""Keys where there is no keyring, and passphrases."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.support import Tried

Run = Callable[..., Tried]


@pytest.fixture
def _vault(tgvault: Run) -> None:
    made = tgvault("--vault", "vault.toml", "init", "--path", "v", "--key-file", "KEY", "--kit", "kit.txt")
    assert made.code == 0, made.err


@pytest.mark.usefixtures("_vault")
def test_this_machines_key_is_never_kept_where_there_is_no_keyring(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}

    ended = subprocess.run(
        [sys.executable, "-m", "tgvault", "key", "add", "--device"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 53
    assert ended.stderr.startswith("error: there is no OS keyring\n\nhint: ")
    assert sorted(path.name for path in (tmp_path / "v" / "keys").iterdir()) == ["device.age", "recovery.age"]


@pytest.mark.usefixtures("_vault")
def test_a_passphrase_opens_the_vault_once_it_was_added(tgvault: Run) -> None:
    added = tgvault("key", "add", "--new-passphrase", stdin="five words nobody would guess\n")
    opened = tgvault("--passphrase", "key", "export", "--identity", "mine", stdin="five words nobody would guess\n")

    assert (added.code, added.out) == (0, "slot passphrase opens the vault\n")
    assert opened.code == 0, opened.err


@pytest.mark.usefixtures("_vault")
def test_a_kit_that_was_typed_from_paper_is_proved(tgvault: Run, tmp_path: Path) -> None:
    typed = (tmp_path / "kit.txt").read_text().lower()

    tried = tgvault("key", "verify", "-", stdin=typed)

    assert tried.code == 0, tried.err
    assert tried.out.startswith("the kit opens vault ")
