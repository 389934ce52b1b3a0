"""Making a typed value of a table of settings, with errors for people."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TypeVar

import msgspec

from tgvault.config.fields import annotation, choices, description, is_struct, options, title
from tgvault.config.lines import KeyPath
from tgvault.config.table import Table, nearest, spelled
from tgvault.errors import ConfigError

__all__ = ["check", "located"]

T = TypeVar("T", bound=msgspec.Struct)

_PLACE = re.compile(r" - at `\$(?P<path>[^`]*)`$")
_STEP = re.compile(r"\.(?P<key>[^.\[]+)|\[(?P<index>\d+)\]")
_EXPECTED = re.compile(r"Expected `(?P<wanted>[^`]+)`(?P<rule>.*?)(?:, got `(?P<got>[^`]+)`)?")
_ABOUT = re.compile(r"`(?P<key>[^`]+)`: (?P<wrong>.+)", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<key>[^`]+)`")
_WORDS = {
    "array": "a list",
    "bool": "true or false",
    "bytes": "text",
    "date": "a date",
    "datetime": "a date with a time",
    "float": "a number",
    "int": "a whole number",
    "object": "a table",
    "str": "text",
    "time": "a time of day",
}


def check(table: Table, kind: type[T]) -> T:
    """Make a value of the struct class from the table.

    A field that is a `Path` takes text: `~` is expanded, and a relative path is meant from the table's folder. In
    settings that stand in no file, text such as `3` or `true` does for a number or a truth value: options are text.

    Raises:
        ConfigError: a key is unknown or missing, or a value is not what the field takes.
    """
    for path, known in _unknown(table.values, kind, ()):
        if hint := _elsewhere(kind).get(str(path[-1])):
            raise ConfigError(f"unknown key {table.named(path)}", hint=hint)
        raise table.unknown(path, known if path[1:] else known | table.beside)
    try:
        return msgspec.convert(table.values, kind, strict=table.text is not None, dec_hook=partial(_path, table.folder))
    except msgspec.ValidationError as exc:
        raise _mistake(table, kind, str(exc)) from exc


def _elsewhere(kind: type[msgspec.Struct]) -> Mapping[str, str]:
    told: Mapping[str, str] = getattr(kind, "ELSEWHERE", {})
    return told


def located(value: str | Path, *, folder: Path) -> Path:
    """Expand `~` and stand a relative path on the folder.

    Raises:
        ValueError: the path is empty or holds a zero character, or there is no home folder.
    """
    if not str(value) or "\0" in str(value):
        raise ValueError("expected a path")
    try:
        return folder / Path(value).expanduser()
    except RuntimeError as exc:
        raise ValueError("there is no home folder to put in place of `~`") from exc


def _path(folder: Path, kind: type, value: object) -> Path:
    """Read the one type of settings that msgspec does not know."""
    if kind is not Path:
        raise NotImplementedError(f"settings cannot be of type `{kind.__name__}`")
    if not isinstance(value, str | Path):
        raise TypeError(f"Expected `str`, got `{_TOML.get(type(value).__name__, type(value).__name__)}`")
    return located(value, folder=folder)


#: What msgspec calls these types in its messages.
_TOML = {"dict": "object", "list": "array"}


def _unknown(
    values: Mapping[str, object], kind: type[msgspec.Struct], path: KeyPath
) -> Iterator[tuple[KeyPath, set[str]]]:
    """Find the keys that no field takes, in nested tables too."""
    fields = {field.encode_name: field.type for field in msgspec.structs.fields(kind)}
    for key, value in values.items():
        if key not in fields:
            yield (*path, key), set(fields)
        elif isinstance(value, Mapping) and (nested := next(filter(is_struct, options(fields[key])), None)):
            yield from _unknown(value, nested, (*path, key))


def _mistake(table: Table, kind: type[msgspec.Struct], text: str) -> ConfigError:
    """Say in our words what msgspec found, and where."""
    place = _PLACE.search(text)
    said = text[: place.start()] if place else text
    path = _steps(place["path"]) if place else ()
    if missing := _MISSING.fullmatch(said):
        return _missing(table, (*path, missing["key"]), kind)
    if (about := _ABOUT.fullmatch(said)) and not path and about["key"] in kind.__struct_fields__:
        # The plugin's own checks see all settings at once, and name the one that they are about.
        path, said = (about["key"],), about["wrong"]
    field = annotation(kind, path)
    if said.startswith("Invalid enum value"):
        word = said.removeprefix("Invalid enum value ").strip("'")
        return table.mistake(path, f"`{word}` is not known here", hint=nearest(word, choices(field)))
    words = title(field) if "matching regex" in said else None
    return table.mistake(path, f"expected {words}" if words else _reworded(said), hint=description(field))


def _missing(table: Table, path: KeyPath, kind: type[msgspec.Struct]) -> ConfigError:
    around = spelled((*table.path, *path[:-1]))
    inside = f"`[{around}]` of " if around else ""
    return ConfigError(
        f"`{path[-1]}` is missing in {inside}{table.where(path)}", hint=description(annotation(kind, path))
    )


def _steps(text: str) -> KeyPath:
    # Beyond `[...]`, a key that msgspec does not tell, there is nothing to hold on to.
    return tuple(step["key"] or int(step["index"]) for step in _STEP.finditer(text.partition("[...]")[0]))


def _reworded(said: str) -> str:
    match = _EXPECTED.fullmatch(said)
    if match is None:
        return said[:1].lower() + said[1:]
    wanted = " or ".join(_WORDS.get(word, word) for word in match["wanted"].split(" | ") if word != "null")
    got = f", got {_WORDS.get(match['got'], match['got'])}" if match["got"] else ""
    return f"expected {wanted}{match['rule']}{got}"
