from __future__ import annotations

from typing import Any

import msgspec
from telethon.tl import types
from tests.plugins.takeout.convert.support import convert, message, told

from tgvault.api import FindingKind


def _media(media: Any, **how: Any) -> dict[str, Any]:
    return told(message(media=media), **how)


def test_dice_are_noted() -> None:
    assert _media(types.MessageMediaDice(4, "🎲")) == {"api": {"dice": {"emoticon": "🎲", "value": 4}}}


def test_a_live_stream_is_noted() -> None:
    found = _media(types.MessageMediaVideoStream(types.InputGroupCall(5, 6)))

    assert found["api"]["video_stream"]["call"] == {"_": "InputGroupCall", "id": 5}


def test_no_medium_is_none() -> None:
    sent = message()
    sent.media = types.MessageMediaEmpty()

    assert told(sent) == {}


def test_a_medium_that_is_new_to_us_is_kept_whole_and_told() -> None:
    class MessageMediaHologram(types.MessageMediaDice):  # type: ignore[misc]
        """One from a layer to come."""

    made = convert(message(media=MessageMediaHologram(4, "🎲")))

    assert msgspec.json.decode(made.body)["api"]["unknown_media"]["value"] == 4
    assert [(each.kind, each.subject) for each in made.findings] == [
        (FindingKind.UNKNOWN_TYPE, "media MessageMediaHologram")
    ]
