"""The document of the music that stands in the account's profile."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from telethon.tl import types

from tgvault.api import BEYOND
from tgvault_plugins.takeout.convert.documents import AccountDocument, document, making_of
from tgvault_plugins.takeout.convert.making import Around, Making
from tgvault_plugins.takeout.convert.media import document_fields
from tgvault_plugins.takeout.convert.times import unix_of
from tgvault_plugins.takeout.convert.traits import traits_of
from tgvault_plugins.takeout.convert.values import Fields

__all__ = ["profile_music"]


def profile_music(tracks: Iterable[Any], context: Around) -> AccountDocument:
    """Tell the music of the profile, as messages of 1970; takes the documents of `users.getSavedMusic`."""
    making = making_of(context)
    songs = [each for each in tracks if isinstance(each, types.Document) and traits_of(each).audio]
    return document("profile_music", [_song(each, making, place) for place, each in enumerate(songs)], making)


def _song(track: types.Document, making: Making, place: int) -> Fields:
    fields = document_fields(track, making, at=f"{place}/", folder="profile_music/")
    return {
        "id": place + 1,
        "type": "message",
        **making.around.times.both("date", None),
        **fields,
        "text": "",
        "text_entities": [],
        BEYOND: {"id": track.id, "dc": track.dc_id, "date_unixtime": str(unix_of(track.date))},
    }
