"""The guide to copies shows commands and settings that there are."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tgvault.cli.root import root_command, verb_command
from tgvault.config.config import parse_config
from tgvault.engine.credentials import own_variable
from tgvault.host.host import Host

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "copies.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", re.findall(r"^\$ tgvault (.*)$", GUIDE, re.MULTILINE))
def test_every_command_is_understood(command: str) -> None:
    context = root_command().make_context("tgvault", shlex.split(command), resilient_parsing=False)
    verb, *rest = [*context._protected_args, *context.args]
    parsed = verb_command(verb).make_context(verb, rest, parent=context)
    if verb == "sink":
        name, below, words = parsed.command.resolve_command(parsed, [*parsed._protected_args, *parsed.args])
        parsed = below.make_context(name, words, parent=parsed)

    assert not parsed.args


@pytest.mark.parametrize("block", re.findall(r"^```toml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL))
def test_every_configuration_is_one(block: str, tmp_path: Path) -> None:
    config = parse_config(f'[sink]\ntype = "local"\npath = "vault"\n{block}', file=tmp_path / "vault.toml")

    for each in config.copies.values():
        assert Host(allow=frozenset()).sink_spec(each.type, each.settings)


@pytest.mark.parametrize("settings", re.findall(r"^\$ tgvault sink add \w+ (.*)$", GUIDE, re.MULTILINE))
def test_every_copy_that_is_added_is_one(settings: str, tmp_path: Path) -> None:
    kind, *pairs = shlex.split(settings)
    lines = "".join(f'{key} = "{value}"\n' for key, _, value in (pair.partition("=") for pair in pairs))
    config = parse_config(f'[sink]\ntype = "{kind}"\n{lines}', file=tmp_path / "vault.toml")

    assert Host(allow=frozenset()).sink_spec(kind, config.sink.settings)


def test_the_variable_that_is_shown_is_the_one() -> None:
    assert f"`{own_variable('cloud', 'secret-access-key')}`" in GUIDE
