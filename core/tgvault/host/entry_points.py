"""The entry points that a distribution lists.

Format: <https://packaging.python.org/en/latest/specifications/entry-points/>.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.metadata import Distribution
from os import PathLike
from typing import Final, NoReturn

from tgvault.errors import PluginRefusedError

__all__ = ["read_entry_points"]

_HINT: Final = "tell the plugin's author"

_NAME: Final = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
_TARGET: Final = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*(?::[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)?", re.ASCII)


def read_entry_points(data: bytes, label: str) -> Mapping[str, Mapping[str, str]]:
    """Read an `entry_points.txt`: by group, the name and the target of each.

    Raises:
        PluginRefusedError: it has a mistake, or a name or a target that a plugin cannot have.
    """
    try:
        # Python's own reading, since that is what will be loaded: other parsers differ in comments and in brackets.
        found = list(_Listed(data.decode()).entry_points)
    except (UnicodeDecodeError, ValueError, TypeError):
        raise PluginRefusedError(f"`entry_points.txt` in `{label}` has a mistake", hint=_HINT) from None
    groups: dict[str, dict[str, str]] = {}
    for each in found:
        if not _NAME.fullmatch(each.name) or not _TARGET.fullmatch(each.value):
            raise PluginRefusedError(
                f"`{each.name} = {each.value}` in `{label}` is no entry point of a plugin: a name has small letters,"
                " digits and single dashes, a target is `package.module` or `package.module:object`",
                hint=_HINT,
            )
        names = groups.setdefault(each.group or "", {})
        if each.name in names:
            raise PluginRefusedError(f"`{each.name}` is an entry point of `{label}` twice", hint=_HINT)
        names[each.name] = each.value
    return groups


class _Listed(Distribution):
    """A distribution of which nothing is there but the list of its entry points."""

    def __init__(self, text: str) -> None:
        self._text = text

    def read_text(self, filename: str) -> str | None:
        return self._text if filename == "entry_points.txt" else None

    def locate_file(self, path: str | PathLike[str]) -> NoReturn:
        raise FileNotFoundError(path)
