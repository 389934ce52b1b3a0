"""The hooks with which a plugin registers what it brings. Data never runs through them.

Hooks are called once a run, when something of the plugin is needed. They return classes; the engine makes the
instances from the configuration that the class names as its `config`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    import typer

    from tgvault.contracts.sink import Sink
    from tgvault.contracts.source import Source
    from tgvault.contracts.transform import Transform
    from tgvault.model.events import Event

__all__ = [
    "API_VERSION",
    "hookimpl",
    "hookspec",
    "tgvault_commands",
    "tgvault_event",
    "tgvault_sinks",
    "tgvault_sources",
    "tgvault_transforms",
]

#: Version of the hooks and Protocols. Adding something raises the second number, taking something away the first.
API_VERSION = (1, 0)

hookspec = pluggy.HookspecMarker("tgvault")
hookimpl = pluggy.HookimplMarker("tgvault")


@hookspec
def tgvault_sources() -> Mapping[str, type[Source]]:  # type: ignore[empty-body]
    """Name the sources that the plugin brings: what stands as `type` in a `[sources.…]` table."""


@hookspec
def tgvault_transforms() -> Mapping[str, type[Transform]]:  # type: ignore[empty-body]
    """Name the transforms that the plugin brings: what stands as `type` in a `[transforms.…]` table."""


@hookspec
def tgvault_sinks() -> Mapping[str, type[Sink]]:  # type: ignore[empty-body]
    """Name the sinks that the plugin brings: what stands as `type` in the `[sink]` table."""


@hookspec
def tgvault_commands(app: typer.Typer) -> None:
    """Add commands to the command line; called only when a command is asked for that tgvault itself does not have."""


@hookspec
def tgvault_event(event: Event) -> None:
    """Observe the run. What an observer raises is reported and changes nothing."""
