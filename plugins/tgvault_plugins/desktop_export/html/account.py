"""The records of a full export: its chats in the order of its list, those that were left last."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tgvault.api import Finding, FindingKind, Literal, Record, UnreadableExportError
from tgvault_plugins.desktop_export.html.chats import ChatReader, read_page
from tgvault_plugins.desktop_export.html.layout import CHAT_LIST, INDEX, Entry, Pages, listed_chats
from tgvault_plugins.desktop_export.html.pages import is_finished
from tgvault_plugins.desktop_export.root import Root

__all__ = ["is_account", "read_account"]


def is_account(root: Root, groups: list[Pages]) -> bool:
    """Whether the export is of a whole account; a folder of several chats is one that lost its lists."""
    return INDEX in root.names() or _has_list(root) or len(groups) > 1


def _has_list(root: Root) -> bool:
    folder, _, name = CHAT_LIST.rpartition("/")
    return name in root.names(folder)


def read_account(root: Root, groups: list[Pages]) -> Iterator[Record | Finding]:
    """Yield the records of all chats, with the text around them that makes one JSON document of it all."""
    entries, found = _entries(root)
    yield from found
    folders = {pages.folder: pages for pages in groups}
    paired = [(entry, folders.pop(entry.folder, None) if entry.folder else None) for entry in entries]
    chats = ChatReader(root)
    yield Literal(b'{"chats":{"list":[')
    yield from _joined(chats, [*((e, p) for e, p in paired if not e.left), *((None, p) for p in folders.values())])
    if left := [(entry, pages) for entry, pages in paired if entry.left]:
        yield Literal(b']},"left_chats":{"list":[')
        yield from _joined(chats, left)
    yield Literal(b"]}}")
    for folder in folders if entries else ():
        yield Finding(
            FindingKind.TRUNCATED, folder, "the list of chats does not name it; the export may have been stopped"
        )


def _entries(root: Root) -> tuple[list[Entry], list[Finding]]:
    if not _has_list(root):
        return [], [Finding(FindingKind.LOST, CHAT_LIST, "the list is missing; chats were taken from their folders")]
    try:
        page = read_page(root, CHAT_LIST)
    except UnreadableExportError as exc:
        return [], [Finding(FindingKind.LOST, CHAT_LIST, str(exc))]
    cut_off = [] if is_finished(page) else [Finding(FindingKind.TRUNCATED, CHAT_LIST, "the page ends before its end")]
    return list(listed_chats(page)), cut_off


def _joined(chats: ChatReader, pairs: Sequence[tuple[Entry | None, Pages | None]]) -> Iterator[Record | Finding]:
    for place, (entry, pages) in enumerate(pairs):
        if place:
            yield Literal(b",")
        if pages is None and entry and entry.folder:
            yield Finding(FindingKind.LOST, entry.folder, "the pages of the chat are missing")
        yield from chats.read(pages or Pages(entry.folder or "" if entry else "", []), entry)
