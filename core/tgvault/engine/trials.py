"""What a vault needs of a store, one thing at a time, tried with objects that no vault has."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial

from tgvault.contracts.sink import ObjectName, Sink
from tgvault.engine.amounts import count, size
from tgvault.errors import MissingObjectError, SinkError

__all__ = ["ESSENTIAL", "TRIALS", "Bench"]

#: Small objects: as many as show what a call takes without making anybody wait.
_SMALL, _SMALL_SIZE = 20, 500
#: Half a pack, so that a slow line takes seconds and not minutes.
_LARGE = 8 << 20
#: Letters and digits of the longest last part that a name may have, see `OBJECT_NAME`.
_LONGEST = 128
#: As many threads as a sync has.
_THREADS = 4

_NOT_THERE = "a vault cannot be kept there: what is not given back as it was put is lost"
_NOT_LISTED = "a vault cannot be kept there: it finds its objects by listing them"


@dataclass(slots=True)
class Bench:
    """A store that is tried out: one instance of its sink writes, and another one reads, as two processes would.

    `place` is how the names of all objects begin; `clock` tells seconds; `random` gives so many random bytes.
    `used` collects every name that something may lie under, `figures` what was measured.
    """

    writer: Sink
    reader: Sink
    place: str
    make: Callable[[], Sink]
    clock: Callable[[], float]
    random: Callable[[int], bytes]
    used: set[ObjectName] = field(default_factory=set)
    figures: dict[str, float] = field(default_factory=dict)

    def name(self, end: str) -> ObjectName:
        """Name an object."""
        return ObjectName(self.place + end)

    def put(self, end: str, data: bytes) -> None:
        """Put an object there."""
        self.used.add(self.name(end))
        self.writer.put(self.name(end), data)

    def check(self, end: str, data: bytes) -> None:
        """See that an object is given back as it was put.

        Raises:
            SinkError: it is not.
        """
        try:
            given, told = self.reader.get(self.name(end)), self.reader.size(self.name(end))
        except MissingObjectError:
            raise SinkError(f"it took `{self.name(end)}` and does not have it", hint=_NOT_THERE) from None
        if given != data:
            raise SinkError(f"it gives back other bytes than it took as `{self.name(end)}`", hint=_NOT_THERE)
        if told != len(data):
            raise SinkError(f"it tells {told:,} bytes as the size of an object of {len(data):,}", hint=_NOT_THERE)

    def listed(self, start: str) -> list[str]:
        """List the ends of the names that begin so, sorted, as often as they are listed."""
        return sorted(each.name.removeprefix(self.place) for each in self.reader.list(self.place + start))

    def check_listed(self, start: str, wanted: Mapping[str, int]) -> None:
        """See that exactly these objects are listed, each once and with its size.

        Raises:
            SinkError: they are not.
        """
        found = [(each.name.removeprefix(self.place), each.size) for each in self.reader.list(self.place + start)]
        if sorted(found) == sorted(wanted.items()):
            return
        names = [name for name, _ in found]
        for name in sorted(wanted):
            if name not in names:
                raise SinkError(f"it took `{self.name(name)}` and does not list it", hint=_NOT_LISTED)
        if extra := sorted(set(names) - set(wanted)):
            raise SinkError(f"asked for names that begin with `{start}`, it lists `{extra[0]}`", hint=_NOT_LISTED)
        what = "lists an object twice" if len(names) > len(wanted) else "lists an object with another size than it has"
        raise SinkError(f"it {what}", hint=_NOT_LISTED)

    def timed(self, action: Callable[[], object]) -> float:
        """Do something and give the seconds that it took."""
        start = self.clock()
        action()
        return max(self.clock() - start, 1e-9)


def _list(bench: Bench) -> str:
    return count(sum(1 for _ in bench.reader.list("")), "object")


def _put_and_get(bench: Bench) -> None:
    data = bench.random(1000)
    bench.put("first.age", data)
    bench.check("first.age", data)


def _listed_at_once(bench: Bench) -> None:
    bench.put("listed.age", bench.random(700))
    bench.check_listed("listed", {"listed.age": 700})


def _put_again(bench: Bench) -> None:
    data = bench.random(800)
    bench.put("twice.age", data)
    bench.put("twice.age", data)
    bench.check("twice.age", data)
    bench.check_listed("twice", {"twice.age": 800})


def _replace(bench: Bench) -> None:
    bench.put("changing.json", bench.random(900))
    data = bench.random(600)
    bench.writer.replace(bench.name("changing.json"), data)
    bench.check("changing.json", data)
    bench.check_listed("changing", {"changing.json": 600})


def _names(bench: Bench) -> None:
    odd = (
        "names-MiXed-Case_and.more.than.one.dot",
        "names-".ljust(_LONGEST - len(bench.place.rpartition("/")[2]), "x"),
        "names-0",
    )
    for end in odd:
        bench.put(end, end.encode())
    for end in odd:
        bench.check(end, end.encode())
    bench.check_listed("names-", {end: len(end) for end in odd})


def _prefix(bench: Bench) -> None:
    for end in ("begin-ab.age", "begin-abc.age", "begin-b.age", "beginning.age"):
        bench.put(end, b"x")
    bench.check_listed("begin-ab", {"begin-ab.age": 1, "begin-abc.age": 1})
    bench.check_listed("begin-", {"begin-ab.age": 1, "begin-abc.age": 1, "begin-b.age": 1})


def _small(bench: Bench) -> str:
    contents = {f"small-{number}.age": bench.random(_SMALL_SIZE) for number in range(_SMALL)}
    puts = [bench.timed(partial(bench.put, end, data)) for end, data in contents.items()]
    gets = [bench.timed(partial(bench.reader.get, bench.name(end))) for end in contents]
    bench.check_listed("small-", dict.fromkeys(contents, _SMALL_SIZE))
    bench.figures["put_ms"], bench.figures["get_ms"] = (statistics.median(each) * 1000 for each in (puts, gets))
    return f"{bench.figures['put_ms']:.1f} ms to put one, {bench.figures['get_ms']:.1f} ms to get one"


def _large(bench: Bench) -> str:
    data = bench.random(_LARGE)
    put = bench.timed(lambda: bench.put("large.age", data))
    given: list[bytes] = []
    get = bench.timed(lambda: given.append(bench.reader.get(bench.name("large.age"))))
    if given != [data]:
        raise SinkError("it gives back other bytes than it took", hint=_NOT_THERE)
    bench.figures["put_rate"], bench.figures["get_rate"] = len(data) / put, len(data) / get
    return f"{size(int(len(data) / put))} a second to it, {size(int(len(data) / get))} a second from it"


def _at_once(bench: Bench) -> None:
    contents = {f"at-once-{number}.age": bench.random(50_000) for number in range(2 * _THREADS)}
    bench.used |= set(map(bench.name, contents))

    def bring(ends: list[str]) -> None:
        with closing(bench.make()) as sink:
            for end in ends:
                sink.put(bench.name(end), contents[end])

    with ThreadPoolExecutor(_THREADS) as threads:
        list(threads.map(bring, [list(contents)[at::_THREADS] for at in range(_THREADS)]))
    for end, data in contents.items():
        bench.check(end, data)


def _missing(bench: Bench) -> None:
    for ask in (bench.reader.get, bench.reader.size):
        try:
            ask(bench.name("never-put.age"))
        except MissingObjectError:
            continue
        raise SinkError("it tells of an object that was never put there", hint=_NOT_THERE)


def _delete(bench: Bench) -> None:
    bench.put("deleted.age", b"x")
    bench.writer.delete(bench.name("deleted.age"))
    bench.writer.delete(bench.name("deleted.age"))
    if bench.listed("deleted"):
        raise SinkError("it lists an object that was deleted", hint=_NOT_LISTED)
    try:
        bench.reader.size(bench.name("deleted.age"))
    except MissingObjectError:
        return
    raise SinkError("it still has an object that was deleted", hint="a vault there grows and never shrinks")


#: In their order, each with what it is called.
TRIALS: Mapping[str, Callable[[Bench], str | None]] = {
    "list": _list,
    "put and get": _put_and_get,
    "list what was just put": _listed_at_once,
    "put the same again": _put_again,
    "replace": _replace,
    "keep names as they are": _names,
    "list by how names begin": _prefix,
    "many small objects": _small,
    "one large object": _large,
    "several at once": _at_once,
    "tell what is missing": _missing,
    "delete": _delete,
}

#: Without these nothing else can be tried.
ESSENTIAL = ("list", "put and get")
