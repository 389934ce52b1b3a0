"""The kinds of things that plugins bring."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from tgvault.contracts.sink import Sink
from tgvault.contracts.source import Source
from tgvault.contracts.transform import Transform

__all__ = ["OWN_KEYS", "Kind", "required_methods"]


class Kind(StrEnum):
    """What a plugin can bring; the words stand in errors and lists."""

    SOURCE = "source"
    TRANSFORM = "transform"
    SINK = "sink"

    @property
    def hook(self) -> str:
        """Name the hook with which a plugin registers things of this kind."""
        return f"tgvault_{self.value}s"


#: Keys of a plugin's table in `vault.toml` that tgvault itself reads; a plugin's settings cannot have these names.
OWN_KEYS: Final = {
    Kind.SOURCE: frozenset({"archive", "every", "transforms", "type"}),
    Kind.TRANSFORM: frozenset({"type"}),
    Kind.SINK: frozenset({"credential", "credential_command", "every", "medium", "offsite", "type"}),
}

_PROTOCOLS: Final = {Kind.SOURCE: Source, Kind.TRANSFORM: Transform, Kind.SINK: Sink}


def required_methods(kind: Kind) -> list[str]:
    """List the methods that a class of this kind has to have, in the Protocol's order."""
    names = vars(_PROTOCOLS[kind])
    return [name for name, value in names.items() if callable(value) and not name.startswith("_")]
