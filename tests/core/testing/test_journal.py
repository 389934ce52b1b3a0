"""The sink that forgets nothing, held to the contract of sinks that processes share."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tgvault.api import ObjectName, SinkUnavailableError
from tgvault.testing import JournalConfig, JournalSink, Operation
from tgvault.testing.contracts import MakeSink, SharedSinkContract


class TestJournalSink(SharedSinkContract):
    @pytest.fixture
    def make_sink(self, tmp_path: Path) -> MakeSink:
        return partial(JournalSink, JournalConfig(tmp_path / "journal"))


def test_the_writes_of_all_instances_are_told_in_order(tmp_path: Path) -> None:
    config = JournalConfig(tmp_path / "journal")
    first, second = JournalSink(config), JournalSink(config)
    first.prepare()

    first.put(ObjectName("a"), b"1")
    second.replace(ObjectName("b"), b"2")
    first.delete(ObjectName("a"))

    written = (Operation("put", "a", b"1"), Operation("replace", "b", b"2"), Operation("delete", "a"))
    assert first.operations() == second.operations() == written


def test_half_a_record_of_a_killed_writer_is_cut_off(tmp_path: Path) -> None:
    sink = JournalSink(JournalConfig(tmp_path / "journal"))
    sink.prepare()
    sink.put(ObjectName("a"), b"whole")
    whole = (tmp_path / "journal").read_bytes()
    for kept in range(1, len(whole)):
        (tmp_path / "journal").write_bytes(whole + whole[:kept])
        other = JournalSink(JournalConfig(tmp_path / "journal"))

        other.put(ObjectName("b"), b"next")

        assert [each.name for each in other.operations()] == ["a", "b"]


def test_a_journal_that_nobody_prepared_is_unavailable(tmp_path: Path) -> None:
    sink = JournalSink(JournalConfig(tmp_path / "journal"))

    with pytest.raises(SinkUnavailableError):
        sink.put(ObjectName("a"), b"1")
