"""The kinds of messages of a large account, and how often each comes."""

from __future__ import annotations

import random
from datetime import UTC, datetime

from telethon.tl import types

from tgvault.testing.telegram.large.template import MARKS
from tgvault.testing.telegram.tl import Tl

__all__ = ["FILE_SIZES", "PATTERN", "variants"]

#: After so many messages the kinds come again.
PATTERN = 64
_TEXT = (
    "the owl sat in old tree and looked at moon while nobody came home before night ended again we should go there "
    "soon тогда сова сидела на дереве и смотрела что будет дальше 今夜 は 月 が きれい ですね yes no ok 😀 🦉"
)
_WORDS = _TEXT.split()
_DATE = datetime.fromtimestamp(MARKS.date, tz=UTC)
#: Bytes of the file of a variant, by its place in the pattern and the letter of the size.
FILE_SIZES: dict[int, dict[tuple[str, str], int]] = {}


def variants(peer: Tl, *, senders: list[int], dcs: tuple[int, ...]) -> list[Tl]:
    """Make a message of each kind for a chat; in a private one the only sender is the other side."""
    return [_variant(place, peer, senders, dcs) for place in range(PATTERN)]


def _variant(place: int, peer: Tl, senders: list[int], dcs: tuple[int, ...]) -> Tl:
    chance = random.Random(place)  # noqa: S311 (the same in every run is the point)
    fields: dict[str, Tl] = {"id": MARKS.message_id, "peer_id": peer, "date": _DATE, **_sender(place, peer, senders)}
    if place % 32 == 31:
        action: Tl = types.MessageActionPinMessage() if place == 31 else types.MessageActionChatEditTitle("Large")
        return types.MessageService(action=action, reply_to=_reply(), **fields)
    words = chance.choices(_WORDS, k=chance.randint(2, 40))
    text = " ".join([f"{MARKS.number}", *words])
    if place % 8 == 3:
        fields["entities"] = [types.MessageEntityBold(0, 10), types.MessageEntityItalic(11, len(words[0]))]
    if place % 9 == 4:
        fields["reply_to"] = _reply()
    if place % 16 == 5:
        fields["fwd_from"] = types.MessageFwdHeader(_DATE, from_name="Somebody")
    if place % 16 == 9:
        reaction = types.ReactionCount(types.ReactionEmoji("👍"), 3)
        fields["reactions"] = types.MessageReactions([reaction])
    return types.Message(message=text, media=_media(place, dcs[place % len(dcs)]), **fields)


def _sender(place: int, peer: Tl, senders: list[int]) -> dict[str, Tl]:
    if place % 3 == 0:
        return {"out": True, "from_id": types.PeerUser(1001)}
    if isinstance(peer, types.PeerUser):
        return {}
    return {"from_id": types.PeerUser(senders[place % len(senders)])}


def _reply() -> types.MessageReplyHeader:
    return types.MessageReplyHeader(reply_to_msg_id=MARKS.reply_id)


def _media(place: int, dc: int) -> Tl | None:
    """Give every tenth message a photo, and some others a document."""
    if place % 10 == 7:
        sizes = {"s": 1_500, "m": 6_000, "x": 20_000, "y": 40_000 + place * 500}
        FILE_SIZES[place] = {("photo", letter): size for letter, size in sizes.items()}
        listed: list[Tl] = [types.PhotoSize(letter, 100, 75, size) for letter, size in sizes.items()]
        photo = types.Photo(MARKS.file_id, MARKS.access_hash, MARKS.reference, _DATE, listed, dc)
        return types.MessageMediaPhoto(photo=photo)
    if place % 21 != 12:
        return None
    mime_type, size, *attributes = _DOCUMENTS[place // 21 % 3]
    FILE_SIZES[place] = {("document", ""): size}
    document = types.Document(MARKS.file_id, MARKS.access_hash, MARKS.reference, _DATE, mime_type, size, dc, attributes)
    return types.MessageMediaDocument(document=document)


_DOCUMENTS: tuple[tuple[Tl, ...], ...] = (
    ("audio/ogg", 30_000, types.DocumentAttributeAudio(9, voice=True, waveform=bytes(63))),
    ("video/mp4", 2_000_000, types.DocumentAttributeVideo(20.0, 1280, 720), types.DocumentAttributeFilename("v.mp4")),
    ("application/pdf", 150_000, types.DocumentAttributeFilename("paper.pdf")),
)
