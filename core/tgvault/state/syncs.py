"""When copies were brought up to date by runs that had no key for the local state: times in a small readable file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import msgspec

from tgvault.folders.files import written_aside
from tgvault.state.memory import Memory

__all__ = ["Syncs"]

_DECODER = msgspec.json.Decoder(dict[str, datetime])


class Syncs:
    """The times of a vault's syncs on this machine, beside its local state; `folder` is that of the state."""

    def __init__(self, folder: Path, vault_id: str) -> None:
        self._path = folder / f"{vault_id}.syncs.json"

    def note(self, copy: str, *, time: datetime) -> None:
        """Remember that a copy has what the vault had at that time (aware).

        Raises:
            OSError: the file cannot be written.
        """
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        noted = {**self._read(), copy: time.replace(microsecond=0)}
        with written_aside(self._path.parent, msgspec.json.encode(noted)) as aside:
            aside.replace(self._path)

    def last(self, copy: str, memory: Memory) -> datetime | None:
        """Tell when a copy was last known to be up to date: here, or as the local state says; None if it never was."""
        known = [time for time in (self._read().get(copy), memory.synced(copy)) if time is not None]
        return max(known, default=None)

    def _read(self) -> dict[str, datetime]:
        """Read the file; nothing is known where there is none, or none that can be read."""
        try:
            noted = _DECODER.decode(self._path.read_bytes())
        except (OSError, msgspec.MsgspecError):
            return {}
        return {copy: time for copy, time in noted.items() if time.tzinfo is not None}
