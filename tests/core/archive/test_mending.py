from __future__ import annotations

import json
from collections.abc import Sequence

import msgspec
import pytest

from blob_support import ROW_CUTS, SMALL_CUTS, MemoryBlobs, all_lines, all_refs
from tgvault.archive.entries import ChatEntry, Gone, Past, Version, entry_lines, parse_history
from tgvault.archive.lists import Line, build, cut
from tgvault.archive.mending import mend_chat, mend_list
from tgvault.archive.readable import Lost
from tgvault.archive.segments import message_line, parse_segment
from tgvault.crypto.keyed import BlobId
from tgvault.errors import CorruptObjectError
from tgvault.model.records import ChatKey, ChatKind
from tgvault.vault.manifests import Node

SINCE = Gone("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")


class Damaged(MemoryBlobs):
    """Blobs of which some cannot be read."""

    def __init__(self) -> None:
        super().__init__()
        self.bad: set[str] = set()

    def load(self, blob: BlobId) -> bytes:
        if blob.hex() in self.bad:
            raise CorruptObjectError("flipped")
        return super().load(blob)


@pytest.fixture
def blobs() -> Damaged:
    return Damaged()


def numbered(blobs: Damaged, rows: dict[int, str]) -> Node | None:
    lines = [Line(number, f"{number} {text}\n".encode()) for number, text in sorted(rows.items())]
    return build(cut(lines, blobs, SMALL_CUTS), blobs, SMALL_CUTS)


def rows_of(content: bytes) -> list[Line]:
    return [Line(int(row.split()[0]), row + b"\n") for row in content.splitlines()]


def mend(blobs: Damaged, *states: Node | None) -> tuple[dict[int, str], list[Lost]]:
    lost: list[Lost] = []
    node = mend_list(
        states,
        parse=lambda _, content: rows_of(content),
        source=blobs,
        store=blobs,
        cuts=SMALL_CUTS,
        lost=lost.append,
    )
    blobs.bad.clear()
    found = (line.data.decode().split() for line in all_lines(node, blobs, rows_of))
    return {int(number): text for number, text in found}, lost


def test_a_list_that_is_whole_comes_out_as_it_is(blobs: Damaged) -> None:
    rows = dict.fromkeys(range(200), "a")
    node = numbered(blobs, rows)

    assert mend(blobs, node, None) == (rows, [])
    assert len(blobs.stored) == len(set(blobs.stored))


def test_where_a_leaf_is_lost_stands_what_the_state_before_had_there(blobs: Damaged) -> None:
    before = numbered(blobs, dict.fromkeys(range(0, 200, 2), "old"))
    after = numbered(blobs, dict.fromkeys(range(200), "new"))
    bad = all_refs(after, blobs)[5]
    blobs.bad.add(bad.blob)

    rows, lost = mend(blobs, after, before)

    assert isinstance(bad.first, int)
    assert isinstance(bad.last, int)
    inside = range(bad.first, bad.last + 1)
    assert rows == {n: "old" if n in inside else "new" for n in range(200) if n not in inside or n % 2 == 0}
    assert [(each.first, each.last, each.count) for each in lost] == [(bad.first, bad.last, bad.count)]


def test_a_lost_page_is_filled_up_from_several_states(blobs: Damaged) -> None:
    oldest = numbered(blobs, dict.fromkeys(range(200), "oldest"))
    before = numbered(blobs, dict.fromkeys(range(200), "old"))
    after = numbered(blobs, dict.fromkeys(range(200), "new"))
    assert after is not None
    bad = all_refs(before, blobs)[5]
    blobs.bad |= {after.blob, bad.blob}

    rows, lost = mend(blobs, after, before, oldest)

    assert isinstance(bad.first, int)
    assert isinstance(bad.last, int)
    assert rows == {number: "oldest" if bad.first <= number <= bad.last else "old" for number in range(200)}
    assert [each.count for each in lost] == [200]


def test_what_no_state_has_is_left_out(blobs: Damaged) -> None:
    only = numbered(blobs, dict.fromkeys(range(200), "a"))
    bad = all_refs(only, blobs)[5]
    blobs.bad.add(bad.blob)

    rows, lost = mend(blobs, only)

    assert len(rows) == 200 - bad.count
    assert len(lost) == 1


def body(number: int, text: str) -> bytes:
    return json.dumps({"id": number, "text": text}).encode()


def past(number: int, *texts: str, gone: bool = False) -> Past:
    versions = tuple(Version("2026-01-01T00:00:00Z", msgspec.Raw(body(number, text))) for text in texts)
    return Past(number, SINCE if gone else None, versions)


