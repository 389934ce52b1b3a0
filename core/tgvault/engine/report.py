"""What a backup did; each snapshot keeps its own."""

from __future__ import annotations

import msgspec

from tgvault.model.findings import Finding

__all__ = ["BackupReport", "MediaNumbers", "MessageNumbers"]


class MessageNumbers(msgspec.Struct):
    """Numbers of messages: in the archive after the run, seen by the run, and what the run changed.

    `updated` are those of which something other than the content changed (names, reactions); `back` are messages that
    were gone and are there again.
    """

    total: int = 0
    seen: int = 0
    new: int = 0
    edited: int = 0
    updated: int = 0
    gone: int = 0
    back: int = 0


class MediaNumbers(msgspec.Struct):
    """Numbers of files: those the source has, those of which the vault had no copy, those that filled a gap of an
    earlier run, and those that are not there, by reason.
    """

    files: int = 0
    new: int = 0
    filled: int = 0
    missing: dict[str, int] = {}


class BackupReport(msgspec.Struct, kw_only=True):
    """The record of a backup. Sizes are in bytes, the duration in seconds."""

    snapshot: str
    archive: str
    sequence: int
    unchanged: bool
    chats: int
    chats_new: int
    messages: MessageNumbers
    media: MediaNumbers
    documents: int
    bytes_read: int
    bytes_stored: int
    duration: float
    findings: list[Finding]

    @property
    def losses(self) -> int:
        """Number of things that the source should have had and that are not in the snapshot."""
        return sum(found.count for found in self.findings if found.is_loss)
