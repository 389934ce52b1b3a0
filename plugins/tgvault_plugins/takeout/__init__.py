"""Reading a live Telegram account."""

from __future__ import annotations

from collections.abc import Mapping

from tgvault.api import Source, hookimpl

__all__ = ["TGVAULT_API", "tgvault_sources"]

TGVAULT_API = (1, 0)


@hookimpl
def tgvault_sources() -> Mapping[str, type[Source]]:
    """Bring the source `takeout`."""
    from tgvault_plugins.takeout.source import TakeoutSource

    return {"takeout": TakeoutSource}
