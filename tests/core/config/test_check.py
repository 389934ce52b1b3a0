"""Settings become typed values, and mistakes in them are named."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, ClassVar

import msgspec
import pytest
import tomli
from msgspec import Meta

from tgvault.config.check import check, located
from tgvault.config.table import Table
from tgvault.errors import ConfigError


class Speed(StrEnum):
    SLOW = "slow"
    FAST = "fast"


class Nested(msgspec.Struct, frozen=True):
    depth: int = 0


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    path: Annotated[Path, Meta(description="The folder.")]
    more: tuple[Path, ...] = ()
    other: Path | None = None
    size: Annotated[Annotated[int, Meta(ge=1)] | None, Meta(description="At least 1.")] = None
    speed: Speed = Speed.SLOW
    chats: tuple[str, ...] = ()
    since: datetime | None = None
    nested: Nested = Nested()
    rate: float = 1.0
    free: dict[str, dict[str, int]] = {}


class Checked(msgspec.Struct, frozen=True):
    """Settings that look at themselves."""

    since: Annotated[str | None, Meta(description="From a day on.")] = None
    deep: dict[str, str] = {}

    def __post_init__(self) -> None:
        if self.since:
            raise ValueError(self.since)


class Deep(msgspec.Struct):
    must: int


class Around(msgspec.Struct):
    deep: Deep


class Foreign(msgspec.Struct):
    number: complex = 0j


def table(text: str) -> Table:
    text = "[sink]\n" + text
    return Table(tomli.loads(text)["sink"], "vault.toml", Path("/conf"), ("sink",), text, frozenset({"type"}))


def mistake(text: str) -> tuple[str, str | None]:
    with pytest.raises(ConfigError) as caught:
        check(table(text), Settings)
    return str(caught.value), caught.value.hint


def test_a_right_table_becomes_a_value() -> None:
    text = 'path="a"\nsize=2\nspeed="fast"\nchats=["x"]\nsince=2024-01-01T00:00:00Z\nrate=2\nnested={depth=3}'

    settings = check(table(text), Settings)

    assert settings.speed is Speed.FAST
    assert settings.nested.depth == 3
    assert settings.rate == 2.0


def test_paths_are_meant_from_the_folder_of_the_file(home: Path) -> None:
    settings = check(table('path = "a/b"\nmore = ["~/c", "/d"]\nother = "../e"'), Settings)

    assert settings.path == Path("/conf/a/b")
    assert settings.more == (home / "c", Path("/d"))
    assert settings.other == Path("/conf/../e")


def test_options_may_be_paths_already() -> None:
    settings = check(Table.given({"path": Path("/x")}), Settings)

    assert settings.path == Path("/x")


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            'path="a"\n# c\nsizze = 1',
            "unknown key `sink.sizze` in `vault.toml`, line 4",
            "did you mean `size`?",
        ),
        ('path="a"\ntyppe = 1', "unknown key `sink.typpe` in `vault.toml`, line 3", "did you mean `type`?"),
        (
            'path="a"\nnested.dept = 1',
            "unknown key `sink.nested.dept` in `vault.toml`, line 3",
            "did you mean `depth`?",
        ),
        ("size = 1", "`path` is missing in `[sink]` of `vault.toml`, line 1", "The folder."),
        ("path = 3", "`sink.path` in `vault.toml`, line 2: expected text, got a whole number", "The folder."),
        ("path = []", "`sink.path` in `vault.toml`, line 2: expected text, got a list", "The folder."),
        ("path = {}", "`sink.path` in `vault.toml`, line 2: expected text, got a table", "The folder."),
        ('path = ""', "`sink.path` in `vault.toml`, line 2: expected a path", "The folder."),
        ('path = "a\\u0000"', "`sink.path` in `vault.toml`, line 2: expected a path", "The folder."),
        (
            'path="a"\nsize = "2"',
            "`sink.size` in `vault.toml`, line 3: expected a whole number, got text",
            "At least 1.",
        ),
        ('path="a"\nsize = 0', "`sink.size` in `vault.toml`, line 3: expected a whole number >= 1", "At least 1."),
        (
            'path="a"\nspeed = "fasst"',
            "`sink.speed` in `vault.toml`, line 3: `fasst` is not known here",
            "did you mean `fast`?",
        ),
        (
            'path="a"\nchats = [\n"x",\n3]',
            "`sink.chats[1]` in `vault.toml`, line 5: expected text, got a whole number",
            None,
        ),
        (
            'path="a"\nnested.depth = true',
            "`sink.nested.depth` in `vault.toml`, line 3: expected a whole number, got true or false",
            None,
        ),
        (
            'path="a"\nnested = 3',
            "`sink.nested` in `vault.toml`, line 3: expected a table, got a whole number",
            None,
        ),
        (
            'path="a"\nmore = 3',
            "`sink.more` in `vault.toml`, line 3: expected a list, got a whole number",
            None,
        ),
        (
            'path="a"\nsince = "then"',
            "`sink.since` in `vault.toml`, line 3: invalid RFC3339 encoded datetime",
            None,
        ),
        (
            'path="a"\nfree = {x = {y = "z"}}',
            "`sink.free` in `vault.toml`, line 3: expected a whole number, got text",
            None,
        ),
    ],
)
def test_a_mistake_is_named_with_file_line_and_key(text: str, message: str, hint: str | None) -> None:
    assert mistake(text) == (message, hint)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("`since`: it is no date", "`sink.since` in `vault.toml`, line 2: it is no date"),
        ("`until`: it is no date", "`sink` in `vault.toml`, line 1: `until`: it is no date"),
        ("nothing fits", "`sink` in `vault.toml`, line 1: nothing fits"),
    ],
)
def test_what_settings_say_of_one_of_their_keys_is_told_of_that_key(said: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check(table(f'since="{said}"'), Checked)

    assert str(caught.value) == told


def test_the_text_of_an_option_does_for_a_number() -> None:
    assert check(Table.given({"path": "x", "size": "2", "rate": "1.5"}), Settings).size == 2


def test_a_missing_key_of_a_nested_table_names_that_table() -> None:
    with pytest.raises(ConfigError) as caught:
        check(Table.given({"deep": {}}), Around)

    assert str(caught.value) == "`must` is missing in `[deep]` of the options"


def test_a_missing_option_names_no_table() -> None:
    with pytest.raises(ConfigError) as caught:
        check(Table.given({}), Settings)

    assert str(caught.value) == "`path` is missing in the options"


def test_a_type_that_no_settings_can_have_is_the_programmers_mistake() -> None:
    with pytest.raises(NotImplementedError, match="`complex`"):
        check(Table.given({"number": "1j"}), Foreign)


def test_a_tilde_without_a_home_is_an_error() -> None:
    with pytest.raises(ValueError, match="no home folder"):
        located("~nobody-of-that-name/x", folder=Path("/conf"))


class Secretive(msgspec.Struct, frozen=True):
    """Settings that know what does not belong to them."""

    ELSEWHERE: ClassVar[dict[str, str]] = {"password": "it is asked for"}

    name: str = ""


def test_a_key_that_belongs_elsewhere_is_told_with_where() -> None:
    table = Table.given({"password": "hunter2"})

    with pytest.raises(ConfigError, match="unknown key `password` in the options") as caught:
        check(table, Secretive)

    assert caught.value.hint == "it is asked for"
    assert "hunter2" not in str(caught.value)
