"""`cp -r` and `sync`: what the disk allows; no encryption, no versions, a whole copy each time."""

from __future__ import annotations

from rows import Row
from watch import Step

from peers.base import Place

__all__ = ["Copying"]


class Copying:
    """The limit that the others are seen against."""

    name = "cp"

    def version(self) -> str:
        """What the head of the table says."""
        return "`cp -r` + sync"

    def prepare(self, place: Place) -> None:
        """Make the folder for the copies."""
        place.store.mkdir()

    def step(self, place: Place, row: Row) -> Step | None:
        """A copy in either direction."""
        data, stored = place.data, place.store / "v2"
        match row:
            case Row.FIRST:
                return _copy(place, data.v1, place.store / "v1")
            case Row.NEXT:
                return _copy(place, data.v2, stored)
            case Row.RESTORE:
                return _copy(place, f"{stored}/.", place.restored)
            case Row.ONE:
                return _copy(place, stored / data.target.path, place.single)
            case _:
                return None

    def check(self, place: Place, row: Row) -> None:
        """Nothing beyond what the course compares."""


def _copy(place: Place, source: object, target: object) -> Step:
    # `sync -f` writes out the target's file system and nothing else; it waits as fsync does.
    return place.step("sh", "-c", 'cp -r "$1" "$2" && sync -f "$3"', "sh", str(source), str(target), place.root)
