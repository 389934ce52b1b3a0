"""Which chats an HTML export holds, and on which pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

import msgspec

from tgvault.api import HostilePathError, MediaFile
from tgvault_plugins.desktop_export.html.names import located
from tgvault_plugins.desktop_export.html.pages import utf8
from tgvault_plugins.desktop_export.html.tags import MAX_TAGS, attribute, elements, first, own_line, parse
from tgvault_plugins.desktop_export.root import Root

__all__ = ["CHAT_LIST", "INDEX", "Entry", "Pages", "listed_chats", "missing_pages", "pages_by_folder"]

#: The first page of a full export, and the list of its chats.
INDEX = "export_results.html"
CHAT_LIST = "lists/chats.html"

#: Chats of an account; of those that stand behind them in the list, the pages are found all the same.
MAX_CHATS = 100_000

_PAGE = re.compile(r"((?:chats/[^/]+/(?:[^/]+/)?)?)messages([1-9]\d{0,6})?\.html", re.ASCII)
_ENTRY = re.compile(rb'<(?:a|div) class="entry[ "]')
_LIST = b'class="entry_list"'


class Pages(msgspec.Struct, frozen=True):
    """The pages of one folder, in their order: number and file. The folder has a slash at its end or is empty."""

    folder: str
    pages: list[tuple[int, MediaFile]]


class Entry(msgspec.Struct, frozen=True):
    """A line in the list of chats.

    `folder` is None for a chat without messages. `kind` is `private`, `bot`, `group`, `channel` or `unknown`. `count`
    says in words how many messages there are: `3 outgoing messages` is the only trace of an export of one's own
    messages alone.
    """

    title: str | None
    kind: str
    count: str
    folder: str | None
    left: bool


def pages_by_folder(root: Root) -> list[Pages]:
    """Find the pages of messages: beside the index, and in the folders of chats and topics."""
    found: dict[str, list[tuple[int, MediaFile]]] = {}
    for file in _files(root):
        if page := _PAGE.fullmatch(file.name):
            found.setdefault(page[1], []).append((int(page[2] or 1), file))
    return [
        Pages(folder, sorted(pages, key=lambda page: (page[0], page[1].name)))
        for folder, pages in sorted(found.items(), key=lambda each: _natural(each[0]))
    ]


def _files(root: Root) -> Iterator[MediaFile]:
    for name in root.names():
        if _PAGE.fullmatch(name):
            yield root.stat(name)
    yield from root.walk(["chats"])


def _natural(name: str) -> list[tuple[int, str]]:
    parts = re.split(r"(\d{1,18})", name, flags=re.ASCII)
    return [(int(part), "") if index % 2 else (-1, part) for index, part in enumerate(parts)]


def missing_pages(pages: Pages) -> Iterator[tuple[str, int]]:
    """Yield the first of each run of pages that are not there, with how many they are."""
    expected = 1
    for number, _ in pages.pages:
        if number > expected:
            yield f"{pages.folder}messages{expected if expected > 1 else ''}.html", number - expected
        expected = number + 1


def listed_chats(page: bytes) -> Iterator[Entry]:
    """Read the list of chats; those that were left stand in a second list.

    The words above the lists are in the language of the exporting program and tell nothing.
    """
    page = utf8(page)
    second = page.find(_LIST, page.find(_LIST) + 1)
    found = [each.start() for each in islice(_ENTRY.finditer(page), MAX_CHATS)]
    for start, end in zip(found, [*found[1:], len(page)], strict=False):
        yield _entry(page[start:end].decode("utf-8", "replace"), left=0 <= second < start)


def _entry(piece: str, *, left: bool) -> Entry:
    root = parse(piece if piece.count("<") <= MAX_TAGS else "")
    entry = next(elements(root), root)
    name, count, kind = (first(entry, part) for part in ("name", "details_entry", "info"))
    return Entry(
        own_line(name).removesuffix(" ") if name else None,
        own_line(kind) if kind else "",
        own_line(count) if count else "",
        _folder(attribute(entry.attributes, "href") or ""),
        left,
    )


def _folder(link: str) -> str | None:
    try:
        page = _PAGE.fullmatch(located(link.partition("#")[0], folder="lists/"))
    except HostilePathError:
        return None
    return page[1] if page and page[1] else None
