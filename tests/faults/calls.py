"""The calls that each command makes of the sinks, as far as a fault may tell them apart: `calls.txt` has them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from faults.bench import Case
from tgvault.testing import Fault, FaultKind, RecordingSink
from tgvault.testing.recording import Method, Operation

__all__ = ["TABLE", "Row", "delays_of", "expected", "faults_of", "recorded"]

TABLE = Path(__file__).with_name("calls.txt")

_WRITES = (FaultKind.ERROR, FaultKind.LOST_ANSWER)

#: In which ways a call of each method may go wrong.
_KINDS: dict[Method, tuple[FaultKind, ...]] = {
    "prepare": _WRITES,
    "put": _WRITES,
    "replace": _WRITES,
    "delete": _WRITES,
    "tidy": _WRITES,
    "get": (FaultKind.ERROR, FaultKind.TRUNCATED, FaultKind.FLIPPED_BIT),
    "size": (FaultKind.ERROR,),
    "list": (FaultKind.ERROR, FaultKind.CUT_OFF),
}

#: What goes wrong no matter how often: bytes that come as they should not. After an error a command ends.
_LASTING = (FaultKind.TRUNCATED, FaultKind.FLIPPED_BIT)


@dataclass(frozen=True)
class Row:
    """What a command asks of the sink of one place.

    Each word is a method and the folder or the name that it is called with, `get:packs/`, with a `+` where that happens
    more than once.
    """

    operation: str
    place: str
    words: tuple[str, ...]

    @property
    def calls(self) -> set[str]:
        """The words, however often."""
        return {word.rstrip("+") for word in self.words}


def expected() -> list[Row]:
    """Read the table."""
    rows = (line.split("|") for line in TABLE.read_text().splitlines() if line and not line.startswith("#"))
    return [Row(operation.strip(), place.strip(), tuple(words.split())) for operation, place, words in rows]


def recorded(case: Case) -> dict[str, tuple[str, ...]]:
    """Carry out a command without any fault, and give the words of each place that it asks."""
    primary, copy = RecordingSink(case.world.primary), RecordingSink(case.world.copy)
    tried = case.world.run(*case.operation.words(case), machine=case.operation.machine, primary=primary, copy=copy)
    assert tried.code == 0, tried
    case.operation.check(case)
    said = {"primary": _words(primary.operations)}
    if copy.operations and case.operation.machine == "one":
        # A newcomer asks of a copy what everybody asks.
        said["copy"] = _words(copy.operations)
    return said


def _words(operations: list[Operation]) -> tuple[str, ...]:
    calls = Counter(f"{each.method}:{_kind(each.name)}" for each in operations if each.method != "close")
    return tuple(sorted(word + ("+" if number > 1 else "") for word, number in calls.items()))


def _kind(name: str) -> str:
    folder, slash, _ = name.partition("/")
    return folder + slash


def delays_of(word: str) -> Iterator[tuple[str, Fault]]:
    """Give the delays that calls of that word may meet: of those that write, the second one's, too."""
    method, _, kind = word.rstrip("+").partition(":")
    pattern = f"{kind}*" if kind.endswith("/") else kind
    yield "first", Fault(FaultKind.DELAYED, method, pattern, times=1)  # type: ignore[arg-type]
    if word.endswith("+") and _KINDS[method] is _WRITES:  # type: ignore[index]
        yield "second", Fault(FaultKind.DELAYED, method, pattern, 1, 1)  # type: ignore[arg-type]


def faults_of(word: str) -> Iterator[tuple[str, Fault]]:
    """Give the faults that calls of that word may meet, and when, in words."""
    method, _, kind = word.rstrip("+").partition(":")
    pattern = f"{kind}*" if kind.endswith("/") else kind
    for each in _KINDS[method]:  # type: ignore[index]
        yield f"{each}, once", Fault(each, method, pattern, times=1)  # type: ignore[arg-type]
        if word.endswith("+") and method not in ("list", "size"):
            yield f"{each}, the second time", Fault(each, method, pattern, 1, 1)  # type: ignore[arg-type]
        if each in _LASTING:
            yield f"{each}, always", Fault(each, method, pattern)  # type: ignore[arg-type]
