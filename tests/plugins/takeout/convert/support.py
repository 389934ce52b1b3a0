"""Makes messages of Telegram's, and converts them, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import telethon  # noqa: F401 - makes the classes of messages complete
from telethon.tl import types

from tgvault_plugins.takeout.convert.making import Around, Making
from tgvault_plugins.takeout.convert.message import Converted, MessageConverter
from tgvault_plugins.takeout.convert.peers import Peers
from tgvault_plugins.takeout.convert.phones import PhoneFormat
from tgvault_plugins.takeout.convert.times import Times
from tgvault_plugins.takeout.files import FileKind, RemoteFile

#: 2024-11-14 08:12:44 UTC, an hour later in Vienna.
T0 = 1731571964
ZONE = ZoneInfo("Europe/Vienna")
ANA = types.PeerUser(100000001)
BEN = types.PeerUser(7000000002)
GROUP = types.PeerChat(55)
CHANNEL = types.PeerChannel(1987654321)


def at(unix: int) -> datetime:
    return datetime.fromtimestamp(unix, UTC)


def known_peers() -> Peers:
    peers = Peers()
    users = [
        types.User(100000001, is_self=True, first_name="Ana", last_name="Kovač", username="ana_k", access_hash=1),
        types.User(7000000002, first_name="Ben", last_name="伊藤", access_hash=2),
        types.User(9, bot=True, bot_info_version=1, first_name="Helper", username="helperbot", access_hash=3),
        types.User(100000009, deleted=True, access_hash=4),
    ]
    photo = types.ChatPhotoEmpty()
    chats = [
        types.Chat(55, "Climbers", photo, 3, at(T0), 1),
        types.Channel(1987654321, "News ✨", photo, at(T0), broadcast=True, username="news", access_hash=5),
    ]
    peers.learn(users, chats)
    return peers


def take(_: RemoteFile) -> str | None:
    return None


def refusing(reason: str, *kinds: FileKind) -> Callable[[RemoteFile], str | None]:
    return lambda file: reason if not kinds or file.kind in kinds else None


def making(decide: Callable[[RemoteFile], str | None] = take, emoji: Mapping[int, Any] | None = None) -> Making:
    return Making(around(decide, emoji))


def around(decide: Callable[[RemoteFile], str | None] = take, emoji: Mapping[int, Any] | None = None) -> Around:
    return Around(known_peers(), Times(ZONE), decide, PhoneFormat(), emoji or {}, 100000001)


def message(number: int = 5, text: str = "", **fields: Any) -> types.Message:
    fields.setdefault("peer_id", BEN)
    fields.setdefault("from_id", BEN)
    return types.Message(number, date=at(T0), message=text, **fields)


def service(action: Any, number: int = 5, **fields: Any) -> types.MessageService:
    fields.setdefault("peer_id", GROUP)
    fields.setdefault("from_id", ANA)
    return types.MessageService(number, date=at(T0), action=action, **fields)


def convert(
    sent: Any,
    *,
    decide: Callable[[RemoteFile], str | None] = take,
    raw: bool = False,
    shift: int = 0,
    emoji: Mapping[int, Any] | None = None,
    phone: Callable[[str], str] | None = None,
    tl: bytes | None = None,
    misshapen: bool = False,
) -> Converted:
    converter = MessageConverter(
        known_peers(), zone=ZONE, self_id=100000001, decide=decide, raw=raw, emoji=emoji, phone=phone
    )
    made = converter.convert(sent, chat=BEN, shift=shift, tl=tl)
    assert any("not as expected" in each.subject for each in made.findings) is misshapen
    return made


def body(sent: Any, **how: Any) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(convert(sent, **how).body)
    return found


def told(sent: Any, **how: Any) -> dict[str, Any]:
    """The fields behind the sender, without those of the text."""
    found = body(sent, **how)
    head = ("id", "type", "date", "date_unixtime", "from", "from_id", "actor", "actor_id", "text", "text_entities")
    return {name: value for name, value in found.items() if name not in head}


def photo(number: int = 77, **fields: Any) -> types.Photo:
    sizes = [
        types.PhotoStrippedSize("i", b"blur"),
        types.PhotoSize("m", 320, 240, 9000),
        types.PhotoSizeProgressive("y", 1280, 960, [10_000, 50_000, 120_000]),
    ]
    return types.Photo(number, 8, b"reference", at(T0), fields.pop("sizes", sizes), 2, **fields)


def document(*attributes: Any, number: int = 88, mime: str = "", size: int = 4096, **fields: Any) -> types.Document:
    return types.Document(number, 8, b"reference", at(T0), mime, size, 4, list(attributes), **fields)


def named(name: str) -> types.DocumentAttributeFilename:
    return types.DocumentAttributeFilename(name)
