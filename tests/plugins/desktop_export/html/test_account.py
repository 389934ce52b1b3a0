import json
from pathlib import Path

import pytest

from samples.html import writer
from tgvault.api import Chat, Finding, FindingKind, Literal, Record
from tgvault_plugins.desktop_export.folder import FolderRoot
from tgvault_plugins.desktop_export.html.account import is_account, read_account
from tgvault_plugins.desktop_export.html.layout import pages_by_folder
from tgvault_plugins.desktop_export.html.pages import MAX_PAGE


def account(at: Path, chats: list[bytes], listed: bytes | None) -> list[Record | Finding]:
    for number, page in enumerate(chats, 1):
        (at / f"chats/chat_{number}").mkdir(parents=True)
        (at / f"chats/chat_{number}/messages.html").write_bytes(page)
    if listed is not None:
        (at / "lists").mkdir()
        (at / "lists/chats.html").write_bytes(listed)
    root = FolderRoot(at)
    return list(read_account(root, pages_by_folder(root)))


def document(found: list[Record | Finding]) -> object:
    """Put the records together as an exact restore does, without the messages."""
    text = b""
    for each in found:
        if isinstance(each, Literal):
            text += each.data
        elif isinstance(each, Chat):
            text += each.opening + each.closing
    return json.loads(text)


def chat(name: str, kind: str, count: str) -> dict[str, object]:
    return {"name": name, "type": None, "html": {"listed": kind, "count": count}, "messages": []}


def kinds(found: list[Record | Finding]) -> list[tuple[FindingKind, str]]:
    return [(each.kind, each.subject) for each in found if isinstance(each, Finding)]


def test_chats_stand_in_the_order_of_the_list_and_left_ones_apart(tmp_path: Path) -> None:
    listed = writer.listed(
        [
            writer.entry("Cleo ", "1 message", "private", "../chats/chat_2/messages.html"),
            writer.entry("Empty ", "No messages", "group"),
            writer.entry("Ben ", "2 messages", "private", "../chats/chat_1/messages.html"),
        ],
        [writer.entry("Old Club ", "1 outgoing message", "group", "../chats/chat_3/messages.html")],
    )

    found = account(tmp_path, [writer.page(writer.message(n)) for n in (1, 2, 3)], listed)

    assert document(found) == {
        "chats": {
            "list": [
                chat("Cleo", "private", "1 message"),
                chat("Empty", "group", "No messages"),
                chat("Ben", "private", "2 messages"),
            ]
        },
        "left_chats": {"list": [chat("Old Club", "group", "1 outgoing message")]},
    }
    assert [each.folder for each in found if isinstance(each, Chat)] == [
        "chats/chat_2/",
        "",
        "chats/chat_1/",
        "chats/chat_3/",
    ]
    assert kinds(found) == []


def test_without_a_list_chats_are_taken_from_their_folders(tmp_path: Path) -> None:
    found = account(
        tmp_path, [writer.page(writer.message(1), title="A "), writer.page(writer.message(1), title="A ")], None
    )

    assert document(found) == {"chats": {"list": [{"name": "A", "type": None, "messages": []}] * 2}}
    assert [each.key for each in found if isinstance(each, Chat)] == ["weak:1:A", "weak:2:A"]
    assert kinds(found) == [(FindingKind.LOST, "lists/chats.html")]


def test_chats_that_the_list_does_not_name_are_kept_and_told_of(tmp_path: Path) -> None:
    listed = writer.listed([writer.entry("A ", "1 message", "private", "../chats/chat_1/messages.html")])

    found = account(tmp_path, [writer.page(writer.message(n), title="B ") for n in (1, 2)], listed[:-20])

    assert [each.title for each in found if isinstance(each, Chat)] == ["A", "B"]
    assert kinds(found) == [(FindingKind.TRUNCATED, "lists/chats.html"), (FindingKind.TRUNCATED, "chats/chat_2/")]


def test_listed_chats_whose_pages_are_missing_are_told_of(tmp_path: Path) -> None:
    twice = [writer.entry(name, "1 message", "private", "../chats/chat_1/messages.html") for name in ("A ", "B ")]

    found = account(tmp_path, [writer.page(writer.message(1))], writer.listed(twice))

    assert [each.title for each in found if isinstance(each, Chat)] == ["A", "B"]
    assert kinds(found) == [(FindingKind.LOST, "chats/chat_1/")]


def test_a_list_that_is_too_large_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    with (tmp_path / "lists/chats.html").open("wb") as file:
        file.truncate(MAX_PAGE + 1)

    found = account(tmp_path, [writer.page(writer.message(1), title="A ")], None)

    assert [each.title for each in found if isinstance(each, Chat)] == ["A"]
    assert kinds(found) == [(FindingKind.LOST, "lists/chats.html")]


def test_an_export_without_chats_is_an_empty_document(tmp_path: Path) -> None:
    assert document(account(tmp_path, [], writer.listed())) == {"chats": {"list": []}}


@pytest.mark.parametrize(
    ("names", "whole"),
    [
        (["export_results.html"], True),
        (["lists/chats.html"], True),
        (["chats/a/messages.html", "chats/b/messages.html"], True),
        (["chats/a/messages.html"], False),
        (["messages.html", "messages2.html"], False),
    ],
)
def test_an_account_is_told_by_its_files(tmp_path: Path, names: list[str], whole: bool) -> None:
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    root = FolderRoot(tmp_path)

    assert is_account(root, pages_by_folder(root)) is whole
