from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from blob_support import ROW_CUTS, SMALL_CUTS, MemoryBlobs, all_refs
from tgvault.archive.cuts import MAX_LEAF, Cuts
from tgvault.archive.entries import DocumentEntry, LayoutChat
from tgvault.archive.layout import LayoutBuilder, read_layout
from tgvault.model.records import ChatKey

Row = str | DocumentEntry | LayoutChat


def chat(number: int) -> LayoutChat:
    return LayoutChat(ChatKey(f"user:{number}"), "id", f'{{"id":{number},"messages":[', "]}", f"chats/{number}/", None)


ROWS = st.lists(
    st.text(max_size=9)
    | st.builds(DocumentEntry, st.text(max_size=5), st.integers(0, 9), st.just(("ab" * 32,)))
    | st.builds(chat, st.integers(1, 400)),
    max_size=60,
)


def built(rows: list[Row], blobs: MemoryBlobs, cuts: Cuts = SMALL_CUTS) -> object:
    builder = LayoutBuilder(blobs, cuts)
    for row in rows:
        match row:
            case str():
                builder.text(row)
            case DocumentEntry():
                builder.document(row)
            case LayoutChat():
                builder.chat(row)
    return builder.build()


@given(ROWS)
def test_rows_come_back_in_their_order(rows: list[Row]) -> None:
    blobs = MemoryBlobs()

    node = built(rows, blobs)

    assert list(read_layout(node, blobs)) == rows


def test_a_layout_of_nothing_is_none() -> None:
    assert built([], MemoryBlobs()) is None
    assert list(read_layout(None, MemoryBlobs())) == []


def test_a_chat_that_moves_to_the_front_leaves_most_leaves_as_they_are() -> None:
    """As Telegram Desktop orders chats: the one with the newest message first."""
    blobs = MemoryBlobs()
    chats: list[Row] = [chat(number) for number in range(2000)]
    before = {ref.blob for ref in all_refs(built(chats, blobs), blobs)}

    after = {ref.blob for ref in all_refs(built([chats[999], *chats[:999], *chats[1000:]], blobs), blobs)}

    assert len(before) > 30
    assert len(after - before) <= 2


@given(st.integers(0, 3 * MAX_LEAF), st.sampled_from('x"\x01é𝄞'))
@settings(max_examples=20)
def test_a_text_of_any_length_comes_back_and_fills_no_leaf_beyond_its_limit(length: int, letter: str) -> None:
    blobs = MemoryBlobs()

    node = built([letter * length, "end"], blobs, ROW_CUTS)

    assert "".join(read_layout(node, blobs)) == letter * length + "end"
    assert all(len(content) <= MAX_LEAF for content in blobs.contents.values())


def test_a_row_of_a_later_version_is_passed_over() -> None:
    blobs = MemoryBlobs()
    builder = LayoutBuilder(blobs, SMALL_CUTS)
    builder.text("a")
    node = builder.build()
    assert node is not None
    later = blobs.contents[bytes.fromhex(node.blob)] + msgspec.json.encode(("later", 5)) + b"\n"

    blob = blobs.store(later)

    assert list(read_layout(msgspec.structs.replace(node, blob=blob.hex()), blobs)) == ["a"]
