"""What this machine remembers: snapshots it saw, sources it read, what it verified."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

import msgspec

from tgvault.state.database import Database

__all__ = ["DAMAGED", "FORGOTTEN", "MET", "Memory", "Sighting"]

#: The level under which packs are remembered that were met before anything verified them.
MET = "met"

#: The level under which packs are remembered that a verification found damaged.
DAMAGED = "damaged"

#: A machine that has not looked for so long counts from now on since when it has seen something. A wrong clock is wrong
#: by years, mostly: it begins in 1970 or in the year in which it was built, or somebody has set it so.
FORGOTTEN = timedelta(days=180)

#: Under this name the local state keeps when this machine last looked at what is in the sink.
_LAST_LOOK = "last look"


@dataclass(frozen=True, slots=True)
class Sighting:
    """When an object came to be in the sink, as this machine saw it: `before` is when it was first seen, `after` the
    look before that one, which did not find it yet; None where there was none.
    """

    after: datetime | None
    before: datetime


class Memory:
    """Small facts that survive between runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def manifest(self, name: str) -> bytes | None:
        """Give the verified payload of a manifest that was read before."""
        rows = self._database.run("SELECT payload FROM manifest WHERE name = ?", name)
        return cast("bytes", rows[0][0]) if rows else None

    def keep_manifest(self, name: str, payload: bytes) -> None:
        """Keep a manifest's verified payload."""
        self._database.run("INSERT OR REPLACE INTO manifest VALUES (?, ?)", name, payload)

    def seen(self) -> dict[str, tuple[str, int]]:
        """Give archive and sequence number of every snapshot that this machine has seen, by manifest name."""
        rows = self._database.run("SELECT name, archive, sequence FROM seen")
        return {name: (archive, number) for name, archive, number in cast("list[tuple[str, str, int]]", rows)}

    def note_seen(self, snapshots: Iterable[tuple[str, str, int]]) -> None:
        """Remember (manifest name, archive, sequence) of snapshots."""
        self._database.many("INSERT OR IGNORE INTO seen VALUES (?, ?, ?)", iter(snapshots))

    def note_sightings(self, names: Iterable[str], *, at: datetime) -> None:
        """Remember that these objects are in the sink at that time (aware); what was seen before stays as it is."""
        after = self.fact(_LAST_LOOK)
        row = after.decode() if after is not None else None, at.astimezone(UTC).isoformat()
        self._database.many("INSERT OR IGNORE INTO sighting VALUES (?, ?, ?)", ((name, *row) for name in names))

    def note_look(self, names: Iterable[str], *, begun: datetime, ended: datetime) -> None:
        """Remember that all objects of a kind were listed: what is first found later came after that began."""
        self.note_sightings(names, at=ended)
        self.set_fact(_LAST_LOOK, begun.astimezone(UTC).isoformat().encode())

    def sightings(self) -> dict[str, Sighting]:
        """Tell when this machine first saw each object, by name."""
        rows = cast("list[tuple[str, str | None, str]]", self._database.run("SELECT * FROM sighting"))
        return {
            name: Sighting(datetime.fromisoformat(after) if after else None, datetime.fromisoformat(before))
            for name, after, before in rows
        }

    def forget_seen(self, names: Iterable[str]) -> None:
        """Accept that these snapshots are gone."""
        gone = [(name,) for name in names]
        with self._database.transaction():
            self._database.many("DELETE FROM seen WHERE name = ?", gone)
            self._database.many("DELETE FROM sighting WHERE name = ?", gone)

    def accepted_parents(self) -> set[str]:
        """Give the manifests whose absence the user accepted although others build on them."""
        return set((self.fact("accepted") or b"").decode().split())

    def accept_parents(self, names: Iterable[str]) -> None:
        """Accept that these manifests are gone although others build on them."""
        self.set_fact("accepted", " ".join(sorted(self.accepted_parents() | set(names))).encode())

    def note_marks(self, present: Iterable[str]) -> set[str]:
        """Remember the marks that are there now, and those that have gone since the last time.

        Gives those that are there although they were gone before.
        """
        there = set(present)
        before = set((self.fact("marks") or b"").decode().split())
        ended = set((self.fact("ended marks") or b"").decode().split()) | (before - there)
        if before != there:
            self.set_fact("marks", " ".join(sorted(there)).encode())
            self.set_fact("ended marks", " ".join(sorted(ended)).encode())
        return there & ended

    def follow_marks(self, other: Memory) -> None:
        """Take over which marks another memory knows, and which of them have gone, in place of what is known here."""
        for name in ("marks", "ended marks"):
            self.set_fact(name, other.fact(name) or b"")

    def first_seen(self, kind: str, names: Iterable[str], *, now: datetime) -> dict[str, datetime]:
        """Tell since when this machine has seen each of the names of that kind that are there now (aware times).

        Those that are not among the names any more are forgotten, and so is everything after a gap of `FORGOTTEN`: a
        clock that is years ahead must not make old of what is new. Somebody else's clock has no part in it.
        """
        known = msgspec.json.decode(self.fact(f"first seen {kind}") or b"{}", type=dict[str, datetime])
        last = self.fact(f"last asked {kind}")
        if last is not None and now - datetime.fromisoformat(last.decode()) > FORGOTTEN:
            known = {}
        self.set_fact(f"last asked {kind}", now.isoformat().encode())
        seen = {name: min(known.get(name, now), now) for name in names}
        if seen != known:
            self.set_fact(f"first seen {kind}", msgspec.json.encode(seen))
        return seen

    def fact(self, name: str) -> bytes | None:
        """Give a remembered value."""
        rows = self._database.run("SELECT value FROM fact WHERE name = ?", name)
        return cast("bytes", rows[0][0]) if rows else None

    def set_fact(self, name: str, value: bytes) -> None:
        """Remember a value."""
        self._database.run("INSERT OR REPLACE INTO fact VALUES (?, ?)", name, value)

    def note_synced(self, copy: str, *, time: datetime) -> None:
        """Remember when a copy was up to date."""
        self.set_fact(f"synced {copy}", time.isoformat(timespec="seconds").encode())

    def synced(self, copy: str) -> datetime | None:
        """Tell when a copy was last known to be up to date; None if it never was."""
        time = self.fact(f"synced {copy}")
        return datetime.fromisoformat(time.decode()) if time is not None else None

    def next_run(self) -> int:
        """Number a run: one more than the last."""
        number = int(self.fact("run") or b"0") + 1
        self.set_fact("run", b"%d" % number)
        return number

    def note_verified(self, packs: Iterable[bytes], *, time: str, level: str) -> None:
        """Remember when and how deeply packs (by digest) were verified."""
        self._database.many("INSERT OR REPLACE INTO verified VALUES (?, ?, ?)", ((pack, time, level) for pack in packs))

    def note_met(self, packs: Iterable[bytes], *, time: str) -> None:
        """Remember since when packs are known of which nothing is remembered yet."""
        self._database.many("INSERT OR IGNORE INTO verified VALUES (?, ?, ?)", ((pack, time, MET) for pack in packs))

    def verified(self, level: str) -> dict[bytes, str]:
        """Give the time of the last verification of that level for each pack."""
        rows = self._database.run("SELECT pack, time FROM verified WHERE level = ?", level)
        return dict(cast("list[tuple[bytes, str]]", rows))
