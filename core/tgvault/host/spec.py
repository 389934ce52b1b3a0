"""What is sent to worker processes in place of a source, a transform or a sink."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar, cast

import msgspec

from tgvault.config.check import check
from tgvault.config.table import Table
from tgvault.contracts.credentials import Credential, Credentialed
from tgvault.errors import PluginError, PluginLoadError, TgVaultError
from tgvault.host.discovery import Candidate
from tgvault.host.kinds import Kind
from tgvault.host.loading import Plugin, explain, load

__all__ = ["PluginSpec", "build", "class_of", "make", "make_spec", "written_settings"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PluginSpec(Generic[T]):
    """How to make a source, a transform or a sink in any process: small, and picklable without the plugin.

    `settings` is the checked configuration as MessagePack, paths made absolute.
    """

    kind: Kind
    type: str
    plugin: Candidate
    #: May hold an access token.
    settings: bytes = field(repr=False)
    #: What the store of a sink wants to know.
    credential: Credential | None = field(default=None, repr=False)


def build(spec: PluginSpec[T]) -> T:
    """Make the instance, loading the plugin when this process has not done so.

    A sink that has a use for a credential gets the one in the spec.

    Raises:
        PluginLoadError: the plugin cannot be loaded any more, or has changed.
        PluginError: its class fails to make an instance, or does not take the credential.
    """
    cls = class_of(spec)
    config = msgspec.msgpack.decode(spec.settings, type=_config(cls), dec_hook=_unpack_path)
    made = _instantiate(cls, config, name=f"{spec.kind} `{spec.type}`")
    if spec.credential is not None and isinstance(made, Credentialed):
        _hand_over(made, spec.credential, name=f"{spec.kind} `{spec.type}`")
    return made


def class_of(spec: PluginSpec[T]) -> type[T]:
    """Give the class that makes the instance, loading the plugin when this process has not done so.

    Raises:
        PluginLoadError: the plugin cannot be loaded any more, or has changed.
    """
    cls = load(spec.plugin).brings.get(spec.kind, {}).get(spec.type)
    if cls is None:
        raise PluginLoadError(
            f"plugin `{spec.plugin.name}` does not bring the {spec.kind} `{spec.type}` any more",
            hint="it changed during the run; start again",
        )
    return cls


def make_spec(kind: Kind, name: str, *, plugin: Plugin, settings: Table) -> PluginSpec[T]:
    """Check the settings for a thing that a loaded plugin brings.

    Raises:
        ConfigError: the settings have a mistake; the message names file, line and key.
        PluginLoadError: the plugin's settings have a field of a type that no settings can have.
    """
    with _settings_of(plugin.brings[kind][name]) as config:
        packed = msgspec.msgpack.encode(check(settings, config), enc_hook=_pack_path)
    return PluginSpec(kind=kind, type=name, plugin=plugin.candidate, settings=packed)


def written_settings(spec: PluginSpec[T]) -> Mapping[str, object]:
    """Give the checked settings as they can be written to a `vault.toml`; paths are absolute `Path`s.

    What has its default is among them. What is None, which TOML cannot say, is not.
    """
    return cast("Mapping[str, object]", _with_paths(msgspec.msgpack.decode(spec.settings)))


def _with_paths(value: object) -> object:
    # Nothing but paths is packed as bytes: no settings have fields of bytes, which TOML has no values for.
    if isinstance(value, bytes):
        return Path(os.fsdecode(value))
    if isinstance(value, dict):
        return {key: _with_paths(each) for key, each in value.items() if each is not None}
    return [_with_paths(each) for each in value] if isinstance(value, list) else value


def make(cls: type[T], settings: Table) -> T:
    """Check the settings and make an instance in this process; raises as `make_spec` and `build` do."""
    with _settings_of(cls) as config:
        checked = check(settings, config)
    return _instantiate(cls, checked, name=f"`{cls.__name__}`")


@contextmanager
def _settings_of(cls: type) -> Iterator[type[msgspec.Struct]]:
    """Give the struct class that the class of a plugin names; types in it that we cannot handle are its failure."""
    try:
        yield _config(cls)
    except NotImplementedError as exc:
        raise PluginLoadError(f"`{cls.__name__}` cannot be used: {exc}", hint="tell the plugin's author") from exc


def _config(cls: type) -> type[msgspec.Struct]:
    config: type[msgspec.Struct] = cls.config  # type: ignore[attr-defined]
    return config


def _instantiate(cls: type[T], config: msgspec.Struct, *, name: str) -> T:
    # The Protocols say in words, not in types, that the constructor takes the configuration.
    constructor = cast("Callable[[msgspec.Struct], T]", cls)
    try:
        return constructor(config)
    except TgVaultError:
        raise
    except Exception as exc:  # the border to other people's code
        raise PluginError(
            f"{name} does not take its settings: {explain(exc)}", hint="tell the plugin's author"
        ) from exc


def _hand_over(made: Credentialed, credential: Credential, *, name: str) -> None:
    try:
        made.use(credential)
    except TgVaultError:
        raise
    except Exception as exc:  # the border to other people's code
        # Neither its text nor where it came from: both may show a value.
        raise PluginError(
            f"{name} does not take its credential ({type(exc).__name__})", hint="tell the plugin's author"
        ) from None


def _pack_path(value: object) -> bytes:
    if isinstance(value, Path):
        return os.fsencode(value)  # a path need not be Unicode
    raise NotImplementedError(f"settings cannot hold `{type(value).__name__}`")


def _unpack_path(kind: type, value: bytes) -> Path:
    return Path(os.fsdecode(value))
