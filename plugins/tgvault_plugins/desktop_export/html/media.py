"""Reading what a message carries besides text: files, places, contacts, games, invoices, calls."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec

from tgvault_plugins.desktop_export.html.ballots import read_giveaway, read_poll
from tgvault_plugins.desktop_export.html.body import Contact, Place
from tgvault_plugins.desktop_export.html.names import is_address
from tgvault_plugins.desktop_export.html.reading import ABSENCES, UNAVAILABLE, Absence, Reading
from tgvault_plugins.desktop_export.html.tags import Element, attribute, elements, everything, first, own_line

__all__ = ["keep_files", "read_media"]

_SIZE = re.compile(r"(\d{1,9})[x×](\d{1,9})", re.ASCII)
_CLOCK = re.compile(r"(?:(\d{1,6}):)?(\d{1,6}):(\d\d)", re.ASCII)
_SECONDS = re.compile(r"\((\d{1,9}) seconds\)", re.ASCII)
_NUMBER = re.compile(r"[^0-9]*([0-9]{1,12})[^0-9]*")
_COORDINATES = re.compile(r"(-?\d{1,3}(?:\.\d{1,9})?), ?(-?\d{1,3}(?:\.\d{1,9})?)", re.ASCII)
_QUERY = re.compile(r"[?&]q=([^&]*)")


class _Lines(NamedTuple):
    """What stands beside a file: its link (empty without one), its lines, and the preview's link."""

    link: str
    title: str
    description: str
    status: str
    preview: str


def read_media(reading: Reading, wrap: Element) -> None:
    """Read a message's media; what is not known is told of, and its files are kept in `html.files`."""
    for element in elements(wrap):
        kind = next((name for name in element.classes.split() if name in _READERS), None)
        if kind:
            _READERS[kind](reading, element)
            continue
        reading.unknown.append(next(iter(element.classes.split()[-1:]), f"<{element.tag}>"))
        keep_files(reading, element)


def keep_files(reading: Reading, element: Element) -> None:
    """Note the files that links inside lead to, for what has no place in the schema."""
    for each in (element, *everything(element)):
        if each.tag == "a" and (link := (attribute(each.attributes, "href") or "")) and not is_address(link):
            reading.further_file(link)


def _lines(reading: Reading, element: Element) -> _Lines:
    body = first(element, "body")
    lines = {"title": "", "description": "", "status": ""}
    for each in elements(body) if body else ():
        name = each.classes.partition(" ")[0]
        if name in lines:
            lines[name] = own_line(each)
    preview = first(element, "thumb")
    found = _Lines(_link(element), preview=_source(preview), **lines)
    reading.html.title, reading.html.description, reading.html.status = found.title, found.description, found.status
    return found


def _link(element: Element) -> str:
    return attribute(element.attributes, "href") or ""


def _source(picture: Element | None) -> str:
    return attribute(picture.attributes, "src") or "" if picture else ""


def _path(reading: Reading, field: str, lines: _Lines) -> str:
    """Tell what stands in the member for the file: its path, or why it is not there."""
    return _file(reading, field, lines.link, ABSENCES.get(lines.description, UNAVAILABLE))


def _file(reading: Reading, field: str, link: str, otherwise: Absence = UNAVAILABLE) -> str:
    return reading.file(field, link) if link else reading.absent(field, otherwise)


def _photo(reading: Reading, element: Element) -> None:
    # The picture inside is a preview that the page's writer made; the link is the photo.
    reading.body.photo = _file(reading, "photo", _link(element))


def _shown(kind: str) -> Callable[[Reading, Element], None]:
    def read(reading: Reading, element: Element) -> None:
        body = reading.body
        body.file = _file(reading, "file", _link(element))
        picture = next((each for each in everything(element) if each.tag == "img"), None)
        if kind != "sticker" and (preview := _source(picture)):
            # Of stickers, as of photos, the page's writer made the preview; these are Telegram's own.
            body.thumbnail = reading.file("thumbnail", preview)
        body.media_type = kind
        if (clock := first(element, "video_duration")) and (found := _CLOCK.match(own_line(clock))):
            body.duration_seconds = _seconds(found)

    return read


def _media_photo(reading: Reading, element: Element) -> None:
    lines, body = _lines(reading, element), reading.body
    if lines.title == "Sticker":
        body.file, body.media_type = _path(reading, "file", lines), "sticker"
        emoji = lines.status.partition(", ")[0] if not lines.link else lines.status
        if emoji and not emoji[0].isdecimal():
            body.sticker_emoji = emoji
        return
    body.photo = _path(reading, "photo", lines)
    if found := _SIZE.match(lines.status):
        body.width, body.height = int(found[1]), int(found[2])


