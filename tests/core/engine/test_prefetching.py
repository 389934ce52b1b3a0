"""Reading the next object while the last one is being worked on."""

from __future__ import annotations

import threading

import pytest

from tgvault.contracts.sink import ObjectName
from tgvault.engine.anywhere import AnywhereSink, SinkPlace
from tgvault.engine.prefetching import read_ahead
from tgvault.errors import MissingObjectError, SinkUnavailableError
from tgvault.testing import MemorySink

NAMES = [ObjectName(f"packs/aa/{number}.age") for number in range(5)]


class Slow(MemorySink):
    """Tells when an object is asked for, in whatever thread."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = {name: threading.Event() for name in NAMES}
        for number, name in enumerate(NAMES):
            self.put(name, bytes([number]))

    def get(self, name: ObjectName) -> bytes:
        self.asked[name].set()
        return super().get(name)


class Told(Slow):
    """Has a use for knowing what comes."""

    def __init__(self) -> None:
        super().__init__()
        self.expected: list[ObjectName] = []

    def expect(self, name: ObjectName) -> None:
        self.expected.append(name)


@pytest.mark.parametrize("kind", [Slow, Told])
@pytest.mark.parametrize("number", range(6))
def test_objects_come_in_their_order(kind: type[Slow], number: int) -> None:
    read = [get() for get in read_ahead(kind(), NAMES[:number])]

    assert read == [bytes([each]) for each in range(min(number, 5))]


def test_the_next_one_is_on_its_way_while_one_is_worked_on() -> None:
    sink = Slow()
    reading = read_ahead(sink, NAMES)

    next(reading)()

    assert sink.asked[NAMES[1]].wait(30)
    assert not sink.asked[NAMES[2]].is_set()
    reading.close()


def test_who_wants_to_know_is_told_and_reads_by_itself() -> None:
    sink = Told()
    reading = read_ahead(sink, NAMES)

    next(reading)()

    assert sink.expected == [NAMES[1]]
    assert not sink.asked[NAMES[1]].is_set()


def test_an_error_is_that_of_its_own_object() -> None:
    sink = Slow()
    sink.delete(NAMES[1])

    first, second, third = (get for _, get in zip(range(3), read_ahead(sink, NAMES[:3]), strict=True))

    assert (first(), third()) == (b"\0", b"\2")
    with pytest.raises(MissingObjectError):
        second()


def gone() -> MemorySink:
    raise SinkUnavailableError("the store is away")


@pytest.mark.parametrize(
    ("make", "expected"), [(Told, True), (Slow, False), (gone, False)], ids=["local", "far", "away"]
)
def test_of_several_places_the_first_one_decides(make: type[MemorySink], expected: bool) -> None:
    sink = AnywhereSink([SinkPlace("primary", make), SinkPlace("copy", Slow)])

    read = [get() for get in read_ahead(sink, NAMES)]

    assert sink.expecting is expected
    assert read == [bytes([each]) for each in range(5)]
