from __future__ import annotations

from typing import Any

import msgspec
import pytest
from telethon.tl import types
from tests.plugins.takeout.convert.support import T0, at, body, convert, document, message, photo, refusing

from tgvault_plugins.takeout.files import FileKind

_X = types.TextPlain("x")
_PLAIN = {"type": "plain", "text": "x"}
_EMPTY = types.TextEmpty()
_BELOW = types.PageCaption(_X, _EMPTY)
_TOLD_BELOW = {"text": _PLAIN, "credit": {"type": "empty"}}
_WHEN = {"date": "2024-11-14T09:12:44", "date_unixtime": str(T0)}
_FILM = document(types.DocumentAttributeVideo(2, 6, 4), mime="video/mp4")
_PHOTO = {"photo_id": "77", "photo": "{chat}/photos/photo_77.jpg", "photo_file_size": 120_000}
_FILE = {
    "document_id": "88",
    "file": "{chat}/video_files/video_88.mp4",
    "file_size": 4096,
    "media_type": "video_file",
    "mime_type": "video/mp4",
    "duration_seconds": 2,
}
_PIXELS = {"width": 6, "height": 4}


def _rich(*blocks: Any, **fields: Any) -> types.RichMessage:
    return types.RichMessage(list(blocks), [photo()], [_FILM], **fields)


MESSAGE = _rich(types.PageBlockTitle(_X), types.PageBlockPhoto(77, _BELOW))


def _block(block: Any, **how: Any) -> dict[str, Any]:
    found: dict[str, Any] = body(message(rich_message=_rich(block)), **how)["rich_message"]["blocks"][0]
    return found


def _text(text: Any, **how: Any) -> dict[str, Any]:
    found: dict[str, Any] = _block(types.PageBlockParagraph(text), **how)["text"]
    return found


def test_a_rich_message_stands_in_place_of_the_text() -> None:
    found = body(message(text="fallback", rich_message=_rich(types.PageBlockDivider(), rtl=True)))

    assert found["rich_message"] == {"rtl": True, "part": False, "blocks": [{"type": "divider"}]}
    assert "text" not in found


def _cell(**fields: Any) -> types.PageTableCell:
    return types.PageTableCell(**fields)


