"""Makes sources of one account, one after the other, in this process and in others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tgvault.engine.attaching import Attachment, StorePlace
from tgvault_plugins.takeout.config import TakeoutConfig
from tgvault_plugins.takeout.source import TakeoutSource

__all__ = ["MakeTakeoutSource"]


@dataclass
class MakeTakeoutSource:
    """Makes a source; one that was sent to another process makes what a worker has."""

    config: TakeoutConfig
    place: StorePlace
    context: Attachment | None

    def __call__(self) -> TakeoutSource:
        source = TakeoutSource(self.config)
        if self.context is not None:
            source.attach(self.context)
        else:
            source.attach_worker(self.place)
        return source

    def __getstate__(self) -> dict[str, Any]:
        return {"config": self.config, "place": self.place, "context": None}
