"""A store behind opendal: its few requests, tried again where that may help, and its faults as errors of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from tgvault_plugins.cloud.faults import Kind
from tgvault_plugins.cloud.listing import Listed, Lister
from tgvault_plugins.cloud.patience import FaultError, Patience
from tgvault_plugins.cloud.telling import Place, told

if TYPE_CHECKING:
    from opendal import Operator

__all__ = ["Store"]

T = TypeVar("T")

#: Bytes a second below which an upload is given up: half of the slowest connection that people back up over.
_SLOWEST = 32 * 1024
#: Tries of a page of a list, and the longest pause between them; opendal makes them, so that a list goes on.
_PAGE_TRIES = 4
_LONGEST_PAUSE = 32.0


@dataclass(frozen=True)
class Store:
    """What lies below a root in a store; nothing is asked of it until the first request.

    `options` gives opendal's, secrets among them; it is asked before each request, since some of them are good for an
    hour only. Every method raises errors of tgvault only; what is not there is a `MissingObjectError`.
    """

    scheme: str
    options: Callable[[], Mapping[str, str]] = field(repr=False)
    place: Place
    patience: Patience
    _made: dict[str, tuple[Mapping[str, str], Operator]] = field(default_factory=dict, init=False, repr=False)

    def forget(self) -> None:
        """Forget what opendal has learned about the store, such as which id a path has."""
        self._made.clear()

    def write(self, path: str, data: bytes) -> None:
        """Store data, in one request where the store has one for that."""
        limit = self.patience.limit + len(data) / _SLOWEST
        self._run(lambda: self._operator(limit).write(path, data), path)

    def read(self, path: str) -> bytes:
        """Read an object whole."""
        try:
            return self.patience.run(lambda: self._operator(self.patience.limit).read(path))
        except FaultError as exc:
            fault = exc.fault
        if fault.kind is Kind.EMPTY:
            return b""
        raise told(fault, self.place, path)

    def size(self, path: str) -> int | None:
        """Tell an object's size; None where a folder has the name."""
        metadata = self._run(lambda: self._operator(self.patience.limit).stat(path), path)
        return metadata.content_length if metadata.is_file else None

    def delete(self, path: str) -> None:
        """Delete an object; one that is not there is no error."""
        self._run(lambda: self._operator(self.patience.limit).delete(path), path)

    def rename(self, path: str, target: str) -> None:
        """Give an object another name, in place of what has it."""
        self._run(lambda: self._operator(self.patience.limit).rename(path, target), path)

    def make_folder(self, path: str) -> None:
        """Make a folder, and those above it, where they are not there."""
        self._run(lambda: self._operator(self.patience.limit).create_dir(path), path)

    def list(self, path: str) -> Iterator[Listed]:
        """List what has a name that starts with path, in folders too."""
        with self.lister() as lister:
            yield from lister.list(path, recursive=True)

    @contextmanager
    def lister(self) -> Iterator[Lister]:
        """Read several lists, one after the other, in the block."""
        from opendal.layers import RetryLayer

        shortest = self.patience.first_pause
        retry = RetryLayer(max_times=_PAGE_TRIES, jitter=True, min_delay=shortest, max_delay=_LONGEST_PAUSE)
        fault = None
        try:
            with Lister(self._operator(self.patience.limit).layer(retry).to_async_operator()) as lister:
                yield lister
        except FaultError as exc:
            fault = exc.fault
        if fault:
            raise told(fault, self.place)

    def _run(self, call: Callable[[], T], path: str) -> T:
        try:
            return self.patience.run(call)
        except FaultError as exc:
            fault = exc.fault
        # Outside of the handler, so that no traceback leads to what opendal said.
        raise told(fault, self.place, path)

    def _operator(self, seconds: float) -> Operator:
        from opendal.layers import TimeoutLayer

        return self._bare().layer(TimeoutLayer(timeout=self.patience.limit, io_timeout=seconds))

    def _bare(self) -> Operator:
        from opendal import Operator

        options = self.options()
        made = self._made.get(self.scheme)
        if made is None or made[0] != options:
            # Two threads may both make one; either is good.
            made = self._made[self.scheme] = (options, Operator(self.scheme, **options))
        return made[1]