@pytest.mark.parametrize(
    ("block", "fields"),
    [
        *(
            (make(_X), {"type": "heading", "level": level, "text": _PLAIN})
            for make, level in (
                (types.PageBlockTitle, 1),
                (types.PageBlockSubtitle, 2),
                (types.PageBlockHeader, 3),
                (types.PageBlockSubheader, 4),
                (types.PageBlockKicker, 5),
                (types.PageBlockHeading1, 1),
                (types.PageBlockHeading6, 6),
            )
        ),
        (types.PageBlockParagraph(_X), {"type": "paragraph", "text": _PLAIN}),
        (types.PageBlockFooter(_X), {"type": "footer", "text": _PLAIN}),
        (types.PageBlockThinking(_X), {"type": "thinking", "text": _PLAIN}),
        (
            types.PageBlockUnsupported(),
            {"type": "unsupported", "source_type": "page_block_unsupported", "unsupported": True},
        ),
        (types.PageBlockAuthorDate(_X, at(T0)), {"type": "author_date", "author": _PLAIN, **_WHEN}),
        (types.PageBlockPreformatted(_X, "py"), {"type": "code", "text": _PLAIN, "language": "py"}),
        (types.PageBlockAnchor("a"), {"type": "anchor", "name": "a"}),
        (types.PageBlockMath("x^2"), {"type": "math", "formula": "x^2"}),
        (
            types.PageBlockBlockquote(_X, _EMPTY),
            {
                "type": "quote",
                "content": "text",
                "pullquote": False,
                "text": _PLAIN,
                "caption": {"type": "empty"},
            },
        ),
        (
            types.PageBlockPullquote(_X, _EMPTY),
            {"type": "quote", "content": "text", "pullquote": True, "text": _PLAIN, "caption": {"type": "empty"}},
        ),
        (
            types.PageBlockBlockquoteBlocks([types.PageBlockDivider()], _X),
            {
                "type": "quote",
                "content": "blocks",
                "pullquote": False,
                "blocks": [{"type": "divider"}],
                "caption": _PLAIN,
            },
        ),
        (
            types.PageBlockList([types.PageListItemText(_X, checkbox=True), types.PageListItemBlocks([])]),
            {
                "type": "list",
                "kind": "bullet",
                "items": [
                    {"task_state": "unchecked", "content": "text", "text": _PLAIN},
                    {"task_state": "none", "content": "blocks", "blocks": []},
                ],
            },
        ),
        (
            types.PageBlockOrderedList(
                [
                    types.PageListOrderedItemText(_X, num="1", value=1, type="a", checkbox=True, checked=True),
                    types.PageListOrderedItemBlocks([types.PageBlockDivider()]),
                ],
                reversed=True,
                start=3,
                type="i",
            ),
            {
                "type": "list",
                "kind": "ordered",
                "reversed": True,
                "start": 3,
                "list_type": "i",
                "items": [
                    {
                        "task_state": "checked",
                        "content": "text",
                        "text": _PLAIN,
                        "num": "1",
                        "value": 1,
                        "item_type": "a",
                    },
                    {"task_state": "none", "content": "blocks", "blocks": [{"type": "divider"}]},
                ],
            },
        ),
        (
            types.PageBlockPhoto(77, _BELOW, spoiler=True, url="u", webpage_id=5),
            {
                "type": "photo",
                **_PHOTO,
                "width": 1280,
                "height": 960,
                "spoiler": True,
                "url": "u",
                "webpage_id": "5",
                "caption": _TOLD_BELOW,
            },
        ),
        (
            types.PageBlockPhoto(78, _BELOW),
            {
                "type": "photo",
                "photo_id": "78",
                "photo_skip_reason": "unavailable",
                "spoiler": False,
                "caption": _TOLD_BELOW,
            },
        ),
        (
            types.PageBlockVideo(88, _BELOW, loop=True),
            {
                "type": "video",
                **_FILE,
                **_PIXELS,
                "autoplay": False,
                "loop": True,
                "spoiler": False,
                "caption": _TOLD_BELOW,
            },
        ),
        (types.PageBlockAudio(88, _BELOW), {"type": "audio", **_FILE, **_PIXELS, "caption": _TOLD_BELOW}),
        (types.PageBlockDocument(88, _BELOW), {"type": "file", **_FILE, **_PIXELS, "caption": _TOLD_BELOW}),
        (
            types.PageBlockAudio(89, _BELOW),
            {"type": "audio", "document_id": "89", "file_skip_reason": "unavailable", "caption": _TOLD_BELOW},
        ),
        (
            types.PageBlockCover(types.PageBlockDivider()),
            {"type": "cover", "block": {"type": "divider"}},
        ),
        (
            types.PageBlockEmbed(_BELOW, url="u", html="h", poster_photo_id=77, w=3, h=2, full_width=True),
            {
                "type": "embed",
                "url": "u",
                "html": "h",
                "poster_photo_id": "77",
                "poster_photo": "{chat}/photos/photo_77.jpg",
                "poster_photo_file_size": 120_000,
                "poster_photo_width": 1280,
                "poster_photo_height": 960,
                "width": 3,
                "height": 2,
                "full_width": True,
                "allow_scrolling": False,
                "caption": _TOLD_BELOW,
            },
        ),
        (
            types.PageBlockEmbed(_BELOW),
            {"type": "embed", "full_width": False, "allow_scrolling": False, "caption": _TOLD_BELOW},
        ),
        (
            types.PageBlockEmbedPost("u", 5, 77, "A", at(T0), [types.PageBlockDivider()], _BELOW),
            {
                "type": "embed_post",
                "url": "u",
                "webpage_id": "5",
                "author_photo_id": "77",
                "author_photo": "{chat}/photos/photo_77.jpg",
                "author_photo_file_size": 120_000,
                "author_photo_width": 1280,
                "author_photo_height": 960,
                "author": "A",
                **_WHEN,
                "blocks": [{"type": "divider"}],
                "caption": _TOLD_BELOW,
            },
        ),
        (
            types.PageBlockCollage([types.PageBlockDivider()], _BELOW),
            {"type": "collage", "items": [{"type": "divider"}], "caption": _TOLD_BELOW},
        ),
        (types.PageBlockSlideshow([], _BELOW), {"type": "slideshow", "items": [], "caption": _TOLD_BELOW}),
        (
            types.PageBlockChannel(
                types.Channel(5, "C", types.ChatPhotoEmpty(), None, broadcast=True, access_hash=9, username="c")
            ),
            {
                "type": "channel",
                "channel": {
                    "source_type": "channel",
                    "id": "5",
                    "title": "C",
                    "username": "c",
                    "broadcast": True,
                    "megagroup": False,
                    "monoforum": False,
                },
            },
        ),
        (
            types.PageBlockChannel(types.ChatEmpty(5)),
            {"type": "channel", "channel": {"source_type": "chat_empty", "id": "5"}},
        ),
        (
            types.PageBlockTable(
                _X,
                [
                    types.PageTableRow(
                        [
                            _cell(text=_X, colspan=2, rowspan=3, header=True, align_right=True, valign_bottom=True),
                            _cell(align_center=True, valign_middle=True),
                            _cell(),
                        ]
                    )
                ],
                bordered=True,
            ),
            {
                "type": "table",
                "title": _PLAIN,
                "bordered": True,
                "striped": False,
                "compact": False,
                "rows": [
                    {
                        "cells": [
                            {
                                "text": _PLAIN,
                                "colspan": 2,
                                "rowspan": 3,
                                "header": True,
                                "align": "right",
                                "vertical_align": "bottom",
                            },
                            {"header": False, "align": "center", "vertical_align": "middle"},
                            {"header": False, "align": "left", "vertical_align": "top"},
                        ]
                    }
                ],
            },
        ),
        (
            types.PageBlockDetails([types.PageBlockDivider()], _X, open=True),
            {"type": "details", "title": _PLAIN, "open": True, "blocks": [{"type": "divider"}]},
        ),
        (
            types.PageBlockRelatedArticles(
                _X,
                [
                    types.PageRelatedArticle(
                        "u", 5, title="T", description="D", photo_id=77, author="A", published_date=at(T0)
                    ),
                    types.PageRelatedArticle("v", 6),
                ],
            ),
            {
                "type": "related_articles",
                "title": _PLAIN,
                "articles": [
                    {
                        "url": "u",
                        "webpage_id": "5",
                        "title": "T",
                        "description": "D",
                        **_PHOTO,
                        "photo_width": 1280,
                        "photo_height": 960,
                        "author": "A",
                        "published_date": "2024-11-14T09:12:44",
                        "published_date_unixtime": str(T0),
                    },
                    {"url": "v", "webpage_id": "6"},
                ],
            },
        ),
        (
            types.PageBlockMap(types.GeoPoint(2.5, 1.5, 7, accuracy_radius=3), 12, 600, 400, _BELOW),
            {
                "type": "map",
                "geo": {"source_type": "geo_point", "latitude": 1.5, "longitude": 2.5, "accuracy_radius": 3},
                "zoom": 12,
                "width": 600,
                "height": 400,
                "caption": _TOLD_BELOW,
            },
        ),
        (
            types.PageBlockMap(types.GeoPointEmpty(), 12, 600, 400, _BELOW),
            {
                "type": "map",
                "geo": {"source_type": "geo_point_empty"},
                "zoom": 12,
                "width": 600,
                "height": 400,
                "caption": _TOLD_BELOW,
            },
        ),
        (
            types.PageBlockButtonRow(
                [
                    types.PageButton(_X, types.InlineButtonTypeUrl("u"), style=types.RichButtonStyle(link=True)),
                    types.PageButton(_X, types.InputInlineButtonTypeUserProfile(types.InputUserSelf())),
                ],
                align_center=True,
            ),
            {
                "type": "button_row",
                "alignment": "center",
                "buttons": [{"text": _PLAIN, "button": {"type": "url", "url": "u"}, "style": "default"}],
            },
        ),
    ],
    ids=lambda each: type(each).__name__,
)
def test_every_block_has_its_fields(block: Any, fields: dict[str, Any]) -> None:
    found = _block(block)

    assert list(found) == list(fields)
    assert found == fields
    assert convert(message(rich_message=_rich(block))).findings == ()


