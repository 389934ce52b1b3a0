"""What spans became when they were last read, for those that did not change since."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from tgvault.state.database import Database

__all__ = ["Spans"]

#: A span that no run met for this many runs is forgotten.
KEEP_RUNS = 20


class Spans:
    """Remembers by a keyed name of a span's bytes what the archive made of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, name: bytes) -> bytes | None:
        """Give what is remembered of a span."""
        rows = self._database.run("SELECT value FROM span WHERE name = ?", name)
        return cast("bytes", rows[0][0]) if rows else None

    def remember(self, spans: Iterable[tuple[bytes, bytes]], *, run: int) -> None:
        """Remember (name, value) of spans that were read."""
        self._database.many("INSERT OR REPLACE INTO span VALUES (?, ?, ?)", ((*span, run) for span in spans))

    def meet(self, names: Iterable[bytes], *, run: int) -> None:
        """Remember that a run met spans that were as they are remembered."""
        self._database.many("UPDATE span SET run = ? WHERE name = ?", ((run, name) for name in names))

    def forget_old(self, *, run: int) -> None:
        """Drop spans that were not met for a long time."""
        self._database.run("DELETE FROM span WHERE run < ?", run - KEEP_RUNS)
