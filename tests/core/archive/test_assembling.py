from __future__ import annotations

from collections.abc import Iterable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from blob_support import SMALL_CUTS, MemoryBlobs, all_refs
from tgvault.archive.assembling import Told, Untouched, assemble
from tgvault.archive.entries import ChatEntry, Gone, Past, Version, entry_line
from tgvault.archive.lists import build, cut
from tgvault.archive.readable import Lost
from tgvault.archive.segments import message_line, parse_segment
from tgvault.crypto.keyed import BlobId
from tgvault.errors import CorruptObjectError
from tgvault.model.records import ChatKey, ChatKind

GONE = Gone("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")


class Damaged(MemoryBlobs):
    """Blobs of which some cannot be read."""

    def __init__(self) -> None:
        super().__init__()
        self.bad: set[str] = set()

    def load(self, blob: BlobId) -> bytes:
        if blob.hex() in self.bad:
            raise CorruptObjectError("flipped")
        return super().load(blob)


def a_past(number: int, *, gone: bool) -> Past:
    version = Version("2026-01-01T00:00:00Z", msgspec.Raw(b'{"id":%d,"text":"before"}' % number))
    return Past(number, GONE if gone else None, (version,))


def a_chat(blobs: MemoryBlobs, ids: Iterable[int], pasts: Iterable[Past] = ()) -> ChatEntry:
    lines = (message_line(number, b'{"id":%d,"text":"now"}' % number, {}) for number in ids)
    rows = (entry_line(past) for past in pasts)
    return ChatEntry(
        key=ChatKey("user:1"),
        kind=ChatKind.USER,
        id=1,
        type="personal_chat",
        title="Ben",
        username=None,
        opening='{"messages":[',
        closing="]}",
        messages=build(cut(lines, blobs, SMALL_CUTS), blobs, SMALL_CUTS),
        history=build(cut(rows, blobs, SMALL_CUTS), blobs, SMALL_CUTS),
    )


def flattened(parts: Iterable[Untouched | Told]) -> list[tuple[int, bool, bool]]:
    """The id of each message, whether it is there, and whether it has a past."""
    found = []
    for part in parts:
        if isinstance(part, Untouched):
            found += [(int(line.key), True, False) for line in parse_segment(part.content)]
        else:
            number = part.line.key if part.line is not None else part.past.id if part.past is not None else -1
            found.append((int(number), part.line is not None, part.past is not None))
    return found


def test_segments_without_a_history_are_not_taken_apart() -> None:
    blobs = MemoryBlobs()
    entry = a_chat(blobs, range(100), [a_past(50, gone=False)])

    parts = list(assemble(entry, blobs, lost=pytest.fail, lost_past=pytest.fail))

    whole = [part for part in parts if isinstance(part, Untouched)]
    assert len(whole) == len(all_refs(entry.messages, blobs)) - 1
    assert flattened(parts) == [(number, True, number == 50) for number in range(100)]


def test_a_gone_message_between_two_segments_touches_neither() -> None:
    blobs = MemoryBlobs()
    entry = a_chat(blobs, range(0, 200, 2))
    first, second = all_refs(entry.messages, blobs)[:2]
    assert isinstance(first.last, int)
    history = a_chat(blobs, [], [a_past(first.last + 1, gone=True)]).history

    parts = list(
        assemble(msgspec.structs.replace(entry, history=history), blobs, lost=pytest.fail, lost_past=pytest.fail)
    )

    assert [type(part) for part in parts[:3]] == [Untouched, Told, Untouched]
    assert (first.last + 1, False, True) in flattened(parts)
    assert second.first == first.last + 2


def test_an_empty_chat_has_nothing() -> None:
    blobs = MemoryBlobs()

    assert list(assemble(a_chat(blobs, []), blobs, lost=pytest.fail, lost_past=pytest.fail)) == []


def test_the_history_is_not_gathered_in_memory() -> None:
    blobs = MemoryBlobs()
    entry = a_chat(blobs, [], [a_past(number, gone=True) for number in range(100)])
    blobs.forget_counts()

    parts = assemble(entry, blobs, lost=pytest.fail, lost_past=pytest.fail)
    next(parts)

    assert len(set(blobs.loaded)) < len(all_refs(entry.history, blobs)) / 2


def test_a_damaged_segment_costs_its_own_messages_only() -> None:
    blobs, lost = Damaged(), list[Lost]()
    entry = a_chat(blobs, range(0, 200, 2), [a_past(number, gone=True) for number in range(1, 200, 2)])
    bad = all_refs(entry.messages, blobs)[5]
    blobs.bad.add(bad.blob)

    found = flattened(assemble(entry, blobs, lost=lost.append, lost_past=pytest.fail))

    assert isinstance(bad.first, int)
    assert isinstance(bad.last, int)
    assert [number for number, *_ in found] == [
        number for number in range(200) if number % 2 or not bad.first <= number <= bad.last
    ]
    assert [(each.first, each.last, each.count) for each in lost] == [(bad.first, bad.last, bad.count)]


def test_a_damaged_piece_of_the_history_costs_no_message_that_is_there() -> None:
    blobs, lost = Damaged(), list[Lost]()
    entry = a_chat(blobs, range(0, 200, 2), [a_past(number, gone=True) for number in range(1, 200, 2)])
    bad = all_refs(entry.history, blobs)[5]
    blobs.bad.add(bad.blob)

    found = flattened(assemble(entry, blobs, lost=pytest.fail, lost_past=lost.append))

    assert [number for number, there, _ in found if there] == list(range(0, 200, 2))
    assert len(found) == 200 - bad.count
    assert [(each.first, each.last, each.count) for each in lost] == [(bad.first, bad.last, bad.count)]


@given(st.sets(st.integers(-20, 60)), st.dictionaries(st.integers(-20, 60), st.booleans()))
def test_whatever_is_there_or_gone_comes_once_and_in_order(there: set[int], pasts: dict[int, bool]) -> None:
    blobs = MemoryBlobs()
    entry = a_chat(blobs, sorted(there), [a_past(number, gone=pasts[number]) for number in sorted(pasts)])

    found = flattened(assemble(entry, blobs, lost=pytest.fail, lost_past=pytest.fail))

    assert found == [(number, number in there, number in pasts) for number in sorted(there | pasts.keys())]
