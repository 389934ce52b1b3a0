"""Reading what stands under a message: buttons and reactions."""

from __future__ import annotations

import re

from msgspec import UNSET

from tgvault_plugins.desktop_export.html.body import Button, Reaction, Reactor
from tgvault_plugins.desktop_export.html.reading import Reading
from tgvault_plugins.desktop_export.html.tags import Element, attribute, elements, everything, first, own_line
from tgvault_plugins.desktop_export.html.text import custom_emoji

__all__ = ["read_buttons", "read_reactions"]

#: What a click on a button that is no link shows.
_CLICK = re.compile(r"return ShowTextCopied\('(.*)'\);", re.DOTALL)
_COUNT = re.compile(r"([0-9]{1,9})")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def read_buttons(reading: Reading, table: Element) -> None:
    """Read the buttons of a bot's message, row by row.

    What a button sends stands in the page as text, so bytes that are no text are lost there; the JSON export has them
    in `dataBase64` since 4.16.
    """
    rows = [each for each in everything(table) if "bot_button_row" in each.classes.split()]
    reading.body.inline_bot_buttons = [
        [_button(each) for each in elements(row) if each.classes == "bot_button"] for row in rows
    ]


def _button(element: Element) -> Button:
    link = next((each for each in elements(element) if each.tag == "a"), element)
    caption = next((each for each in elements(link) if each.tag == "div"), link)
    text = own_line(caption)
    target = attribute(link.attributes, "href") or ""
    if target:
        return Button("url", text, data=target)
    clicked = _CLICK.fullmatch(attribute(link.attributes, "onclick") or "")
    return _told(text, _ESCAPED.sub(r"\1", clicked[1])) if clicked else Button("default", text)


def _told(caption: str, shown: str) -> Button:
    """Take apart `Data: … | Forward text: … | Type: …`, of which only the type is always there."""
    rest, _, kind = (" | " + shown).rpartition(" | Type: ")
    rest, _, forward = rest.rpartition(" | Forward text: ") if " | Forward text: " in rest else (rest, "", "")
    data = rest.removeprefix(" | Data: ")
    return Button(kind, caption, data=data or UNSET, forward_text=forward or UNSET)


def read_reactions(reading: Reading, element: Element) -> None:
    """Read the reactions; of those who reacted, only names are there, and only of some."""
    signs = [each for each in elements(element) if "reaction" in each.classes.split()]
    reading.body.reactions = [_reaction(reading, each, f"reactions/{place}") for place, each in enumerate(signs)]


def _reaction(reading: Reading, element: Element, field: str) -> Reaction:
    emoji = first(element, "emoji")
    recent = [_reactor(each) for each in everything(element) if each.classes == "initials"]
    written = first(element, "count")
    found = _COUNT.fullmatch(own_line(written)) if written else None
    total = int(found[1]) if found else len(recent)
    link = next(elements(emoji), None) if emoji else None
    if "paid" in element.classes.split():
        return Reaction("paid", total, recent=recent or UNSET)
    if link is None:
        return Reaction("emoji", total, emoji=own_line(emoji) if emoji else "", recent=recent or UNSET)
    document = custom_emoji(link, lambda target: reading.emoji(field, target))
    return Reaction("custom_emoji", total, document_id=document or "", recent=recent or UNSET)


def _reactor(initials: Element) -> Reactor:
    name = attribute(initials.attributes, "title")
    return Reactor(name or None)
