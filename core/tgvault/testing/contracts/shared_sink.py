"""What a sink that several processes can reach has to hold to."""

from __future__ import annotations

import pickle
from concurrent.futures import ProcessPoolExecutor
from hashlib import sha256
from itertools import count
from multiprocessing import get_context
from multiprocessing.connection import Connection

import pytest

from tgvault.contracts.sink import Sink
from tgvault.testing.contracts.sink import MIB, MakeSink, SinkContract, content, named

__all__ = ["SharedSinkContract"]

#: Fork would carry over locks and connections of the test process; no platform but Linux has it by default.
_SPAWN = get_context("spawn")


class SharedSinkContract(SinkContract):
    """`SinkContract`, and what concerns several processes; what `make_sink` gives must survive pickling."""

    def test_what_makes_it_can_be_sent_to_another_process(self, make_sink: MakeSink) -> None:
        """The engine sends the configuration to its workers."""
        assert type(pickle.loads(pickle.dumps(make_sink))()) is type(make_sink())  # noqa: S301

    def test_processes_do_not_disturb_each_other(self, sink: Sink, make_sink: MakeSink) -> None:
        """Each stores objects of its own, and all store some of the same."""
        seeds = [range(10), range(5, 15), range(15)]

        with ProcessPoolExecutor(3, mp_context=_SPAWN) as pool:
            for done in [pool.submit(store, make_sink, each) for each in seeds]:
                done.result()

        expected = [content(100_000, seed) for seed in range(15)]
        assert sorted(each.name for each in sink.list("")) == sorted(map(named, expected))
        assert all(sink.get(named(data)) == data for data in expected)

    @pytest.mark.parametrize("instant", range(8))
    def test_a_killed_writer_leaves_no_part_of_an_object(self, sink: Sink, make_sink: MakeSink, instant: int) -> None:
        """Killed (SIGKILL) a little later each time, while it writes objects of 4 MiB."""
        here, there = _SPAWN.Pipe(duplex=False)
        writer = _SPAWN.Process(target=store_for_ever, args=(make_sink, there))
        writer.start()
        with here, there:
            here.recv()
        writer.join(instant * 0.002)
        writer.kill()
        writer.join()
        writer.close()

        listed = list(sink.list(""))

        for each in listed:
            data = sink.get(each.name)
            assert len(data) == each.size
            assert sha256(data).hexdigest() in each.name
        sink.put(named(content(4 * MIB)), content(4 * MIB))
        assert sink.get(named(content(4 * MIB))) == content(4 * MIB)


def store(make_sink: MakeSink, seeds: range) -> None:
    """Store an object for each seed; runs in a process of its own."""
    sink = make_sink()
    for seed in seeds:
        data = content(100_000, seed)
        sink.put(named(data), data)
    sink.close()


def store_for_ever(make_sink: MakeSink, begun: Connection) -> None:
    """Store one object after the other until killed; runs in a process of its own."""
    sink = make_sink()
    objects = [content(4 * MIB, seed) for seed in range(8)]
    begun.send("begun")
    for at in count():
        data = objects[at % 8] + at.to_bytes(8)
        sink.put(named(data), data)
