"""Reading one message's element."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from msgspec import UNSET, UnsetType

from tgvault.api import MediaRef
from tgvault_plugins.desktop_export.html.body import Entity, as_text
from tgvault_plugins.desktop_export.html.media import keep_files, read_media
from tgvault_plugins.desktop_export.html.names import linked_message
from tgvault_plugins.desktop_export.html.reading import Reading
from tgvault_plugins.desktop_export.html.response import read_buttons, read_reactions
from tgvault_plugins.desktop_export.html.tags import Element, attribute, elements, own_line, visible_text
from tgvault_plugins.desktop_export.html.times import wall

__all__ = ["read_message"]

_VIA = re.compile(r"(.*) via (@[A-Za-z0-9_]{1,64})", re.DOTALL)
#: What stands for people whose accounts are gone; the JSON exporter writes null.
_GONE = "Deleted Account"
#: Class names longer together than Telegram Desktop's are not worth a place in the cache.
_LONGEST_CLASSES = 100


def read_message(reading: Reading, element: Element) -> None:
    """Read a message that is no service message; what it shares with the one before it is not filled in."""
    reading.body.text, reading.body.text_entities = "", []
    _parts(reading, element, _OUTER)


def _parts(reading: Reading, element: Element, readers: Mapping[str, Callable[[Reading, Element], None]]) -> None:
    for part in element.children:
        if isinstance(part, str):
            if part.strip():
                reading.unknown.append("text outside of any part")
        elif reader := readers.get(_part(part.classes)):
            reader(reading, part)
        else:
            reading.unknown.append(part.classes.strip()[:_LONGEST_CLASSES] or f"<{part.tag[:_LONGEST_CLASSES]}>")


def _part(classes: str) -> str:
    return _known_part(classes) if len(classes) < _LONGEST_CLASSES else ""


@lru_cache(256)
def _known_part(classes: str) -> str:
    names = classes.split()
    return next((name for name in _NAMES if name in names), "")


def _userpic(reading: Reading, part: Element) -> None:
    for each in elements(part):
        for name in each.classes.split():
            if name.startswith("userpic") and name != "userpic":
                reading.html.userpic = name


def _body(reading: Reading, part: Element) -> None:
    _parts(reading, part, _INNER)


def _date(reading: Reading, part: Element) -> None:
    title = attribute(part.attributes, "title") or ""
    reading.wall = wall(title)
    if title and reading.wall is None:
        reading.unknown.append("date")


def _sender(reading: Reading, part: Element) -> None:
    reading.body.sender, via = _name(own_line(part))
    reading.body.via_bot = via or reading.body.via_bot


def _name(text: str) -> tuple[str | None, str | UnsetType]:
    via: str | UnsetType = UNSET
    if found := _VIA.fullmatch(text):
        text, via = found.groups()
    # First name and surname with a space between them, which is there also without a surname.
    return None if text == _GONE else text.removesuffix(" "), via


def _forwarded(reading: Reading, part: Element) -> None:
    reading.forwarded = True
    _parts(reading, part, _FORWARDED)


def _origin(reading: Reading, part: Element) -> None:
    name = Element(part.tag, part.classes, part.attributes)
    for child in part.children:
        if isinstance(child, Element) and "details" in child.classes:
            # Before 3.7.6 the date stood there as text only.
            reading.forwarded_wall = wall(attribute(child.attributes, "title") or visible_text(child).strip())
        else:
            name.children.append(child)
    reading.body.forwarded_from, via = _name(own_line(name))
    reading.body.via_bot = via or reading.body.via_bot


def _reply(reading: Reading, part: Element) -> None:
    number = linked_message(part)
    if number is None:
        reading.html.reply_to = own_line(part)
    else:
        reading.body.reply_to_message_id = number


def _text(reading: Reading, part: Element) -> None:
    if "rich_message" in part.classes:
        _rich(reading, part)
        return
    before = len(reading.media)
    entities = reading.text(part, "text_entities")
    reading.body.text_entities = entities
    reading.body.text = as_text(entities)
    # What is no string in `text` stands there in the same places.
    twins = [
        MediaRef(each.field.replace("_entities", "", 1), each.name, each.missing) for each in reading.media[before:]
    ]
    reading.media[before:before] = twins


def _rich(reading: Reading, part: Element) -> None:
    """Keep an article's words and files; how they belong together stands in `html.raw`."""
    lines = (line.strip() for line in visible_text(part).split("\n"))
    text = "\n".join(line for line in lines if line)
    reading.body.text, reading.body.text_entities = text, [Entity("plain", text)] if text else []
    keep_files(reading, part)
    reading.unknown.append("rich_message")


def _signature(reading: Reading, part: Element) -> None:
    reading.body.author = own_line(part)


def _ignore(reading: Reading, part: Element) -> None:
    """Leave out the picture beside a forward: it tells nothing that the name does not."""


_OUTER = {"userpic_wrap": _userpic, "body": _body}
_FORWARDED = {
    "from_name": _origin,
    "reply_to": _reply,
    "media_wrap": read_media,
    "text": _text,
    "bot_buttons_table": read_buttons,
    "signature": _signature,
    "reactions": read_reactions,
}
_INNER = {**_FORWARDED, "date": _date, "from_name": _sender, "userpic_wrap": _ignore, "forwarded": _forwarded}
#: A forward's body and the picture beside it are both `forwarded`; the first name in this order counts.
_NAMES = ("userpic_wrap", "forwarded", *_FORWARDED, "date", "body")
