"""Reading text: inline markup as the entities of the JSON export."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from urllib.parse import unquote

from msgspec import UNSET

from tgvault_plugins.desktop_export.html.body import Entity
from tgvault_plugins.desktop_export.html.tags import Element, attribute, unescape, visible_text

__all__ = ["custom_emoji", "read_text"]

_KINDS = {
    "strong": "bold",
    "em": "italic",
    "code": "code",
    "pre": "pre",
    "u": "underline",
    "s": "strikethrough",
    "blockquote": "blockquote",
}
_CALLS = {
    "ShowHashtag": "hashtag",
    "ShowBotCommand": "bot_command",
    "ShowCashtag": "cashtag",
    "ShowMentionName": "mention_name",
}


def read_text(
    element: Element, *, emoji: Callable[[int, str | None], str], unknown: Callable[[str], None]
) -> list[Entity]:
    """Read what stands in a text's element, without the line ends that Telegram Desktop puts around it.

    `emoji` is given an entity's place in the list and the link to its custom emoji's file, None where that could not be
    had, and tells its `document_id`. `unknown` is told of markup that is not known; what it encloses is kept as plain
    text. Kinds that the page does not tell apart from plain text (bank card numbers, and what the exporter did not
    know) are plain.
    """
    found: list[Entity] = []
    plain = ""
    for child in _trimmed(element.children):
        if isinstance(child, str):
            plain += unescape(child)
        elif child.tag == "br":
            plain += "\n"
        elif entity := _entity(child, partial(emoji, len(found) + bool(plain))):
            found += (Entity("plain", plain), entity) if plain else (entity,)
            plain = ""
        else:
            unknown(f"<{child.tag}> in text")
            plain += visible_text(child)
    if plain:
        found.append(Entity("plain", plain))
    return found


def _trimmed(children: list[Element | str]) -> list[Element | str]:
    if not children:
        return children
    found = children.copy()
    if isinstance(found[0], str):
        found[0] = found[0].removeprefix("\n")
    if isinstance(last := found[-1], str) and (end := last.rfind("\n")) >= 0 and not last[end:].strip(" \t\n"):
        found[-1] = last[:end]
    return found


def _entity(element: Element, emoji: Callable[[str | None], str]) -> Entity | None:
    if kind := _KINDS.get(element.tag):
        return Entity(kind, visible_text(element))
    if element.tag == "a":
        return _link(element, visible_text(element), emoji)
    if element.tag == "span" and "spoiler" in element.classes:
        return Entity("spoiler", visible_text(element))
    return None


def _link(element: Element, text: str, emoji: Callable[[str | None], str]) -> Entity | None:
    document = custom_emoji(element, emoji)
    if document is not None:
        return Entity("custom_emoji", text, document_id=document)
    target = attribute(element.attributes, "href") or ""
    if target:
        kind = _kind_of_link(text, target)
        return Entity(kind, text, href=target if kind == "text_link" else UNSET)
    call = _call(element)
    return Entity(_CALLS[call], text) if call in _CALLS else None


def custom_emoji(link: Element, emoji: Callable[[str | None], str]) -> str | None:
    """Tell the `document_id` of a custom emoji; None where the link is none.

    `emoji` is given the link to its file, None where that could not be had. Where it was not asked for, the id is
    empty.
    """
    # Written with these spaces for the files of custom emoji, and nowhere else.
    if "href = " in link.attributes and (target := attribute(link.attributes, "href")):
        return emoji(target)
    call = _call(link)
    if call == "ShowNotAvailableEmoji":
        return emoji(None)
    return "" if call == "ShowNotLoadedEmoji" else None


def _call(link: Element) -> str:
    return (attribute(link.attributes, "onclick") or "").removeprefix("return ").partition("(")[0]


def _kind_of_link(text: str, target: str) -> str:
    if target == f"mailto:{text}":
        return "email"
    if target == f"tel:{text}":
        return "phone"
    if text.startswith("@") and target.startswith("http") and target.endswith("/" + text[1:]):
        return "mention"
    # From 7.x on the address behind a link in the text is completed and encoded.
    if text in (target, target.removeprefix("https://"), unquote(target), unquote(target).removeprefix("https://")):
        return "link"
    return "text_link"
