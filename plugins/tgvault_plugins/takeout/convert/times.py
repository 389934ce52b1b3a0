"""Times in the two forms of a body: as a clock on the wall shows them, and as seconds since 1970."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

__all__ = ["Times", "unix_of"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def unix_of(moment: datetime | None) -> int:
    """Give the whole seconds from 1970 to a moment; 0 for none, which is how Telegram says that there is no time."""
    if moment is None:
        return 0
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    since = moment - _EPOCH
    return since.days * 86400 + since.seconds


class Times:
    """Writes times for one time zone."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone

    def local(self, moment: datetime | None) -> str:
        """Write a time without its zone, `2024-11-14T09:12:44`; that of 1970 for none, as Telegram Desktop does."""
        moment = _EPOCH if moment is None else moment
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        try:
            return moment.astimezone(self._zone).isoformat()[:19]
        except (OverflowError, ValueError):
            # Within a day of the year 1 or 9999 the zone's clock may show a year that there is not.
            return moment.isoformat()[:19]

    def both(self, name: str, moment: datetime | None) -> dict[str, object]:
        """Give the two fields of a time."""
        return {name: self.local(moment), f"{name}_unixtime": str(unix_of(moment))}
