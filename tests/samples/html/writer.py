"""Writes pages as Telegram Desktop's HTML exporter does, with its escapes and line ends."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = [
    "date",
    "entry",
    "forward",
    "joined",
    "listed",
    "media",
    "message",
    "page",
    "reply",
    "service",
    "text",
]

_ESCAPES = {
    "\n": "<br>",
    '"': "&quot;",
    "&": "&amp;",
    "'": "&apos;",
    "<": "&lt;",
    ">": "&gt;",
    "\u2028": "<br>",
    "\u2029": "<br>",
} | {chr(code): f"&#x{code:02X};" for code in range(32) if code != 10}


def text(plain: str) -> str:
    """Escape text as the exporter does."""
    return "".join(_ESCAPES.get(char, char) for char in plain)


def block(tag: str, inner: str, *, classes: str = "", attributes: str = "", indent: int = 7) -> str:
    """Write an element on lines of its own."""
    start = f'<{tag} class="{classes}"{attributes}>' if classes else f"<{tag}{attributes}>"
    return f"\n{' ' * indent}{start}\n{inner}\n{' ' * indent}</{tag}>\n"


def date(day: int, name: str) -> str:
    """Write a date separator."""
    return service(-day, name)


def service(number: int, sentence: str, extra: str = "") -> str:
    """Write a service message; the sentence is markup."""
    inner = block("div", sentence, classes="body details", indent=6)
    return block("div", inner + extra, classes="message service", attributes=f' id="message{number}"', indent=5)


def message(
    number: int,
    name: str = "Ben ",
    *parts: str,
    words: str | None = None,
    title: str = "14.11.2024 11:12:45 UTC+03:00",
    userpic: str = "userpic2",
) -> str:
    """Write a message with its sender; parts are markup, words are a text's markup."""
    picture = block("div", block("div", "AK", classes="initials"), classes=f"userpic {userpic}", indent=7)
    body = _date(title) + block("div", text(name), classes="from_name") + "".join(parts) + _words(words)
    inner = block("div", picture, classes="pull_left userpic_wrap", indent=6) + block(
        "div", body, classes="body", indent=6
    )
    return _whole(number, inner, "message default clearfix")


def joined(number: int, *parts: str, words: str | None = None, title: str = "14.11.2024 11:12:46 UTC+03:00") -> str:
    """Write a message shown under the one before it."""
    inner = block("div", _date(title) + "".join(parts) + _words(words), classes="body", indent=6)
    return _whole(number, inner, "message default clearfix joined")


def _whole(number: int, inner: str, classes: str) -> str:
    return block("div", inner, classes=classes, attributes=f' id="message{number}"', indent=5)


def _date(title: str) -> str:
    return block("div", title[11:16], classes="pull_right date details", attributes=f' title="{title}"')


def _words(words: str | None) -> str:
    return "" if words is None else block("div", words, classes="text")


def reply(link: str) -> str:
    """Write a note of what a message replies to."""
    return block("div", f'In reply to <a href="{link}">this message</a>', classes="reply_to details")


def forward(name: str, title: str, *parts: str, words: str = "") -> str:
    """Write what was forwarded, with its origin."""
    note = f'<span class="date details" title="{title}"> {title[:19]}</span>'
    origin = block("div", text(name) + note, classes="from_name")
    picture = block("div", block("div", "N", classes="userpic userpic3"), classes="pull_left forwarded userpic_wrap")
    return picture + block("div", origin + "".join(parts) + _words(words), classes="forwarded body")


def forward_on(*parts: str, words: str = "") -> str:
    """Write what was forwarded from the same origin as the message before."""
    return block("div", "".join(parts) + _words(words), classes="forwarded body")


def media(
    kind: str, *, title: str = "", description: str = "", status: str = "", link: str = "", thumb: str = ""
) -> str:
    """Write a file or another thing with its lines."""
    lines = (("title bold", title), ("description", description), ("status details", status))
    body = "".join(block("div", text(line), classes=classes, indent=10) for classes, line in lines if line)
    picture = f'\n         <img class="thumb pull_left" src="{text(thumb)}"/>\n' if thumb else ""
    inner = picture + block("div", body, classes="body", indent=9)
    tag, more, attributes = ("a", " block_link", f' href="{text(link)}"') if link else ("div", "", "")
    whole = block(tag, inner, classes=f"media clearfix pull_left{more} {kind}", attributes=attributes, indent=8)
    return wrap(whole)


def wrap(inner: str) -> str:
    """Write the element around media."""
    return block("div", inner, classes="media_wrap clearfix")


def page(*messages: str, title: str = "Field Ops ", previous: str = "", following: str = "") -> bytes:
    """Write a page."""
    back = block("a", "Previous messages", classes="pagination block_link", attributes=f' href="{previous}"', indent=5)
    on = block("a", "Next messages", classes="pagination block_link", attributes=f' href="{following}"', indent=5)
    history = (back if previous else "") + "".join(messages) + (on if following else "")
    return _document(title, block("div", history, classes="history", indent=4), "chat_page")


def listed(*sections: Iterable[str]) -> bytes:
    """Write the list of chats; each section is made of entries."""
    about = block("div", "Localised words", classes="page_about details")
    lists = "".join(about + block("div", "".join(section), classes="entry_list") for section in sections)
    return _document("Chats", lists, "list_page")


def entry(name: str, count: str, kind: str, link: str = "") -> str:
    """Write a line of the list of chats."""
    rows = (("pull_right info details", kind), ("name bold", text(name)), ("details_entry details", count))
    body = block("div", "".join(block("div", row, classes=classes) for classes, row in rows), classes="body")
    picture = block("div", block("div", "A", classes="userpic userpic4"), classes="pull_left userpic_wrap")
    if link:
        return block("a", picture + body, classes="entry block_link clearfix", attributes=f' href="{link}#allow_back"')
    return block("div", picture + body, classes="entry clearfix")


def _document(title: str, body: str, kind: str) -> bytes:
    name = block("div", text(title), classes="text bold", indent=5)
    header = block("div", block("div", name, classes="content", indent=4), classes="page_header", indent=3)
    wrapped = block(
        "div", header + block("div", body, classes=f"page_body {kind}", indent=3), classes="page_wrap", indent=2
    )
    head = '\n <head>\n\n  <meta charset="utf-8"/>\n<title>Exported Data</title>\n </head>\n'
    return (
        f'<!DOCTYPE html>\n<html>\n{head}\n <body onload="CheckLocation();">\n{wrapped}\n </body>\n\n</html>\n'.encode()
    )
