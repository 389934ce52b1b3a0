"""The records of chats: what their pages tell without reading the messages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import msgspec
from msgspec import UNSET, UnsetType

from tgvault.api import (
    Chat,
    ChatKey,
    ChatKind,
    Finding,
    FindingKind,
    HostilePathError,
    MediaFile,
    Record,
    SourceChangedError,
    Span,
)
from tgvault_plugins.desktop_export.html.layout import Entry, Pages, missing_pages
from tgvault_plugins.desktop_export.html.names import located
from tgvault_plugins.desktop_export.html.pages import MAX_PAGE, survey, utf8
from tgvault_plugins.desktop_export.paths import shown
from tgvault_plugins.desktop_export.root import Root

__all__ = ["ChatReader", "Token", "read_page"]


class Token(msgspec.Struct, frozen=True, omit_defaults=True):
    """What `expand` has to know of a page: its name, its folder, and the name of the page before it.

    Nothing else goes over from one page to the next: runs of one sender end with the page.
    """

    page: str
    folder: str
    before: str | None = None


class _Outline(msgspec.Struct, frozen=True):
    """What is kept of a page's survey; the ids of a chat with a million messages would take 40 MB."""

    file: MediaFile
    title: str | None
    next: str | None
    ends: tuple[int, int] | None
    ordered: bool


class _Listed(msgspec.Struct, frozen=True):
    listed: str
    count: str


class _Opening(msgspec.Struct, frozen=True):
    name: str | None
    type: str | None
    html: _Listed | UnsetType


def read_page(root: Root, name: str) -> bytes:
    """Read a page that the export was found to have.

    Raises:
        SourceChangedError: it is gone.
        UnreadableExportError: it is larger than `MAX_PAGE`.
    """
    try:
        return utf8(root.read(name, MAX_PAGE))
    except FileNotFoundError as exc:
        raise SourceChangedError(
            f"page `{shown(name)}` is gone", hint="leave the export alone while it is read, then run the command again"
        ) from exc


class ChatReader:
    """Makes the records of chats, one after another.

    A page tells no id of a chat, so chats are known by their titles, and those of one title by their order. Coverage is
    never told: an export may hold one's own messages only, or stop at a date, and no page says so; a message that is
    not there may well exist.
    """

    def __init__(self, root: Root) -> None:
        self._root = root
        self._titles: Counter[str] = Counter()

    def read(self, pages: Pages, entry: Entry | None = None) -> Iterator[Record | Finding]:
        """Yield a chat and the spans of its pages; entry is its line in the list of chats."""
        outlines = [self._outline(file) for _, file in pages.pages if file.size <= MAX_PAGE]
        told = [entry.title if entry else None, *(each.title for each in outlines)]
        yield self._chat(next(filter(None, told), None), pages.folder, entry)
        for _, file in pages.pages:
            if file.size > MAX_PAGE:
                yield Finding(
                    FindingKind.LOST, file.name, f"the page is larger than {MAX_PAGE >> 20} MiB and was not read"
                )
        for name, count in missing_pages(pages):
            yield Finding(FindingKind.LOST, name, "the page is missing", count)
        yield from _spans(outlines, pages.folder)
        if pages.pages and outlines and outlines[-1].file is pages.pages[-1][1] and (link := outlines[-1].next):
            yield from _follow(link, pages)

    def _outline(self, file: MediaFile) -> _Outline:
        found = survey(read_page(self._root, file.name))
        ordered = all(one < other for one, other in pairwise(found.ids))
        ends = (found.ids[0], found.ids[-1]) if found.ids else None
        return _Outline(file, found.title, found.next, ends, ordered)

    def _chat(self, title: str | None, folder: str, entry: Entry | None) -> Chat:
        self._titles[title or ""] += 1
        # Other words in the list do not tell one type: a private chat may be Saved Messages, a group of three kinds.
        kind = "bot_chat" if entry and entry.kind == "bot" else None
        listed = _Listed(entry.kind, entry.count) if entry else UNSET
        return Chat(
            ChatKey(f"{ChatKind.WEAK.value}:{self._titles[title or '']}:{title or ''}"),
            ChatKind.WEAK,
            None,
            kind,
            title,
            opening=msgspec.json.encode(_Opening(title, kind, listed))[:-1] + b',"messages":[',
            closing=b"]}",
            folder=folder,
        )


def _spans(outlines: list[_Outline], folder: str) -> Iterator[Span]:
    ends = [each.ends for each in outlines if each.ends]
    ordered = all(each.ordered for each in outlines) and all(one[1] < other[0] for one, other in pairwise(ends))
    before = None
    for each in outlines:
        token = Token(each.file.name, folder, before)
        yield Span(msgspec.json.encode(token), each.file.size, ordered)
        before = each.file.name


def _follow(link: str, pages: Pages) -> Iterator[Finding]:
    """Tell of a page that the last one names and the export does not have."""
    try:
        name = located(link, folder=pages.folder)
    except HostilePathError:
        yield Finding(FindingKind.REFUSED_PATH, shown(link), "named as the next page")
        return
    if all(file.name != name for _, file in pages.pages):
        yield Finding(FindingKind.TRUNCATED, shown(name), "the page is named as the next one and is missing")