_VIDEOS = {
    "Video message": "video_message",
    "Video file": "video_file",
    "Animation": "animation",
    "Self-destructing video": "video_file",
}


def _document(kind: str | None) -> Callable[[Reading, Element], None]:
    def read(reading: Reading, element: Element) -> None:
        lines, body = _lines(reading, element), reading.body
        body.file = _path(reading, "file", lines)
        if lines.preview:
            body.thumbnail = reading.file("thumbnail", lines.preview)
        media_type = _VIDEOS.get(lines.title) if kind == "video" else kind
        if media_type:
            body.media_type = media_type
        if found := _CLOCK.match(lines.status):
            body.duration_seconds = _seconds(found)
        _name(reading, kind, lines.title)

    return read


def _name(reading: Reading, kind: str | None, title: str) -> None:
    body = reading.body
    performer, dash, name = title.partition(" – ")
    if kind == "audio_file" and dash and " – " not in name:
        body.performer, body.title = performer, name
    elif kind in (None, "audio_file") and title not in ("", "File", "Audio file"):
        body.file_name = title


def _seconds(clock: re.Match[str]) -> int:
    hours, minutes, seconds = clock.groups()
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)


def _contact(reading: Reading, element: Element) -> None:
    lines, body = _lines(reading, element), reading.body
    # First name and surname with a space between them, which is there also without a surname.
    name, _, surname = lines.title.partition(" ")
    body.contact_information = Contact(name, surname, lines.status.removesuffix(" - vCard"))
    if lines.link:
        body.contact_vcard = reading.file("contact_vcard", lines.link)


def _place(reading: Reading, element: Element) -> None:
    lines = _lines(reading, element)
    reading.body.location_information = _coordinates(lines)


def _venue(reading: Reading, element: Element) -> None:
    lines, body = _lines(reading, element), reading.body
    body.place_name, body.address = lines.title, lines.description
    body.location_information = _coordinates(lines)


def _coordinates(lines: _Lines) -> Place | None:
    query = _QUERY.search(lines.link)
    found = _COORDINATES.fullmatch(lines.status) or (query and _COORDINATES.fullmatch(query[1]))
    return Place(float(found[1]), float(found[2])) if found else None


def _game(reading: Reading, element: Element) -> None:
    lines, body = _lines(reading, element), reading.body
    body.game_title, body.game_description = lines.title, lines.description
    if lines.link:
        body.game_link = lines.link


class _Invoice(msgspec.Struct, frozen=True):
    title: str
    description: str


def _invoice(reading: Reading, element: Element) -> None:
    lines = _lines(reading, element)
    if not (lines.title or lines.description) and (stars := _NUMBER.fullmatch(lines.status)):
        # Media that are paid for with stars look like an invoice for nothing; they themselves are never exported.
        reading.body.paid_stars_amount = int(stars[1])
        return
    # The JSON export writes JSON text into a string here. The amount stands in `html.status`, in words.
    reading.body.invoice_information = msgspec.json.encode(_Invoice(lines.title, lines.description)).decode()


def _call(reading: Reading, element: Element) -> None:
    lines, body = _lines(reading, element), reading.body
    # A message here, a service message in the JSON export. Who is called stands in `html.title`.
    body.type, body.action = "service", "phone_call"
    if found := _SECONDS.search(lines.status):
        body.duration_seconds = int(found[1])
    if reason := {"Missed": "missed", "Cancelled": "missed", "Declined": "busy"}.get(lines.status.partition(" (")[0]):
        body.discard_reason = reason


_READERS: Mapping[str, Callable[[Reading, Element], None]] = {
    "photo_wrap": _photo,
    "sticker_wrap": _shown("sticker"),
    "animated_wrap": _shown("animation"),
    "video_file_wrap": _shown("video_file"),
    "media_photo": _media_photo,
    "media_video": _document("video"),
    "media_voice_message": _document("voice_message"),
    "media_audio_file": _document("audio_file"),
    "media_file": _document(None),
    "media_contact": _contact,
    "media_location": _place,
    "media_live_location": _place,
    "media_venue": _venue,
    "media_game": _game,
    "media_invoice": _invoice,
    "media_call": _call,
    "media_poll": read_poll,
    "media_giveaway": read_giveaway,
}
