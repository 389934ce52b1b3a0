"""Reading TOML as a table that knows where everything stands."""

from __future__ import annotations

from pathlib import Path

import tomli

from tgvault.config.table import Table
from tgvault.errors import ConfigError

__all__ = ["parse_table"]


def parse_table(text: str, *, label: str, folder: Path, hint: str) -> Table:
    """Read a text as TOML; `label` is what errors call it, and relative paths in it are meant from `folder`.

    `hint` says where to look up how such a file is written.

    Raises:
        ConfigError: it is not TOML; the message names the line.
    """
    try:
        values = tomli.loads(text)
    except tomli.TOMLDecodeError as exc:
        raise _no_toml(exc, text, label, hint) from exc
    except RecursionError as exc:
        raise ConfigError(f"`{label}` is not TOML that anybody writes: it is nested too deep", hint=hint) from exc
    return Table(values=values, label=label, folder=folder.absolute(), text=text)


def _no_toml(exc: tomli.TOMLDecodeError, text: str, label: str, hint: str) -> ConfigError:
    place = f"`{label}`, line {exc.lineno}"
    line = text.split("\n")[exc.lineno - 1]
    if exc.msg.startswith("Cannot declare"):
        header = line.partition("]")[0].strip("[ ")
        return ConfigError(f"there is a table `[{header}]` before the one in {place}", hint="make one table of the two")
    if exc.msg.startswith("Cannot overwrite") and "=" in line:
        key = line.partition("=")[0].strip()
        return ConfigError(f"`{key}` in {place} has a value already", hint="keep one of the two")
    said = exc.msg[:1].lower() + exc.msg[1:]
    return ConfigError(f"{place}, is not TOML: {said} at column {exc.colno}", hint=hint)
