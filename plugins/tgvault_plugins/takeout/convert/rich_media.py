"""Blocks of rich messages that hold no other blocks: media, maps, formulas, links."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from telethon.tl import types

from tgvault_plugins.takeout.convert.places import point
from tgvault_plugins.takeout.convert.rich_files import Media
from tgvault_plugins.takeout.convert.rich_text import caption, rich_text
from tgvault_plugins.takeout.convert.values import Fields

__all__ = ["MEDIA"]


def _photo(block: types.PageBlockPhoto, media: Media, at: str) -> Fields:
    found = {"type": "photo", **media.photo(block.photo_id, at), "spoiler": bool(block.spoiler)}
    if block.url is not None:
        found["url"] = block.url
    if block.webpage_id is not None:
        found["webpage_id"] = str(block.webpage_id)
    return found | {"caption": caption(block.caption, media, f"{at}/caption")}


def _video(block: types.PageBlockVideo, media: Media, at: str) -> Fields:
    flags = {name: bool(getattr(block, name)) for name in ("autoplay", "loop", "spoiler")}
    below = caption(block.caption, media, f"{at}/caption")
    return {"type": "video", **media.document(block.video_id, at), **flags, "caption": below}


def _audio(block: types.PageBlockAudio, media: Media, at: str) -> Fields:
    below = caption(block.caption, media, f"{at}/caption")
    return {"type": "audio", **media.document(block.audio_id, at), "caption": below}


def _file(block: types.PageBlockDocument, media: Media, at: str) -> Fields:
    below = caption(block.caption, media, f"{at}/caption")
    return {"type": "file", **media.document(block.document_id, at), "caption": below}


def _embed(block: types.PageBlockEmbed, media: Media, at: str) -> Fields:
    found: Fields = {"type": "embed"}
    found |= {name: value for name, value in (("url", block.url), ("html", block.html)) if value is not None}
    if block.poster_photo_id:
        found |= media.photo(block.poster_photo_id, at, key="poster_photo", pixels="poster_photo_")
    found |= {name: value for name, value in (("width", block.w), ("height", block.h)) if value is not None}
    found |= {"full_width": bool(block.full_width), "allow_scrolling": bool(block.allow_scrolling)}
    return found | {"caption": caption(block.caption, media, f"{at}/caption")}


def _articles(block: types.PageBlockRelatedArticles, media: Media, at: str) -> Fields:
    articles = [_article(each, media, f"{at}/articles/{place}") for place, each in enumerate(block.articles or ())]
    return {"type": "related_articles", "title": rich_text(block.title, media, f"{at}/title"), "articles": articles}


def _article(article: types.PageRelatedArticle, media: Media, at: str) -> Fields:
    found: Fields = {"url": article.url or "", "webpage_id": str(article.webpage_id)}
    named = (("title", article.title), ("description", article.description))
    found |= {name: value for name, value in named if value is not None}
    if article.photo_id:
        found |= media.photo(article.photo_id, at, pixels="photo_")
    if article.author is not None:
        found["author"] = article.author
    if article.published_date is not None:
        found |= media.making.around.times.both("published_date", article.published_date)
    return found


def _map(block: types.PageBlockMap, media: Media, at: str) -> Fields:
    told = point(block.geo)
    geo: Fields = {"source_type": "geo_point_empty"} if told is None else {"source_type": "geo_point", **told}
    if getattr(block.geo, "accuracy_radius", None):
        geo["accuracy_radius"] = block.geo.accuracy_radius
    size = {"zoom": block.zoom, "width": block.w, "height": block.h}
    return {"type": "map", "geo": geo, **size, "caption": caption(block.caption, media, f"{at}/caption")}


_SOURCES: dict[type, str] = {
    types.ChatEmpty: "chat_empty",
    types.Chat: "chat",
    types.ChatForbidden: "chat_forbidden",
    types.Channel: "channel",
    types.ChannelForbidden: "channel_forbidden",
    types.Community: "community",
    types.CommunityForbidden: "community_forbidden",
}


def _channel(block: types.PageBlockChannel, _: Media, at: str) -> Fields:
    chat = block.channel
    found: Fields = {"source_type": _SOURCES.get(type(chat), "unknown"), "id": str(chat.id)}
    named = (("title", getattr(chat, "title", None)), ("username", getattr(chat, "username", None)))
    found |= {name: value for name, value in named if value is not None}
    if isinstance(chat, types.Channel | types.ChannelForbidden):
        found |= {name: bool(getattr(chat, name)) for name in ("broadcast", "megagroup", "monoforum")}
    return {"type": "channel", "channel": found}


MEDIA: dict[type, Callable[[Any, Media, str], Fields]] = {
    types.PageBlockPhoto: _photo,
    types.PageBlockVideo: _video,
    types.PageBlockAudio: _audio,
    types.PageBlockDocument: _file,
    types.PageBlockEmbed: _embed,
    types.PageBlockRelatedArticles: _articles,
    types.PageBlockMap: _map,
    types.PageBlockChannel: _channel,
    types.PageBlockDivider: lambda block, media, at: {"type": "divider"},
    types.PageBlockAnchor: lambda block, media, at: {"type": "anchor", "name": block.name or ""},
    types.PageBlockMath: lambda block, media, at: {"type": "math", "formula": block.source or ""},
}
