"""What can be told of a sink without touching its store: where it leads, what that is, where its credential is."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from tgvault.config.config import Config, SinkTable
from tgvault.contracts.sink import Sink
from tgvault.engine.sinks import credential_search
from tgvault.errors import TgVaultError
from tgvault.host.host import Host
from tgvault.host.spec import PluginSpec, class_of, written_settings
from tgvault.keys.credentials import CredentialStore

__all__ = ["SinkInfo", "Whereabouts", "place_of", "public_settings", "sink_info", "whereabouts"]

#: Names of settings that a plugin of somebody else may have for a secret, against our advice.
_SECRET = re.compile(r"(pass(word|phrase|wd)?|secret|token|credential|auth|api_?key|access_?key)$", re.IGNORECASE)
_USER_INFO = re.compile(r"(?<=://)[^/@\s]*@")


class Whereabouts(msgspec.Struct, frozen=True, kw_only=True):
    """What the objects of a sink lie on, and whether that is in another place than this machine."""

    medium: Annotated[str, Meta(description="What its objects lie on: `disk`, `object storage`.")]
    offsite: Annotated[bool, Meta(description="Whether it is in another place than this machine.")]


class SinkInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A sink of the vault: its own, or a copy's."""

    name: Annotated[str, Meta(description="`primary`, or the copy's name in `vault.toml`.")]
    type: Annotated[str, Meta(description="Which sink it is.")]
    place: Annotated[str | None, Meta(description="Where it leads, or null where its settings are wrong.")] = None
    medium: Annotated[str | None, Meta(description="What its objects lie on, or null where that is not known.")] = None
    offsite: Annotated[bool | None, Meta(description="Whether it is in another place than this machine.")] = None
    needs: Annotated[list[str], Meta(description="Fields of its credential that the store has to know.")] = []
    credential: Annotated[
        str | None, Meta(description="Where its credential is found; null where that is nowhere.")
    ] = None
    hint: Annotated[str | None, Meta(description="The way out of the problem, or null.")] = None
    problem: Annotated[str | None, Meta(description="What is wrong with its table or its credential, or null.")] = None


def sink_info(
    table: SinkTable,
    config: Config,
    *,
    host: Host,
    environment: Mapping[str, str],
    keyring: Callable[[str], CredentialStore] = CredentialStore,
) -> SinkInfo:
    """Tell about a sink; its store is not touched, and no command is run."""
    info = SinkInfo(name=table.name, type=table.type)
    try:
        spec = host.sink_spec(table.type, table.settings)
        info = msgspec.structs.replace(
            info, place=place_of(table, spec), **msgspec.structs.asdict(whereabouts(table, spec))
        )
        search = credential_search(table, config, spec, environment=environment, keyring=keyring)
        if search is None:
            return info
        info = msgspec.structs.replace(info, needs=search.required)
        return msgspec.structs.replace(info, credential=search.origin())
    except TgVaultError as error:
        return msgspec.structs.replace(info, problem=str(error), hint=error.hint)


def whereabouts(table: SinkTable, spec: PluginSpec[Sink]) -> Whereabouts:
    """Tell where the store of a sink is: as its table says, else as `Located` has it."""
    cls = class_of(spec)
    medium: str = getattr(cls, "medium", table.type)
    offsite: bool = getattr(cls, "offsite", False)
    return Whereabouts(
        medium=medium if table.medium is None else table.medium,
        offsite=offsite if table.offsite is None else table.offsite,
    )


def public_settings(table: SinkTable, spec: PluginSpec[Sink]) -> Mapping[str, object]:
    """Give the settings that somebody gave, typed as the plugin has them, without what may be a secret.

    Paths are absolute.
    """
    written = written_settings(spec)
    said = {key: written[key] for key in table.settings.values if key in written and not _SECRET.search(key)}
    return {key: _USER_INFO.sub("", value) if isinstance(value, str) else value for key, value in said.items()}


def place_of(table: SinkTable, spec: PluginSpec[Sink]) -> str:
    """Say in a line where a sink leads."""
    said = public_settings(table, spec)
    shown = {key: value for key, value in said.items() if isinstance(value, str | int | Path)}
    if list(shown) == ["path"]:
        return str(shown["path"])
    return ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in shown.items() if value is not False)
