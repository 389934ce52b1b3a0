"""What is due: backups, syncs and verifications, and places that need somebody's hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from tgvault.config.config import PRIMARY, SinkTable
from tgvault.config.sections import VerifySection
from tgvault.engine.amounts import count
from tgvault.retention.duration import Duration
from tgvault.standing.sinks import SinkState, SinkStatus

__all__ = ["ConfiguredSource", "Due", "DueKind", "due_copies", "due_sources", "due_verifications"]

#: What does not mend itself, however long one waits.
_NEEDS_A_HAND = frozenset({SinkState.REFUSED, SinkState.EMPTY, SinkState.WRONG})


class DueKind(StrEnum):
    """What is to be done: back up a `source`, bring a `copy` up to date, `verify` a place, or look at one (`sink`)."""

    SOURCE = "source"
    COPY = "copy"
    VERIFY = "verify"
    SINK = "sink"


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is due."""

    kind: Annotated[DueKind, Meta(description="`source`, `copy`, `verify` or `sink`.")]
    name: Annotated[str, Meta(description="The source, the copy, or `primary`.")]
    message: Annotated[str, Meta(description="What is the matter.")]
    hint: Annotated[str | None, Meta(description="What to do, or null.")]
    since: Annotated[datetime | None, Meta(description="Since when it is so; null if not known.")]


class ConfiguredSource(msgspec.Struct, frozen=True, kw_only=True):
    """A source of `vault.toml`, and when it last ran: the newest snapshot of its archive by a source of its type."""

    name: Annotated[str, Meta(description="The source's name in `vault.toml`.")]
    type: Annotated[str, Meta(description="The type of the source.")]
    archive: Annotated[str, Meta(description="The archive that it goes to.")]
    last: Annotated[datetime | None, Meta(description="When its last run began; null if there was none.")]
    age: Annotated[float | None, Meta(description="Seconds since then.")]
    every: Annotated[str | None, Meta(description="How often it is to run; null where nothing says so.")]


def due_sources(sources: Sequence[ConfiguredSource], *, now: datetime) -> Iterator[Due]:
    """Name the sources that are to be backed up."""
    for each in sources:
        if each.every is None or (each.last is not None and each.last >= Duration.parse(each.every).before(now)):
            continue
        message = "was never backed up" if each.last is None else f"was not backed up for {_days(each.last, now)}"
        yield Due(
            kind=DueKind.SOURCE,
            name=each.name,
            message=f"source `{each.name}` {message}, and is to be every {each.every}",
            hint=f"run `tgvault backup {each.name}`",
            since=each.last,
        )


def due_copies(sinks: Sequence[SinkStatus], tables: Mapping[str, SinkTable], *, now: datetime) -> Iterator[Due]:
    """Name the copies that are to be brought up to date, and the places that somebody has to look at."""
    for each in sinks:
        place = "the vault's own place" if each.name == PRIMARY else f"copy `{each.name}`"
        if each.state in _NEEDS_A_HAND or (each.name == PRIMARY and each.state is not SinkState.WHOLE):
            problem = each.problem or f"lacks {count(each.missing or 0, 'snapshot')}"
            message = f"{place}: {problem}"
            yield Due(kind=DueKind.SINK, name=each.name, message=message, hint=each.hint, since=None)
        elif each.behind_since is not None and each.behind_since < _deadline(tables[each.name].every, now):
            lacks = f"lacks {count(each.missing, 'snapshot')}" if each.missing else "may lack snapshots"
            message = f"{place} {lacks}, for {_days(each.behind_since, now)}"
            yield Due(
                kind=DueKind.COPY,
                name=each.name,
                message=message,
                hint=f"run `tgvault sync {each.name}`",
                since=each.behind_since,
            )


def due_verifications(
    waiting: Mapping[str, datetime | None], sinks: Sequence[SinkStatus], section: VerifySection, *, now: datetime
) -> Iterator[Due]:
    """Name the places of which data waits for longer than it may (since `waiting`), or was found damaged."""
    for each in sinks:
        place = "the vault's own place" if each.name == PRIMARY else f"copy `{each.name}`"
        command = "tgvault verify" + ("" if each.name == PRIMARY else f" --sink {each.name}")
        since = waiting.get(each.name)
        if each.verified.damaged:
            message = f"{place}: {count(each.verified.damaged, 'pack')} found damaged or gone"
            yield _verify(each.name, message, f"run `{command} --repair`", since=None)
        if since is not None and since < _deadline(section.every, now):
            message = f"{place}: some data was not verified for {_days(since, now)}, and is to be every {section.every}"
            yield _verify(each.name, message, f"run `{command}`", since=since)


def _verify(name: str, message: str, hint: str, *, since: datetime | None) -> Due:
    return Due(kind=DueKind.VERIFY, name=name, message=message, hint=hint, since=since)


def _deadline(every: str | None, now: datetime) -> datetime:
    # Only of the vault's own place nothing is said.
    return Duration.parse(every).before(now) if every is not None else now


def _days(since: datetime, now: datetime) -> str:
    hours = int((now - since).total_seconds()) // 3600
    return count(hours // 24, "day") if hours >= 48 else count(max(hours, 0), "hour")
