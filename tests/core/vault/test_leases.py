"""Leases: taken, renewed under new names, ended, and lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import msgspec
import pytest

from tgvault.contracts.sink import ObjectName
from tgvault.errors import CorruptObjectError, ForgedObjectError, SinkUnavailableError
from tgvault.testing import Fault, FaultKind, FaultySink, MemorySink
from tgvault.vault.bundle import KeyBundle
from tgvault.vault.leases import RENEW, FoundLease, HeldLease, Lease, LeaseKind, Writer, hold, list_leases
from tgvault.vault.sealed import seal_text
from vault_support import a_bundle

KEYS = a_bundle()
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ME = Writer(LeaseKind.BACKUP, "laptop", "00112233445566ff", lambda: NOW)


@pytest.fixture
def sink() -> MemorySink:
    return MemorySink()


def put_lease(sink: MemorySink, payload: bytes, *, keys: KeyBundle = KEYS, writer: str = ME.id) -> FoundLease:
    data = seal_text(payload, purpose="lease", id_key=keys.id_key, recipient=KEYS.index.recipient)
    name = ObjectName(f"leases/{writer}-1-{sha256(data).hexdigest()}.age")
    sink.put(name, data)
    return FoundLease(name, writer)


def test_a_lease_says_who_is_at_work(sink: MemorySink) -> None:
    HeldLease(sink, KEYS, ME)

    (found,) = list_leases(sink)

    assert found.writer == ME.id
    assert found.read(sink, KEYS) == Lease(
        vault=KEYS.vault_id, writer=ME.id, count=1, kind=LeaseKind.BACKUP, host="laptop", time="2026-01-02T03:04:05Z"
    )


def test_renewing_gives_it_another_name_and_keeps_the_last_one(sink: MemorySink) -> None:
    lease = HeldLease(sink, KEYS, ME)
    (first,) = list_leases(sink)

    lease.renew()
    second = {each.name for each in list_leases(sink)}
    lease.renew()
    third = {each.name for each in list_leases(sink)}

    assert (len(second), len(third), len(second & third)) == (2, 2, 1)
    assert first.name in second - third
    assert not lease.was_lost()


@pytest.mark.parametrize(("seconds", "renewed"), [(0, False), (RENEW - 1, False), (RENEW, True), (-1, True)])
def test_freshening_renews_what_is_old_by_the_writers_clock(sink: MemorySink, seconds: float, renewed: bool) -> None:
    times = iter([ME.now(), ME.now(), ME.now() + timedelta(seconds=seconds), ME.now()])
    lease = HeldLease(sink, KEYS, replace(ME, now=lambda: next(times)))

    lease.freshen()

    assert len(list_leases(sink)) == 1 + renewed


def test_ending_takes_it_away(sink: MemorySink) -> None:
    lease = HeldLease(sink, KEYS, ME)

    lease.end()

    assert list_leases(sink) == []


def test_a_lease_that_somebody_took_away_was_lost_once(sink: MemorySink) -> None:
    lease = HeldLease(sink, KEYS, ME)
    (found,) = list_leases(sink)
    sink.delete(found.name)

    told = lease.was_lost(), lease.was_lost()

    assert told == (True, False)
    assert [each.writer for each in list_leases(sink)] == [ME.id]


def test_a_loss_that_a_renewal_found_is_told_afterwards(sink: MemorySink) -> None:
    lease = HeldLease(sink, KEYS, ME)
    (found,) = list_leases(sink)
    sink.delete(found.name)

    lease.renew()

    assert lease.was_lost()


class Failing(MemorySink):
    """A sink of which the methods named in `away` fail."""

    def __init__(self) -> None:
        super().__init__()
        self.away: set[str] = set()

    def _check(self, method: str) -> None:
        if method in self.away:
            raise SinkUnavailableError("the store is away")

    def put(self, name: ObjectName, data: bytes) -> None:
        self._check("put")
        super().put(name, data)

    def size(self, name: ObjectName) -> int:
        self._check("size")
        return super().size(name)

    def delete(self, name: ObjectName) -> None:
        self._check("delete")
        super().delete(name)


@pytest.mark.parametrize("method", ["put", "size", "delete"])
def test_a_renewal_that_fails_is_made_up_for_by_the_next(method: str) -> None:
    sink = Failing()
    lease = HeldLease(sink, KEYS, ME)
    lease.renew()
    sink.away = {method}
    with pytest.raises(SinkUnavailableError):
        lease.renew()
    sink.away = set()

    lease.renew()

    assert len(list_leases(sink)) == 2
    assert not lease.was_lost()


def test_a_lease_that_cannot_be_taken_away_stays_behind() -> None:
    sink = Failing()
    lease = HeldLease(sink, KEYS, ME)
    sink.away = {"delete"}

    lease.end()

    assert len(list_leases(sink)) == 1
    assert not lease.is_over


def test_it_is_held_while_the_block_runs_and_no_longer(sink: MemorySink) -> None:
    with hold(lambda: sink, KEYS, ME) as lease:
        inside = [each.writer for each in list_leases(sink)]

    assert inside == [lease.writer] == [ME.id]
    assert list_leases(sink) == []


def test_it_is_ended_after_an_error_as_well(sink: MemorySink) -> None:
    with pytest.raises(ZeroDivisionError), hold(lambda: sink, KEYS, ME):
        raise ZeroDivisionError

    assert list_leases(sink) == []


class Signalling(Failing):
    """Tells of each name that is deleted, and of each attempt to put that fails."""

    def __init__(self) -> None:
        super().__init__()
        self.happened = threading.Event()

    def delete(self, name: ObjectName) -> None:
        super().delete(name)
        self.happened.set()

    def _check(self, method: str) -> None:
        if method in self.away:
            self.happened.set()
        super()._check(method)


@pytest.mark.parametrize("prepare", [lambda sink: None, lambda sink: sink.away.add("put")], ids=["renewed", "away"])
def test_it_is_renewed_by_itself_whatever_the_store_says(prepare: Callable[[Signalling], None]) -> None:
    sink = Signalling()

    with hold(lambda: sink, KEYS, ME, every=0.001) as lease:
        prepare(sink)
        happened = sink.happened.wait(30)

    assert happened
    assert lease.writer == ME.id


def test_who_does_not_hold_the_keys_cannot_make_one(sink: MemorySink) -> None:
    found = put_lease(sink, b"{}", keys=KeyBundle.generate())

    with pytest.raises(ForgedObjectError):
        found.read(sink, KEYS)


def test_the_lease_of_another_writer_is_none_under_that_name(sink: MemorySink) -> None:
    lease = Lease(vault=KEYS.vault_id, writer="f" * 16, count=1, kind=LeaseKind.PRUNE, host="h", time="t")
    found = put_lease(sink, msgspec.json.encode(lease))

    with pytest.raises(CorruptObjectError, match="somebody else"):
        found.read(sink, KEYS)


def test_what_is_no_lease_is_told(sink: MemorySink) -> None:
    found = put_lease(sink, b'{"writer":5}')

    with pytest.raises(CorruptObjectError, match="is not a lease"):
        found.read(sink, KEYS)


def test_other_objects_are_no_leases(sink: MemorySink) -> None:
    sink.put(ObjectName("leases/readme.txt"), b"mine")

    assert list_leases(sink) == []


@pytest.mark.parametrize("after", [0, 1], ids=["taken", "renewed"])
def test_a_lease_whose_answer_was_lost_is_taken_away_in_the_end(sink: MemorySink, after: int) -> None:
    faulty = FaultySink(sink, Fault(FaultKind.LOST_ANSWER, "put", after=after, times=1))

    with pytest.raises(SinkUnavailableError), ended(HeldLease(faulty, KEYS, ME)) as lease:
        lease.renew()

    assert list_leases(sink) == []


@contextmanager
def ended(lease: HeldLease) -> Iterator[HeldLease]:
    try:
        yield lease
    finally:
        assert not lease.was_lost()
        lease.end()
        assert lease.is_over
