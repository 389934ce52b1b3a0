"""What becomes of a message that is gone from Telegram."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Policy"]


class Policy(StrEnum):
    """What becomes of a message that is gone from a range that a run saw completely."""

    #: It stays, marked gone.
    KEEP = "keep"
    #: It is left out of newer snapshots.
    MIRROR = "mirror"
