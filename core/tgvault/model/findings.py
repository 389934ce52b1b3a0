"""What a run has to tell its user besides the data: what was lost, what was new to us, what was mended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

import msgspec

__all__ = ["Finding", "FindingKind", "Findings"]


class FindingKind(StrEnum):
    """What sort of thing was found; the losses make a run end with exit code 3."""

    #: Text or a record could not be read and is not in the snapshot.
    LOST = "lost"
    #: The source names a file and does not have it.
    MISSING_FILE = "missing file"
    #: A path leads out of the source's folder; the file was not read.
    REFUSED_PATH = "refused path"
    #: The source ends before it is complete.
    TRUNCATED = "truncated"
    #: Kept as it stands; this version of tgvault does not know it.
    UNKNOWN_FIELD = "unknown field"
    UNKNOWN_ACTION = "unknown action"
    UNKNOWN_TYPE = "unknown type"
    #: Not legal JSON; put right without losing anything.
    REPAIRED = "repaired"
    #: Worth knowing, nothing lost.
    NOTE = "note"


LOSSES = frozenset({FindingKind.LOST, FindingKind.MISSING_FILE, FindingKind.REFUSED_PATH, FindingKind.TRUNCATED})


class Finding(msgspec.Struct, frozen=True):
    """One thing found, with what it was found on.

    `subject` names the field, the file or the place; `detail` is a clause for people.
    """

    kind: FindingKind
    subject: str
    detail: str = ""
    count: int = 1

    @property
    def is_loss(self) -> bool:
        """Whether something the source should have had is not in the snapshot."""
        return self.kind in LOSSES


class Findings:
    """Counts findings; equal ones become one line. Keeps the first `limit` different ones of each kind by name."""

    def __init__(self, limit: int = 1000) -> None:
        self._limit = limit
        self._counts: Counter[tuple[FindingKind, str, str]] = Counter()
        self._kinds: Counter[FindingKind] = Counter()

    def add(self, found: Finding) -> None:
        """Count one finding."""
        known = (found.kind, found.subject, found.detail)
        if known not in self._counts and self._kinds[found.kind] >= self._limit:
            known = (found.kind, "more", "not listed one by one")
        elif known not in self._counts:
            self._kinds[found.kind] += 1
        self._counts[known] += found.count

    def update(self, found: Iterable[Finding]) -> None:
        """Count several findings."""
        for each in found:
            self.add(each)

    def listed(self) -> list[Finding]:
        """Everything found, in a fixed order: losses first, then by kind, subject and detail."""
        rows = [Finding(kind, subject, detail, n) for (kind, subject, detail), n in self._counts.items()]
        return sorted(rows, key=lambda row: (not row.is_loss, row.kind, row.subject, row.detail))

    def losses(self) -> int:
        """How many losses there were in all."""
        return sum(row.count for row in self.listed() if row.is_loss)
