"""Making records of a chat: what it is, where its messages are, and of which ids they are all."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from tgvault.api import Chat, Finding, FindingKind, Record, SegmentStarts, Span
from tgvault_plugins.desktop_export.coverage import Prover
from tgvault_plugins.desktop_export.cutting import Slices, ascending, slices
from tgvault_plugins.desktop_export.folders import folder_of
from tgvault_plugins.desktop_export.identity import Era, Namer
from tgvault_plugins.desktop_export.parts import ChatPart, Run
from tgvault_plugins.desktop_export.paths import shown
from tgvault_plugins.desktop_export.spans import Token
from tgvault_plugins.desktop_export.view import View

__all__ = ["ChatMaker"]

#: Bytes of a chat's messages in which its own id is looked for, should its type not tell its kind.
_LOOK = 1 << 18


class ChatMaker:
    """Makes the records of one file's chats."""

    def __init__(self, view: View, stamp: bytes, era: Era, account: int | None, starts: SegmentStarts) -> None:
        self._view = view
        self._stamp = stamp
        self._starts = starts
        self._namer = Namer(era)
        self._prover = Prover(view, era=era, account=account)
        self._encode = msgspec.msgpack.Encoder().encode

    def records(self, part: ChatPart) -> Iterator[Record | Finding]:
        """Yield the chat, its spans, and its coverage if the file proves any."""
        run, head = part.run, part.head
        seen = self._view.take(run.start, min(run.stop, run.start + _LOOK)) if run else b""
        identity = self._namer.name(head, seen=seen)
        folder = folder_of(self._view, run, number=part.number, section=part.section)
        subject = f"chat {shown(head.name or identity.key, 80)}"
        yield from head.findings
        yield Chat(
            key=identity.key,
            kind=identity.kind,
            id=identity.id,
            type=head.type,
            title=head.name,
            opening=head.opening,
            closing=head.closing,
            folder=folder,
        )
        found = Slices((), None)
        if run is not None:
            found = slices(self._view, run, starts=self._starts)
            yield from self._spans(run, found, folder, subject)
        if (covered := self._prover.coverage(part, identity, found)) is not None:
            yield covered
        yield from self._losses(part, found, subject)

    def _spans(self, run: Run, found: Slices, folder: str, subject: str) -> Iterator[Span]:
        ordered = ascending(found)
        for cut in found.cuts:
            token = Token(cut.start, cut.stop, run.lead, folder, subject, self._stamp)
            yield Span(self._encode(token), cut.stop - cut.start, ordered, cut.first)

    def _losses(self, part: ChatPart, found: Slices, subject: str) -> Iterator[Finding]:
        run = part.run
        for start, stop in run.holes if run else ():
            yield Finding(FindingKind.LOST, subject, f"{stop - start} bytes from byte {start} on cannot be read")
        if not part.ended or (run and run.holes and run.holes[-1][1] == self._view.size):
            return
        left = self._view.size - run.stop if run else 0
        after = "before its first message" if found.last is None else f"after message {found.last}"
        yield Finding(
            FindingKind.TRUNCATED, subject, f"the file ends {after}, {left} bytes of the next one are left out"
        )
