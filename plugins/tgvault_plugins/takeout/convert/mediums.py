"""Media of every kind that a message can have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from telethon.tl import types

from tgvault_plugins.takeout.convert.attached import attached_fields
from tgvault_plugins.takeout.convert.giveaways import giveaway_fields, giveaway_result_fields, paid_fields
from tgvault_plugins.takeout.convert.making import Making
from tgvault_plugins.takeout.convert.pages import note_story, note_web_page
from tgvault_plugins.takeout.convert.places import (
    contact_fields,
    game_fields,
    invoice_fields,
    live_fields,
    place_fields,
    venue_fields,
)
from tgvault_plugins.takeout.convert.polls import poll_fields, todo_fields
from tgvault_plugins.takeout.convert.values import Fields, only, plain

__all__ = ["Sent", "medium_fields"]


@dataclass(frozen=True, slots=True)
class Sent:
    """The message that the medium came with: its id, and the bot whose game it may be."""

    number: int
    bot: Any


_TELLERS: dict[type, Callable[[Any, Making], Fields]] = {
    types.MessageMediaGeo: place_fields,
    types.MessageMediaGeoLive: live_fields,
    types.MessageMediaVenue: venue_fields,
    types.MessageMediaInvoice: invoice_fields,
    types.MessageMediaPoll: poll_fields,
    types.MessageMediaToDo: todo_fields,
    types.MessageMediaGiveaway: giveaway_fields,
    types.MessageMediaGiveawayResults: giveaway_result_fields,
    types.MessageMediaPaidMedia: paid_fields,
}
#: Those that an export leaves out.
_NOTERS: dict[type, Callable[[Any, Making], None]] = {
    types.MessageMediaWebPage: note_web_page,
    types.MessageMediaStory: note_story,
    types.MessageMediaDice: lambda media, making: _note_dice(media, making),
    types.MessageMediaVideoStream: lambda media, making: making.api.update(video_stream=plain(media)),
    types.MessageMediaEmpty: lambda media, making: None,
}


def medium_fields(media: Any, making: Making, sent: Sent) -> Fields:
    """Give the fields of a medium, and note what an export leaves out of it; one that is new is noted whole."""
    found = attached_fields(media, making)
    if found is not None:
        return found
    if isinstance(media, types.MessageMediaContact):
        return contact_fields(media, making, number=sent.number)
    if isinstance(media, types.MessageMediaGame):
        return game_fields(media, making, bot=sent.bot)
    if (teller := _TELLERS.get(type(media))) is not None:
        return teller(media, making)
    if (noter := _NOTERS.get(type(media))) is not None:
        noter(media, making)
    else:
        making.api["unknown_media"] = making.unknown("media", media)
    return {}


def _note_dice(media: types.MessageMediaDice, making: Making) -> None:
    making.api["dice"] = only(
        [("emoticon", media.emoticon), ("value", media.value), ("outcome", plain(media.game_outcome))]
    )
