"""Giveaways, and posts whose media cost something."""

from __future__ import annotations

from typing import Any

from telethon.tl import types

from tgvault_plugins.takeout.convert.attached import nested_fields
from tgvault_plugins.takeout.convert.making import Making
from tgvault_plugins.takeout.convert.times import unix_of
from tgvault_plugins.takeout.convert.values import Fields, only, plain

__all__ = ["giveaway_fields", "giveaway_result_fields", "paid_fields"]


def giveaway_fields(media: types.MessageMediaGiveaway, making: Making) -> Fields:
    """Give what is given away to whom until when."""
    making.api["giveaway"] = only(
        [("until_date_unixtime", str(unix_of(media.until_date))), ("winners_are_visible", media.winners_are_visible)]
    )
    return {
        "giveaway_information": {
            "quantity": media.quantity,
            "months": media.months or 0,
            "until_date": making.around.times.local(media.until_date),
            "channels": list(media.channels or ()),
            "countries": list(media.countries_iso2 or ()),
            "additional_prize": media.prize_description or "",
            "stars": media.stars or 0,
            "is_only_new_subscribers": bool(media.only_new_subscribers),
        }
    }


def giveaway_result_fields(media: types.MessageMediaGiveawayResults, making: Making) -> Fields:
    """Give how a giveaway ended."""
    making.api["giveaway"] = {"until_date_unixtime": str(unix_of(media.until_date))}
    return {
        "giveaway_results": {
            "channel": media.channel_id,
            "winners": list(media.winners or ()),
            "additional_prize": media.prize_description or "",
            "until_date": making.around.times.local(media.until_date),
            "launch_message_id": media.launch_msg_id,
            "additional_peers_count": media.additional_peers_count or 0,
            "winners_count": media.winners_count,
            "unclaimed_count": media.unclaimed_count,
            "months": media.months or 0,
            "stars": media.stars or 0,
            "is_refunded": bool(media.refunded),
            "is_only_new_subscribers": bool(media.only_new_subscribers),
        }
    }


def paid_fields(media: types.MessageMediaPaidMedia, making: Making) -> Fields:
    """Give `paid_stars_amount`, and note the media, those that were paid for with their files."""
    making.api["paid"] = [_paid(each, making, place) for place, each in enumerate(media.extended_media or ())]
    return {"paid_stars_amount": media.stars_amount}


def _paid(extended: Any, making: Making, place: int) -> object:
    if isinstance(extended, types.MessageExtendedMedia):
        return nested_fields(extended.media, making, at=f"api/paid/{place}/")
    if isinstance(extended, types.MessageExtendedMediaPreview):
        return {"preview": only([("width", extended.w), ("height", extended.h), ("duration", extended.video_duration)])}
    return plain(extended)
