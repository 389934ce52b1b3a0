"""The plugin that reads Telegram Desktop's own exports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tgvault.api import hookimpl

if TYPE_CHECKING:
    from tgvault.api import Source

__all__ = ["tgvault_sources"]


@hookimpl
def tgvault_sources() -> Mapping[str, type[Source]]:
    """Name the source."""
    # Loaded only when a source is asked for, so that listing plugins stays quick.
    from tgvault_plugins.desktop_export.source import DesktopExport

    return {"desktop-export": DesktopExport}
