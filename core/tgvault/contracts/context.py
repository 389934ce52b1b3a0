"""What the engine puts at the disposal of a source that needs more than its configuration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol, TypeAlias

import msgspec

from tgvault.model.records import ChatKey

__all__ = ["Held", "Secrets", "SourceContext", "SourceProgress", "SourceStore", "SqlValue", "StoreContext"]

#: What a row of a source's store may hold.
SqlValue: TypeAlias = int | float | bytes | str | None


class Secrets(Protocol):
    """Small secrets of one source, by name: a session, a token.

    They are sealed to the vault's keys, so they can be read only while the vault is unlocked, and never lie readable on
    a disk. A name has small letters, digits and dashes, a value 64 KiB at most.
    """

    def get(self, name: str) -> bytes | None:
        """Give a secret; None if there is none of that name.

        Raises:
            SecretError: there is one, and it is not what was put there.
        """

    def set(self, name: str, value: bytes) -> None:
        """Keep a secret, durably, in place of what was there."""

    def delete(self, name: str) -> None:
        """Forget a secret; one that is not there is no error."""


class SourceStore(Protocol):
    """An encrypted SQLite database of the source's own, in the local state of this machine.

    It survives until somebody deletes the local state: what a source keeps there it MUST be able to get again.
    Every process that reads has a connection of its own; one writes. All methods raise `StateError` when the disk is
    full or fails.
    """

    def transaction(self) -> AbstractContextManager[None]:
        """Make everything inside happen, or nothing, whenever the process is killed."""

    def run(self, sql: str, *values: SqlValue) -> list[tuple[SqlValue, ...]]:
        """Carry out one statement and give its rows."""

    def rows(self, sql: str, *values: SqlValue) -> Iterator[tuple[SqlValue, ...]]:
        """Carry out one statement and give its rows one by one."""

    def many(self, sql: str, values: Iterable[tuple[SqlValue, ...]]) -> None:
        """Carry out one statement for each row of values, in a transaction of their own."""


class Held(msgspec.Struct, frozen=True):
    """A message as the archive has it: its body, and the sizes in bytes of the files whose content it has, by field."""

    body: bytes
    sizes: Mapping[str, int]


class SourceProgress(Protocol):
    """Is told how reading goes, from the main process and thread, as often as the source likes."""

    def phase(self, name: str, total_bytes: int | None = None) -> None:
        """Begin a part of the work: `fetching messages`. It ends the part before."""

    def advance(self, amount: int = 0, *, items: int = 0) -> None:
        """Tell of further work done in this phase: bytes, and messages or files."""

    def note(self, text: str) -> None:
        """Tell something worth knowing now, one line; it may quote hostile text."""

    def title(self, name: str) -> None:
        """Give the part that is going on another name: `fetching messages, chat 3 of 120`. It counts on."""

    def waiting(self, seconds: float, reason: str) -> None:
        """Tell that nothing goes on for so many seconds; called about once a second, and with 0 at the end."""


class StoreContext(Protocol):
    """What a source may use in any process."""

    def store(self, schema: str, *, version: int) -> SourceStore:
        """Open the source's database, made by the statements of `schema` if there is none of that version yet."""


class SourceContext(StoreContext, Protocol):
    """What a source may use in the main process, while it reads for one archive of one vault."""

    @property
    def name(self) -> str:
        """The source's name in `vault.toml`."""

    @property
    def secrets(self) -> Secrets:
        """The source's secrets."""

    @property
    def progress(self) -> SourceProgress:
        """Who is told of progress."""

    @property
    def newest(self) -> str | None:
        """The id of the archive's newest snapshot; None if there is none yet."""

    def has_snapshot(self, name: str) -> bool:
        """Tell whether a snapshot of that id is part of what the run continues.

        What a source told in a run that made a snapshot which is not, it has to tell again.
        """

    @property
    def losses(self) -> int:
        """How often packs of the vault turned out to be damaged or gone so far.

        Where there were more since a source told something, it has to tell it again: what it told may have lain there.
        What the vault still has whole costs no room a second time, and `knows` tells which files need not be fetched.
        """

    def knows(self, stamp: bytes) -> bool:
        """Tell whether the vault has the content of a file with that stamp, met in this run or in any before."""

    def held(self, chat: ChatKey, first: int, last: int) -> Mapping[int, Held]:
        """Give the messages with these ids, both ends included, that the archive has and of which it has a file."""

    def adopt(self, stamp: bytes, *, chat: ChatKey, message: int, field: str) -> bool:
        """Remember that a file with that stamp has the content that the archive has in that place.

        Gives whether it has; `knows` says so from then on.
        """

    def now(self) -> datetime:
        """The time (aware, UTC)."""

    def free_space(self) -> int:
        """Bytes that are free where the local state lies."""
