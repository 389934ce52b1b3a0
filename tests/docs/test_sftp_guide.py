"""The guide to servers with SSH shows settings that there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tgvault.config.config import parse_config
from tgvault.host.host import Host

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "sftp.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("block", re.findall(r"^```toml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL))
def test_every_configuration_is_one(block: str, tmp_path: Path) -> None:
    text = f'[sink]\ntype = "local"\npath = "vault"\n{block}'

    config = parse_config(text, file=tmp_path / "vault.toml")

    for each in config.copies.values():
        assert Host(allow=frozenset()).sink_spec(each.type, each.settings)
