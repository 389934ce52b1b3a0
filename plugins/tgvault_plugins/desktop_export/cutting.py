"""Cutting a chat's messages into runs that can be read apart from each other, and looking at single ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import msgspec

from tgvault.api import SegmentStarts
from tgvault_plugins.desktop_export.brackets import SPAN, BracketSkip
from tgvault_plugins.desktop_export.parts import Broken, Ended, Run
from tgvault_plugins.desktop_export.tidy import UNREADABLE, tidied
from tgvault_plugins.desktop_export.view import View

__all__ = ["LARGEST", "Cut", "Slices", "ascending", "slices"]

#: The most bytes that a message may have. Telegram's own limits keep a message under 100 KiB.
LARGEST = 1 << 24

#: The fewest bytes of a span that may be cut behind it. Small spans mean that little is read again after a change: with
#: 256 KiB a next export of 300 MB (66 edits, 5 deletions, 2 % more messages in 40 chats) has 12 % of its text in spans
#: that are not as they were.
LEAST = 1 << 18

#: Bytes in which a segment's start is looked for at once; segments are some 60 kB.
_LOOK = 1 << 16

#: Bytes of the longest match of a brace, a lead and an id.
_LONGEST = 128
_ID = re.compile(rb'\{\s*"id"\s*:\s*(-?\d{1,19})\s*[,}]')
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_RAWS = msgspec.json.Decoder(list[msgspec.Raw])
_NUMBER = msgspec.json.Decoder(int)


@dataclass(frozen=True, slots=True)
class Cut:
    """A range of the file that holds whole messages, and the id of its first one, if that has one."""

    start: int
    stop: int
    first: int | None


@dataclass(frozen=True, slots=True)
class Slices:
    """All of a chat's cuts, and the id of its last message."""

    cuts: tuple[Cut, ...]
    last: int | None


def slices(view: View, run: Run, *, starts: SegmentStarts) -> Slices:
    """Cut the messages into spans, where it can be done in front of messages of `starts`."""
    ranges = list(_by_lines(view, run, starts) if run.lead else _by_brackets(run))
    cuts = tuple(Cut(start, stop, _id_at(view, start, stop)) for start, stop in ranges)
    return Slices(cuts, _last_id(view, run, cuts[-1]) if cuts else None)


def ascending(found: Slices) -> bool:
    """Whether every cut begins with an id and the ids rise; what lies between the cuts is not looked at."""
    ids = [cut.first for cut in found.cuts]
    known = [each for each in ids if each is not None]
    rising = all(a < b for a, b in pairwise(known))
    return len(known) == len(ids) and rising and found.last is not None and (not known or found.last >= known[-1])


def _by_lines(view: View, run: Run, starts: SegmentStarts) -> Iterator[tuple[int, int]]:
    # Where messages were put in or taken out, the cuts behind them soon fall on the same messages again.
    at = run.start
    while run.stop - at > LEAST:
        found = _start_behind(view, at + LEAST, min(at + SPAN, run.stop), run.lead, starts)
        if found < 0:
            found = view.find(b"}," + run.lead + b"{", at + SPAN, run.stop)
        if found < 0:
            break
        yield at, found + 1
        at = found + 2 + len(run.lead)
    if run.stop > at:
        yield at, run.stop


def _start_behind(view: View, at: int, stop: int, lead: bytes, starts: SegmentStarts) -> int:
    """Position of the first brace at or behind a place that a message of `starts` follows, or -1."""
    pattern = _opening(lead)
    while at < stop:
        found = list(pattern.finditer(view.take(at, min(at + _LOOK, stop))))
        for place in starts([int(each[1]) for each in found]):
            return at + found[place].start()
        # What is cut off at the end of this piece is whole in the next one.
        at += _LOOK - _LONGEST
    return -1


@lru_cache(maxsize=8)
def _opening(lead: bytes) -> re.Pattern[bytes]:
    return re.compile(re.escape(b"}," + lead) + _ID.pattern)


def _by_brackets(run: Run) -> Iterator[tuple[int, int]]:
    edges = sorted({*run.cuts, run.stop, *(edge for hole in run.holes for edge in hole)})
    gone = {hole[0] for hole in run.holes}
    for start, stop in pairwise(edges):
        if start not in gone and start < run.stop:
            yield start, stop


def _id_at(view: View, start: int, stop: int) -> int | None:
    if found := view.match(_ID, start, 256):
        return int(found[1])
    try:
        end = BracketSkip(view).value(start, 0, LARGEST)
    except (Broken, Ended):
        return None
    return _id_of(view.take(start, min(end, stop)))


def _last_id(view: View, run: Run, last: Cut) -> int | None:
    if run.lead:
        found = view.rfind(run.lead + b"{", last.start, last.stop)
        return last.first if found < 0 else _id_at(view, found + len(run.lead), last.stop)
    try:
        messages = _RAWS.decode(b"[%b]" % view.take(last.start, last.stop).rstrip().removesuffix(b","))
    except UNREADABLE:
        return None
    return _id_of(bytes(messages[-1])) if messages else None


def _id_of(message: bytes) -> int | None:
    tidy = tidied(message)
    try:
        fields = _OBJECT.decode(tidy.data) if tidy else {}
        return _NUMBER.decode(fields["id"]) if "id" in fields else None
    except UNREADABLE:
        return None
