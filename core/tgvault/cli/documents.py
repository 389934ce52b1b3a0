"""What each command prints with `--json`, in one place for the documentation and its test. Imports every verb."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from tgvault.cli.plugin import PluginList
from tgvault.cli.version import Versions

__all__ = ["DOCUMENTS"]

#: By the words that name the command.
DOCUMENTS: Mapping[str, type[msgspec.Struct]] = {
    "plugin list": PluginList,
    "version": Versions,
}
