"""Which messages a page has: https://core.telegram.org/api/offsets ."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from datetime import datetime

from tgvault.testing.telegram.tl import Tl

__all__ = ["MOST", "between", "dated_before", "page"]

#: The most messages that Telegram gives at once.
MOST = 100


def between(ids: Sequence[int], low: int, high: int) -> Sequence[int]:
    """Give the ids from `low` to `high`, both included."""
    return ids[bisect_left(ids, low) : bisect_left(ids, high + 1)]


def dated_before(ids: Sequence[int], date: datetime, date_of: Callable[[int], datetime]) -> int:
    """Count the messages that are older than a moment; dates rise with the ids."""
    return bisect_left(ids, date, key=date_of)


def page(
    ids: Sequence[int], request: Tl, date_of: Callable[[int], datetime], *, within: tuple[int, int] | None = None
) -> tuple[list[int], int]:
    """Give a page of ids, newest first, and how many there are in all.

    The request has `offset_id`, `add_offset`, `limit`, `max_id`, `min_id` and maybe `offset_date`: it starts behind
    the first message older than the offset, is moved by `add_offset` (backwards in the list where negative), and goes
    towards the older ones.
    """
    if within is not None:
        ids = between(ids, *within)
    count = len(ids)
    if request.min_id or request.max_id:
        ids = between(ids, request.min_id + 1, request.max_id - 1 if request.max_id else 2**31)
    older = _older(ids, request, date_of)
    high = min(len(ids), older - request.add_offset)
    low = max(0, older - request.add_offset - min(request.limit, MOST))
    return list(ids[low : max(low, high)])[::-1], count


def _older(ids: Sequence[int], request: Tl, date_of: Callable[[int], datetime]) -> int:
    """Count the messages that are older than the offset."""
    if request.offset_id:
        return bisect_left(ids, request.offset_id)
    offset_date = getattr(request, "offset_date", None)
    # Telethon reads the date 0, which means none, as 1970.
    if offset_date is not None and offset_date.timestamp() > 0:
        return dated_before(ids, offset_date, date_of)
    return len(ids)
