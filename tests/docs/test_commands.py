"""Every command that the documents show is understood, and the settings of every sink in them are right."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tgvault.cli.root import root_command, verb_command
from tgvault.cli.sink_add import said_settings
from tgvault.config.config import sink_table
from tgvault.config.sections import CopySection
from tgvault.config.table import Table
from tgvault.host.host import Host

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
COMMANDS = [
    pytest.param(command, id=f"{page.stem}: {command}")
    for page in PAGES
    for command in dict.fromkeys(re.findall(r"^\$ (?:[A-Z_]+=\S+ )?tgvault (.*)$", page.read_text(), re.MULTILINE))
]


def _parsed(command: str) -> dict[str, object]:
    """Give the parameters of a command line; what is left over is among them as `_args`."""
    context = root_command().make_context("tgvault", shlex.split(command), resilient_parsing=False)
    verb, *rest = [*context._protected_args, *context.args]
    parsed = verb_command(verb).make_context(verb, rest, parent=context)
    if hasattr(parsed.command, "resolve_command"):
        name, below, words = parsed.command.resolve_command(parsed, [*parsed._protected_args, *parsed.args])
        parsed = below.make_context(name, words, parent=parsed)
    return {**parsed.params, "_args": parsed.args}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_understood(command: str) -> None:
    assert not _parsed(command)["_args"]


@pytest.mark.parametrize("command", [each for each in COMMANDS if re.match(r"sink add|init .*--set", each.values[0])])
def test_every_sink_has_settings_that_are_right(command: str) -> None:
    said = _parsed(command)
    kind, pairs = said.get("type_") or said["sink"], said.get("settings") or said["set_"]
    given = Table.given(said_settings(pairs, how="KEY=VALUE"), label="the guide")

    table = sink_table("cloud", Table.given({**given.values, "type": kind}, label="the guide"), CopySection)

    assert Host(allow=frozenset()).sink_spec(kind, table.settings)
