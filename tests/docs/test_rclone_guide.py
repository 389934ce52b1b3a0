"""The guide to rclone shows commands and settings that there are."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tgvault.cli.root import root_command, verb_command
from tgvault.config.config import parse_config
from tgvault.host.host import Host

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "rclone.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", re.findall(r"^\$ tgvault (.*)$", GUIDE, re.MULTILINE))
def test_every_command_is_understood(command: str) -> None:
    context = root_command().make_context("tgvault", shlex.split(command), resilient_parsing=False)
    verb, *rest = [*context._protected_args, *context.args]

    assert verb_command(verb).make_context(verb, rest, parent=context) is not None


@pytest.mark.parametrize("block", re.findall(r"^```toml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL))
def test_every_configuration_is_one(block: str, tmp_path: Path) -> None:
    text = f'[sink]\ntype = "local"\npath = "vault"\n{block}'

    config = parse_config(text, file=tmp_path / "vault.toml")

    for each in config.copies.values():
        assert Host(allow=frozenset()).sink_spec(each.type, each.settings)
