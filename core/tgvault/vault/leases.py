"""Leases: who is at work in a vault. They lock nothing; they tell a pruner for whom it has to wait."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import msgspec

from tgvault.contracts.sink import ObjectName, Sink
from tgvault.errors import CorruptObjectError, MissingObjectError, SinkError
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.sealed import open_text, seal_text

__all__ = ["DEAD", "RENEW", "FoundLease", "HeldLease", "Lease", "LeaseKind", "Writer", "hold", "list_leases"]

FORMAT = 1
PURPOSE = "lease"

#: Seconds after which a writer puts its lease under a new name.
RENEW = 300.0

#: Seconds for which somebody has to have watched a lease keep its name before its writer may be taken for dead: twelve
#: renewals. A writer that was asleep and goes on after that finds its lease gone, and looks again at all it relied on.
DEAD = 3600.0

_NAME = re.compile(r"leases/([0-9a-f]{16})-\d{1,9}-[0-9a-f]{64}\.age")


class LeaseKind(StrEnum):
    """What a writer is at: a backup adds to the vault, a prune deletes from it."""

    BACKUP = "backup"
    PRUNE = "prune"


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """What a lease says; `time` is the writer's, and decides nothing."""

    format: int = FORMAT
    vault: str
    writer: str
    count: int
    kind: LeaseKind
    host: str
    time: str


@dataclass(frozen=True, slots=True)
class FoundLease:
    """A lease that is in the sink: its name, and the random 16 hexadecimal digits that name its writer."""

    name: ObjectName
    writer: str

    def read(self, sink: Sink, keys: KeyBundle) -> Lease:
        """Read what it says.

        Raises:
            MissingObjectError: it is not there any more.
            VaultError: it is not good; nobody who holds the vault's keys wrote it as it is.
        """
        payload = open_text(self.name, sink.get(self.name), purpose=PURPOSE, id_key=keys.id_key, identity=keys.index)
        try:
            lease = msgspec.json.decode(payload, type=Lease)
        except msgspec.MsgspecError as error:
            raise CorruptObjectError(f"`{self.name}` is not a lease: {error}") from None
        if (lease.vault, lease.writer) != (keys.vault_id, self.writer):
            raise CorruptObjectError(f"`{self.name}` is the lease of somebody else")
        return lease


def list_leases(sink: Sink) -> list[FoundLease]:
    """List the leases in the sink, in the order of their names."""
    matches = (_NAME.fullmatch(each.name) for each in sink.list("leases/"))
    return sorted((FoundLease(ObjectName(m[0]), m[1]) for m in matches if m is not None), key=lambda each: each.name)


@dataclass(frozen=True, slots=True)
class Writer:
    """Who takes a lease: the kind of its work, its machine, 16 random hexadecimal digits, and its clock (aware)."""

    kind: LeaseKind
    host: str
    id: str
    now: Callable[[], datetime]


class HeldLease:
    """The lease of a running writer.

    It tells whether it was there all the time: if not, somebody has taken the writer for dead, and may have deleted
    what it relied on.
    """

    def __init__(self, sink: Sink, keys: KeyBundle, writer: Writer) -> None:
        self._sink = sink
        self._keys = keys
        self._writer = writer
        self._lock = threading.Lock()
        self._count = 0
        self._renewed = writer.now()
        self._was_gone = False
        #: Names that were put and not taken away yet, the one in force last.
        self._names: list[ObjectName] = []
        #: Names that the sink did not take, as it said; they may be there all the same.
        self._doubtful: list[ObjectName] = []
        try:
            self._put()
        except SinkError:
            self.end()
            raise

    @property
    def writer(self) -> str:
        """Who holds it."""
        return self._writer.id

    @property
    def is_over(self) -> bool:
        """Whether nothing of it is left in the sink, as far as the sink has told."""
        return not (self._names or self._doubtful)

    def renew(self) -> None:
        """Put it under a new name, and take away the one before the last.

        The last one stays: a listing that is going on might have missed the new one.

        Raises:
            SinkError: the sink does not take it, or cannot be asked; the next renewal does what is left to do.
        """
        with self._lock:
            self._put()
            # In this order: a pruner that has taken this writer for dead deletes the old names and then looks again
            # for any other; either it finds the new one, or the old ones are missing here.
            for old in self._names[:-1]:
                self._note_if_gone(old)
            for old in self._names[:-2]:
                self._sink.delete(old)
                self._names.remove(old)

    def freshen(self) -> None:
        """Renew it, unless that was done a short time ago; raises as `renew`.

        A machine that was asleep since then tells by its clock. One whose clock tells nothing of that is no loss:
        `was_lost` asks the sink.
        """
        if not 0 <= (self._writer.now() - self._renewed).total_seconds() < RENEW:
            self.renew()

    def was_lost(self) -> bool:
        """Tell whether it was gone at any time since it was taken, or since the last call that said so.

        Raises:
            SinkError: the sink cannot be asked.
        """
        with self._lock:
            for name in self._names:
                self._note_if_gone(name)
            if self._was_gone:
                self._put()
                self._names, self._was_gone = self._names[-1:], False
                return True
            return False

    def end(self) -> None:
        """Take it away; one that cannot be taken away is taken for dead in time."""
        with self._lock:
            for names in (self._names, self._doubtful):
                for name in [*names]:
                    with suppress(SinkError):
                        self._sink.delete(name)
                        names.remove(name)

    def _put(self) -> None:
        who, count, now = self._writer, self._count + 1, self._writer.now()
        time = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        lease = Lease(vault=self._keys.vault_id, writer=who.id, count=count, kind=who.kind, host=who.host, time=time)
        payload = msgspec.json.encode(lease)
        data = seal_text(payload, purpose=PURPOSE, id_key=self._keys.id_key, recipient=self._keys.index.recipient)
        name = ObjectName(f"leases/{who.id}-{count}-{hashlib.sha256(data).hexdigest()}.age")
        try:
            self._sink.put(name, data)
        except SinkError:
            self._doubtful.append(name)
            raise
        self._count, self._renewed = count, now
        self._names.append(name)

    def _note_if_gone(self, name: ObjectName) -> None:
        try:
            self._sink.size(name)
        except MissingObjectError:
            self._was_gone = True


@contextmanager
def hold(
    make_sink: Callable[[], Sink], keys: KeyBundle, writer: Writer, *, every: float = RENEW
) -> Iterator[HeldLease]:
    """Hold a lease while the block runs, renewed from a thread of its own, on a sink of its own.

    Raises:
        SinkError: the sink does not take it.
    """
    sink = make_sink()
    try:
        lease = HeldLease(sink, keys, writer)
        stop = threading.Event()
        thread = threading.Thread(target=_keep_renewing, args=(lease, stop, every), name="tgvault-lease", daemon=True)
        thread.start()
        try:
            yield lease
        finally:
            stop.set()
            thread.join()
            lease.end()
    finally:
        sink.close()


def _keep_renewing(lease: HeldLease, stop: threading.Event, every: float) -> None:
    while not stop.wait(every):
        # A store that is away is met by the run itself; the next renewal finds whether the lease has suffered.
        with suppress(SinkError):
            lease.renew()
