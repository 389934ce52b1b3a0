"""Texts of rich messages: a tree in which each mark holds what it marks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from telethon.tl import types

from tgvault_plugins.takeout.convert.media import emoji_file
from tgvault_plugins.takeout.convert.rich_buttons import rich_button
from tgvault_plugins.takeout.convert.rich_files import Media
from tgvault_plugins.takeout.convert.values import Fields

__all__ = ["caption", "rich_text"]

#: Marks that say nothing but what they mark.
_WRAPPERS: dict[type, str] = {
    types.TextBold: "bold",
    types.TextItalic: "italic",
    types.TextUnderline: "underline",
    types.TextStrike: "strikethrough",
    types.TextFixed: "code",
    types.TextSubscript: "subscript",
    types.TextSuperscript: "superscript",
    types.TextMarked: "marked",
    types.TextSpoiler: "spoiler",
    types.TextMention: "mention",
    types.TextHashtag: "hashtag",
    types.TextBotCommand: "bot_command",
    types.TextCashtag: "cashtag",
    types.TextAutoUrl: "link",
    types.TextAutoEmail: "email",
    types.TextAutoPhone: "phone",
    types.TextBankCard: "bank_card",
}

Teller = Callable[[Any, Media, str], Fields]


def rich_text(text: Any, media: Media, at: str) -> Fields:
    """Give a text; `at` is where in the body it stands."""
    if isinstance(text, types.TextPlain):
        return {"type": "plain", "text": text.text or ""}
    if isinstance(text, types.TextEmpty):
        return {"type": "empty"}
    if (word := _WRAPPERS.get(type(text))) is not None:
        return {"type": word, "text": rich_text(text.text, media, f"{at}/text")}
    teller = _TELLERS.get(type(text))
    if teller is None:
        return {"type": "unknown", "api": media.making.unknown("rich text", text)}
    return teller(text, media, at)


def caption(told: Any, media: Media, at: str) -> Fields:
    """Give the words below a medium, and to whom it is owed."""
    return {
        "text": rich_text(told.text, media, f"{at}/text"),
        "credit": rich_text(told.credit, media, f"{at}/credit"),
    }


def _inner(text: Any, media: Media, at: str) -> Fields:
    return {"text": rich_text(text.text, media, f"{at}/text")}


def _concat(text: types.TextConcat, media: Media, at: str) -> Fields:
    parts = [rich_text(each, media, f"{at}/text/{place}") for place, each in enumerate(text.texts or ())]
    return {"type": "concat", "text": parts}


def _url(text: types.TextUrl, media: Media, at: str) -> Fields:
    page = {"webpage_id": str(text.webpage_id)} if text.webpage_id else {}
    return {"type": "text_link", "href": text.url or "", **page, **_inner(text, media, at)}


def _emoji(text: types.TextCustomEmoji, media: Media, at: str) -> Fields:
    number = emoji_file(int(text.document_id), media.making, f"{at}/document_id")
    return {"type": "custom_emoji", "text": text.alt or "", "document_id": number}


def _date(text: types.TextDate, media: Media, at: str) -> Fields:
    names = ("relative", "short_time", "long_time", "short_date", "long_date", "day_of_week")
    flags = {name: bool(getattr(text, name)) for name in names}
    times = media.making.around.times
    return {"type": "formatted_date", **_inner(text, media, at), **times.both("date", text.date), **flags}


def _image(text: types.TextImage, media: Media, at: str) -> Fields:
    found = media.document(text.document_id, at, with_pixels=False)
    return {"type": "inline_image", **found, "width": text.w, "height": text.h}


def _diff(text: types.TextDiff, media: Media, at: str) -> Fields:
    old = rich_text(text.old_text, media, f"{at}/old_text")
    return {"type": "diff", "unsupported": True, **_inner(text, media, at), "old_text": old}


def _button(text: types.TextButton, media: Media, at: str) -> Fields:
    inner = _inner(text, media, at)
    told = rich_button(text, inline=True)
    # A button that does nothing that is known is its text.
    return {"type": "button", **inner, **told} if told is not None else rich_text(text.text, media, at)


_TELLERS: dict[type, Teller] = {
    types.TextConcat: _concat,
    types.TextUrl: _url,
    types.TextEmail: lambda text, media, at: {"type": "email", "email": text.email or "", **_inner(text, media, at)},
    types.TextPhone: lambda text, media, at: {"type": "phone", "phone": text.phone or "", **_inner(text, media, at)},
    types.TextAnchor: lambda text, media, at: {"type": "anchor", "name": text.name or "", **_inner(text, media, at)},
    types.TextMath: lambda text, media, at: {"type": "math", "source": text.source or ""},
    types.TextCustomEmoji: _emoji,
    types.TextMentionName: lambda text, media, at: {
        "type": "mention_name",
        "user_id": str(text.user_id),
        **_inner(text, media, at),
    },
    types.TextDate: _date,
    types.TextImage: _image,
    types.TextDiff: _diff,
    types.TextButton: _button,
}
