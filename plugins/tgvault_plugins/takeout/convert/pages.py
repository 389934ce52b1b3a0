"""Previews of web pages and shared stories, which an export leaves out."""

from __future__ import annotations

from typing import Any

from telethon.tl import types

from tgvault_plugins.takeout.convert.attached import nested_fields, photo_and_document
from tgvault_plugins.takeout.convert.making import Making
from tgvault_plugins.takeout.convert.peers import peer_id_text
from tgvault_plugins.takeout.convert.times import unix_of
from tgvault_plugins.takeout.convert.values import Fields, only, plain

__all__ = ["note_story", "note_web_page"]


def note_web_page(media: types.MessageMediaWebPage, making: Making) -> None:
    """Note the preview of a page that the text links to, with its pictures."""
    page = media.webpage
    if isinstance(page, types.WebPage):
        making.api["web_page"] = _page(page, making)
    elif isinstance(page, types.WebPageEmpty | types.WebPagePending):
        if page.url:
            making.api["web_page"] = {"url": page.url}
    else:
        making.api["web_page"] = making.unknown("web page", page)


def _page(page: types.WebPage, making: Making) -> Fields:
    found = only(
        [
            ("id", page.id),
            ("url", page.url),
            ("display_url", page.display_url),
            ("type", page.type),
            ("site_name", page.site_name),
            ("title", page.title),
            ("description", page.description),
            ("author", page.author),
            ("embed_url", page.embed_url),
            ("duration", page.duration),
            ("instant_view", page.cached_page is not None),
            ("attributes", [plain(each) for each in page.attributes or ()]),
        ]
    )
    return found | photo_and_document(page, making, at="api/web_page/")


def note_story(media: types.MessageMediaStory, making: Making) -> None:
    """Note a story that was shared, with its picture or film where it can be seen."""
    found = only([("peer_id", peer_id_text(media.peer)), ("id", media.id), ("via_mention", media.via_mention)])
    if isinstance(media.story, types.StoryItem):
        found |= _story(media.story, making)
    making.api["story"] = found


def _story(story: Any, making: Making) -> Fields:
    found = only(
        [
            ("date_unixtime", str(unix_of(story.date))),
            ("expires_unixtime", str(unix_of(story.expire_date))),
            ("caption", story.caption),
            ("entities", [plain(entity) for entity in story.entities or ()]),
            ("pinned", story.pinned),
        ]
    )
    found["media"] = nested_fields(story.media, making, at="api/story/media/")
    return found
