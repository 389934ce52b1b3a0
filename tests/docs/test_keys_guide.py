"""The commands of the guide to keys are commands that there are."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tgvault.cli.root import root_command, verb_command
from tgvault.config.config import parse_config
from tgvault.errors import AccessError, TgVaultError

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "keys.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ (?:[A-Z_]+=\S+ )?tgvault (.*)$", GUIDE, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_understood(command: str) -> None:
    root = root_command()
    context = root.make_context("tgvault", shlex.split(command), resilient_parsing=False)
    verb, *rest = [*context._protected_args, *context.args]
    parsed = verb_command(verb).make_context(verb, rest, parent=context)
    if verb == "key":
        name, below, words = parsed.command.resolve_command(parsed, [*parsed._protected_args, *parsed.args])
        parsed = below.make_context(name, words, parent=parsed)

    assert not parsed.args


@pytest.mark.parametrize("block", re.findall(r"^```toml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL))
def test_every_configuration_is_one(block: str, tmp_path: Path) -> None:
    parse_config(f'[sink]\ntype = "local"\n{block}', file=tmp_path / "vault.toml")


def test_every_error_about_keys_is_explained() -> None:
    explained = set(re.findall(r"^\| `(\w+Error)`", GUIDE, re.MULTILINE))

    assert {kind.__name__ for kind in AccessError.__subclasses__()} <= explained
    assert explained <= {kind.__name__ for kind in _below(TgVaultError)}


def _below(kind: type) -> set[type]:
    return {kind}.union(*map(_below, kind.__subclasses__()))
