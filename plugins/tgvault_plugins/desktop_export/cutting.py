"""Cutting a chat's messages into runs that can be read apart from each other, and looking at single ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import msgspec

from tgvault_plugins.desktop_export.brackets import SPAN, BracketSkip
from tgvault_plugins.desktop_export.parts import Broken, Ended, Run
from tgvault_plugins.desktop_export.tidy import UNREADABLE, tidied
from tgvault_plugins.desktop_export.view import View

__all__ = ["LARGEST", "Cut", "Slices", "ascending", "slices"]

#: The most bytes that a message may have. Telegram's own limits keep a message under 100 KiB.
LARGEST = 1 << 24

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


def slices(view: View, run: Run) -> Slices:
    """Cut the messages about every four megabytes."""
    ranges = list(_by_lines(view, run) if run.lead else _by_brackets(run))
    cuts = tuple(Cut(start, stop, _id_at(view, start, stop)) for start, stop in ranges)
    return Slices(cuts, _last_id(view, run, cuts[-1]) if cuts else None)


def ascending(found: Slices) -> bool:
    """Whether every cut begins with an id and the ids rise; what lies between the cuts is not looked at."""
    ids = [cut.first for cut in found.cuts]
    known = [each for each in ids if each is not None]
    rising = all(a < b for a, b in pairwise(known))
    return len(known) == len(ids) and rising and found.last is not None and (not known or found.last >= known[-1])


def _by_lines(view: View, run: Run) -> Iterator[tuple[int, int]]:
    border = run.lead + b"}," + run.lead + b"{"
    at = run.start
    while run.stop - at > SPAN:
        found = view.rfind(border, at, at + SPAN)
        if found < 0:
            found = view.find(border, at + SPAN - len(border), run.stop)
        if found < 0:
            break
        yield at, found + len(run.lead) + 1
        at = found + len(border) - 1
    if run.stop > at:
        yield at, run.stop


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
