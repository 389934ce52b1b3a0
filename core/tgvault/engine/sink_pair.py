"""Two sinks that several threads read from and write to."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from threading import local

from tgvault.contracts.sink import Sink

__all__ = ["SinkPair"]


class SinkPair:
    """Both sinks, once for each thread: an instance serves two threads at most."""

    def __init__(self, primary: Callable[[], Sink], copy: Callable[[], Sink]) -> None:
        self._makes = primary, copy
        self._mine = local()
        self._open = ExitStack()

    def __enter__(self) -> SinkPair:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @property
    def primary(self) -> Sink:
        """This thread's instance of the sink that is read."""
        return self._sinks()[0]

    @property
    def copy(self) -> Sink:
        """This thread's instance of the sink that is written."""
        return self._sinks()[1]

    def _sinks(self) -> tuple[Sink, Sink]:
        found: tuple[Sink, Sink] | None = getattr(self._mine, "sinks", None)
        if found is None:
            found = self._makes[0](), self._makes[1]()
            self._mine.sinks = found
            for sink in found:
                self._open.callback(sink.close)
        return found
