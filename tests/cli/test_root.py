"""The list of verbs and the modules behind it."""

from __future__ import annotations

import pytest

from tgvault.cli.root import VERBS, verb_command


@pytest.mark.parametrize("name", VERBS)
def test_the_line_in_the_list_is_the_one_in_the_module(name: str) -> None:
    command = verb_command(name)

    assert command.help is not None
    assert command.help.splitlines()[0] == VERBS[name].help


@pytest.mark.parametrize("name", VERBS)
def test_help_lines_start_with_a_verb_in_the_second_person_and_have_no_final_period(name: str) -> None:
    line = VERBS[name].help

    assert line[0].isupper()
    assert not line.endswith(".")
    assert len(line) <= 75