_WRAPPED = {
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
_FLAGS = ("relative", "short_time", "long_time", "short_date", "long_date", "day_of_week")


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (_EMPTY, {"type": "empty"}),
        *((make(_X), {"type": word, "text": _PLAIN}) for make, word in _WRAPPED.items()),
        (
            types.TextConcat([_X, types.TextBold(_X)]),
            {"type": "concat", "text": [_PLAIN, {"type": "bold", "text": _PLAIN}]},
        ),
        (types.TextUrl(_X, "u", 0), {"type": "text_link", "href": "u", "text": _PLAIN}),
        (types.TextUrl(_X, "u", 5), {"type": "text_link", "href": "u", "webpage_id": "5", "text": _PLAIN}),
        (types.TextEmail(_X, "e"), {"type": "email", "email": "e", "text": _PLAIN}),
        (types.TextPhone(_X, "1"), {"type": "phone", "phone": "1", "text": _PLAIN}),
        (types.TextAnchor(_X, "n"), {"type": "anchor", "name": "n", "text": _PLAIN}),
        (types.TextMath("m"), {"type": "math", "source": "m"}),
        (types.TextCustomEmoji(5, "🔥"), {"type": "custom_emoji", "text": "🔥", "document_id": "5"}),
        (types.TextMentionName(_X, 7), {"type": "mention_name", "user_id": "7", "text": _PLAIN}),
        (
            types.TextDate(_X, at(T0), relative=True),
            {"type": "formatted_date", "text": _PLAIN, **_WHEN, **{name: name == "relative" for name in _FLAGS}},
        ),
        (types.TextImage(88, 9, 8), {"type": "inline_image", **_FILE, "width": 9, "height": 8}),
        (
            types.TextDiff(_X, types.TextPlain("y")),
            {"type": "diff", "unsupported": True, "text": _PLAIN, "old_text": {"type": "plain", "text": "y"}},
        ),
        (
            types.TextButton(_X, types.InputInlineButtonTypeUserProfile(types.InputUserSelf())),
            _PLAIN,
        ),
    ],
    ids=lambda each: type(each).__name__,
)
def test_every_mark_has_its_fields(text: Any, fields: dict[str, Any]) -> None:
    found = _text(text)

    assert list(found.items()) == list(fields.items())


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        (types.InlineButtonTypeWebView("u"), {"type": "web_view", "url": "u"}),
        (types.InlineButtonTypeUrlAuth("u", 3), {"type": "auth", "url": "u", "button_id": 3}),
        (
            types.InlineButtonTypeUrlAuth("u", 3, fwd_text=""),
            {"type": "auth", "url": "u", "forward_text": "", "button_id": 3},
        ),
        (
            types.InlineButtonTypeCallback(b"a"),
            {"type": "callback", "requires_password": False, "dataBase64": "YQ", "data": ""},
        ),
        (types.InlineButtonTypeGame(), {"type": "game"}),
        (
            types.InlineButtonTypeSwitchInline("q", peer_types=[types.InlineQueryPeerTypePM()]),
            {"type": "switch_inline", "query": "q", "same_peer": False, "peer_types": ["pm"]},
        ),
        (
            types.InlineButtonTypeSwitchInline("q", same_peer=True),
            {"type": "switch_inline_same", "query": "q", "same_peer": True},
        ),
        (types.InlineButtonTypeUserProfile(7), {"type": "user_profile", "user_id": "7"}),
        (types.InlineButtonTypeCopy("c"), {"type": "copy_text", "copy_text": "c"}),
    ],
    ids=lambda each: type(each).__name__,
)
def test_every_button_in_a_text_has_its_fields(action: Any, fields: dict[str, Any]) -> None:
    assert _text(types.TextButton(_X, action)) == {"type": "button", "text": _PLAIN, "button": fields}


