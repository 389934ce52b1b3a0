"""Values of the command line, converted without pydantic."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.core import TyperOption

from tgvault.cli.coercion import without_pydantic
from tgvault.cli.command import VaultCommand, new_app


class Level(StrEnum):
    INDEX = "index"
    DATA = "data"


def parsed(*arguments: str) -> dict[str, object]:
    heard: dict[str, object] = {}
    app = new_app()

    @app.command(cls=VaultCommand)
    def verb(
        chats: Annotated[list[str] | None, typer.Argument()] = None,
        to: Annotated[Path | None, typer.Option()] = None,
        around: Annotated[int, typer.Option(min=-9)] = 3,
        level: Level = Level.INDEX,
        folder: Annotated[list[Path] | None, typer.Option()] = None,
        share: Annotated[float, typer.Option()] = 0.5,
    ) -> None:
        heard.update(chats=chats, to=to, around=around, level=level, folder=folder, share=share)

    command = typer.main.get_command(app)
    with command.make_context("verb", list(arguments)) as context:
        command.invoke(context)
    return heard


def test_words_become_values() -> None:
    values = parsed("Ben", "Anna", "--to", "out", "--around", "-7", "--level", "data", "--folder", "a", "--folder", "b")

    assert values == {
        "chats": ["Ben", "Anna"],
        "to": Path("out"),
        "around": -7,
        "level": Level.DATA,
        "folder": [Path("a"), Path("b")],
        "share": 0.5,
    }


def test_nothing_said_leaves_the_defaults() -> None:
    values = parsed()

    assert values == {"chats": None, "to": None, "around": 3, "level": Level.INDEX, "folder": None, "share": 0.5}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--around", "soon"), "`soon` is not a whole number"),
        (("--around", "-10"), "`-10` is less than -9"),
        (("--level", "all"), "`all` is none of `index`, `data`"),
    ],
)
def test_a_wrong_word_says_what_would_be_right(arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(typer.BadParameter) as caught:
        parsed(*arguments)

    assert caught.value.message == message


@pytest.mark.parametrize("arguments", [("",), ("Ben", ""), ("--to", ""), ("--folder", "a", "--folder", "")])
def test_nothing_is_no_name_and_no_folder(arguments: tuple[str, ...]) -> None:
    with pytest.raises(typer.BadParameter) as caught:
        parsed(*arguments)

    assert caught.value.message == "it is empty"


def test_types_that_are_not_ours_are_left_to_typer() -> None:
    values = parsed("--share", "0.25")

    assert values["share"] == 0.25


def test_a_parameter_that_was_given_its_conversion_keeps_it() -> None:
    app = new_app()
    app.command(cls=VaultCommand)(lambda: None)
    command = typer.main.get_command(app)
    options = command.get_params(typer.Context(command))

    again = [without_pydantic(option) for option in options]

    assert again == options
    assert all(isinstance(option, TyperOption) for option in options)
