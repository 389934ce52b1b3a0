"""Sinks that go wrong on request."""

from __future__ import annotations

import pytest

from tgvault.api import MissingObjectError, ObjectName, SinkFullError, SinkUnavailableError
from tgvault.testing import Fault, FaultKind, FaultySink, MemorySink, names
from tgvault.testing.contracts import MakeSink, SinkContract

A, B = ObjectName("packs/00/a"), ObjectName("packs/01/b")


@pytest.fixture
def inner() -> MemorySink:
    return MemorySink({A: b"12345678", B: b"content of b"})


class TestFaultySinkWithoutFaults(SinkContract):
    @pytest.fixture
    def make_sink(self) -> MakeSink:
        objects: dict[str, bytes] = {}
        return lambda: FaultySink(MemorySink(objects))


def test_an_error_strikes_before_anything_is_done(inner: MemorySink) -> None:
    sink = FaultySink(inner, Fault(FaultKind.ERROR, "put", "new"))

    with pytest.raises(SinkUnavailableError):
        sink.put(ObjectName("new"), b"1")

    assert names(inner) == [A, B]


def test_an_answer_is_lost_after_it_is_done(inner: MemorySink) -> None:
    sink = FaultySink(inner, Fault(FaultKind.LOST_ANSWER, "put", "new"))

    with pytest.raises(SinkUnavailableError):
        sink.put(ObjectName("new"), b"1")

    assert inner.objects["new"] == b"1"


def test_the_error_may_be_chosen(inner: MemorySink) -> None:
    sink = FaultySink(inner, Fault(FaultKind.ERROR, "put", error=SinkFullError("no room")))

    with pytest.raises(SinkFullError, match="no room"):
        sink.put(ObjectName("new"), b"1")


def test_a_fault_strikes_as_often_as_it_was_told(inner: MemorySink) -> None:
    sink = FaultySink(inner, Fault(FaultKind.ERROR, "get", "packs/00/*", after=1, times=2))

    outcomes = []
    for _ in range(5):
        try:
            outcomes.append(sink.get(A) == b"12345678")
        except SinkUnavailableError:
            outcomes.append(False)

    assert outcomes == [True, False, False, True, True]
    assert sink.get(B) == b"content of b"


def test_a_read_is_cut_short(inner: MemorySink) -> None:
    sink = FaultySink(inner, Fault(FaultKind.TRUNCATED, "get", A))

    assert sink.get(A) == b"1234"
    assert sink.get(B) == b"content of b"


def test_a_bit_is_flipped_on_reading_and_not_in_the_store(inner: MemorySink) -> None:
    sink = FaultySink(inner, Fault(FaultKind.FLIPPED_BIT, "get", A))

    assert sink.get(A) == b"12344678"
    assert inner.get(A) == b"12345678"


def test_a_listing_is_cut_off(inner: MemorySink) -> None:
    sink = FaultySink(inner, Fault(FaultKind.CUT_OFF, "list", "packs/"))
    listed = []

    with pytest.raises(SinkUnavailableError):
        listed.extend(each.name for each in sink.list("packs/"))

    assert listed == [A]


def test_somebody_else_is_first_where_a_call_is_late(inner: MemorySink) -> None:
    sink = FaultySink(inner, Fault(FaultKind.DELAYED, "get", A, times=1, meanwhile=lambda: inner.replace(A, b"new")))

    assert sink.get(A) == b"new"


def test_what_somebody_else_does_meanwhile_is_not_late_itself(inner: MemorySink) -> None:
    seen: list[bytes] = []
    sink = FaultySink(inner, Fault(FaultKind.DELAYED, "get", meanwhile=lambda: seen.append(sink.get(A))))

    sink.get(B)

    assert seen == [b"12345678"]


def test_an_object_is_hidden(inner: MemorySink) -> None:
    sink = FaultySink(inner, Fault(FaultKind.HIDDEN, pattern=A))

    assert names(sink) == [B]
    with pytest.raises(MissingObjectError):
        sink.get(A)
    with pytest.raises(MissingObjectError):
        sink.size(A)


def test_a_listing_is_old(inner: MemorySink) -> None:
    sink = FaultySink(inner, Fault(FaultKind.STALE_LISTING, "list", "packs/", times=1))

    sink.put(ObjectName("packs/02/c"), b"1")
    sink.delete(A)

    assert names(sink, "packs/") == [A, B]
    assert names(sink, "packs/") == [B, "packs/02/c"]


@pytest.mark.parametrize("method", ["prepare", "replace", "size", "list", "delete", "tidy", "close"])
def test_every_method_can_fail(inner: MemorySink, method: str) -> None:
    sink = FaultySink(inner, Fault(FaultKind.ERROR, method))  # type: ignore[arg-type]
    calls = {
        "prepare": sink.prepare,
        "replace": lambda: sink.replace(A, b"1"),
        "size": lambda: sink.size(A),
        "list": lambda: sink.list(""),
        "delete": lambda: sink.delete(A),
        "tidy": sink.tidy,
        "close": sink.close,
    }

    with pytest.raises(SinkUnavailableError, match=method):
        calls[method]()
