from __future__ import annotations

from typing import Any

import pytest
from telethon.tl import TLObject, types
from tests.plugins.takeout.convert.support import convert, message, told


def _markup(*rows: list[tuple[str, Any]]) -> types.ReplyInlineMarkup:
    return types.ReplyInlineMarkup(
        [
            types.KeyboardInlineButtonRow([types.KeyboardInlineButton(text, action) for text, action in row])
            for row in rows
        ]
    )


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        (types.InlineButtonTypeUrl("https://e.org"), {"type": "url", "text": "B", "data": "https://e.org"}),
        (types.InlineButtonTypeWebView("https://e.org"), {"type": "web_view", "text": "B", "data": "https://e.org"}),
        (
            types.InlineButtonTypeUrlAuth("https://e.org/a", 3, fwd_text="fwd"),
            {"type": "auth", "text": "B", "data": "https://e.org/a", "forward_text": "fwd", "button_id": 3},
        ),
        (types.InlineButtonTypeUrlAuth("u", 0), {"type": "auth", "text": "B", "data": "u"}),
        (
            types.InlineButtonTypeCallback(b"\xfb\xff\x01"),
            {"type": "callback", "text": "B", "dataBase64": "-_8B", "data": ""},
        ),
        (types.InlineButtonTypeCallback(b""), {"type": "callback", "text": "B"}),
        (
            types.InlineButtonTypeCallback(b"a", requires_password=True),
            {"type": "callback_with_password", "text": "B", "dataBase64": "YQ", "data": ""},
        ),
        (types.InlineButtonTypeGame(), {"type": "game", "text": "B"}),
        (types.InlineButtonTypeBuy(), {"type": "buy", "text": "B"}),
        (types.InlineButtonTypeSwitchInline("q"), {"type": "switch_inline", "text": "B", "data": "q"}),
        (types.InlineButtonTypeSwitchInline("", same_peer=True), {"type": "switch_inline_same", "text": "B"}),
        (types.InlineButtonTypeUserProfile(7), {"type": "user_profile", "text": "B", "data": "7"}),
        (types.InlineButtonTypeCopy("c"), {"type": "copy_text", "text": "B", "data": "c"}),
        (types.InlineButtonTypeDisabled(), {"type": "disabled", "text": "B"}),
    ],
)
def test_every_button_has_its_fields(action: Any, fields: dict[str, object]) -> None:
    found = told(message(reply_markup=_markup([("B", action)])))

    assert [list(each.items()) for each in found["inline_bot_buttons"][0]] == [list(fields.items())]


def test_buttons_stand_in_rows_without_those_that_are_empty() -> None:
    sort = types.InlineButtonTypeBuy()
    unsent = types.InputInlineButtonTypeUserProfile(types.InputUserSelf())

    found = told(message(reply_markup=_markup([("a", sort), ("", sort)], [("x", unsent)], [], [("c", sort)])))
    assert found["inline_bot_buttons"] == [
        [{"type": "buy", "text": "a"}, {"type": "buy"}],
        [{"type": "buy", "text": "c"}],
    ]


def test_no_buttons_are_no_field() -> None:
    assert told(message(reply_markup=_markup())) == {}


@pytest.mark.parametrize(
    "markup",
    [
        types.ReplyKeyboardHide(),
        types.ReplyKeyboardForceReply(),
        types.ReplyKeyboardMarkup([types.KeyboardButtonRow([types.KeyboardButton("Yes", types.ButtonTypeDefault())])]),
    ],
)
def test_a_keyboard_is_noted(markup: Any) -> None:
    found = told(message(reply_markup=markup))

    assert found["api"]["keyboard"]["_"] == type(markup).__name__
    assert "inline_bot_buttons" not in found


def test_a_button_that_is_new_is_kept_and_told() -> None:
    class InlineButtonTypeTeleport(types.InlineButtonTypeBuy):  # type: ignore[misc]
        """One from a layer to come."""

        def to_dict(self) -> dict[str, object]:
            return {"_": "InlineButtonTypeTeleport", "where": "there"}

    class _Other:
        pass

    made = convert(message(reply_markup=_markup([("go", InlineButtonTypeTeleport()), ("odd", _Other())])))

    assert [each.subject for each in made.findings] == ["button _Other"]
    assert b'"unknown_buttons"' in made.body


def test_a_markup_that_is_new_is_kept_and_told() -> None:
    class ReplyAurora(TLObject):  # type: ignore[misc]
        """One from a layer to come."""

        def to_dict(self) -> dict[str, object]:
            return {"_": "ReplyAurora"}

    made = convert(message(reply_markup=ReplyAurora()))

    assert [each.subject for each in made.findings] == ["markup ReplyAurora"]
