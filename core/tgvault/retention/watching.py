"""For whom a pruner has to wait: told by what it has seen itself, never by a time that somebody else has written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime

import msgspec

from tgvault.contracts.sink import ObjectName, Sink
from tgvault.errors import VaultBusyError, VaultError
from tgvault.state.memory import Memory
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.leases import DEAD, FoundLease, Lease, LeaseKind, list_leases
from tgvault.vault.marks import StoredMark

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

    def bury(self) -> None:
        """Take away the leases of the dead: one who was only asleep finds his gone, and looks again at what he did."""
        for each in self.dead():
            self._sink.delete(each.name)

    def check_alone(self, keys: KeyBundle) -> None:
        """Make sure that nobody else prunes the vault; call `bury` before, so that no dead one wakes up unnoticed.

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

    def expired(self, marks: Collection[StoredMark], *, grace: float) -> set[str]:
        """Name what marks name that this machine has seen for at least so many seconds.

        What a mark says of its own time only lets it wait longer: a clock that was behind when it was first seen here
        would count time that was not. Who says that he made it in the future tells nothing.
        """
        made = {each.name: datetime.fromisoformat(each.mark.time).astimezone(UTC) for each in marks}
        seen = self._memory.first_seen("marks", made, now=self._now)
        since = {name: max(seen[name], made[name]) if made[name] <= self._now else seen[name] for name in made}
        over = {name for name, time in since.items() if self._is_over(time, grace)}
        return {name for each in marks if each.name in over for name in each.mark.objects}

    def settled(self, kind: str, names: Iterable[str], *, grace: float) -> set[str]:
        """Give those of all names of a kind that this machine has seen for at least so many seconds."""
        seen = self._memory.first_seen(kind, names, now=self._now)
        return {name for name, time in seen.items() if self._is_over(time, grace)}

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

    def _is_over(self, since: datetime, grace: float) -> bool:
        return (self._now - since).total_seconds() >= grace

    def _recall(self, fact: str) -> dict[str, list[str]]:
        return msgspec.json.decode(self._memory.fact(fact) or b"{}", type=dict[str, list[str]])
