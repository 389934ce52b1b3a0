"""Loading one plugin, and checking that it is what it says."""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from pathlib import PurePath
from traceback import walk_tb
from types import MappingProxyType
from typing import Final

import msgspec
import pluggy

from tgvault import hookspecs
from tgvault.errors import PluginLoadError
from tgvault.host.discovery import Candidate, version_of
from tgvault.host.kinds import OWN_KEYS, Kind, required_methods

__all__ = ["Plugin", "explain", "load"]

#: The attribute of a plugin that says which version of the API it was written for.
API_ATTRIBUTE: Final = "TGVAULT_API"

_TYPE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Plugin:
    """A plugin that is loaded: its own manager, so that plugins cannot disturb each other, and what it brings."""

    candidate: Candidate
    hooks: pluggy.HookRelay
    brings: Mapping[Kind, Mapping[str, type]]
    #: Whether it has no hooks at all, which nobody means.
    idle: bool = False

    def observes(self) -> bool:
        """Whether the plugin wants to be told of events."""
        return bool(self.hooks.tgvault_event.get_hookimpls())


def load(candidate: Candidate) -> Plugin:
    """Import the plugin, register it and check what it brings.

    Raises:
        PluginLoadError: it cannot be imported, or is not what a plugin has to be.
    """
    try:
        return _load(candidate)
    # The border to other people's code: whatever goes wrong there is the plugin's failure, `sys.exit` included.
    except (Exception, SystemExit) as exc:
        whose = f"`{candidate.distribution}` {version_of(candidate.distribution)}"
        raise PluginLoadError(
            f"plugin `{candidate.name}` of {whose} cannot be loaded: {explain(exc)}", hint=_way_out(candidate)
        ) from exc


def explain(exc: BaseException) -> str:
    """Say in one line what was raised, and on which line of whose file."""
    said = " ".join(str(exc).split())
    text = f"{type(exc).__name__}: {said}" if said else type(exc).__name__
    if isinstance(exc, _WrongPluginError | ImportError | SyntaxError):
        return said or text
    *_, (frame, line) = walk_tb(exc.__traceback__)
    return f"{text} ({PurePath(frame.f_code.co_filename).name}, line {line})"


def _way_out(candidate: Candidate) -> str:
    if candidate.bundled:
        return "reinstall tgvault; a part of it is damaged"
    return f"update or remove `{candidate.distribution}`, or leave it out with `--no-plugins`"


class _WrongPluginError(Exception):
    """The plugin can be imported, but is not what a plugin has to be."""


def _load(candidate: Candidate) -> Plugin:
    plugin = _resolve(candidate.target)
    _check_api(getattr(plugin, API_ATTRIBUTE, (1, 0)))
    manager = pluggy.PluginManager("tgvault")
    manager.add_hookspecs(hookspecs)
    try:
        manager.register(plugin, candidate.name)
        manager.check_pending()
    except pluggy.PluginValidationError as exc:
        raise _WrongPluginError(_without_names(exc)) from exc
    return Plugin(candidate, manager.hook, _brought(manager.hook), idle=not manager.get_hookcallers(plugin))


def _resolve(target: str) -> object:
    module, _, attributes = target.partition(":")
    return reduce(getattr, filter(None, attributes.split(".")), importlib.import_module(module))


def _check_api(version: object) -> None:
    match version:
        case (int(major), int(minor)):
            ours = hookspecs.API_VERSION
            if major != ours[0] or minor > ours[1]:
                raise _WrongPluginError(
                    f"it is written for plugin API {major}.{minor}, and this tgvault has {ours[0]}.{ours[1]}"
                )
        case _:
            raise _WrongPluginError(f"its `{API_ATTRIBUTE}` is not a pair of numbers such as `(1, 0)`")


def _without_names(exc: pluggy.PluginValidationError) -> str:
    """Leave out the first line of pluggy's message, which prints the plugin object."""
    lines = str(exc).splitlines()
    return " ".join(line.strip() for line in (lines[1:] or lines))


def _brought(hooks: pluggy.HookRelay) -> Mapping[Kind, Mapping[str, type]]:
    brings: dict[Kind, Mapping[str, type]] = {}
    for kind in Kind:
        for given in getattr(hooks, kind.hook)():
            if not isinstance(given, Mapping):
                raise _WrongPluginError(f"`{kind.hook}` does not return a mapping of names to classes")
            for name, cls in given.items():
                _check_class(kind, name, cls)
            brings[kind] = MappingProxyType(dict(given))
    return MappingProxyType(brings)


def _check_class(kind: Kind, name: object, cls: object) -> None:
    if not isinstance(name, str) or not _TYPE.fullmatch(name):
        raise _WrongPluginError(f"{kind} `{name}` is not named with small letters, digits and single dashes")
    if not isinstance(cls, type):
        raise _WrongPluginError(f"{kind} `{name}` is not a class")
    lacking = [method for method in required_methods(kind) if not callable(getattr(cls, method, None))]
    if lacking:
        raise _WrongPluginError(f"{kind} `{name}` lacks {', '.join(f'`{method}`' for method in lacking)}")
    config = getattr(cls, "config", None)
    if not isinstance(config, type) or not issubclass(config, msgspec.Struct):
        raise _WrongPluginError(f"{kind} `{name}` has no `config` that is a msgspec struct class")
    taken = OWN_KEYS[kind].intersection(config.__struct_encode_fields__)
    if taken:
        raise _WrongPluginError(
            f"the settings of {kind} `{name}` use the name `{min(taken)}`, which tgvault reads itself"
        )
    _check_settings(kind, name, config)


def _check_settings(kind: Kind, name: str, config: type[msgspec.Struct]) -> None:
    """Find annotations that cannot be resolved or read now, not when somebody writes the key."""
    try:
        msgspec.msgpack.Decoder(config)
    except (NameError, TypeError) as exc:
        raise _WrongPluginError(f"the settings of {kind} `{name}` cannot be read: {exc}") from exc
