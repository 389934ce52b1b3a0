"""Reading service messages and date separators."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from tgvault_plugins.desktop_export.html.body import Body
from tgvault_plugins.desktop_export.html.names import linked_message
from tgvault_plugins.desktop_export.html.reading import Reading
from tgvault_plugins.desktop_export.html.sentences import understand
from tgvault_plugins.desktop_export.html.tags import Element, attribute, first, own_line

__all__ = ["read_separator", "read_service"]

#: What stands in place of a message that the exporting version did not know; forks put their own names in.
_UNSUPPORTED = re.compile(r"This message is not supported by this version of .+\. Please update the application\.")
#: What stands in the single page of a chat without messages.
_EMPTY = "No exported messages"

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAY = re.compile(r"(\d{1,2}) ([A-Z][a-z]+) (\d{4})", re.ASCII)

#: Where the id of the message goes that a sentence links to.
_LINKED = {
    "pin_message": "message_id",
    "set_same_chat_wallpaper": "message_id",
    "score_in_game": "game_message_id",
}
_PERIODS = {"24 hours": 86_400, "7 days": 604_800}


def read_separator(element: Element) -> str | None:
    """Tell the day that a date separator says, as `YYYY-MM-DD`; empty for a note that there is no message.

    None where it says neither.
    """
    text = _sentence(element)
    found = _DAY.fullmatch(text)
    if found and found[2] in _MONTHS:
        return f"{found[3]}-{_MONTHS.index(found[2]) + 1:02}-{int(found[1]):02}"
    return "" if text == _EMPTY else None


def read_service(reading: Reading, element: Element) -> None:
    """Read a service message: its sentence, the action where that is certain, and a photo.

    The sentence itself stands in `information_text`, where the JSON export has notices that come without an action.
    """
    body, sentence = reading.body, _sentence(element)
    if _UNSUPPORTED.fullmatch(sentence):
        body.type = "unsupported"
        reading.html.description = sentence
        return
    body.text, body.text_entities = "", []
    body.information_text = sentence
    if said := understand(sentence):
        body.action = said.action
        _fill(body, said.words)
        _link(body, said.action, element)
    if (picture := first(element, "userpic_link")) and (link := attribute(picture.attributes, "href")):
        body.photo = reading.file("photo", link)


def _sentence(element: Element) -> str:
    body = first(element, "body")
    return own_line(body) if body else ""


def _link(body: Body, action: str, element: Element) -> None:
    number = linked_message(element)
    if number and action in _LINKED:
        setattr(body, _LINKED[action], number)


def _fill(body: Body, words: Mapping[str, str]) -> None:
    for blank, word in words.items():
        if blank == "members":
            body.members = _members(word) or body.members
        elif blank in _FILL:
            name, convert = _FILL[blank]
            setattr(body, name, convert(word))
        else:
            setattr(body, blank, word)


def _person(name: str) -> str | None:
    return None if name in ("Deleted", "Deleted Account") else name


def _members(names: str) -> list[str | None]:
    # A list's commas and its "and" may as well be part of a name.
    return [] if ", " in names or " and " in names else [_person(names)]


_FILL: Mapping[str, tuple[str, Callable[[str], str | int | None]]] = {
    "actor": ("actor", _person),
    "inviter": ("inviter", _person),
    "new_creator": ("new_creator", _person),
    "bot": ("bot", _person),
    "score": ("score", int),
    "duration": ("duration", int),
    "boosts": ("boosts", int),
    "stars": ("stars", int),
    "new_icon_emoji_id": ("new_icon_emoji_id", int),
    "period": ("period", _PERIODS.__getitem__),
    "never": ("period", lambda _: 0),
}
