"""The entry points that a distribution lists.

Format: <https://packaging.python.org/en/latest/specifications/entry-points/>.
"""

from __future__ import annotations

import configparser
import re
from collections.abc import Mapping
from typing import Final

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
    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None, default_section="\0")
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # as its documentation says
    try:
        parser.read_string(data.decode())
    except (configparser.Error, UnicodeDecodeError) as error:
        said = str(error).splitlines()[0]
        raise PluginRefusedError(f"`entry_points.txt` in `{label}` has a mistake: {said}", hint=_HINT) from None
    groups = {group: dict(parser[group]) for group in parser.sections()}
    for names in groups.values():
        for name, target in names.items():
            if not _NAME.fullmatch(name) or not _TARGET.fullmatch(target):
                raise PluginRefusedError(
                    f"`{name} = {target}` in `{label}` is no entry point of a plugin: a name has small letters, digits"
                    " and single dashes, a target is `package.module` or `package.module:object`",
                    hint=_HINT,
                )
    return groups
