"""A message of Telegram's in the schema of Telegram Desktop's export."""

from __future__ import annotations

import struct
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import Any

import msgspec
from telethon.tl import types
from telethon.tl.alltlobjects import LAYER

from tgvault.api import BEYOND, Finding, FindingKind, fold
from tgvault_plugins.takeout.convert.acts import Act
from tgvault_plugins.takeout.convert.beyond import note_message
from tgvault_plugins.takeout.convert.buttons import button_rows
from tgvault_plugins.takeout.convert.links import forward_fields, note_reply, reply_fields
from tgvault_plugins.takeout.convert.making import Around, Decide, LeftOut, Making
from tgvault_plugins.takeout.convert.mediums import Sent, medium_fields
from tgvault_plugins.takeout.convert.peers import Peers, peer_id_text
from tgvault_plugins.takeout.convert.phones import PhoneFormat
from tgvault_plugins.takeout.convert.reactions import reaction_fields
from tgvault_plugins.takeout.convert.rich import rich_fields
from tgvault_plugins.takeout.convert.service import service_fields
from tgvault_plugins.takeout.convert.text import both_forms
from tgvault_plugins.takeout.convert.times import Times, unix_of
from tgvault_plugins.takeout.convert.values import Fields, encoded, plain
from tgvault_plugins.takeout.files import RemoteFile

__all__ = ["Converted", "MessageConverter"]

#: What goes wrong when an object is not as Telegram's schema says. Such a message is kept with what it came in.
_MISSHAPEN = (AttributeError, TypeError, ValueError, LookupError, ArithmeticError, RecursionError, struct.error)


