"""Reading messages out of a window of text: at full speed when all is well, message by message when it is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from tgvault.api import Finding, FindingKind, MediaRef, Message, fold
from tgvault_plugins.desktop_export.brackets import BracketSkip, gap_end
from tgvault_plugins.desktop_export.media import MAY_BE_NESTED, flat, nested, refusals
from tgvault_plugins.desktop_export.parts import Broken, Ended
from tgvault_plugins.desktop_export.repair import repaired
from tgvault_plugins.desktop_export.strict import NOTHING, Fields, known, looked_at, novelties
from tgvault_plugins.desktop_export.tidy import UNREADABLE, Tidied, minified, tidied
from tgvault_plugins.desktop_export.view import View

__all__ = ["Reader"]

_RAWS = msgspec.json.Decoder(list[msgspec.Raw])
_ID = re.compile(rb'"id"\s*:\s*(-?\d{1,19})(?!\w)')
_MARK = b'":"{chat}'


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the messages of one chat. `folder` is the chat's, `subject` its name in findings."""

    folder: str
    subject: str

    def window(self, text: bytes, *, at: int, lead: bytes) -> list[Message | Finding]:
        """Read whole messages, with commas between them, that stand at a place of the file."""
        short = _minified(text)
        return self._mended(text, at, lead) if short is None else self._messages(short, at)

    def _messages(self, short: bytes, at: int) -> list[Message | Finding]:
        bodies = _RAWS.decode(short)
        try:
            heads = known(short)
        except UNREADABLE:
            return self._closely(bodies, at)
        out: list[Message | Finding] = []
        # Each search costs 0.14 µs a message, so what the decoder notices is not searched for.
        if _MARK in short or b'"document_id"' in short:
            for head, body in zip(heads, bodies, strict=True):
                out += self._special(head, bytes(body))
            return out
        for head, body in zip(heads, bodies, strict=True):
            if head.rich_message is not NOTHING:
                out += self._special(head, bytes(body))
            elif head.photo is head.file is head.thumbnail is head.contact_vcard is None:
                out.append(Message(head.id, bytes(body)))
            else:
                out += self._with_media(head.id, bytes(body), flat(head))
        return out

    def _special(self, head: Fields, body: bytes) -> list[Message | Finding]:
        """A message that may name files at any depth, or whose text may say `{chat}`."""
        media = flat(head)
        if MAY_BE_NESTED.search(body):
            try:
                media += nested(body)
            except UNREADABLE:
                note = Finding(FindingKind.NOTE, self.subject, f"files inside of message {head.id} are not looked for")
                return [note, *self._with_media(head.id, body, media)]
        return self._with_media(head.id, body, media)

    def _with_media(self, number: int | None, body: bytes, media: list[MediaRef]) -> list[Message | Finding]:
        if any(ref.name is not None for ref in media) or _MARK in body:
            body = fold(body, folder=self.folder)
        return [*refusals(media, self.subject), Message(number, body, tuple(media))]

    def _closely(self, bodies: list[msgspec.Raw], at: int) -> list[Message | Finding]:
        """A window in which something is new to this version."""
        out: list[Message | Finding] = []
        new: list[tuple[FindingKind, str]] = []
        for body in bodies:
            try:
                head, found = looked_at(bytes(body))
            except UNREADABLE:
                out.append(self._lost(bytes(body), at))
                continue
            new += found
            out += self._special(head, bytes(body))
        return [*out, *novelties(new)]

    def _mended(self, text: bytes, at: int, lead: bytes) -> list[Message | Finding]:
        """A window that is no legal JSON: what can be put right is, and what cannot costs no other message."""
        mended, count = repaired(text)
        if count and (short := _minified(mended)) is not None:
            return [*self._messages(short, at), *Tidied(b"", count).findings(self.subject)]
        pieces = _by_lines(text, lead + b"}," + lead + b"{") if lead else _by_brackets(text)
        return [each for start, piece in pieces for each in self._piece(piece, at + start, lead)]

    def _piece(self, piece: bytes, at: int, lead: bytes) -> list[Message | Finding]:
        if (tidy := tidied(piece)) is not None:
            return [*tidy.findings(self.subject), *self._messages(b"[%b]" % tidy.data, at)]
        # Where the end of a message is damaged, the next one still begins as messages do.
        inner = list(_by_lines(piece, lead + b"{")) if lead else []
        if len(inner) < 2:
            return [self._lost(piece, at)]
        found = [each for start, text in inner for each in self._piece(text, at + start, b"")]
        if not any(isinstance(each, Finding) for each in found):
            found.append(Finding(FindingKind.REPAIRED, self.subject, "damaged text between messages", len(inner) - 1))
        return found

    def _lost(self, piece: bytes, at: int) -> Finding:
        found = _ID.search(piece)
        which = f"message {found[1].decode()}" if found else "a message"
        return Finding(FindingKind.LOST, self.subject, f"{which} near byte {at} cannot be read, {len(piece)} bytes")


def _minified(text: bytes) -> bytes | None:
    try:
        return minified(b"[%b]" % text)
    except UNREADABLE:
        return None


def _by_lines(text: bytes, border: bytes) -> Iterator[tuple[int, bytes]]:
    """Cut text where messages begin, by their indentation."""
    start = 0
    while (found := text.find(border, start + 1)) >= 0:
        stop = found + len(border) - 1
        yield start, text[start:stop].strip().removesuffix(b",")
        start = stop
    yield start, text[start:].strip().removesuffix(b",")


def _by_brackets(text: bytes) -> Iterator[tuple[int, bytes]]:
    """Cut text where its outermost brackets close; what is damaged becomes a piece."""
    view = View(_Text(text))
    skip = BracketSkip(view)
    at = gap_end(view, 0)
    while at < len(text):
        try:
            stop = skip.value(at, 0)
        except (Broken, Ended):
            stop = skip.resumed(at)
        yield at, text[at:stop].strip().removesuffix(b",")
        at = gap_end(view, stop)


class _Text:
    """A window on bytes at hand."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self.size = len(text)

    def read(self, start: int, stop: int) -> bytes:
        return self._text[start:stop]

    def close(self) -> None:
        pass
