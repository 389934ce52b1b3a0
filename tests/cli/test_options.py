"""The options of every command: what is said further to the right wins."""

from __future__ import annotations

import inspect
from dataclasses import fields
from pathlib import Path

import pytest
import typer

from tgvault.cli.command import VaultCommand, VaultGroup, new_app
from tgvault.cli.invocation import Invocation
from tgvault.cli.options import GlobalOptions, declared


def said(*arguments: str) -> GlobalOptions:
    heard: list[GlobalOptions] = []
    app = new_app()

    @app.command(cls=VaultCommand)
    def verb(context: typer.Context) -> None:
        heard.append(context.obj.options)

    app.callback()(lambda: None)
    group = typer.main.get_command(app)
    with group.make_context("tgvault", list(arguments), obj=Invocation.of_process()) as context:
        group.invoke(context)
    return heard[0]


def test_the_declared_options_are_the_fields() -> None:
    names = list(inspect.signature(declared).parameters)

    assert names == [each.name for each in fields(GlobalOptions)]


def test_nothing_said_is_nothing_set() -> None:
    options = said("verb")

    assert options == GlobalOptions()


def test_options_stand_before_the_verb_and_after_it() -> None:
    options = said("--vault", "a.toml", "-q", "verb", "--archive", "work", "--json")

    assert options == GlobalOptions(vault=Path("a.toml"), archive="work", json=True, quiet=True)


def test_the_one_after_the_verb_wins() -> None:
    options = said("--vault", "a.toml", "--key-file", "k", "verb", "--vault", "b.toml")

    assert options == GlobalOptions(vault=Path("b.toml"), key_file=Path("k"))


@pytest.mark.parametrize("arguments", [("--no-plugins", "-v", "verb"), ("verb", "--no-plugins", "--verbose")])
def test_flags_count_on_either_side(arguments: tuple[str, ...]) -> None:
    options = said(*arguments)

    assert options == GlobalOptions(no_plugins=True, verbose=True)


def test_a_group_without_a_word_shows_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as caught:
        said()

    assert caught.value.exit_code == 2
    assert "Options of every command" in capsys.readouterr().err


def test_groups_of_verbs_take_them_too() -> None:
    assert issubclass(VaultGroup, typer.core.TyperGroup)
