"""Cutting a page into its messages, by the bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

import msgspec

from tgvault_plugins.desktop_export.html.tags import (
    MAX_TAGS,
    Element,
    attribute,
    everything,
    first,
    own_line,
    parse,
    visible_text,
)

__all__ = [
    "MAX_ELEMENT",
    "MAX_MESSAGES",
    "MAX_PAGE",
    "Cut",
    "Survey",
    "cut",
    "is_finished",
    "is_message_id",
    "survey",
    "utf8",
]

#: Bytes of a page. Telegram Desktop begins a new one after 1,000 messages, which come to 1 or 2 MB.
MAX_PAGE = 64 << 20

#: Bytes of one message's element. The longest ones that Telegram allows have less than a tenth.
MAX_ELEMENT = 1 << 20

#: Messages and date separators on one page, of which there are 2,000 at most.
MAX_MESSAGES = 20_000

#: Where a line of a page has a message's tag; pages are indented by one space a level.
_LINE = b"\n     "
_LONGEST_INDENT = 64

#: How much of a page's head and foot may stand outside messages.
_EDGE = 64 << 10

#: Ids of messages from before a group became a supergroup are shifted by -10^9; date separators count down from -1.
_SEPARATORS = -500_000_000

_START = re.compile(rb'<div class="message ([^"<>]*+)" id="message(-?\d{1,18})"[^<>]*+>')
# The same with other attributes or in another order, as a browser or an editor may have saved it.
_LOOSE_START = re.compile(
    rb"""<div\s++(?=[^<>]*?class=["']?(message\b[^"'<>]*+))[^<>]*?id=["']?message(-?\d{1,18})\b[^<>]*+>"""
)
_CLOSE = b"</div>"
_DIV = re.compile(rb"<(/?)div\b", re.IGNORECASE)


class Start(msgspec.Struct, frozen=True, gc=False):
    """Where a message begins: its tag's first byte and the first byte inside; its id; its classes; what its line has
    before the tag, the line feed included.
    """

    tag: int
    inside: int
    id: int
    classes: str
    line: bytes


class Cut(msgspec.Struct, frozen=True, gc=False):
    """A message's element.

    `inner` is what stands in it, byte for byte. `closed` tells whether its end was found; without one, `inner` goes on
    to the next message or to the end of the page. `between` is what stands between it and the next message and belongs
    to neither. `last` marks the page's last one. `unread` says in words why there is no `inner`.
    """

    id: int
    classes: str
    inner: bytes = b""
    closed: bool = True
    between: bytes = b""
    last: bool = False
    unread: str = ""


class Survey(msgspec.Struct, frozen=True):
    """What can be told of a page without reading its messages.

    The chat's name, the link to the next page, and the ids of the messages in the page's order.
    """

    title: str | None
    next: str | None
    ids: list[int]


def is_message_id(number: int) -> bool:
    """Whether the number in a `message…` id is a message's, not a date separator's."""
    return number >= 0 or number < _SEPARATORS


def utf8(data: bytes) -> bytes:
    """Undo what an editor may have done to a page: UTF-16, a byte order mark, line ends of another system."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = data.decode("utf-16", "replace").encode("utf-8", "replace")
    data = data.removeprefix(b"\xef\xbb\xbf")
    return data.replace(b"\r\n", b"\n") if b"\r" in data else data


def is_finished(page: bytes) -> bool:
    """Whether the page goes on to its end; Telegram Desktop writes pages piece by piece."""
    return page[-64:].rstrip().lower().endswith(b"</html>")


def starts(page: bytes) -> tuple[list[Start], list[Start]]:
    """Find where messages begin, one more than `MAX_MESSAGES` at most, and what only looks like it.

    All messages stand equally far from the left. What stands elsewhere was written by somebody else: some versions put
    button captions and server notices into the page as they are, markup and all.
    """
    found = _starts(page, _START) or _starts(page, _LOOSE_START)
    lines = {start.line for start in found}
    line = _LINE if _LINE in lines else next((start.line for start in found), b"")
    # On a page without lines nothing tells them apart.
    false = [start for start in found if line and start.line != line]
    return [start for start in found if not line or start.line == line], false


def _starts(page: bytes, pattern: re.Pattern[bytes]) -> list[Start]:
    return [
        Start(
            found.start(),
            found.end(),
            int(found[2]),
            found[1].decode("ascii", "replace").removeprefix("message"),
            _line(page, found.start()),
        )
        for found in islice(pattern.finditer(page), MAX_MESSAGES + 1)
    ]


def _line(page: bytes, tag: int) -> bytes:
    """Tell what stands before a tag at the start of its line; nothing where it does not start one."""
    begin = page.rfind(b"\n", max(0, tag - _LONGEST_INDENT), tag)
    indent = page[begin + 1 : tag]
    return b"" if begin < 0 or indent.strip() else b"\n" + indent


def cut(page: bytes) -> Iterator[Cut]:
    """Yield the elements of a page whose ids are those of messages or of date separators."""
    found, false = starts(page)
    ends = [*(start.tag for start in found[1:]), len(page)]
    for place, (start, end) in enumerate(zip(found, ends, strict=False)):
        if place == MAX_MESSAGES:
            yield Cut(start.id, start.classes, unread="and all behind it are too many for one page and were not read")
            return
        yield _cut(page, start, end)
    for start in false:
        yield Cut(start.id, start.classes, unread="stands where no message can begin and was not read")


def _cut(page: bytes, start: Start, end: int) -> Cut:
    piece = page[start.inside : min(end, start.inside + MAX_ELEMENT + _EDGE)]
    close, last = _close(piece, start.line), end == len(page)
    inner = piece if close < 0 else piece[:close]
    if len(inner) > MAX_ELEMENT or inner.count(b"<") > MAX_TAGS:
        return Cut(
            start.id,
            start.classes,
            last=last,
            unread=f"has more than {MAX_ELEMENT} bytes or {MAX_TAGS} tags and was not read",
        )
    between = b"" if close < 0 or last else piece[close + len(_CLOSE) :].strip()
    return Cut(start.id, start.classes, inner, close >= 0, between, last)


def _close(piece: bytes, line: bytes) -> int:
    """Find the end tag of the element whose inside the piece begins with; -1 where there is none."""
    end = line + _CLOSE
    if line and piece.count(end) == 1 and piece.count(b"<div") + 1 == piece.count(b"</div"):
        # As Telegram Desktop writes it: the only one that stands as far from the left as the start tag.
        return piece.find(end) + len(line)
    depth = 0
    for found in _DIV.finditer(piece):
        depth += -1 if found[1] else 1
        if depth < 0:
            return found.start()
    return -1


def survey(page: bytes) -> Survey:
    """Read what stands around the messages of a page, and their ids."""
    found, _ = starts(page)
    head = _tree(page[: found[0].tag if found else len(page)][:_EDGE])
    foot = _tree(page[found[-1].inside :][-_EDGE:]) if found else head
    header = first(head, "page_header")
    name = first(header, "text") if header else None
    return Survey(
        title=own_line(name).removesuffix(" ") if name else None,
        next=_next(foot),
        ids=[start.id for start in found if is_message_id(start.id)],
    )


def _tree(piece: bytes) -> Element:
    text = piece.decode("utf-8", "replace")
    return parse(text if text.count("<") <= MAX_TAGS else "")


def _next(root: Element) -> str | None:
    for element in everything(root):
        if "pagination" in element.classes and visible_text(element).strip().startswith("Next"):
            return attribute(element.attributes, "href") or None
    return None
