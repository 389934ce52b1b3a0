"""The sink over several places."""

from __future__ import annotations

import errno
import hashlib

import pytest

from tgvault.contracts.sink import ObjectName, Sink
from tgvault.engine.anywhere import AnywhereSink, SinkPlace
from tgvault.errors import (
    ConfigError,
    CorruptObjectError,
    CredentialError,
    MissingObjectError,
    SinkUnavailableError,
)
from tgvault.testing import Fault, FaultKind, FaultySink, MemorySink, RecordingSink, flip_byte

WHOLE = b"what was written"
NAME = ObjectName(f"index/{hashlib.sha256(WHOLE).hexdigest()}.age")
HEADER = ObjectName("vault.json")


def place(name: str, sink: Sink) -> SinkPlace:
    return SinkPlace(name, lambda: sink)


def anywhere(*sinks: Sink, everywhere: bool = False) -> AnywhereSink:
    return AnywhereSink([place(str(number), sink) for number, sink in enumerate(sinks)], everywhere=everywhere)


def holding(**objects: bytes) -> MemorySink:
    sink = MemorySink()
    for name, data in objects.items():
        sink.put(ObjectName({"content": NAME, "header": HEADER}.get(name, name)), data)
    return sink


def bad_sector() -> SinkUnavailableError:
    error = SinkUnavailableError("the disk failed")
    error.__cause__ = OSError(errno.EIO, "input/output error")
    return error


def refuse() -> Sink:
    raise AssertionError("nobody asked for it")


def test_an_object_comes_from_the_first_place_that_has_it() -> None:
    sink = anywhere(holding(), holding(content=WHOLE))

    assert sink.get(NAME) == WHOLE
    assert sink.size(NAME) == len(WHOLE)
    assert sink.taken == {NAME: "1"}


def test_copies_are_not_made_before_they_are_needed() -> None:
    sink = AnywhereSink([place("primary", holding(content=WHOLE)), SinkPlace("disk", refuse)])

    assert sink.get(NAME) == WHOLE
    assert [each.name for each in sink.list("")] == [NAME]
    sink.close()


def test_an_object_that_no_place_has_is_missing() -> None:
    with pytest.raises(MissingObjectError):
        anywhere(holding(), holding()).get(NAME)


def test_bytes_that_fit_their_name_are_found_wherever_they_are() -> None:
    wrong, right = holding(content=WHOLE), holding(content=WHOLE)
    flip_byte(wrong, NAME)
    sink = anywhere(wrong, wrong, right)
    before = sink.get(NAME)

    assert before != WHOLE
    assert sink.elsewhere(NAME) == WHOLE
    assert sink.get(NAME) == WHOLE
    assert sink.taken == {NAME: "2"}


def test_what_is_damaged_everywhere_is_looked_for_once() -> None:
    recording = RecordingSink(holding(content=b"x"))
    sink = anywhere(recording)

    assert sink.elsewhere(NAME) is None
    assert sink.elsewhere(NAME) is None
    assert sink.elsewhere(HEADER) is None
    assert len(recording.operations) == 1


def test_a_place_that_is_away_is_asked_once() -> None:
    away = RecordingSink(FaultySink(holding(content=WHOLE), Fault(FaultKind.ERROR, "get")))
    sink = anywhere(away, holding(content=WHOLE))

    assert [sink.get(NAME), sink.get(NAME)] == [WHOLE, WHOLE]
    assert len(away.operations) == 1
    assert isinstance(sink.away["0"], SinkUnavailableError)
    assert sink.taken == {}


@pytest.mark.parametrize("error", [CredentialError("no"), ConfigError("no")])
def test_a_copy_that_cannot_be_made_is_away(error: Exception) -> None:
    def fail() -> Sink:
        raise error

    sink = AnywhereSink([place("primary", holding()), SinkPlace("disk", fail), place("nas", holding(content=WHOLE))])

    assert sink.get(NAME) == WHOLE
    assert sink.away == {"disk": error}


def test_where_every_place_is_away_the_first_says_why() -> None:
    sinks = [FaultySink(holding(), Fault(FaultKind.ERROR, "get", error=SinkUnavailableError(each))) for each in "ab"]

    with pytest.raises(SinkUnavailableError, match="a"):
        anywhere(*sinks).get(NAME)


def test_a_bad_sector_costs_one_object_and_no_place() -> None:
    broken = FaultySink(holding(content=WHOLE, other=b"x"), Fault(FaultKind.ERROR, "get", NAME, error=bad_sector()))
    sink = anywhere(broken, holding(content=WHOLE))

    assert sink.get(NAME) == WHOLE
    assert sink.get(ObjectName("other")) == b"x"
    assert sink.away == {}
    with pytest.raises(CorruptObjectError, match="disk failed"):
        anywhere(broken, holding()).get(NAME)


def test_the_first_place_tells_what_there_is_and_all_of_them_if_that_is_asked_for() -> None:
    one, other = holding(header=b"1"), holding(header=b"22", content=WHOLE)

    assert [each.size for each in anywhere(one, other).list("")] == [1]
    assert sorted(each.size for each in anywhere(one, other, everywhere=True).list("")) == [1, len(WHOLE)]


def test_a_place_that_goes_away_while_it_is_listed_is_passed_over() -> None:
    away = FaultySink(holding(header=b"1"), Fault(FaultKind.ERROR, "list"))

    listed = anywhere(away, holding(content=WHOLE), everywhere=True).list("")

    assert [each.name for each in listed] == [NAME]
    with pytest.raises(SinkUnavailableError):
        list(anywhere(away, away, everywhere=True).list(""))


def test_the_first_place_is_told_what_will_be_read() -> None:
    told: list[str] = []

    class Expecting(MemorySink):
        def expect(self, name: ObjectName) -> None:
            told.append(name)

    anywhere(Expecting(), Expecting()).expect(NAME)

    assert told == [NAME]


def test_nothing_is_written() -> None:
    sink = anywhere(holding())

    for call in (
        sink.prepare,
        sink.tidy,
        lambda: sink.put(NAME, b""),
        lambda: sink.replace(NAME, b""),
        lambda: sink.delete(NAME),
    ):
        with pytest.raises(NotImplementedError):
            call()
