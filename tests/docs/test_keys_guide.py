"""The commands of the guide to keys are commands that there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tgvault.config.config import parse_config
from tgvault.errors import AccessError, TgVaultError

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "keys.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("block", re.findall(r"^```toml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL))
def test_every_configuration_is_one(block: str, tmp_path: Path) -> None:
    parse_config(f'[sink]\ntype = "local"\n{block}', file=tmp_path / "vault.toml")


def test_every_error_about_keys_is_explained() -> None:
    explained = set(re.findall(r"^\| `(\w+Error)`", GUIDE, re.MULTILINE))

    assert {kind.__name__ for kind in AccessError.__subclasses__()} <= explained
    assert explained <= {kind.__name__ for kind in _below(TgVaultError)}


def _below(kind: type) -> set[type]:
    return {kind}.union(*map(_below, kind.__subclasses__()))
