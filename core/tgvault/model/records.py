"""What sources yield and transforms pass on, streamed chat by chat and never a whole account at once.

The values are msgspec structs: an account has hundreds of thousands of messages, and a frozen dataclass takes 0.9 µs
to make where a struct takes 0.15 µs (CPython 3.11, two-core EPYC).
"""

from __future__ import annotations

from enum import StrEnum
from typing import NewType

import msgspec

__all__ = [
    "BEYOND",
    "Chat",
    "ChatKey",
    "ChatKind",
    "Coverage",
    "Document",
    "Literal",
    "MediaRef",
    "Message",
    "Record",
    "Removed",
    "Span",
    "chat_key",
]

#: The key under which a body has what Telegram Desktop's schema has no place for. A newer observation that lacks it,
#: such as an export, does not take it away.
BEYOND = "api"

#: Names a chat inside an archive: `channel:1234567890`, or `weak:1:Ben` where the source has no chat ids.
ChatKey = NewType("ChatKey", str)


class ChatKind(StrEnum):
    """Which number space a chat's id belongs to; the same bare id may stand in all of them."""

    USER = "user"
    CHAT = "chat"
    CHANNEL = "channel"
    #: The source tells no id: known by its title only, never united with a chat that has one.
    WEAK = "weak"


def chat_key(kind: ChatKind, chat_id: int) -> ChatKey:
    """Name the chat of that kind and bare id (without sign and without the -100 prefix of bot ids)."""
    return ChatKey(f"{kind.value}:{chat_id}")


class Literal(msgspec.Struct, frozen=True, gc=False):
    """Bytes of the source's own form that stand between the other records; only `restore --exact` reads them."""

    data: bytes


class Document(msgspec.Struct, frozen=True):
    """Account-level data under a name: contacts, sessions, profile pictures, other data.

    The body is one JSON value in Telegram Desktop's schema, without unneeded white space.
    """

    name: str
    body: bytes
    media: tuple[MediaRef, ...] = ()


class Chat(msgspec.Struct, frozen=True):
    """A chat; its messages, spans and coverage follow until the next chat or document.

    `opening` and `closing` are the bytes around the chat's messages in the source's own form:
    `{"name":"Ben","type":"personal_chat","id":5,"messages":[` and `]}`. They hold every field the source gave for the
    chat. `folder` is the folder, with a slash at its end, in which the source keeps the chat's files; bodies say
    `{chat}/` in its place, so that a renumbered folder does not change a message.
    """

    key: ChatKey
    kind: ChatKind
    id: int | None
    type: str | None
    title: str | None
    username: str | None = None
    opening: bytes = b""
    closing: bytes = b""
    folder: str = ""


class MediaRef(msgspec.Struct, frozen=True):
    """A place in a body that speaks of a file.

    `field` is where it stands, a JSON pointer without the first slash (`photo`, `text_entities/3/document_id`).
    `name` is what `Source.open_media` takes, or None when the source says that there is no file; then `missing` says
    why (`not included`, `too big`, `unavailable`, `refused`). `path` is what stands in the body, where that is not the
    name.
    """

    field: str
    name: str | None
    missing: str | None = None
    path: str | None = None


class Message(msgspec.Struct, frozen=True, gc=False):
    """One message.

    The body is a JSON object in Telegram Desktop's export schema, without unneeded white space, on one line. What a
    source knows beyond that schema stands in an object under the key `BEYOND`, the last one of the body. Text that a
    source found is never dropped. An id of None means that the source tells none; such messages are known by their
    place in the chat.

    The body's `id` is the message's. A message with another one, with an id of more than 64 bits or with a body of over
    3 MiB is not kept, and is reported as lost.
    """

    id: int | None
    body: bytes
    media: tuple[MediaRef, ...] = ()


class Span(msgspec.Struct, frozen=True):
    """A run of a chat's messages that `Source.expand` can read in any process, so that spans are read in parallel.

    The spans of a chat are disjoint and their ids ascend, within each and from one to the next, unless `ordered` is
    false. `token` is the source's own business; `weight` is the number of bytes to be read. `first` is the id of the
    first message, if that is known without reading the span.
    """

    token: bytes
    weight: int
    ordered: bool = True
    first: int | None = None


class Coverage(msgspec.Struct, frozen=True):
    """An id range of the current chat, both ends included, of which this run saw every message that exists.

    Only inside a covered range does absence mean deletion. A source that cannot be sure yields none.
    """

    first: int
    last: int


class Removed(msgspec.Struct, frozen=True):
    """Ids of the current chat whose messages the source knows to be gone, without having seen all the others."""

    ids: tuple[int, ...]


Record = Literal | Document | Chat | Message | Span | Coverage | Removed
