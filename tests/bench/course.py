"""Running the tools through the rows, one after another, and checking what they did."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from checks import has_file, same_export
from dataset import DataSet, size_of, warm
from peers.base import Peer, Place
from rows import Row, needed
from watch import Measure, run

__all__ = ["Course", "Record"]


@dataclass(frozen=True, slots=True)
class Record:
    """One run of one row: sizes in bytes, times in seconds.

    `growth` is what the repository gained, `aside` what lies in the tool's caches and state afterwards, `settling` the
    time that the system then needed to write everything out.
    """

    tool: str
    row: Row
    round: int
    measure: Measure
    growth: int
    aside: int
    settling: float
    warm: bool


@dataclass(frozen=True, slots=True)
class Course:
    """What is run, and where."""

    data: DataSet
    work: Path
    rows: Collection[Row]
    pss: bool = False
    keep: bool = False
    #: Told what is going on, in one line.
    say: Callable[[str], None] = print

    def run(self, peers: list[Peer], rounds: int) -> Iterator[Record]:
        """Run all rounds. Each starts with another tool, so that none always has the quiet or the busy end.

        Raises:
            CommandFailedError: a tool failed.
            WrongResultError: a tool gave back something else than it was given.
        """
        for number in range(rounds):
            first = number % len(peers)
            for peer in peers[first:] + peers[:first]:
                yield from self._round(peer, number)

    def _round(self, peer: Peer, number: int) -> Iterator[Record]:
        place = Place(self.work / f"{peer.name}-{number}", self.data)
        if place.root.exists():
            shutil.rmtree(place.root)
        place.make()
        peer.prepare(place)
        for row in needed(self.rows):
            yield from self._row(peer, place, row, number)
        if not self.keep:
            _empty(place.root)

    def _row(self, peer: Peer, place: Place, row: Row, number: int) -> Iterator[Record]:
        for _ in range(row.repeats if row in self.rows else 1):
            step = peer.step(place, row)
            if step is None:
                return
            is_warm = warm(self._inputs(place, row))
            os.sync()
            before = size_of(place.store)
            measure = run(step, pss=self.pss)
            started = time.perf_counter()
            os.sync()
            settling = time.perf_counter() - started
            growth, aside = size_of(place.store) - before, sum(map(size_of, place.asides()))
            if row in self.rows:
                self.say(f"round {number + 1}  {peer.name:<8} {row.label:<24} {measure.seconds:8.3f} s")
                yield Record(peer.name, row, number, measure, growth, aside, settling, is_warm)
        self._check(peer, place, row)

    def _inputs(self, place: Place, row: Row) -> list[Path]:
        match row:
            case Row.FIRST | Row.UNCHANGED:
                return [self.data.v1, place.store]
            case Row.NEXT:
                return [self.data.v2, place.store]
            case Row.HELP | Row.LIST:
                return []
            case _:
                return [place.store]

    def _check(self, peer: Peer, place: Place, row: Row) -> None:
        if row is Row.RESTORE:
            same_export(self.data.v2, place.restored)
            if not self.keep:
                _empty(place.restored)
        if row is Row.ONE:
            has_file(place.single, self.data.v2 / self.data.target.path)
        peer.check(place, row)


def _empty(folder: Path) -> None:
    """Give back the room that files take, and leave the files until the end.

    For minutes after many deletions ext4 takes long to find an inode for a new file (a restore took 3.6 s of the
    system's time in place of 1.4 s), which would hit whoever comes next.
    """
    for place, _, names in os.walk(folder):
        for name in names:
            file = Path(place, name)
            if not file.is_symlink() and file.stat().st_nlink == 1:
                file.chmod(0o600)  # restic lets nobody write to what it has written
                os.truncate(file, 0)
