from __future__ import annotations

from typing import Any

import pytest
from telethon.tl import types
from tests.plugins.takeout.convert.support import ANA, T0, at, convert, document, message, photo, told


def _page(page: Any) -> dict[str, Any]:
    return told(message(text="https://e.org", media=types.MessageMediaWebPage(page)))


def test_the_preview_of_a_page_is_noted_with_its_files() -> None:
    attributes = [types.WebPageAttributeStory(ANA, 3)]
    page = types.WebPage(
        4,
        "https://e.org",
        "e.org",
        0,
        type="article",
        site_name="E",
        title="T",
        description="D",
        photo=photo(),
        document=document(),
        attributes=attributes,
    )

    found = _page(page)
    assert list(found) == ["api"]
    assert {name: found["api"]["web_page"][name] for name in ("url", "site_name", "title", "photo")} == {
        "url": "https://e.org",
        "site_name": "E",
        "title": "T",
        "photo": "{chat}/photos/photo_77.jpg",
    }
    assert found["api"]["web_page"]["attributes"][0]["_"] == "WebPageAttributeStory"
    assert [file.field for file in convert(message(media=types.MessageMediaWebPage(page))).files] == [
        "api/web_page/photo",
        "api/web_page/document/file",
    ]


@pytest.mark.parametrize(
    ("page", "api"),
    [
        (types.WebPageEmpty(4), None),
        (types.WebPageEmpty(4, url="https://e.org"), {"web_page": {"url": "https://e.org"}}),
        (types.WebPagePending(4, at(T0), url="https://e.org"), {"web_page": {"url": "https://e.org"}}),
    ],
)
def test_a_page_that_is_not_told_leaves_its_address(page: Any, api: dict[str, Any] | None) -> None:
    assert _page(page).get("api") == api


def test_a_page_of_a_new_sort_is_kept_and_told() -> None:
    made = convert(message(media=types.MessageMediaWebPage(types.WebPageNotModified(3))))

    assert [each.subject for each in made.findings] == ["web page WebPageNotModified"]


def test_a_shared_story_is_noted_with_its_picture() -> None:
    story = types.StoryItem(12, at(T0), at(T0 + 9), types.MessageMediaPhoto(photo=photo()), caption="hi", pinned=True)
    sent = message(media=types.MessageMediaStory(ANA, 12, story=story, via_mention=True))

    found = told(sent)["api"]["story"]
    assert found == {
        "peer_id": "user100000001",
        "id": 12,
        "via_mention": True,
        "date_unixtime": str(T0),
        "expires_unixtime": str(T0 + 9),
        "caption": "hi",
        "pinned": True,
        "media": {"photo": "{chat}/photos/photo_77.jpg", "photo_file_size": 120_000, "width": 1280, "height": 960},
    }
    assert [file.field for file in convert(sent).files] == ["api/story/media/photo"]


@pytest.mark.parametrize("story", [None, types.StoryItemDeleted(12)])
def test_a_story_that_is_over_leaves_its_id(story: Any) -> None:
    found = told(message(media=types.MessageMediaStory(ANA, 12, story=story)))

    assert found == {"api": {"story": {"peer_id": "user100000001", "id": 12}}}
