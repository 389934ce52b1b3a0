"""The guide to retention shows settings that there are, and names every rule."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tgvault.config.config import parse_config
from tgvault.config.sections import RetentionSection

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "retention.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("block", re.findall(r"^```toml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL))
def test_every_configuration_is_one(block: str, tmp_path: Path) -> None:
    parsed = parse_config(f'[sink]\ntype = "local"\n{block}', file=tmp_path / "vault.toml")

    assert parsed.retention.keep_last == 3


@pytest.mark.parametrize("rule", RetentionSection.__struct_encode_fields__)
def test_every_rule_is_explained(rule: str) -> None:
    assert re.search(rf"^\| .*`{rule}`.* \|", GUIDE, re.MULTILINE)
