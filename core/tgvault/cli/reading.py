"""Opening the vault to read it, from its copies where its own place does not do, and saying so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from tgvault.cli.invocation import Invocation
from tgvault.cli.output import Output
from tgvault.cli.text import ago, count, local_time
from tgvault.cli.unlocking import Work, checked_archive, said_key
from tgvault.cli.world import find_configuration, make_host, said_passphrase, show_problems
from tgvault.config.config import PRIMARY
from tgvault.engine.anywhere import AnywhereSink
from tgvault.engine.opening_anywhere import Instead, Reading, open_place, open_reading
from tgvault.engine.snapshot_info import utc
from tgvault.vault.opened import Snapshot

__all__ = ["open_to_read", "open_to_stand", "open_to_verify", "place_words"]

_HEAL = "\nhint: `tgvault verify --repair` brings back what its own place lacks"


@contextmanager
def open_to_read(invocation: Invocation) -> Iterator[Work]:
    """Open the vault as `open_work` does, for a command that only reads: its copies help out where there are any."""
    with open_to_stand(invocation) as (work, _):
        yield work


@contextmanager
def open_to_stand(invocation: Invocation) -> Iterator[tuple[Work, Reading]]:
    """Open the vault as `open_to_read` does, and give from where it is read, too."""
    archive = checked_archive(invocation)
    config = find_configuration(invocation)
    host = make_host(invocation, config)
    accept = bool(invocation.options.accept_missing_snapshots)
    with open_reading(
        config,
        host=host,
        given=said_key(invocation),
        environment=invocation.environment,
        notice=invocation.output.warn,
        passphrase=said_passphrase(invocation),
        accept_missing=accept,
    ) as reading:
        if reading.instead is not None:
            _tell_instead(reading.instead, reading, invocation.output)
        yield Work(config, host, reading.opened, invocation.output, accept, archive, reading.snapshots), reading
        _tell_taken(reading.sink, reading.instead, invocation.output)
    show_problems(host, invocation.output)


@contextmanager
def open_to_verify(invocation: Invocation, copy: str | None) -> Iterator[Work]:
    """Open the vault's own place, or the copy of that name, alone; raises as `open_place` does."""
    archive = checked_archive(invocation)
    config = find_configuration(invocation)
    if copy is not None:
        config.copy(copy)
    host = make_host(invocation, config)
    with open_place(
        config,
        copy,
        host=host,
        given=said_key(invocation),
        environment=invocation.environment,
        notice=invocation.output.warn,
        passphrase=said_passphrase(invocation),
    ) as opened:
        accept = bool(invocation.options.accept_missing_snapshots)
        yield Work(config, host, opened, invocation.output, accept, archive)
    show_problems(host, invocation.output)


def place_words(names: Sequence[str]) -> str:
    """Name places: "copy `disk`", "copies `disk` and `nas`", "the vault's own place"."""
    if PRIMARY in names:
        others = [name for name in names if name != PRIMARY]
        return "the vault's own place" + (f" and {place_words(others)}" if others else "")
    told = [f"`{name}`" for name in names]
    return f"copy {told[0]}" if len(told) == 1 else f"copies {', '.join(told[:-1])} and {told[-1]}"


def _tell_instead(instead: Instead, reading: Reading, output: Output) -> None:
    if not instead.is_away:
        where = f"; what it lacks is read from {place_words(instead.copies)}" if instead.copies else ""
        output.warn(f"warning: the vault's own place is not whole: {instead.reason}{where}{_HEAL}")
        return
    output.warn(f"warning: the vault's own place is away: {instead.reason}")
    newest = max(reading.snapshots, key=lambda each: each.manifest.time, default=None)
    state = f"the newest snapshot there is {_describe(newest)}" if newest is not None else "there is no snapshot yet"
    output.warn(f"reading from {place_words(instead.copies)}: {state}{_synced(instead)}")
    if instead.missing:
        lacking = count(instead.missing, "snapshot")
        output.warn(f"warning: {lacking} that this machine has seen in the vault's own place cannot be had from there")


def _describe(snapshot: Snapshot) -> str:
    time = utc(snapshot.manifest.time)
    return f"{snapshot.id}, {local_time(time)}{ago((datetime.now(UTC) - time).total_seconds())}"


def _synced(instead: Instead) -> str:
    last = max((each for each in instead.synced if each is not None), default=None)
    if last is None:
        return ""
    return f"; last known to be up to date {local_time(last)}"


def _tell_taken(sink: AnywhereSink, instead: Instead | None, output: Output) -> None:
    own, *copies = (each.name for each in sink.places)
    for name in copies:
        if name in sink.away:
            output.warn(f"warning: copy `{name}` is away: {sink.away[name]}")
    if own in sink.away and (instead is None or not instead.is_away):
        output.warn(f"warning: the vault's own place went away: {sink.away[own]}; copies gave the rest")
    for name, number in Counter(sink.taken.values()).items():
        lacking = f"{count(number, 'object')} that the vault's own place lacks or has damaged"
        output.warn(f"warning: {lacking}: read from copy `{name}`{_HEAL}")
