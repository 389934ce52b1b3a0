"""A table of settings that remembers where it was written, so that a mistake in it can be named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

import msgspec

from tgvault.config.lines import KeyPath, key_lines, line_of
from tgvault.errors import ConfigError

__all__ = ["Table", "nearest", "quoted", "spelled"]

_BARE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Table:
    """Settings as they were written, not yet checked.

    `label` names the file, or what else the settings come from. `text` is the whole file, or None where there is none.
    `path` says which of its tables this is. Relative paths in the values are meant from `folder`. `beside` are the keys
    that stand in the same table and are somebody else's to read.
    """

    #: A value may be a password that somebody should not have written there.
    values: Mapping[str, object] = field(repr=False)
    label: str
    folder: Path
    path: KeyPath = ()
    text: str | None = field(default=None, repr=False)
    beside: frozenset[str] = frozenset()

    @classmethod
    def given(cls, values: Mapping[str, object], *, label: str = "the options", folder: Path | None = None) -> Self:
        """Make a table of settings that stand in no file, such as the options of a command."""
        return cls(values=values, label=label, folder=(folder or Path()).absolute())

    def child(self, key: str) -> Table:
        """Give the table under the key.

        Raises:
            ConfigError: the value there is no table.
        """
        value = self.values[key]
        if not isinstance(value, Mapping):
            raise self.mistake((key,), "expected a table", hint=f"write `[{spelled((*self.path, key))}]`")
        return replace(self, values=value, path=(*self.path, key))

    def only(self, keys: Iterable[str]) -> Table:
        """Give the part of the table that has these keys."""
        wanted = frozenset(keys)
        return replace(self, values={key: value for key, value in self.values.items() if key in wanted})

    def without(self, keys: Iterable[str]) -> Table:
        """Give the part of the table that has none of these keys."""
        unwanted = frozenset(keys)
        rest = {key: value for key, value in self.values.items() if key not in unwanted}
        return replace(self, values=rest, beside=self.beside | unwanted)

    def where(self, path: KeyPath = ()) -> str:
        """Say in which file and on which line the key stands that the path leads to from here."""
        if self.text is None:
            return self.label
        return f"`{self.label}`, line {line_of(key_lines(self.text), (*self.path, *path))}"

    def named(self, path: KeyPath) -> str:
        """Name a key, and say where it stands."""
        return f"`{spelled((*self.path, *path))}` in {self.where(path)}"

    def mistake(self, path: KeyPath, wrong: str, *, hint: str | None = None) -> ConfigError:
        """Make the error for a value that is not as it should be; `wrong` is a clause about it."""
        # Where no file is, the settings as a whole have no name but their label.
        place = self.named(path) if (*self.path, *path) else self.where()
        return ConfigError(f"{place}: {wrong}", hint=hint)

    def unknown(self, path: KeyPath, known: Iterable[str]) -> ConfigError:
        """Make the error for a key that nobody reads; `known` are the keys that could have been meant."""
        return ConfigError(f"unknown key {self.named(path)}", hint=nearest(str(path[-1]), known))


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Write the hint that names what may have been meant, or what there is."""
    # Takes 10 ms to import and is needed by nobody who makes no mistake.
    from difflib import get_close_matches

    choice = sorted(known)
    if close := get_close_matches(word.lower(), choice, n=1):
        return f"did you mean `{close[0]}`?"
    listed = ", ".join(f"`{name}`" for name in choice)
    return f"there {'are' if choice[1:] else 'is only'} {listed}" if choice else None


def spelled(path: KeyPath) -> str:
    """Write a path as TOML does: `sources.phone.path`, `workers."odd key"`, `sources.phone.chats[2]`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            key = step if _BARE.fullmatch(step) else quoted(step)
            text += f".{key}" if text else key
    return text


def quoted(text: str) -> str:
    """Write text as a TOML string: as JSON does, but for DEL, which is not legal bare in TOML."""
    return msgspec.json.encode(text).decode().replace("\x7f", "\\u007F")
