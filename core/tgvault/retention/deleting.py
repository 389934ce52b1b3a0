"""Deleting many objects."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from tgvault.contracts.sink import ObjectName, Sink

__all__ = ["delete_all"]

#: An instance of a sink serves two threads at a time.
_THREADS = 2


def delete_all(sink: Sink, names: Iterable[ObjectName]) -> None:
    """Delete objects; what is not there is no error.

    Raises:
        SinkError: the sink cannot be written; some may have been deleted.
    """
    doomed = list(names)
    if not doomed:
        return
    with ThreadPoolExecutor(_THREADS) as threads:
        for done in [threads.submit(sink.delete, name) for name in doomed]:
            done.result()