def a_chat(blobs: Damaged, texts: dict[int, str], pasts: Sequence[Past] = (), *, keyed: str = "id") -> ChatEntry:
    lines = (message_line(number, body(number, text), {}) for number, text in sorted(texts.items()))
    if keyed == "position":
        lines = (Line(at, b'{"text":"%s"}\n' % texts[at].encode()) for at in sorted(texts))
    return ChatEntry(
        key=ChatKey("user:5"),
        kind=ChatKind.USER,
        id=5,
        type=None,
        title="Ben",
        username=None,
        opening="",
        closing="",
        keyed=keyed,
        messages=build(cut(lines, blobs, SMALL_CUTS), blobs, SMALL_CUTS),
        history=build(cut(entry_lines(pasts), blobs, ROW_CUTS), blobs, ROW_CUTS),
        gone=sum(each.gone is not None for each in pasts),
    )


def mended(blobs: Damaged, *states: ChatEntry) -> tuple[ChatEntry, int, int]:
    lost: list[Lost] = []
    lost_past: list[Lost] = []
    after = mend_chat(
        states,
        source=blobs,
        store=blobs,
        segment_cuts=SMALL_CUTS,
        row_cuts=ROW_CUTS,
        lost=lost.append,
        lost_past=lost_past.append,
    )
    blobs.bad.clear()
    return after, len(lost), len(lost_past)


def texts(entry: ChatEntry, blobs: Damaged) -> dict[int, str]:
    lines = all_lines(entry.messages, blobs, parse_segment)
    return {int(str(line.key)): json.loads(line.data)["text"] for line in lines}


def pasts(entry: ChatEntry, blobs: Damaged) -> dict[int, Past]:
    found = (
        each
        for ref in all_refs(entry.history, blobs)
        for each in parse_history(blobs.load(BlobId(bytes.fromhex(ref.blob))))
    )
    return {each.id: each for each in found}


def test_a_chat_that_is_whole_comes_out_as_it_is(blobs: Damaged) -> None:
    chat = a_chat(blobs, dict.fromkeys(range(50), "a"), [past(60, "x", gone=True), past(61, "y")])

    assert mended(blobs, chat) == (chat, 0, 0)


def test_lost_messages_come_from_the_state_before_but_not_those_that_are_gone_since(blobs: Damaged) -> None:
    before = a_chat(blobs, dict.fromkeys(range(50), "old"))
    after = a_chat(blobs, {number: "new" for number in range(50) if number != 7}, [past(7, "old", gone=True)])
    assert after.messages is not None
    blobs.bad.add(after.messages.blob)

    chat, lost, lost_past = mended(blobs, after, before)

    assert (lost, lost_past) == (1, 0)
    assert texts(chat, blobs) == {number: "old" for number in range(50) if number != 7}
    assert pasts(chat, blobs) == {7: past(7, "old", gone=True)}
    assert chat.gone == 1


def test_a_lost_history_comes_from_the_state_before_but_not_marks_of_what_is_back_since(blobs: Damaged) -> None:
    before = a_chat(blobs, {1: "a"}, [past(2, "b", "c", gone=True), past(3, "d", gone=True)])
    after = a_chat(blobs, {1: "a", 2: "c"}, [past(2, "b"), past(3, "d", gone=True), past(4, "e", gone=True)])
    assert after.history is not None
    blobs.bad.add(after.history.blob)

    chat, lost, lost_past = mended(blobs, after, before)

    assert (lost, lost_past) == (0, 1)
    assert texts(chat, blobs) == {1: "a", 2: "c"}
    assert pasts(chat, blobs) == {2: past(2, "b", "c"), 3: past(3, "d", gone=True)}
    assert chat.gone == 1


def test_positions_are_counted_anew_where_a_part_is_lost_for_good(blobs: Damaged) -> None:
    chat = a_chat(blobs, {number: f"t{number}" for number in range(1, 51)}, keyed="position")
    bad = all_refs(chat.messages, blobs)[2]
    blobs.bad.add(bad.blob)

    after, lost, _ = mended(blobs, chat)

    assert after.messages is not None
    assert lost == 1
    assert (after.messages.first, after.messages.last, after.count) == (1, 50 - bad.count, 50 - bad.count)


def test_a_state_whose_messages_are_known_otherwise_is_no_help(blobs: Damaged) -> None:
    before = a_chat(blobs, {1: "a"}, keyed="position")
    after = a_chat(blobs, {1: "b"})
    assert after.messages is not None
    blobs.bad.add(after.messages.blob)

    chat, _, _ = mended(blobs, after, before)

    assert chat.messages is None
