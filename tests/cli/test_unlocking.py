"""A damaged snapshot is named, and bars the way only to what counts from the newest one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.support import Tried

Run = Callable[..., Tried]

EXPORTS = Path(__file__).parent / "exports"


@pytest.fixture
def ids(tgvault: Run, tmp_path: Path) -> list[str]:
    """Make a vault with two snapshots, damage the newer one where a fresh machine meets it, and give their ids."""
    tgvault("--vault", "vault.toml", "init", "--path", "v", "--key-file", "KEY", "--kit", "kit.txt", "--state", "s")
    for export in sorted(EXPORTS.iterdir()):
        assert tgvault("import", str(export), "--jobs", "0").code == 0
    listed = json.loads(tgvault("snapshots", "--json").out)["snapshots"]
    damaged = tmp_path / "v" / listed[1]["name"]
    content = damaged.read_bytes()
    damaged.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    for file in (tmp_path / "s").iterdir():
        file.unlink()
    return [each["id"] for each in listed]


def test_a_snapshot_is_found_by_its_id_beside_a_damaged_one_that_is_named(tgvault: Run, ids: list[str]) -> None:
    tried = tgvault("ls", ids[0])

    assert tried.code == 0
    assert tried.err.startswith("warning: ")
    assert "\nhint: " in tried.err


@pytest.mark.parametrize("arguments", [("ls", "latest"), ("restore", "--as-of", "2200-01-01", "--to", "out")])
def test_the_newest_snapshot_is_not_told_where_it_might_be_the_damaged_one(
    tgvault: Run, ids: list[str], tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    tried = tgvault(*arguments)

    assert tried.code >= 60
    assert "\nerror: " in tried.err
    assert not (tmp_path / "out").exists()