class Converted(msgspec.Struct, frozen=True, gc=False):
    """A message's body, and what it speaks of.

    `date` and `edited` are seconds since 1970, 0 for none. `files` are to be read from Telegram or are in the message
    itself; of those `left_out` the body says why. Findings tell what is new to this version.
    """

    id: int
    date: int
    edited: int
    body: bytes
    files: tuple[RemoteFile, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    findings: tuple[Finding, ...] = ()


class MessageConverter:
    """Converts the messages of an account.

    Names come from `peers`, which has to learn of an answer's users and chats before. `decide` says of each file
    whether it is taken. `emoji` are the documents of custom emoji, where those are known, and empty ones for those that
    Telegram refused; others are written as ids.
    """

    def __init__(
        self,
        peers: Peers,
        *,
        zone: tzinfo,
        self_id: int,
        decide: Decide,
        raw: bool = True,
        phone: Callable[[str], str] | None = None,
        emoji: Mapping[int, types.Document | types.DocumentEmpty] | None = None,
    ) -> None:
        self._around = Around(
            peers,
            Times(zone),
            decide,
            phone if phone is not None else PhoneFormat(),
            emoji if emoji is not None else {},
            self_id,
        )
        self._raw = raw

    def convert(
        self,
        message: types.Message | types.MessageService | types.MessageEmpty,
        *,
        chat: Any,
        shift: int = 0,
        tl: bytes | None = None,
    ) -> Converted:
        """Convert one message of a chat (a peer).

        `shift` is added to its id and to those of messages in the same chat: -1,000,000,000 for a group that became a
        supergroup. `tl` are the bytes in which it came, for `raw`. A message that is not as the schema says keeps its
        bytes and its text; that is told as a finding.
        """
        fields, making = self._made(message, chat, shift)
        self._add_beyond(fields, making, message, tl)
        return Converted(
            message.id + shift,
            unix_of(message.date),
            unix_of(message.edit_date),
            fold(encoded(fields), folder=""),
            tuple(making.files),
            tuple(making.left_out),
            tuple(making.findings),
        )

    def _made(self, message: Any, chat: Any, shift: int) -> tuple[Fields, Making]:
        making = Making(self._around, shift=shift, out=bool(message.out))
        try:
            return _fields(message, making, chat), making
        except _MISSHAPEN as error:
            # What was collected up to there belongs to fields that are not written.
            making = Making(self._around, shift=shift)
            return _rescued(message, making, error), making

    def _add_beyond(self, fields: Fields, making: Making, message: Any, tl: bytes | None) -> None:
        api = making.api
        if making.media:
            api["media"] = making.media
        if self._raw and (data := tl if tl is not None else _wire(message, making)) is not None:
            api["raw"] = b64encode(data).decode()
            api["layer"] = LAYER
        if api:
            fields[BEYOND] = api


def _fields(message: Any, making: Making, chat: Any) -> Fields:
    if isinstance(message, types.MessageEmpty):
        return _head(message, making, "message") | both_forms("", None, making)
    note_message(message, making)
    note_reply(message.reply_to, making)
    if isinstance(message, types.MessageService):
        return _service(message, making, chat)
    if isinstance(message.media, types.MessageMediaUnsupported) and message.rich_message is None:
        return _unsupported(message, making, chat)
    return _ordinary(message, making, chat)


def _head(message: Any, making: Making, sort: str) -> Fields:
    times = making.around.times
    found: Fields = {"id": message.id + making.shift, "type": sort}
    found |= times.both("date", message.date)
    if unix_of(message.edit_date):
        found |= times.both("edited", message.edit_date)
    return found


def _ordinary(message: Any, making: Making, chat: Any) -> Fields:
    found = _head(message, making, "message") | _sender(message, making, chat)
    if message.post_author:
        found["author"] = message.post_author
    if message.fwd_from is not None:
        found |= forward_fields(message.fwd_from, making)
    if message.reply_to is not None:
        found |= reply_fields(message.reply_to, making)
    if message.via_bot_id and (name := making.around.peers.username(types.PeerUser(message.via_bot_id))):
        found["via_bot"] = f"@{name}"
    if message.media is not None:
        found |= medium_fields(message.media, making, Sent(message.id + making.shift, _bot(message, chat)))
    if message.rich_message is not None:
        found["rich_message"] = rich_fields(message.rich_message, making)
    else:
        found |= both_forms(message.message, message.entities, making)
    if message.reply_markup is not None and (rows := button_rows(message.reply_markup, making)):
        found["inline_bot_buttons"] = rows
    if message.reactions is not None and (reactions := reaction_fields(message.reactions, making)):
        found["reactions"] = reactions
    return found


def _sender(message: Any, making: Making, chat: Any) -> Fields:
    sender = _from(message, chat)
    number = peer_id_text(sender)
    return {} if number is None else {"from": making.around.peers.name(sender), "from_id": number}


def _from(message: Any, chat: Any) -> Any:
    # As Telegram Desktop does: a post of a channel is the channel's, an old private message the other one's.
    return message.from_id or message.peer_id or chat


def _bot(message: Any, chat: Any) -> Any:
    """Give the peer whose game the message has."""
    if message.via_bot_id:
        return types.PeerUser(message.via_bot_id)
    origin = message.fwd_from.from_id if message.fwd_from is not None else None
    return origin if isinstance(origin, types.PeerUser) else _from(message, chat)


def _service(message: Any, making: Making, chat: Any) -> Fields:
    if isinstance(message.action, types.MessageActionTopicCreate):
        making.api["topic_id"] = message.id
    own = peer_id_text(message.peer_id or chat)
    act = Act(making, _from(message, chat), own, message.reply_to)
    found = _head(message, making, "service") | service_fields(message.action, act) | both_forms("", None, making)
    if message.reactions is not None and (reactions := reaction_fields(message.reactions, making)):
        found["reactions"] = reactions
    return found


def _unsupported(message: Any, making: Making, chat: Any) -> Fields:
    """Give what an export says of a medium that the server holds back: nothing but an id."""
    making.api["unsupported"] = (
        making.around.times.both("date", message.date)
        | _sender(message, making, chat)
        | both_forms(message.message, message.entities, making)
    )
    return {"id": message.id + making.shift, "type": "unsupported"}


def _rescued(message: Any, making: Making, error: Exception) -> Fields:
    making.note(FindingKind.UNKNOWN_TYPE, f"message that is not as expected ({type(error).__name__})")
    if (whole := _whole(message)) is not None:
        making.api["message"] = whole
    text = message.message if isinstance(message.message, str) else ""
    return _head(message, making, "message") | both_forms(text, None, making)


def _whole(message: Any) -> object:
    """Give all that a message says; None if its objects cannot even be listed."""
    try:
        return plain(message)
    except _MISSHAPEN:
        return None


def _wire(message: Any, making: Making) -> bytes | None:
    """Write the message as it goes over the wire; None if it does not fit there."""
    try:
        return bytes(message)
    except (*_MISSHAPEN, AssertionError) as error:
        making.note(FindingKind.NOTE, f"message without its original bytes ({type(error).__name__})")
        return None
