"""What is told about plugins: which there are, and what was wrong with one."""

from __future__ import annotations

from enum import StrEnum

import msgspec

__all__ = ["PluginInfo", "PluginProblem", "PluginState"]


class PluginState(StrEnum):
    """How far a plugin has come in this process."""

    NOT_LOADED = "not loaded"
    LOADED = "loaded"
    BROKEN = "broken"
    #: Left out by `--no-plugins`, `$TGVAULT_PLUGINS` or `[plugins] allow`.
    SWITCHED_OFF = "switched off"


class PluginProblem(msgspec.Struct, frozen=True):
    """Something that went wrong with a plugin and stopped nothing that does not need it; `error` is one line."""

    name: str
    distribution: str
    version: str
    error: str


class PluginInfo(msgspec.Struct, frozen=True):
    """A plugin that is installed.

    `brings` is filled once it is loaded: `sink folder-log`, `transform drop-service`. `problems` are lines for people:
    why it is broken, or which of the things it brings another plugin is used for.
    """

    name: str
    distribution: str
    version: str
    bundled: bool
    state: PluginState
    brings: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
