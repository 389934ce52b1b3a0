"""Of which messages a file proves that it has all, so that absence means deletion.

A full export has only a person's own messages of public groups and channels, of chats already left, and of private
groups and channels for which the whole history was not ticked. Nothing in the file says so. An export of one chat has
all of it, but for dates outside of the limits that were chosen, and for an export of one topic. What cannot be told
apart from an incomplete chat is never taken for complete.
"""

from __future__ import annotations

import re

import msgspec

from tgvault.api import ChatKind, Coverage
from tgvault_plugins.desktop_export.cutting import Slices, ascending
from tgvault_plugins.desktop_export.identity import Era, Identity, bare_id
from tgvault_plugins.desktop_export.parts import ChatPart, Run
from tgvault_plugins.desktop_export.repair import repaired
from tgvault_plugins.desktop_export.spans import windows
from tgvault_plugins.desktop_export.tidy import UNREADABLE
from tgvault_plugins.desktop_export.view import View

__all__ = ["Prover"]

#: Types of which a full export has every message.
_ALWAYS_WHOLE = frozenset({"personal_chat", "bot_chat", "saved_messages"})
#: Types of which it has every message if it has any of another person.
_PERHAPS_WHOLE = frozenset({"private_group", "private_supergroup"})
#: A topic is exported as a group of this type, its files in `chats/…/topic_…/`; those of a whole group lie here.
_TOPIC_TYPE = "public_supergroup"
_WHOLE_CHATS_FILE = re.compile(
    rb'":\s?"(?:photos|video_files|voice_messages|round_video_messages|stickers|files|animations|contacts)/'
)


class _Sender(msgspec.Struct, gc=False):
    type: str | None = None
    from_id: str | int | None = None
    actor_id: str | int | None = None


_SENDERS = msgspec.json.Decoder(list[_Sender])


class Prover:
    """Looks for what proves that a chat of one file is complete."""

    def __init__(self, view: View, *, era: Era, account: int | None) -> None:
        self._view = view
        self._era = era
        self._account = account

    def coverage(self, part: ChatPart, identity: Identity, found: Slices) -> Coverage | None:
        """The ids between which the file has every message of the chat, if it proves that."""
        if part.run is None or part.run.holes or part.mended or identity.kind is ChatKind.WEAK or not found.cuts:
            return None
        first, last = found.cuts[0].first, found.last
        if first is None or last is None or not ascending(found) or not self._is_whole(part, part.run, found):
            return None
        return Coverage(first, last)

    def _is_whole(self, part: ChatPart, run: Run, found: Slices) -> bool:
        kind = part.head.type
        if part.section == "":
            return kind != _TOPIC_TYPE or self._has_file(run)
        if part.section != "chats" or kind is None:
            return False
        return kind in _ALWAYS_WHOLE or (kind in _PERHAPS_WHOLE and self._has_other_sender(run, found))

    def _has_other_sender(self, run: Run, found: Slices) -> bool:
        if self._account is None:
            return False
        for cut in found.cuts:
            for _, text in windows(self._view, cut.start, cut.stop, run.lead):
                if any(self._is_other(sender) for sender in _senders(text)):
                    return True
        return False

    def _is_other(self, sender: _Sender) -> bool:
        written = sender.actor_id if sender.type == "service" else sender.from_id
        if isinstance(written, int):
            return self._era is Era.SHIFTED and written >> 32 < 2 and bare_id(written, self._era) != self._account
        return written is not None and written.startswith("user") and written != f"user{self._account}"

    def _has_file(self, run: Run) -> bool:
        return self._view.search(_WHOLE_CHATS_FILE, run.start, run.stop, 64) is not None


def _senders(text: bytes) -> list[_Sender]:
    try:
        return _SENDERS.decode(b"[%b]" % text)
    except UNREADABLE:
        pass
    try:
        return _SENDERS.decode(b"[%b]" % repaired(text)[0])
    except UNREADABLE:
        return []
