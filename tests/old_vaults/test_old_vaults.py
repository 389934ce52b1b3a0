"""Vaults of every format that was ever released open, are whole, and give back what went in."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from cli.support import attempt
from old_vaults.make import configuration, hashes, make

KEPT = Path(__file__).parent


def check(tar: Path, root: Path) -> None:
    """Open the vault of a tar with the key beside it, and look at everything."""
    root.mkdir()
    # `tarfile` warns without a filter from Python 3.12 on, and knows none before 3.11.4.
    subprocess.run(["tar", "-x", "-f", tar, "-C", root], check=True)
    shutil.copyfile(tar.with_suffix(".key"), root / "key")
    (root / "key").chmod(0o600)
    (root / "vault.toml").write_text(configuration(root))
    said = ("--key-file", "key", "--json")

    verified = attempt("verify", *said, folder=root)

    assert verified.code == 0, verified.err or verified.out
    assert json.loads(verified.out)["problems"] == []
    expected = json.loads(tar.with_suffix(".json").read_text())
    listed = json.loads(attempt("snapshots", *said, folder=root).out)["snapshots"]
    assert {each["id"] for each in listed} == expected.keys()
    for snapshot, files in expected.items():
        restored = attempt("restore", snapshot, "--exact", "--to", snapshot, *said, folder=root)
        assert restored.code == 0, restored.err
        assert hashes(root / snapshot) == files


def test_every_old_vault_is_whole_and_gives_back_what_went_in(tmp_path: Path) -> None:
    for tar in sorted(KEPT.glob("*.tar")):
        check(tar, tmp_path / tar.stem)


def test_a_vault_of_the_present_format_passes_and_one_that_changed_does_not(tmp_path: Path) -> None:
    make(tmp_path, "present")

    check(tmp_path / "present.tar", tmp_path / "good")

    expected = json.loads((tmp_path / "present.json").read_text())
    assert len(expected) == 2
    next(iter(expected.values()))["result.json"] = "0" * 64
    (tmp_path / "present.json").write_text(json.dumps(expected))
    with pytest.raises(AssertionError):
        check(tmp_path / "present.tar", tmp_path / "bad")