@pytest.mark.parametrize(
    ("style", "word"),
    [
        (types.RichButtonStyle(), "default"),
        (types.RichButtonStyle(bg_danger=True), "danger"),
        (types.RichButtonStyle(bg_primary=True), "primary"),
        (types.RichButtonStyle(bg_success=True), "success"),
        (types.RichButtonStyle(link=True), "link"),
    ],
)
def test_a_button_has_a_style(style: Any, word: str) -> None:
    found = _text(types.TextButton(_X, types.InlineButtonTypeDisabled(), style=style))

    assert found["style"] == word


@pytest.mark.parametrize(
    ("align", "word"),
    [({"align_left": True}, "left"), ({"align_right": True}, "right"), ({}, "stretch")],
)
def test_a_row_of_buttons_stands_somewhere(align: dict[str, bool], word: str) -> None:
    assert _block(types.PageBlockButtonRow([], **align))["alignment"] == word


@pytest.mark.parametrize(
    ("reason", "word"), [("not included", "file_type"), ("too big", "file_size"), ("unavailable", "unavailable")]
)
def test_a_file_that_is_left_out_has_a_reason_in_another_field(reason: str, word: str) -> None:
    sent = message(rich_message=_rich(types.PageBlockPhoto(77, _BELOW), types.PageBlockVideo(88, _BELOW)))

    made = convert(sent, decide=refusing(reason))
    found = msgspec.json.decode(made.body)["rich_message"]["blocks"]
    assert (found[0]["photo_skip_reason"], found[1]["file_skip_reason"]) == (word, word)
    assert ("photo" in found[0], "file" in found[1]) == (False, False)
    assert [(file.field, why) for file, why in made.left_out] == [
        ("rich_message/blocks/0/photo_skip_reason", reason),
        ("rich_message/blocks/1/file_skip_reason", reason),
    ]


