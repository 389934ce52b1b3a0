"""What a message has to be, so that the lines of a segment stay the messages that they were."""

from __future__ import annotations

import msgspec

from tgvault.model.findings import Finding, FindingKind
from tgvault.model.records import Chat, Message

__all__ = ["MAX_BODY", "MAX_NAME", "is_name", "lost", "unsound", "unsound_in_full"]

#: Bytes of a body at most. What Telegram shows of a message takes a few kilobytes; a blob, which readers take whole,
#: has room for this and the notes on a message's files.
MAX_BODY = 3 << 20

#: Bytes of a file's name at most, with its folders: Linux takes no more.
MAX_NAME = 4096

_INT64 = 1 << 63


class _IdOnly(msgspec.Struct):
    id: int | None = None


_ID = msgspec.json.Decoder(_IdOnly)


def unsound(message: Message) -> str | None:
    """Say why a message cannot be kept, without reading all of its body; None if it can."""
    number, body = message.id, message.body
    if number is not None and not -_INT64 <= number < _INT64:
        return "its id has more than 64 bits"
    if not body.startswith(b"{") or b"\n" in body:
        return "its text is no JSON object on one line"
    return f"its text has {len(body)} bytes" if len(body) > MAX_BODY else None


def unsound_in_full(message: Message) -> str | None:
    """Say why a message cannot be kept, also when its body is no JSON or has another id.

    Takes 0.6 µs for a message of 450 bytes. Spans are spared it: they come in hundreds of thousands, and from sources
    that have taken the text apart themselves.
    """
    reason = unsound(message)
    if reason is not None:
        return reason
    try:
        number = _ID.decode(message.body).id if message.id is not None else None
    except (msgspec.MsgspecError, RecursionError):
        return "its text is no JSON object with a number as its id"
    return "its text has another id" if number != message.id else None


def is_name(name: str) -> bool:
    """Tell whether a file's name can be written down: one of a file system may hold bytes that are no Unicode.

    An archive of files may hold names that are longer than any system's; a page of them would be no blob any more.
    """
    try:
        return len(name.encode()) <= MAX_NAME
    except UnicodeEncodeError:
        return False


def lost(chat: Chat, message: Message, reason: str) -> Finding:
    """Say that a message is not in the snapshot."""
    which = f"message {message.id}" if message.id is not None else "a message"
    return Finding(FindingKind.LOST, f"{which} of chat {chat.title or chat.key}", reason)
