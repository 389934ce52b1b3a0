"""Which snapshots are in which place, as the places themselves tell it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from tgvault.contracts.sink import Sink
from tgvault.engine.sink_info import Whereabouts
from tgvault.engine.verified import Verified
from tgvault.errors import (
    CredentialError,
    NotAVaultError,
    SinkGoneError,
    SinkPermissionError,
    SinkUnavailableError,
    SinkWaitingError,
    TgVaultError,
    VaultError,
)
from tgvault.vault.header import read_header
from tgvault.vault.manifests import SnapshotName, manifest_names, short_id

__all__ = ["Contents", "Known", "SinkState", "SinkStatus", "describe_place", "name_time", "read_contents"]


class SinkState(StrEnum):
    """How a place of the vault stands.

    `whole`: it has every snapshot. `behind`: it lacks some. `waiting`: a disk that is not plugged in. `away`: it cannot
    be reached. `silent`: it did not answer in time. `refused`: it does not let us in. `empty`: nothing of the vault is
    there, or the place is gone, as the store itself says. `wrong`: something else is wrong with it.
    """

    WHOLE = "whole"
    BEHIND = "behind"
    WAITING = "waiting"
    AWAY = "away"
    SILENT = "silent"
    REFUSED = "refused"
    EMPTY = "empty"
    WRONG = "wrong"


class SinkStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A place of the vault: its own, or a copy."""

    name: Annotated[str, Meta(description="`primary`, or the copy's name in `vault.toml`.")]
    type: Annotated[str, Meta(description="Which sink it is.")]
    medium: Annotated[str | None, Meta(description="What its objects lie on; null where that is not known.")]
    offsite: Annotated[bool | None, Meta(description="Whether it is in another place than this machine.")]
    state: Annotated[
        SinkState,
        Meta(
            description="`whole`, `behind`, `waiting`, `away`, `silent` (no answer in time), `refused`, `empty` or"
            " `wrong`."
        ),
    ]
    snapshots: Annotated[int | None, Meta(description="The vault's snapshots that are there; null if not known.")]
    missing: Annotated[int | None, Meta(description="The vault's snapshots that are not; null if not known.")]
    newest: Annotated[str | None, Meta(description="Short id of the newest snapshot there; null if not known.")]
    newest_time: Annotated[datetime | None, Meta(description="When that snapshot was begun.")]
    synced: Annotated[datetime | None, Meta(description="When this machine last knew it to be up to date.")]
    behind_since: Annotated[
        datetime | None, Meta(description="When the first snapshot was begun that it is not known to have.")
    ]
    verified: Annotated[Verified, Meta(description="What this machine has verified there.")]
    problem: Annotated[str | None, Meta(description="Why it could not be asked, or what is wrong there; or null.")]
    hint: Annotated[str | None, Meta(description="The way out, or null.")]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a place without asking it."""

    name: str
    type: str
    where: Whereabouts | None
    synced: datetime | None
    verified: Verified


@dataclass(frozen=True, slots=True)
class Contents:
    """What a place has: the id of the vault that it is of, if `vault.json` tells, and its snapshots."""

    vault_id: str | None
    names: frozenset[SnapshotName]
    problem: VaultError | None = None


def read_contents(make: Callable[[], Sink]) -> Contents:
    """Ask a place what it has. Needs no key.

    Raises:
        TgVaultError: it cannot be asked.
        NotAVaultError: there is nothing of a vault.
    """
    with closing(make()) as sink:
        names = frozenset(manifest_names(sink))
        try:
            return Contents(read_header(sink).vault_id, names)
        except VaultError as error:
            if not names:
                raise
            return Contents(None, names, error)


def name_time(name: SnapshotName) -> datetime:
    """Give the time that the name of a snapshot tells."""
    return datetime.strptime(name.partition("/")[2][:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def describe_place(
    known: Known, answer: Contents | TgVaultError | None, wanted: Sequence[SnapshotName], *, vault_id: str
) -> SinkStatus:
    """Say how a place stands that was to have the snapshots that are `wanted`; no answer is None."""
    if isinstance(answer, Contents) and answer.vault_id in (None, vault_id):
        return _answered(known, answer, wanted)
    if isinstance(answer, Contents):
        problem = f"there is another vault, `{answer.vault_id}`"
        return _not_answered(known, SinkState.WRONG, wanted, problem, "see whether it leads to the right place")
    if answer is None:
        return _not_answered(known, SinkState.SILENT, wanted, "it did not answer in time", None)
    hint = answer.hint
    if isinstance(answer, NotAVaultError):
        hint = f"begin it with `tgvault sync {known.name} --init`, or see whether it leads to the right place"
    return _not_answered(known, _state_of(answer), wanted, str(answer), hint)


def _answered(known: Known, answer: Contents, wanted: Sequence[SnapshotName]) -> SinkStatus:
    there = [name for name in wanted if name in answer.names]
    missing = [name for name in wanted if name not in answer.names]
    newest = max(there, default=None)
    state = SinkState.BEHIND if missing else SinkState.WHOLE
    problem = answer.problem
    return msgspec.structs.replace(
        _unasked(known, state if problem is None else SinkState.WRONG, str(problem) if problem is not None else None),
        snapshots=len(there),
        missing=len(missing),
        newest=short_id(newest) if newest is not None else None,
        newest_time=name_time(newest) if newest is not None else None,
        behind_since=_first(missing),
        hint=problem.hint if problem is not None else None,
    )


def _not_answered(
    known: Known, state: SinkState, wanted: Sequence[SnapshotName], problem: str, hint: str | None
) -> SinkStatus:
    unsure = [name for name in wanted if known.synced is None or name_time(name) > known.synced]
    return msgspec.structs.replace(_unasked(known, state, problem), behind_since=_first(unsure), hint=hint)


def _unasked(known: Known, state: SinkState, problem: str | None) -> SinkStatus:
    return SinkStatus(
        name=known.name,
        type=known.type,
        medium=known.where.medium if known.where is not None else None,
        offsite=known.where.offsite if known.where is not None else None,
        state=state,
        snapshots=None,
        missing=None,
        newest=None,
        newest_time=None,
        synced=known.synced,
        behind_since=None,
        verified=known.verified,
        problem=problem,
        hint=None,
    )


def _first(names: Iterable[SnapshotName]) -> datetime | None:
    return min(map(name_time, names), default=None)


def _state_of(error: TgVaultError) -> SinkState:
    match error:
        case SinkWaitingError():
            return SinkState.WAITING
        case SinkGoneError():
            return SinkState.EMPTY
        case SinkUnavailableError():
            return SinkState.AWAY
        case CredentialError() | SinkPermissionError():
            return SinkState.REFUSED
        case NotAVaultError():
            return SinkState.EMPTY
        case _:
            return SinkState.WRONG
