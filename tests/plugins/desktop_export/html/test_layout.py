from pathlib import Path

from samples.html import writer
from tgvault_plugins.desktop_export.folder import FolderRoot
from tgvault_plugins.desktop_export.html.layout import Entry, listed_chats, missing_pages, pages_by_folder


def folder(at: Path, *names: str) -> FolderRoot:
    for name in names:
        (at / name).parent.mkdir(parents=True, exist_ok=True)
        (at / name).write_bytes(b"x")
    return FolderRoot(at)


def test_pages_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    root = folder(tmp_path, "messages10.html", "messages2.html", "messages.html", "messages02.html", "other.html")

    (found,) = pages_by_folder(root)

    assert [(number, file.name) for number, file in found.pages] == [
        (1, "messages.html"),
        (2, "messages2.html"),
        (10, "messages10.html"),
    ]
    assert found.folder == ""


def test_chats_are_in_the_order_of_their_folders_numbers(tmp_path: Path) -> None:
    root = folder(
        tmp_path,
        "chats/chat_10/messages.html",
        "chats/chat_2/messages.html",
        "chats/chat_2/photos/messages.html/x",
        "chats/chat_562951187989202/topic_2/messages.html",
        "chats/a/b/c/messages.html",
    )

    assert [pages.folder for pages in pages_by_folder(root)] == [
        "chats/chat_2/",
        "chats/chat_10/",
        "chats/chat_562951187989202/topic_2/",
    ]


def test_gaps_between_pages_are_told(tmp_path: Path) -> None:
    (found,) = pages_by_folder(folder(tmp_path, "messages2.html", "messages3.html", "messages7.html", "messages8.html"))

    assert list(missing_pages(found)) == [("messages.html", 1), ("messages4.html", 3)]


def test_the_list_of_chats_tells_kinds_counts_and_folders() -> None:
    page = writer.listed(
        [
            writer.entry("Ben 伊藤", "3 messages", "private", "../chats/chat_1/messages.html"),
            writer.entry("Saved messages ", "No messages", "private"),
        ],
        [writer.entry("Old &amp; Club ", "1 outgoing message", "group", "../chats/chat_3/messages.html")],
    )

    assert list(listed_chats(page)) == [
        Entry("Ben 伊藤", "private", "3 messages", "chats/chat_1/", False),
        Entry("Saved messages", "private", "No messages", None, False),
        Entry("Old &amp; Club", "group", "1 outgoing message", "chats/chat_3/", True),
    ]


def test_links_elsewhere_lead_to_no_folder() -> None:
    links = (
        "../../etc/messages.html",
        "../messages.html",
        "https://e.org",
        "../chats/chat_1/photos/a/messages.html",
        "x",
    )

    found = listed_chats(writer.listed([writer.entry("A", "1 message", "bot", link) for link in links]))

    assert [entry.folder for entry in found] == [None] * len(links)


def test_a_list_without_entries_is_empty() -> None:
    assert list(listed_chats(b"")) == []
    assert list(listed_chats(writer.listed())) == []


def test_a_damaged_entry_is_an_entry_without_a_title() -> None:
    page = b'<div class="entry clearfix">' + b"<br>" * 30_000

    assert list(listed_chats(page)) == [Entry(None, "", "", None, False)]
    assert list(listed_chats(b'<div class="entry clearfix"><div></div>')) == [Entry(None, "", "", None, False)]
