"""The rows of the source's database as values."""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar

import msgspec

from tgvault.api import Chat
from tgvault_plugins.takeout.files import RemoteFile
from tgvault_plugins.takeout.veiled import Veiled

__all__ = ["FORMER", "OWN", "ChatRow", "Cursor", "FileRow", "FileState", "ListedRow", "Peer", "PutOff", "Ref", "Row"]

#: The parts of a chat: the basic group that it once was, and its own messages.
FORMER, OWN = 0, 1


class FileState(IntEnum):
    """How a file stands."""

    WANTED = 0
    #: All of it is in the store.
    WHOLE = 1
    #: Telegram does not give it; asked for again by the next run.
    MISSING = 2
    #: The vault has it.
    KNOWN = 3
    #: The settings leave it out.
    LEFT_OUT = 4
    #: The engine was given it in this run, and the vault has it since; nothing of it is in the store any more.
    PACKED = 5


class Ref(msgspec.Struct, frozen=True, array_like=True):
    """A place in a body that speaks of a file: its name in the store and what stands there, or why there is none.

    What the settings leave out has a name too.
    """

    field: str
    name: str | None
    missing: str | None = None
    path: str | None = None


class Row(msgspec.Struct, frozen=True):
    """A message or document as it is told to the engine."""

    id: int
    body: bytes
    refs: tuple[Ref, ...] = ()


class PutOff(msgspec.Struct, frozen=True):
    """A message that is to be asked for as soon as the settings want it: when it was sent (seconds since 1970), if that
    is told, and whether somebody else wrote it.
    """

    id: int
    date: int | None
    others: bool


class Peer(Veiled, frozen=True, array_like=True):
    """What a chat is asked for by: kind (`user`, `chat`, `channel`), bare id and access hash."""

    VEILED: ClassVar[frozenset[str]] = frozenset({"access_hash"})

    kind: str
    id: int
    access_hash: int = 0


class ChatRow(Veiled, frozen=True, kw_only=True):
    """A chat of the account. `top` is the id of its newest message, `former` the basic group that it once was.

    With `own` only the account's own messages can be seen in it, or are wanted.
    """

    VEILED: ClassVar[frozenset[str]] = frozenset({"full"})

    chat: Chat
    peer: Peer
    top: int = 0
    pts: int | None = None
    former: int | None = None
    former_top: int = 0
    own: bool = False
    left: bool = False
    #: The highest id that is hidden from the account, as the full description told in this run; 0 if none is, None if
    #: there was no new description.
    available_min_id: int | None = None
    #: What the full description told, as TL, when it was asked for (seconds since 1970), and the pts of that moment.
    full: bytes | None = None
    full_at: int = 0
    full_pts: int | None = None


class ListedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A chat as the list of chats tells it. `told` is its row in the document about them, as JSON."""

    row: ChatRow
    told: bytes
    #: Whether more can be asked about it: it is a supergroup or channel.
    is_channel: bool = False
    is_broadcast: bool = False
    is_forum: bool = False
    #: Whether it is a basic group that became a supergroup.
    moved: bool = False


class Cursor(msgspec.Struct, frozen=True):
    """How far a part of a chat was read: the highest id behind which nothing was; -1 for one to be read anew.

    `seen` is the highest id that was ever read. With `own` nothing but the account's own messages was read, with
    `since` none from before that time (in seconds since 1970; 0 for all).
    """

    last: int = 0
    seen: int = 0
    own: bool = False
    since: int = 0

    def has_all(self, *, own: bool, since: int) -> bool:
        """Tell whether everything that is wanted was read as far as it goes."""
        return self.last >= 0 and self.own <= own and self.since <= since


class FileRow(msgspec.Struct, frozen=True):
    """A file that a pending message speaks of, or that could not be had."""

    remote: RemoteFile
    state: FileState
    reason: str | None = None
