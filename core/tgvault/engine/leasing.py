"""The lease of a run on this machine."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from tgvault.engine.opening import OpenedVault
from tgvault.vault.leases import HeldLease, LeaseKind, Writer, hold, list_leases

__all__ = ["leased"]

_LAST = "lease"


@contextmanager
def leased(opened: OpenedVault, kind: LeaseKind, *, machine: str, now: Callable[[], datetime]) -> Iterator[HeldLease]:
    """Hold a lease while the block runs; to be called under the writer's lock, which says that no other run is alive.

    What a run of this machine left is taken away, be it that it was killed or that the sink did not answer in the end:
    nobody has to wait for that one.

    Raises:
        SinkError: the sink does not take it.
    """
    vault = opened.vault
    if last := vault.memory.fact(_LAST):
        for each in list_leases(vault.sink):
            if each.writer == last.decode():
                vault.sink.delete(each.name)
    writer = Writer(kind, machine, secrets.token_hex(8), now)
    vault.memory.set_fact(_LAST, writer.id.encode())
    with hold(opened.sink, vault.keys, writer) as lease:
        yield lease
    if lease.is_over:
        vault.memory.set_fact(_LAST, b"")
