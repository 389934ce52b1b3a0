from __future__ import annotations

import json

import msgspec
import pytest

from tgvault.archive.entries import (
    ChatEntry,
    DocumentEntry,
    FileEntry,
    Gone,
    LayoutChat,
    Past,
    Seen,
    Version,
    entry_line,
    entry_lines,
    parse_chats,
    parse_documents,
    parse_files,
    parse_history,
    parse_layout,
)
from tgvault.archive.segments import Media
from tgvault.errors import CorruptObjectError
from tgvault.model.records import ChatKey, ChatKind
from tgvault.vault.manifests import Node

HEX = "ab" * 32
NODE = Node(HEX, 1, 7, 3, 9)
A_CHAT = ChatEntry(
    key=ChatKey("user:5"),
    kind=ChatKind.USER,
    id=5,
    type="personal_chat",
    title="Ben \u2028 Ada\x85",
    username=None,
    opening='{"name":"Ben","messages":[',
    closing="]}",
    messages=NODE,
    coverage=(Seen(1, 9, "2026-01-01T00:00:00Z"),),
    gone=2,
)
A_VERSION = Version("2026-01-01T00:00:00Z", msgspec.Raw(b'{"id":5,"text":"a"}'), {"photo": Media("a", 3, HEX)})
A_PAST = Past(5, Gone("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"), (A_VERSION,))


def test_chats_come_back() -> None:
    line = entry_line(A_CHAT)

    assert list(parse_chats(line.data * 2)) == [A_CHAT, A_CHAT]
    assert line.key == "user:5"
    assert A_CHAT.count == 7


def test_a_chat_has_the_members_that_the_format_names() -> None:
    members = json.loads(entry_line(A_CHAT).data)

    assert list(members) == [
        "key", "kind", "id", "type", "title", "username", "opening", "closing", "keyed", "messages", "history",
        "coverage", "observed", "gone",
    ]  # fmt: skip
    assert members["messages"] == {"blob": HEX, "level": 1, "count": 7, "first": 3, "last": 9}
    assert members["coverage"] == [[1, 9, "2026-01-01T00:00:00Z"]]


def test_a_chat_without_messages_counts_none() -> None:
    assert msgspec.structs.replace(A_CHAT, messages=None).count == 0


def test_documents_come_back() -> None:
    entry = DocumentEntry("contacts", 5, (HEX, HEX), {"0/photo": Media("a", 3, HEX)})
    line = entry_line(entry)

    assert list(parse_documents(line.data)) == [entry]
    assert line.key == "contacts"


def test_files_come_back_and_say_nothing_that_is_not_there() -> None:
    entry = FileEntry("a/b.jpg", 3, HEX)
    line = entry_line(entry)

    assert list(parse_files(line.data)) == [entry]
    assert (line.key, set(json.loads(line.data))) == ("a/b.jpg", {"path", "size", "blob"})


def test_history_comes_back() -> None:
    line = entry_line(A_PAST)

    (found,) = parse_history(line.data)

    assert line.key == 5
    assert (found.id, found.gone, len(found.versions)) == (5, A_PAST.gone, 1)
    assert (found.versions[0].seen, bytes(found.versions[0].body)) == (A_VERSION.seen, bytes(A_VERSION.body))
    assert found.versions[0].media == A_VERSION.media


def test_an_earlier_text_may_hold_a_carriage_return_between_its_members() -> None:
    past = Past(5, None, (Version("2026-01-01T00:00:00Z", msgspec.Raw(b'{"id":5,\r"text":"a"}')),))

    (found,) = parse_history(entry_line(past).data)

    assert bytes(found.versions[0].body) == b'{"id":5,\r"text":"a"}'


def test_a_leaf_without_lines_has_no_entries() -> None:
    assert list(parse_chats(b"")) == []


def test_lines_are_written_one_after_another() -> None:
    assert [line.key for line in entry_lines([A_CHAT, A_PAST])] == ["user:5", 5]


def test_the_layout_gives_texts_documents_and_chats() -> None:
    chat = LayoutChat(ChatKey("user:5"), "id", "{", "}", "chats/chat_1/", NODE)
    document = DocumentEntry("contacts", 5, (HEX,))
    rows = [("text", "{"), ("document", document), ("chat", chat), ("of a later version", 5)]
    content = b"".join(msgspec.json.encode(row) + b"\n" for row in rows)

    assert list(parse_layout(content)) == ["{", document, chat]


@pytest.mark.parametrize("parse", [parse_chats, parse_documents, parse_files, parse_history, parse_layout])
@pytest.mark.parametrize("content", [b"nonsense\n", b"5\n", b'{"id":\n', b'["text"]\n', b"\xff\n"])
def test_a_line_that_cannot_be_read_is_reported(parse: object, content: bytes) -> None:
    with pytest.raises(CorruptObjectError):
        list(parse(content))


@pytest.mark.parametrize("content", [b'["text",5]\n', b'["document",{}]\n', b'["chat",null]\n'])
def test_a_row_of_the_layout_that_is_not_what_it_says_is_reported(content: bytes) -> None:
    with pytest.raises(CorruptObjectError):
        list(parse_layout(content))


def test_members_of_a_later_version_are_passed_over() -> None:
    later = entry_line(A_CHAT).data.replace(b'{"key"', b'{"later":{"a":[1]},"key"')

    assert list(parse_chats(later)) == [A_CHAT]
