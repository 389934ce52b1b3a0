"""For whom a pruner has to wait: told by what it has seen itself, never by a time that somebody else has written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime

import msgspec

from tgvault.contracts.sink import ObjectName, Sink
from tgvault.errors import VaultBusyError, VaultError
from tgvault.state.memory import Memory
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.leases import DEAD, FoundLease, Lease, LeaseKind, list_leases

__all__ = ["Watch"]

_WAITS = "leases to wait for"
_LEFTOVERS = "packs in no index"


class Watch:
    """What this machine has seen of leases, marks and packs in this run and in those before.

    `own` names the writer that is this run itself; `now` is its time (aware).
    """

    def __init__(self, sink: Sink, memory: Memory, *, own: str, now: datetime) -> None:
        self._sink = sink
        self._memory = memory
        self._own = own
        self._now = now

    def leases(self) -> list[FoundLease]:
        """List the leases of others, and remember since when each has its name."""
        found = [each for each in list_leases(self._sink) if each.writer != self._own]
        self._memory.first_seen("leases", (each.name for each in found), now=self._now)
        return found

    def dead(self) -> list[FoundLease]:
        """Give the leases that have kept their names for so long that their writers cannot be at work any more."""
        found = self.leases()
        seen = self._memory.first_seen("leases", (each.name for each in found), now=self._now)
        moving = {each.writer for each in found if (self._now - seen[each.name]).total_seconds() < DEAD}
        return [each for each in found if each.writer not in moving]

    def check_alone(self, keys: KeyBundle) -> None:
        """Make sure that nobody else prunes the vault.

        Raises:
            VaultBusyError: somebody does.
        """
        for lease in self._read(keys, {each.writer for each in self.leases()} - {each.writer for each in self.dead()}):
            if lease.kind is LeaseKind.PRUNE:
                raise VaultBusyError(
                    f"`{lease.host}` is pruning the vault",
                    hint="wait until it has ended; one that was killed there is over when its machine prunes again, and"
                    " is taken for dead by this one an hour after it was seen first",
                )

    def hosts(self, keys: KeyBundle, writers: Collection[str]) -> list[str]:
        """Name the machines of writers."""
        return sorted({lease.host for lease in self._read(keys, writers)})

    def _read(self, keys: KeyBundle, writers: Collection[str]) -> Iterator[Lease]:
        for found in self.leases():
            # One that is gone meanwhile, or that nobody who holds the keys has put there, says nothing.
            if found.writer in writers:
                with suppress(VaultError):
                    yield found.read(self._sink, keys)

    def expired(self, marks: Iterable[str], *, grace: float) -> set[str]:
        """Give the marks, by name, that this machine has seen for at least so many seconds."""
        seen = self._memory.first_seen("marks", marks, now=self._now)
        return {name for name, since in seen.items() if (self._now - since).total_seconds() >= grace}

    def waits(self, marks: Iterable[ObjectName]) -> Mapping[ObjectName, frozenset[str]]:
        """Tell for which writers each of the marks has to wait, of those that are at work still.

        They are those whose leases were there when this machine first looked after it had seen the mark: whoever began
        later has seen the mark himself. Call it after the marks were listed.
        """
        there = {each.writer for each in self.leases()}
        known = self._recall(_WAITS)
        waits = {name: sorted(there.intersection(known.get(name, there))) for name in marks}
        self._memory.set_fact(_WAITS, msgspec.json.encode(waits))
        return {name: frozenset(writers) for name, writers in waits.items()}

    def leftovers(self, unlisted: Iterable[bytes]) -> list[bytes]:
        """Give those of the packs (by digest), which no index object lists, that no writer at work can have stored.

        Call it after the packs were listed: who stored one of them, and is at work still, has a lease now.
        """
        there = {each.writer for each in self.leases()}
        known = self._recall(_LEFTOVERS)
        waits = {pack.hex(): sorted(there.intersection(known.get(pack.hex(), there))) for pack in unlisted}
        self._memory.set_fact(_LEFTOVERS, msgspec.json.encode(waits))
        return [bytes.fromhex(pack) for pack, writers in waits.items() if not writers]

    def _recall(self, fact: str) -> dict[str, list[str]]:
        return msgspec.json.decode(self._memory.fact(fact) or b"{}", type=dict[str, list[str]])
