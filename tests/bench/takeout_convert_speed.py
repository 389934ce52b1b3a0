"""Prints how many messages a second are converted; its one argument is how long each sort is measured, in seconds."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import telethon  # noqa: F401 - makes the classes of messages complete
from telethon.tl import types

from tgvault_plugins.takeout.convert.message import MessageConverter
from tgvault_plugins.takeout.convert.peers import Peers

_START = datetime(2024, 11, 14, 8, 12, 44, tzinfo=UTC)
_CHAT = types.PeerUser(2)


def _text(number: int) -> types.Message:
    return types.Message(
        number,
        _CHAT,
        date=_START + timedelta(seconds=17 * number),
        message=f"Message {number}: the quick brown fox jumps over the lazy dog, и ещё немного",
        from_id=types.PeerUser(1 + number % 2),
        out=number % 2 == 0,
    )


def _marked(number: int) -> types.Message:
    message = _text(number)
    message.entities = [types.MessageEntityBold(0, 7), types.MessageEntityTextUrl(9, 9, "https://e.org/")]
    message.reply_to = types.MessageReplyHeader(reply_to_msg_id=max(1, number - 3))
    return message


def _photo(number: int) -> types.Message:
    message = _text(number)
    sizes = [types.PhotoStrippedSize("i", b"x" * 40), types.PhotoSize("m", 320, 240, 9000)]
    sizes.append(types.PhotoSizeProgressive("y", 1280, 960, [10_000, 50_000, 120_000]))
    photo = types.Photo(1_000_000 + number, 5, b"reference", _START, sizes, 2)
    message.media = types.MessageMediaPhoto(photo=photo)
    return message


def _rate(make: Callable[[int], types.Message], seconds: float) -> float:
    peers = Peers()
    peers.learn([types.User(1, first_name="Ana", last_name="Kovač"), types.User(2, first_name="Ben")], [])
    converter = MessageConverter(peers, zone=ZoneInfo("Europe/Vienna"), self_id=1, decide=lambda _: None)
    page = [(message, bytes(message)) for message in map(make, range(1, 101))]
    done, start = 0, time.perf_counter()
    while (spent := time.perf_counter() - start) < seconds:
        for message, data in page:
            converter.convert(message, chat=_CHAT, tl=data)
        done += len(page)
    return done / spent


def main() -> None:
    """Measure each sort of message."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    for name, make in (("plain text", _text), ("text with marks and a reply", _marked), ("photo", _photo)):
        print(f"{name}: {_rate(make, seconds):,.0f} messages/s")


if __name__ == "__main__":
    main()
