"""TOML as a table."""

from __future__ import annotations

from pathlib import Path

import pytest

from tgvault.config.toml import parse_table
from tgvault.errors import ConfigError


def test_a_table_knows_its_file_and_its_folder(tmp_path: Path) -> None:
    table = parse_table("a = 1\n[b]\nc = 2\n", label="some.toml", folder=tmp_path, hint="h")

    assert (table.values, table.folder) == ({"a": 1, "b": {"c": 2}}, tmp_path)
    assert table.child("b").named(("c",)) == "`b.c` in `some.toml`, line 3"


@pytest.mark.parametrize("deep", ["x = " + "[" * 100_000, "x = " + "{a=" * 100_000, ".".join("a" * 100_000) + " = 1"])
def test_what_is_nested_too_deep_is_a_mistake_like_others(deep: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is not TOML that anybody writes") as caught:
        parse_table(deep, label="some.toml", folder=tmp_path, hint="see there")

    assert caught.value.hint == "see there"
