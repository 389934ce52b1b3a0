"""Reading the next object while the last one is being worked on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

from tgvault.contracts.sink import Expecting, ObjectName, Sink, expect
from tgvault.engine.anywhere import AnywhereSink

__all__ = ["read_ahead"]


def read_ahead(sink: Sink, names: Sequence[ObjectName]) -> Iterator[Callable[[], bytes]]:
    """Give, for each object in turn, what reads it; the one behind it is on its way meanwhile.

    What is given raises as `Sink.get` does. A sink that has a use for knowing what comes is told, and reads ahead by
    itself; of another, one object is held besides the one that is being worked on.
    """
    if len(names) < 2 or _expects(sink):
        yield from _told(sink, names)
        return
    with ThreadPoolExecutor(1) as thread:
        following: Future[bytes] | None = thread.submit(sink.get, names[0])
        for name in (*names[1:], None):
            assert following is not None
            reading, following = following, thread.submit(sink.get, name) if name is not None else None
            yield reading.result


def _expects(sink: Sink) -> bool:
    return sink.expecting if isinstance(sink, AnywhereSink) else isinstance(sink, Expecting)


def _told(sink: Sink, names: Sequence[ObjectName]) -> Iterator[Callable[[], bytes]]:
    for number, name in enumerate(names, start=1):
        for following in names[number : number + 1]:
            expect(sink, following)
        yield partial(sink.get, name)
