"""Settings that remember where they were written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tgvault.config.table import Table, nearest, spelled
from tgvault.errors import ConfigError

TEXT = '[sources.phone]\ntype = "x"\npath = "secret-looking"\n'


@pytest.fixture
def table() -> Table:
    return Table(
        values={"phone": {"type": "x", "path": "secret-looking"}, "flat": 1},
        label="vault.toml",
        folder=Path("/conf"),
        path=("sources",),
        text=TEXT,
    )


def test_a_mistake_names_the_file_the_line_and_the_whole_key(table: Table) -> None:
    error = table.child("phone").mistake(("path",), "expected a path", hint="write one")

    assert str(error) == "`sources.phone.path` in `vault.toml`, line 3: expected a path"
    assert error.hint == "write one"


def test_options_have_no_line() -> None:
    error = Table.given({"path": 1}, label="the options of `init`").mistake(("path",), "expected text")

    assert str(error) == "`path` in the options of `init`: expected text"


def test_options_stand_on_the_current_folder() -> None:
    assert Table.given({}).folder == Path.cwd()


def test_a_value_in_place_of_a_table_says_how_a_table_is_written(table: Table) -> None:
    with pytest.raises(ConfigError, match="expected a table") as caught:
        table.child("flat")

    assert caught.value.hint == "write `[sources.flat]`"


def test_keys_taken_out_are_remembered_as_legal(table: Table) -> None:
    rest = table.child("phone").without({"type"})

    assert set(rest.values) == {"path"}
    assert rest.beside == {"type"}
    assert set(table.child("phone").only({"type"}).values) == {"type"}


def test_values_and_the_text_around_them_stay_out_of_the_repr(table: Table) -> None:
    assert "secret-looking" not in repr(table)


@pytest.mark.parametrize(
    ("word", "hint"),
    [("sourcs", "did you mean `sources`?"), ("SINK", "did you mean `sink`?"), ("zzz", "there are `sink`, `sources`")],
)
def test_the_nearest_name_is_offered_or_all_of_them(word: str, hint: str) -> None:
    assert nearest(word, {"sources", "sink"}) == hint


def test_nothing_is_offered_where_there_is_nothing() -> None:
    assert nearest("x", ()) is None


def test_paths_are_spelled_as_toml_spells_them() -> None:
    assert spelled(("sources", 'odd "key"\\', "chats", 2)) == 'sources."odd \\"key\\"\\\\".chats[2]'
