"""Which plugins are installed, found out from metadata alone: nothing of a plugin is imported here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["BUNDLED", "GROUP", "VARIABLE", "Candidate", "allow_list", "installed", "version_of"]

#: The entry-point group in which a distribution lists its plugins.
GROUP: Final = "tgvault.plugins"

#: The environment variable that lists the plugins that may be loaded, with commas; empty, none but the bundled ones.
VARIABLE: Final = "TGVAULT_PLUGINS"

_DISTRIBUTION: Final = "tgvault"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A plugin that could be loaded: its name, where it is (`module` or `module:object`) and what it came with.

    `brings` names what a bundled plugin brings besides a thing of its own name, and `kind` the kind of all of it
    (`source`), so that none is loaded in vain.
    """

    name: str
    target: str
    distribution: str
    bundled: bool = False
    brings: tuple[str, ...] = ()
    kind: str | None = None

    @property
    def order(self) -> tuple[str, str]:
        """Sort plugins the same way on every machine."""
        return self.distribution, self.name


_SINKS_IN_CLOUDS: Final = ("azblob", "b2", "dropbox", "gcs", "gdrive", "onedrive", "s3", "webdav")

#: The plugins that come with tgvault. They stand in its metadata too, through the same entry points as everybody's, and
#: a test compares; but reading metadata takes 45 ms, which a command that needs nothing else does not pay.
BUNDLED: Final = tuple(
    Candidate(name, f"tgvault_plugins.{name}", _DISTRIBUTION, bundled=True, kind=kind, brings=brings)
    for name, kind, brings in (
        ("cloud", "sink", _SINKS_IN_CLOUDS),
        ("desktop_export", "source", ()),
        ("external_disk", "sink", ()),
        ("local", "sink", ()),
        ("rclone", "sink", ()),
        ("sftp", "sink", ()),
        ("takeout", "source", ()),
    )
)


def installed() -> list[Candidate]:
    """List the plugins of other distributions that are installed here, in a fixed order."""
    from importlib.metadata import entry_points

    found = [
        Candidate(entry.name, entry.value.partition("[")[0].strip(), entry.dist.name)
        for entry in entry_points(group=GROUP)
        if entry.dist is not None and normalised(entry.dist.name) != _DISTRIBUTION
    ]
    return sorted(found, key=lambda candidate: candidate.order)


def version_of(distribution: str) -> str:
    """Give the version of an installed distribution, or a question mark when its metadata is broken."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(distribution) or "?"  # Python 3.11 gives None where newer ones raise
    except (PackageNotFoundError, KeyError, FileNotFoundError):
        # The last one is what `importlib_metadata` raises, which answers once keyring has imported it.
        return "?"


def allow_list(
    environ: Mapping[str, str], *, no_plugins: bool = False, configured: Iterable[str] | None = None
) -> frozenset[str] | None:
    """Say which plugins may be loaded besides the bundled ones; None stands for all.

    The switch goes before `$TGVAULT_PLUGINS`, and that before what the configuration says.
    """
    if no_plugins:
        return frozenset()
    if (variable := environ.get(VARIABLE)) is not None:
        return frozenset(filter(None, map(normalised, variable.split(","))))
    return None if configured is None else frozenset(map(normalised, configured))


def normalised(name: str) -> str:
    """Write the name as package indexes compare it: lower case, runs of `-`, `_` and `.` as one dash."""
    return re.sub(r"[-_.]+", "-", name.strip()).lower()
