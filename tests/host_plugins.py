"""What tests of the plugin host lay down: the code of plugins and the metadata of distributions."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from tgvault.host.discovery import Candidate

#: Classes that hold to the Protocols, for plugins to bring.
CLASSES = """
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, ClassVar
import msgspec
from tgvault.api import hookimpl


class Settings(msgspec.Struct, frozen=True):
    path: Annotated[Path, msgspec.Meta(description="The folder.")]
    size: int = 1


class MySink:
    config: ClassVar[type[msgspec.Struct]] = Settings

    def __init__(self, config: Settings) -> None:
        if config.size == 13:
            raise ValueError("13 is bad luck")
        self.settings = config

    def prepare(self): ...
    def put(self, name, data): ...
    def replace(self, name, data): ...
    def get(self, name): ...
    def size(self, name): ...
    def list(self, prefix): ...
    def delete(self, name): ...
    def tidy(self): ...
    def close(self): ...


class MyTransform:
    config: ClassVar[type[msgspec.Struct]] = Settings

    def __init__(self, config: Settings) -> None:
        self.settings = config

    def document(self, document): ...
    def message(self, chat, message): ...
"""

SINK = (
    CLASSES
    + """
@hookimpl
def tgvault_sinks():
    return {"my-sink": MySink}
"""
)


class MakePlugin(Protocol):
    """Writes a module and says where it is."""

    def __call__(self, name: str, code: str, *, distribution: str = ..., bundled: bool = ...) -> Candidate:
        """Make the plugin."""


def install(modules: Path, distribution: str, version: str, entry_points: str) -> None:
    """Lay down a distribution's metadata as pip does."""
    folder = modules / f"{distribution.replace('-', '_')}-{version}.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {distribution}\nVersion: {version}\n")
    (folder / "entry_points.txt").write_text(entry_points)
