"""A plugin for tests: sinks over stores that a test holds in its hands, and a folder that goes wrong as it is told."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import msgspec

from host_plugins import install
from tgvault.api import FolderSink, Sink, hookimpl
from tgvault.testing import Fault, FaultKind, FaultySink
from tgvault.testing.recording import Method

__all__ = ["STORES", "FaultyFolder", "HeldSink", "install_stores"]

#: The stores of this process, by name.
STORES: dict[str, Sink] = {}


class HeldConfig(msgspec.Struct, frozen=True):
    """The name of a store."""

    name: str


class HeldSink(FaultySink):
    """A store of this process."""

    config: ClassVar[type[msgspec.Struct]] = HeldConfig

    def __init__(self, config: HeldConfig) -> None:
        super().__init__(STORES[config.name])


class FaultyConfig(msgspec.Struct, frozen=True):
    """A folder, and its fault; every instance counts its own calls."""

    path: Path
    kind: FaultKind
    method: Method
    pattern: str
    after: int = 0
    times: int | None = None


class FaultyFolder(FaultySink):
    """A folder that goes wrong, in any process."""

    config: ClassVar[type[msgspec.Struct]] = FaultyConfig

    def __init__(self, config: FaultyConfig) -> None:
        fault = Fault(config.kind, config.method, config.pattern, config.after, config.times)
        super().__init__(FolderSink(config.path), fault)


@hookimpl
def tgvault_sinks() -> Mapping[str, type]:
    return {"held": HeldSink, "faulty": FaultyFolder}


def install_stores(site: Path) -> None:
    """Install this module as a plugin would be, in a folder for the import path."""
    site.mkdir(parents=True)
    install(site, "stores", "1.0", "[tgvault.plugins]\nstores = faults.stores\n")
