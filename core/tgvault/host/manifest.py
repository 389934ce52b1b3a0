"""What a plugin says of itself before anything of it runs: the file `plugin.toml` in its package."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from tgvault.config.check import check
from tgvault.config.toml import parse_table
from tgvault.errors import ConfigError, PluginRefusedError
from tgvault.hookspecs import API_VERSION

__all__ = ["MANIFEST", "FileNeed", "Manifest", "NetworkNeed", "SecretNeed", "read_manifest"]

#: The name of the file, beside the `__init__.py` of the plugin's package.
MANIFEST: Final = "plugin.toml"

#: Bytes of a manifest at most; one that says all that can be said has a few thousand.
_LARGEST: Final = 64 << 10

_HINT: Final = "tell the plugin's author; docs/guides/plugins.md says how the file is written"

#: A host, a host with all below it (`*.example.org`), a setting that names one (`{endpoint}`), or `*` for any.
_HOST: Final = r"^(\*|\{[a-z0-9_-]{1,60}\}|(\*\.)?[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?)$"

#: A path from the home folder, an absolute one, or a setting that names one (`{path}`).
_PATH: Final = r"^(\{[a-z0-9_-]{1,60}\}|~/|/)[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]{0,200}$"

_Line = Annotated[
    str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+$")
]
_Type = Annotated[str, Meta(max_length=60, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


class NetworkNeed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A host that the plugin connects to."""

    host: Annotated[
        str,
        Meta(
            pattern=_HOST,
            description="A host (`api.example.org`), all below one (`*.example.org`), the setting that names one"
            " (`{endpoint}`), or any (`*`).",
        ),
    ]
    why: Annotated[_Line, Meta(description="What for, in a few words.")]


class FileNeed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A file or a folder, with all below it, that the plugin reads or writes besides its own state folder."""

    path: Annotated[
        str,
        Meta(
            pattern=_PATH,
            description="A path from the home folder (`~/Pictures`), an absolute one, or the setting that names one"
            " (`{path}`).",
        ),
    ]
    write: Annotated[bool, Meta(description="Whether it is written, too.")] = False
    why: Annotated[_Line, Meta(description="What for, in a few words.")]


class SecretNeed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A secret that the plugin asks for by its name."""

    name: Annotated[_Type, Meta(description="Its name among the plugin's credentials or secrets.")]
    why: Annotated[_Line, Meta(description="What it opens, in a few words.")]


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a plugin brings and needs. It is what people consent to, so what is not said in it is not granted."""

    api: Annotated[
        str, Meta(max_length=60, description="The versions of the plugin API that it works with: `>=1.0,<2`.")
    ]
    summary: Annotated[_Line, Meta(description="What the plugin is for, in one line.")]
    sources: Annotated[tuple[_Type, ...], Meta(max_length=50, description="The sources that it brings.")] = ()
    transforms: Annotated[tuple[_Type, ...], Meta(max_length=50, description="The transforms that it brings.")] = ()
    sinks: Annotated[tuple[_Type, ...], Meta(max_length=50, description="The sinks that it brings.")] = ()
    commands: Annotated[tuple[_Type, ...], Meta(max_length=50, description="The commands that it adds.")] = ()
    events: Annotated[bool, Meta(description="Whether it is told of runs.")] = False
    network: Annotated[tuple[NetworkNeed, ...], Meta(max_length=50, description="The hosts that it connects to.")] = ()
    files: Annotated[tuple[FileNeed, ...], Meta(max_length=50, description="The files that it reads or writes.")] = ()
    secrets: Annotated[tuple[SecretNeed, ...], Meta(max_length=50, description="The secrets that it asks for.")] = ()

    @property
    def brings(self) -> tuple[str, ...]:
        """Name everything that it brings, each with its kind: `sink folder-log`."""
        kinds = {"source": self.sources, "transform": self.transforms, "sink": self.sinks, "command": self.commands}
        return tuple(f"{kind} {name}" for kind, names in kinds.items() for name in names)


def read_manifest(data: bytes, *, label: str) -> Manifest:
    """Check the bytes of a `plugin.toml`, which errors call by the label.

    Raises:
        PluginRefusedError: it has a mistake, or the plugin is for another version of the plugin API.
    """
    if len(data) > _LARGEST:
        raise PluginRefusedError(f"`{label}` has {len(data):,} bytes, and at most {_LARGEST:,} are read", hint=_HINT)
    try:
        table = parse_table(data.decode(), label=label, folder=Path(), hint=_HINT)
        manifest = check(table, Manifest)
    except UnicodeDecodeError:
        raise PluginRefusedError(f"`{label}` is not UTF-8", hint=_HINT) from None
    except ConfigError as error:
        raise PluginRefusedError(str(error), hint=_HINT) from None
    _check_api(manifest.api, label)
    return manifest


def _check_api(wanted: str, label: str) -> None:
    try:
        versions = SpecifierSet(wanted)
    except InvalidSpecifier:
        raise PluginRefusedError(
            f"`api` in `{label}`: `{wanted}` names no versions; it is written like `>=1.0,<2`", hint=_HINT
        ) from None
    ours = ".".join(map(str, API_VERSION))
    if not versions.contains(ours):
        raise PluginRefusedError(
            f"`{label}` is for plugin API {wanted}, and this tgvault has {ours}",
            hint="look for another version of the plugin, or of tgvault",
        )
