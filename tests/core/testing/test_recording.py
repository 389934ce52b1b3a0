"""Recording what a sink is asked, and the stores that kills would have left."""

from __future__ import annotations

import pytest

from tgvault.api import MissingObjectError, ObjectName
from tgvault.testing import MemorySink, Operation, RecordingSink, crash_states
from tgvault.testing.contracts import MakeSink, SinkContract
from tgvault.testing.recording import apply


class TestRecordingSink(SinkContract):
    @pytest.fixture
    def make_sink(self) -> MakeSink:
        objects: dict[str, bytes] = {}
        return lambda: RecordingSink(MemorySink(objects))


def test_every_call_is_recorded_in_order() -> None:
    sink = RecordingSink(MemorySink())

    sink.prepare()
    sink.put(ObjectName("a"), b"1")
    sink.replace(ObjectName("a"), b"2")
    sink.get(ObjectName("a"))
    sink.size(ObjectName("a"))
    list(sink.list("a"))
    sink.delete(ObjectName("a"))
    sink.tidy()
    sink.close()

    expected = [
        ("prepare", "", b""),
        ("put", "a", b"1"),
        ("replace", "a", b"2"),
        ("get", "a", b""),
        ("size", "a", b""),
        ("list", "a", b""),
        ("delete", "a", b""),
        ("tidy", "", b""),
        ("close", "", b""),
    ]
    assert [(each.method, each.name, each.data) for each in sink.operations] == expected


def test_a_call_that_failed_is_recorded() -> None:
    sink = RecordingSink(MemorySink())

    with pytest.raises(MissingObjectError):
        sink.get(ObjectName("a"))

    assert sink.operations == [Operation("get", "a")]


def test_there_is_a_state_for_every_prefix_and_every_torn_put() -> None:
    operations = [
        Operation("put", "a", b"1234"),
        Operation("get", "a"),
        Operation("put", "a", b"1234"),
        Operation("replace", "v", b"xy"),
        Operation("delete", "a"),
    ]

    states = [(each.done, each.torn, each.sink.objects) for each in crash_states(operations)]

    assert states == [
        (0, False, {}),
        (0, True, {"a": b"12"}),
        (1, False, {"a": b"1234"}),
        (2, False, {"a": b"1234"}),
        (3, False, {"a": b"1234", "v": b"xy"}),
        (4, False, {"v": b"xy"}),
    ]


def test_a_state_is_nobody_elses() -> None:
    operations = [Operation("put", "a", b"1234"), Operation("put", "b", b"5678")]

    for state in crash_states(operations):
        state.sink.put(ObjectName("c"), b"resumed")

    assert "c" not in list(crash_states(operations))[-1].sink.objects


def test_a_state_says_where_the_kill_was() -> None:
    labels = [each.label for each in crash_states([Operation("put", "a", b"1234")])]

    assert labels == ["before 0 of 1: put a", "amid 0 of 1: put a", "after all 1"]


def test_an_operation_that_only_reads_cannot_be_applied() -> None:
    with pytest.raises(ValueError, match="get writes nothing"):
        apply(Operation("get", "a"), {})
