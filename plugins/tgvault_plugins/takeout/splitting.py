"""The ranges of account-wide message ids that Telegram wants to be asked for one by one in a takeout."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from telethon.tl.functions.messages import GetSplitRangesRequest
from telethon.tl.types import MessageRange

from tgvault_plugins.takeout.calling import Caller

__all__ = ["joined", "split_ranges"]

#: Ranges that are asked for at most, each in every chat; Telegram gives a handful of them even to old accounts.
MOST = 32


async def split_ranges(caller: Caller) -> list[MessageRange]:
    """Ask for the ranges, ascending; there are none without a takeout.

    Raises:
        telethon.errors.RPCError: Telegram refuses it.
    """
    if caller.takeout is None:
        return []
    return joined(await caller(GetSplitRangesRequest()))


def joined(ranges: Iterable[MessageRange], *, most: int = MOST) -> list[MessageRange]:
    """Give ranges ascending, without those that are empty; where they are more than `most`, neighbours as one."""
    found = sorted((each for each in ranges if each.max_id >= max(each.min_id, 1)), key=lambda each: int(each.min_id))
    size = -(-len(found) // most) or 1
    return [_around(found[at : at + size]) for at in range(0, len(found), size)]


def _around(ranges: Sequence[MessageRange]) -> MessageRange:
    return MessageRange(ranges[0].min_id, max(each.max_id for each in ranges))
