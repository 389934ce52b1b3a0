"""Telling the engine what is in the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from tgvault.api import (
    Coverage,
    Document,
    Finding,
    FindingKind,
    MediaRef,
    Message,
    Record,
    Removed,
    Span,
    TgVaultError,
)
from tgvault_plugins.takeout.files import FileKind
from tgvault_plugins.takeout.ledger.ledger import Ledger
from tgvault_plugins.takeout.ledger.values import FileState, Ref, Row

__all__ = ["expand", "records"]

#: Bytes of a span; some seconds of work for nobody, and several for all workers in a chat of any size.
SPAN = 2 << 20

#: Why a file is missing that Telegram did not give, or that was not asked for before the run ended.
UNAVAILABLE = "unavailable"
NOT_YET = "not fetched yet"

#: What Telegram Desktop writes in place of a path that it has no file for.
_SENTINEL = "(File unavailable, please try again later)"
_PHOTO_SENTINEL = "(Photo unavailable, please try again later)"


_THERE = (FileState.WHOLE, FileState.KNOWN, FileState.PACKED)


class _Token(NamedTuple):
    chat: int
    first: int
    last: int
    #: Which of the earlier texts it has; 0 for the last ones.
    turn: int = 0


#: The way to a place in a body, and what stands there.
_Place = tuple[list[str], str]

_TOKEN = msgspec.msgpack.Decoder(_Token)


def records(ledger: Ledger, *, ended: TgVaultError | None) -> Iterator[Record | Finding]:
    """Yield everything that is pending, and why it is not all, if the run ended early."""
    yield from ledger.documents.findings()
    yield from _file_findings(ledger)
    for number, reason in ledger.chats.failures():
        title = ledger.chats.get(number).chat.title
        yield Finding(FindingKind.LOST, f"chat {title or number}", f"{reason}; it is asked for again by the next run")
    if ended is not None:
        yield Finding(FindingKind.TRUNCATED, "the account", f"the run ended early: {ended}")
    for name, row in ledger.documents.every():
        yield Document(name, _body(row, ledger), _media(row, ledger))
    for number in ledger.chats.told(ledger.round):
        yield from _chat(ledger, number)


def expand(ledger: Ledger, span: Span) -> Iterator[Message | Finding]:
    """Read the messages of a span."""
    token = _TOKEN.decode(span.token)
    messages = ledger.messages
    rows = messages.earlier(token.chat, token.turn) if token.turn else None
    for row in rows or messages.between(token.chat, token.first, token.last):
        if not row.refs:
            yield Message(row.id, row.body)
        else:
            yield Message(row.id, _body(row, ledger), _media(row, ledger))


def _chat(ledger: Ledger, number: int) -> Iterator[Record | Finding]:
    chat = ledger.chats.get(number).chat
    for turn, first_id, last_id, bytes_ in ledger.messages.turns(number):
        # The same chat again: what comes later in a run is newer.
        yield chat
        yield _span(_Token(number, first_id, last_id, turn), bytes_)
    yield chat
    first: int | None = None
    weight, last = 0, 0
    for message, size in ledger.messages.sizes(number):
        first = message if first is None else first
        weight, last = weight + size, message
        if weight >= SPAN:
            yield _span(_Token(number, first, last), weight)
            first, weight = None, 0
    if first is not None:
        yield _span(_Token(number, first, last), weight)
    yield from (Coverage(*each) for each in ledger.messages.covered(number))
    if gone := ledger.messages.removed(number):
        yield Removed(tuple(gone))


def _span(token: _Token, weight: int) -> Span:
    return Span(msgspec.msgpack.encode(token), weight, first=token.first)


def _file_findings(ledger: Ledger) -> Iterator[Finding]:
    for row in ledger.files.every(FileState.MISSING):
        yield Finding(FindingKind.MISSING_FILE, row.remote.path, row.reason or "Telegram does not give it")


def _missing(ref: Ref, ledger: Ledger) -> str | None:
    """Say why there is no file; None if there is one."""
    if ref.name is None or ref.missing is not None:
        return ref.missing or UNAVAILABLE
    row = ledger.files.get(ref.name)
    if row is not None and row.state in _THERE:
        return None
    if row is not None and row.state is FileState.LEFT_OUT:
        return row.reason or UNAVAILABLE
    return NOT_YET if row is not None and row.state is FileState.WANTED else UNAVAILABLE


def _media(row: Row, ledger: Ledger) -> tuple[MediaRef, ...]:
    found = []
    for ref in row.refs:
        missing = _missing(ref, ledger)
        found.append(
            MediaRef(ref.field, ref.name, path=ref.path) if missing is None else MediaRef(ref.field, None, missing)
        )
    return tuple(found)


def _body(row: Row, ledger: Ledger) -> bytes:
    """Give a body that names no file which there is not."""
    places: list[_Place] = []
    for ref in row.refs:
        if ref.name is not None and ref.missing is None and _missing(ref, ledger) is not None:
            known = ledger.files.get(ref.name)
            is_photo = known is not None and known.remote.kind in (FileKind.PROFILE_PHOTOS, FileKind.STORIES)
            places.append((ref.field.split("/"), _PHOTO_SENTINEL if is_photo else _SENTINEL))
    return _replaced(row.body, places) if places else row.body


def _replaced(body: bytes, places: Sequence[_Place]) -> bytes:
    """Put texts in the places that JSON pointers lead to; everything else stays byte for byte.

    All at once: a rich message may speak of thousands of files.
    """
    holder: Any = msgspec.json.decode(body, type=dict[str, msgspec.Raw] if body[:1] == b"{" else list[msgspec.Raw])
    below: dict[str, list[_Place]] = {}
    for (head, *rest), text in places:
        below.setdefault(head, []).append((rest, text))
    for head, inner in below.items():
        place: Any = head if isinstance(holder, dict) else int(head)
        texts = [text for path, text in inner if not path]
        made = msgspec.json.encode(texts[-1]) if texts else _replaced(bytes(holder[place]), inner)
        holder[place] = msgspec.Raw(made)
    return msgspec.json.encode(holder)
