"""What a run counts while it goes on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from tgvault.engine.tasks import SpanDone
from tgvault.model.findings import Findings

__all__ = ["RunNumbers"]


@dataclass(slots=True)
class RunNumbers:
    """Findings and figures of a run. Sizes are in bytes; `latest` is in seconds since 1970."""

    findings: Findings = field(default_factory=Findings)
    missing: Counter[str] = field(default_factory=Counter)
    messages: int = 0
    read: int = 0
    stored: int = 0
    new_files: int = 0
    latest: int = 0

    def add(self, done: SpanDone) -> None:
        """Add what a run of messages gave."""
        self.findings.update(done.findings)
        self.missing.update(done.missing)
        self.messages += done.messages
        self.latest = max(self.latest, done.latest)
