"""Reading a `result.json`: its parts as records, its messages as spans that can be read in any process."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property

import msgspec

from tgvault.api import (
    Document,
    Finding,
    FindingKind,
    Literal,
    MediaFile,
    Message,
    OpenedMedia,
    Record,
    SegmentStarts,
    SourceChangedError,
    SourceInfo,
    Span,
    UnreadableExportError,
    UnrecognisedExportError,
)
from tgvault_plugins.desktop_export.chat_records import ChatMaker
from tgvault_plugins.desktop_export.encoding import text_of
from tgvault_plugins.desktop_export.identity import bare_id, era_of
from tgvault_plugins.desktop_export.known import DOCUMENTS_WITH_FILES
from tgvault_plugins.desktop_export.media import nested, refusals
from tgvault_plugins.desktop_export.members import SINGLE
from tgvault_plugins.desktop_export.outline import Outline
from tgvault_plugins.desktop_export.parts import ChatPart, Text, Value
from tgvault_plugins.desktop_export.paths import shown
from tgvault_plugins.desktop_export.root import Root, Window, listing
from tgvault_plugins.desktop_export.spans import Token, expanded
from tgvault_plugins.desktop_export.view import View

__all__ = ["JsonExport", "recognised"]

#: Raised when the same file would be read differently, so that an archive reads it again.
_READER = b"desktop-export json 1\n"
_TOPIC = re.compile(r"chats/chat_[^/]+/topic_[^/]+/")


def recognised(root: Root, name: str) -> bool:
    """Whether a file is an export of Telegram Desktop's; raises as `Root.window` does."""
    window = root.window(name)
    try:
        return Outline(*text_of(window)).form() is not None
    finally:
        window.close()


class _Person(msgspec.Struct):
    user_id: int | None = None


_PERSON = msgspec.json.Decoder(_Person)
_TOKEN = msgspec.msgpack.Decoder(Token)


class JsonExport:
    """Reads one `result.json` and lists the files beside it.

    `observed_at` is when the export was made. Opening happens at the first question.
    """

    def __init__(self, root: Root, *, name: str = "result.json", observed_at: datetime | None = None) -> None:
        self._root = root
        self._name = name
        self._observed_at = observed_at
        self._window: Window | None = None

    def info(self) -> SourceInfo:
        """Tell what the export holds."""
        form = self._outline.form()
        if form is None:
            raise UnrecognisedExportError(
                f"`{self._root.location}` holds no Telegram Desktop export",
                hint="name the folder that has `result.json` or `messages.html` in it",
            )
        found = hashlib.blake2b(_READER, digest_size=32)
        found.update(b"%b\0%b" % (self._name.encode(), self._stamp))
        total = self._root.stat(self._name).size
        for file in listing(self._root):
            found.update(b"%b\0%d\0%b" % (file.name.encode(), len(file.stamp), file.stamp))
            total += file.size
            form = "one topic" if form == SINGLE and _TOPIC.match(file.name) else form
        return SourceInfo(
            form=f"telegram desktop json, {form}",
            location=str(self._root.location),
            account=self._account,
            observed_at=self._observed_at,
            fingerprint=found.digest(),
            bytes_total=total,
        )

    def media(self) -> Iterator[MediaFile]:
        """List the files of the export, pages included."""
        return listing(self._root)

    def records(self, starts: SegmentStarts) -> Iterator[Record | Finding]:
        """Yield the file's parts in its order; every byte of it but white space comes out again in some record.

        Raises:
            UnreadableExportError: nothing of it is left.
            SourceChangedError: it changed meanwhile.
        """
        empty = True
        for record in self._records(starts):
            empty = empty and isinstance(record, Finding)
            yield record
        if empty:
            raise UnreadableExportError(
                f"nothing in `{self._root.location}` can be read",
                hint="make the export again, or find another copy",
            )
        self._check_unchanged(self._root.stat(self._name).stamp)

    def _records(self, starts: SegmentStarts) -> Iterator[Record | Finding]:
        chats = ChatMaker(self._view, self._stamp, era_of(self._view), self._account, starts)
        pending = bytearray()
        names: set[str] = set()
        for refused, reason in sorted(self._root.refused.items()):
            yield Finding(FindingKind.REFUSED_PATH, shown(refused), reason)
        for part in self._outline.parts():
            if isinstance(part, Text):
                pending += part.data
                continue
            if isinstance(part, Value) and part.name in names:
                pending += part.body
                yield Finding(FindingKind.NOTE, part.name, "stands twice, the second is for exact restores only")
                continue
            if pending and not isinstance(part, Finding):
                yield Literal(bytes(pending))
                pending.clear()
            if isinstance(part, Value):
                names.add(part.name)
                yield from _document(part)
            elif isinstance(part, ChatPart):
                yield from chats.records(part)
            else:
                yield part
        if pending:
            yield Literal(bytes(pending))

    def expand(self, span: Span) -> Iterator[Message | Finding]:
        """Read the messages of a span."""
        token = _TOKEN.decode(span.token)
        self._check_unchanged(token.stamp)
        return expanded(self._view, token)

    def raw(self, span: Span) -> bytes | None:
        """Give the bytes of a span; its messages name no place in the file, so it may stand anywhere."""
        token = _TOKEN.decode(span.token)
        self._check_unchanged(token.stamp)
        return b"\0".join((_READER, token.lead, token.folder.encode(), self._view.take(token.start, token.stop)))

    def open_media(self, name: str) -> OpenedMedia:
        """Open a file of the export."""
        return self._root.open(name)

    def close(self) -> None:
        """Let go of all files."""
        if self._window is not None:
            self._window.close()
        self._root.close()

    @cached_property
    def _stamp(self) -> bytes:
        return self._root.stat(self._name).stamp

    @cached_property
    def _text(self) -> tuple[View, int]:
        self._window = self._root.window(self._name)
        return text_of(self._window)

    @property
    def _view(self) -> View:
        return self._text[0]

    @cached_property
    def _outline(self) -> Outline:
        return Outline(*self._text)

    @cached_property
    def _account(self) -> int | None:
        """The user id in the personal information, or else that of the chat with oneself."""
        for part in self._outline.parts():
            if isinstance(part, Value) and part.name == "personal_information":
                person = _person(part.body)
                if person is not None:
                    return person
            elif isinstance(part, ChatPart) and part.head.type == "saved_messages" and part.head.id is not None:
                return bare_id(part.head.id, era_of(self._view))
        return None

    def _check_unchanged(self, stamp: bytes) -> None:
        if stamp != self._stamp:
            raise SourceChangedError(
                f"`{self._root.location}` changed while it was read",
                hint="wait until Telegram Desktop has finished the export, then run the command again",
            )


def _person(body: bytes) -> int | None:
    try:
        return _PERSON.decode(body).user_id
    except msgspec.MsgspecError:
        return None


def _document(part: Value) -> Iterator[Document | Finding]:
    media = nested(part.body, skip=()) if part.name in DOCUMENTS_WITH_FILES else []
    yield from refusals(media, part.name)
    yield Document(part.name, part.body, tuple(media))
