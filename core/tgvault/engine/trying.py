"""Trying out a sink: whether its store does what a vault needs, on the store itself, under names that no vault uses."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated

import msgspec
from msgspec import Meta

from tgvault.contracts.sink import ObjectName, Sink
from tgvault.engine.trials import ESSENTIAL, TRIALS, Bench
from tgvault.errors import TgVaultError

__all__ = ["PLACE", "Trial", "TrialFigures", "TrialReport", "trial_place", "try_sink"]

#: How the names begin of what is put there to try a store out.
PLACE = "test/"

#: What a trial left behind that was killed is removed by another one when nobody can be at it any more.
_OLD = timedelta(days=1)

_STAMP = "%Y%m%dT%H%M%SZ"


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a vault needs of a store."""

    name: Annotated[str, Meta(description="What was tried.")]
    ok: Annotated[bool, Meta(description="Whether the store does it.")]
    detail: Annotated[str | None, Meta(description="What was found, or null.")] = None
    hint: Annotated[str | None, Meta(description="The way out, or null.")] = None
    code: Annotated[int, Meta(description="The exit code of what went wrong, or 0.")] = 0


class TrialFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How fast a store is, seen from here and now."""

    put_ms: Annotated[float, Meta(description="Milliseconds to put an object of 500 bytes, one by one; the median.")]
    get_ms: Annotated[float, Meta(description="Milliseconds to get one of them.")]
    put_rate: Annotated[float, Meta(description="Bytes a second to put an object of 8 MiB.")]
    get_rate: Annotated[float, Meta(description="Bytes a second to get it.")]


class TrialReport(msgspec.Struct, frozen=True, kw_only=True):
    """What trying out a sink came to."""

    sink: Annotated[str, Meta(description="The sink's name: `primary`, or a copy's.")]
    ok: Annotated[bool, Meta(description="Whether a vault can be kept there.")]
    trials: Annotated[list[Trial], Meta(description="One by one. After the first two nothing else is tried in vain.")]
    figures: Annotated[TrialFigures | None, Meta(description="How fast it is, or null where that was not come to.")]

    @property
    def code(self) -> int:
        """The exit code of the first thing that went wrong, or 0."""
        return next((each.code for each in self.trials if not each.ok), 0)


def try_sink(
    make: Callable[[], Sink],
    *,
    name: str,
    now: datetime,
    clock: Callable[[], float],
    random: Callable[[int], bytes] = os.urandom,
    tell: Callable[[str], None] = lambda name: None,
) -> TrialReport:
    """Try out whether the store of a sink does what a vault needs, and how fast.

    `make` makes instances of the sink; `now` is aware; `clock` tells seconds; `random` gives so many random bytes;
    `tell` is told what is tried next. What is put there is taken away again, whatever happens, and so is what a killed
    trial left behind days ago.
    """
    place = trial_place(now.astimezone(UTC), random)
    with ExitStack() as opened:
        writer, reader = (opened.enter_context(closing(make())) for _ in range(2))
        bench = Bench(writer, reader, place, make, clock, random)
        trials: list[Trial] = []
        try:
            trials += _course(bench, tell)
        finally:
            left = _clean(bench, now)
        trials += [left] if left is not None else []
    figures = msgspec.convert(bench.figures, TrialFigures) if len(bench.figures) == 4 else None
    return TrialReport(sink=name, ok=all(each.ok for each in trials), trials=trials, figures=figures)


def trial_place(now: datetime, random: Callable[[int], bytes]) -> str:
    """Say how the names of one trial's objects begin; another trial knows by it when they are old. `now` is in UTC."""
    return f"{PLACE}{now:{_STAMP}}-{random(4).hex()}-"


def _course(bench: Bench, tell: Callable[[str], None]) -> Iterator[Trial]:
    for name, attempt in TRIALS.items():
        tell(name)
        tried = _tried(name, partial(attempt, bench))
        yield tried
        if not tried.ok and name in ESSENTIAL:
            return


def _tried(name: str, attempt: Callable[[], str | None]) -> Trial:
    try:
        return Trial(name=name, ok=True, detail=attempt())
    except TgVaultError as error:
        return Trial(name=name, ok=False, detail=str(error), hint=error.hint, code=error.exit_code)


def _clean(bench: Bench, now: datetime) -> Trial | None:
    """Take away what was put there; gives what is to be told of it."""
    if not bench.used:
        return None
    return _tried("clean up", lambda: _delete_all(bench, now))


def _delete_all(bench: Bench, now: datetime) -> None:
    for name in sorted(bench.used):
        bench.writer.delete(name)
    for each in list(bench.reader.list(PLACE)):
        if each.name.startswith(bench.place) or _is_old(each.name, now):
            bench.writer.delete(each.name)


def _is_old(name: ObjectName, now: datetime) -> bool:
    try:
        made = datetime.strptime(name.removeprefix(PLACE)[:16], _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return False
    return now - made > _OLD