def test_a_photo_without_a_size_is_unavailable() -> None:
    empty = types.RichMessage([types.PageBlockPhoto(77, _BELOW)], [photo(sizes=[])], [])

    found = body(message(rich_message=empty))["rich_message"]["blocks"][0]
    assert (found["photo_skip_reason"], found["photo_file_size"]) == ("unavailable", 0)


def test_files_are_found_where_they_stand() -> None:
    thumbs = [types.PhotoSize("m", 3, 2, 1)]
    film = document(types.DocumentAttributeVideo(2, 6, 4), mime="video/mp4", thumbs=thumbs)
    nested = types.PageBlockDetails([types.PageBlockCover(types.PageBlockVideo(88, _BELOW))], _X)
    sent = message(rich_message=types.RichMessage([types.PageBlockDivider(), nested], [], [film]))

    place = "rich_message/blocks/1/blocks/0/block"
    assert [(file.field, file.kind) for file in convert(sent).files] == [
        (f"{place}/file", FileKind.VIDEOS),
        (f"{place}/thumbnail", FileKind.THUMBNAILS),
    ]


def test_a_custom_emoji_in_a_rich_text_can_be_a_file() -> None:
    block = types.PageBlockParagraph(types.TextConcat([_X, types.TextCustomEmoji(5, "🔥")]))

    [file] = convert(message(rich_message=_rich(block)), emoji={5: document(number=5)}).files
    assert file.field == "rich_message/blocks/0/text/text/1/document_id"


def test_what_is_new_to_us_is_kept_whole_and_told() -> None:
    class PageBlockDream(types.PageBlockAnchor):  # type: ignore[misc]
        """One from a layer to come."""

    class TextDream(types.TextMath):  # type: ignore[misc]
        """One from a layer to come."""

    sent = message(rich_message=_rich(PageBlockDream("n"), types.PageBlockParagraph(TextDream("s"))))

    made = convert(sent)
    found = msgspec.json.decode(made.body)["rich_message"]["blocks"]
    assert found[0]["api"]["name"] == "n"
    assert found[1]["text"]["api"]["source"] == "s"
    assert [each.subject for each in made.findings] == ["block PageBlockDream", "rich text TextDream"]
