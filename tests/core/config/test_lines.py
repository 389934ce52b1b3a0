"""Every key is found on its line, however the TOML is written."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from tgvault.config.lines import KeyPath, key_lines, line_of

#: `%` stands for a key of its own.
_VALUES = [
    "1",
    "-1.5e3",
    "true",
    "1979-05-27 07:32:00",
    "1979-05-27T07:32:00Z",
    "07:32:00",
    '"plain # not = a [comment]"',
    "'back\\slash'",
    '"escaped \\" quote"',
    '"""\nk1 = 1\n[k2]\n"""',
    '"""ends in quotes"""""',
    '"""\\"""\nstill inside"""',
    "'''\n# k3 = 1\n'''''",
    '""""""',
    "''",
    "[]",
    "[1, 2]",
    "[ # ]\n  1,\n  '''\n]''',\n  [2, [3]],\n]",
    "{}",
    "{ % = 1, %.% = { % = ']' } }",
    "{\n  % = 1, # }\n  % = 2,\n}",
    "[ { % = 1 },\n  { % = [ { % = 2 } ] } ]",
]
_KEYS = ["{}", '"{}"', "'{}'", '"{} . = # [ \\" \\u00e9"', "'{} . = # ] {{'", "{}-_x"]
_STATEMENTS = ["% = {value}", "%.% . % = {value}", "[%]", "[ % . % ]", "[[%]]", "# % = 1", "", "   % = {value} # end"]


@st.composite
def toml(draw: st.DrawFn) -> str:
    """Statements of every form, with keys that are all different: `k1`, `k2`, …"""
    count = 0
    text = ""
    for _ in range(draw(st.integers(1, 8))):
        statement = draw(st.sampled_from(_STATEMENTS)).replace("{value}", draw(st.sampled_from(_VALUES)))
        while "%" in statement:
            count += 1
            statement = statement.replace("%", draw(st.sampled_from(_KEYS)).format(f"k{count}k"), 1)
        text += statement + draw(st.sampled_from(["\n", "\n\n", "\r\n"]))
    return text


def paths(value: object, path: KeyPath = ()) -> Iterator[KeyPath]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*path, key)
            yield from paths(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield (*path, index)
            yield from paths(inner, (*path, index))


@given(toml())
def test_every_key_is_on_the_line_that_it_is_said_to_be_on(text: str) -> None:
    lines = key_lines(text)

    written = text.split("\n")
    for path in paths(tomli.loads(text)):
        assert path in lines
        if isinstance(path[-1], str):
            marker = re.match(r"k\d+k", path[-1])
            assert marker is not None
            assert marker[0] in written[lines[path] - 1]


@given(toml())
def test_no_line_is_given_for_a_key_that_is_not_there(text: str) -> None:
    assert set(key_lines(text)) == set(paths(tomli.loads(text)))


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("a",), 1),
        (("a", 0), 2),
        (("a", 1), 4),
        (("many", 0), 6),
        (("many", 1, "x"), 9),
        (("many", 1, "inner", "y"), 11),
        (("nothing",), 1),
        (("many", 1, "inner", "nothing"), 10),
    ],
)
def test_the_nearest_line_is_given(path: KeyPath, line: int) -> None:
    text = "a = [\n  1,\n  # two\n  2,\n]\n[[many]]\nx = 1\n[[many]]\nx = 2\n[many.inner]\ny = 3\n"

    assert line_of(key_lines(text), path) == line
