import json
from pathlib import Path

import pytest

from samples.html import writer
from tgvault.api import Chat, Finding, FindingKind, Record, SourceChangedError, Span
from tgvault_plugins.desktop_export.folder import FolderRoot
from tgvault_plugins.desktop_export.html.chats import ChatReader, read_page
from tgvault_plugins.desktop_export.html.layout import Entry, Pages, pages_by_folder
from tgvault_plugins.desktop_export.html.pages import MAX_PAGE


def records(at: Path, pages: dict[str, bytes], entry: Entry | None = None) -> list[Record | Finding]:
    for name, page in pages.items():
        (at / name).write_bytes(page)
    root = FolderRoot(at)
    return list(ChatReader(root).read(pages_by_folder(root)[0], entry))


def spans(found: list[Record | Finding]) -> list[Span]:
    return [each for each in found if isinstance(each, Span)]


def findings(found: list[Record | Finding]) -> list[Finding]:
    return [each for each in found if isinstance(each, Finding)]


def test_a_chat_is_known_by_its_title_alone(tmp_path: Path) -> None:
    chat = records(tmp_path, {"messages.html": writer.page(writer.message(1), title='Field "Ops" ')})[0]

    assert isinstance(chat, Chat)
    assert (chat.key, chat.kind, chat.id, chat.type, chat.title) == (
        'weak:1:Field "Ops"',
        "weak",
        None,
        None,
        'Field "Ops"',
    )
    assert chat.opening == b'{"name":"Field \\"Ops\\"","type":null,"messages":['
    assert json.loads(chat.opening + chat.closing) == {"name": 'Field "Ops"', "type": None, "messages": []}


def test_chats_of_one_title_are_told_apart_by_their_order(tmp_path: Path) -> None:
    reader = ChatReader(FolderRoot(tmp_path))
    nothing = Pages("", [])

    keys = [next(iter(reader.read(nothing, Entry(title, "", "", None, False)))) for title in ("A", "B", "A", None)]

    assert [chat.key for chat in keys if isinstance(chat, Chat)] == ["weak:1:A", "weak:1:B", "weak:2:A", "weak:1:"]


def test_what_the_list_says_of_a_chat_is_kept(tmp_path: Path) -> None:
    pages = {"messages.html": writer.page(writer.message(1), title="Ana ")}

    chat = records(tmp_path, pages, Entry("Saved messages", "private", "1 message", "", False))[0]

    assert isinstance(chat, Chat)
    assert (chat.title, chat.type) == ("Saved messages", None)
    assert json.loads(chat.opening + chat.closing) == {
        "name": "Saved messages",
        "type": None,
        "html": {"listed": "private", "count": "1 message"},
        "messages": [],
    }


def test_only_a_bot_is_a_kind_for_certain(tmp_path: Path) -> None:
    chat = records(tmp_path, {"messages.html": writer.page()}, Entry(None, "bot", "", "", False))[0]

    assert isinstance(chat, Chat)
    assert (chat.title, chat.type) == ("Field Ops", "bot_chat")


def test_each_page_is_a_span(tmp_path: Path) -> None:
    pages = {
        "messages.html": writer.page(writer.service(-999999995, "x"), writer.message(1), following="messages2.html"),
        "messages2.html": writer.page(writer.message(2), previous="messages.html"),
    }

    found = records(tmp_path, pages)

    assert [json.loads(span.token) for span in spans(found)] == [
        {"page": "messages.html", "folder": ""},
        {"page": "messages2.html", "folder": "", "before": "messages.html"},
    ]
    assert [span.weight for span in spans(found)] == [len(page) for page in pages.values()]
    assert all(span.ordered for span in spans(found))
    assert findings(found) == []


@pytest.mark.parametrize(("one", "other"), [((1, 2), (2, 3)), ((5,), (4,)), ((2, 1), (3,)), ((1,), (3, 2))])
def test_pages_whose_ids_do_not_ascend_are_not_ordered(
    tmp_path: Path, one: tuple[int, ...], other: tuple[int, ...]
) -> None:
    pages = {
        "messages.html": writer.page(*(writer.message(n) for n in one)),
        "messages2.html": writer.page(*(writer.message(n) for n in other)),
    }

    assert [span.ordered for span in spans(records(tmp_path, pages))] == [False, False]


def test_a_page_without_messages_does_not_disturb_the_order(tmp_path: Path) -> None:
    pages = {
        "messages.html": writer.page(writer.date(1, "No exported messages")),
        "messages2.html": writer.page(writer.message(1)),
    }

    assert [span.ordered for span in spans(records(tmp_path, pages))] == [True, True]


def test_missing_pages_are_told_of(tmp_path: Path) -> None:
    pages = {
        "messages2.html": writer.page(writer.message(2)),
        "messages5.html": writer.page(writer.message(5), following="messages6.html"),
    }

    assert findings(records(tmp_path, pages)) == [
        Finding(FindingKind.LOST, "messages.html", "the page is missing"),
        Finding(FindingKind.LOST, "messages3.html", "the page is missing", 2),
        Finding(FindingKind.TRUNCATED, "messages6.html", "the page is named as the next one and is missing"),
    ]


def test_a_link_out_of_the_export_is_refused(tmp_path: Path) -> None:
    found = records(tmp_path, {"messages.html": writer.page(writer.message(1), following="../../messages2.html")})

    assert [(each.kind, each.subject) for each in findings(found)] == [
        (FindingKind.REFUSED_PATH, "../../messages2.html")
    ]


def test_a_page_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "messages.html").open("wb") as file:
        file.truncate(MAX_PAGE + 1)

    found = records(tmp_path, {"messages2.html": writer.page(writer.message(2), title="A ")})

    chat = found[0]
    assert isinstance(chat, Chat)
    assert chat.title == "A"
    assert [(each.kind, each.subject) for each in findings(found)] == [(FindingKind.LOST, "messages.html")]
    assert len(spans(found)) == 1


def test_a_page_that_is_gone_means_that_the_export_changed(tmp_path: Path) -> None:
    with pytest.raises(SourceChangedError) as caught:
        read_page(FolderRoot(tmp_path), "messages.html")

    assert caught.value.hint is not None
