"""Buttons below a message."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any

from telethon.tl import types

from tgvault_plugins.takeout.convert.making import Making
from tgvault_plugins.takeout.convert.values import Fields, plain

__all__ = ["button_action", "button_rows"]


def button_rows(markup: Any, making: Making) -> list[object]:
    """Give the rows of buttons that belong to the message itself; keyboards are noted in the body's `api`."""
    if isinstance(markup, types.ReplyInlineMarkup):
        rows = [[_button(button, making) for button in row.buttons or ()] for row in markup.rows or ()]
        return [told for row in rows if (told := [button for button in row if button is not None])]
    if isinstance(markup, types.ReplyKeyboardMarkup | types.ReplyKeyboardHide | types.ReplyKeyboardForceReply):
        making.api["keyboard"] = plain(markup)
    elif markup is not None:
        making.api["keyboard"] = making.unknown("markup", markup)
    return []


def _button(button: Any, making: Making) -> Fields | None:
    action = button_action(button.type)
    if action is None:
        if not isinstance(button.type, types.InputInlineButtonTypeUrlAuth | types.InputInlineButtonTypeUserProfile):
            _keep(making.unknown("button", button.type), button.text, making)
        return None
    sort, data = action
    found: Fields = {"type": sort}
    if button.text:
        found["text"] = button.text
    if isinstance(data, bytes):
        if data:
            found |= {"dataBase64": urlsafe_b64encode(data).rstrip(b"=").decode(), "data": ""}
    elif data:
        found["data"] = data
    if isinstance(button.type, types.InlineButtonTypeUrlAuth):
        found |= _auth(button.type)
    return found


def _auth(action: types.InlineButtonTypeUrlAuth) -> Fields:
    found: Fields = {"forward_text": action.fwd_text} if action.fwd_text else {}
    return found | ({"button_id": action.button_id} if action.button_id else {})


def _keep(known: object, text: str, making: Making) -> None:
    kept = making.api.setdefault("unknown_buttons", [])
    assert isinstance(kept, list)
    kept.append({"text": text, "type": known})


def button_action(action: Any) -> tuple[str, str | bytes] | None:
    """Give the word for what a button does and its data; None for what an export leaves out."""
    match action:
        case types.InlineButtonTypeUrl() | types.InlineButtonTypeWebView():
            return "url" if isinstance(action, types.InlineButtonTypeUrl) else "web_view", action.url or ""
        case types.InlineButtonTypeUrlAuth():
            return "auth", action.url or ""
        case types.InlineButtonTypeCallback():
            return "callback_with_password" if action.requires_password else "callback", bytes(action.data or b"")
        case types.InlineButtonTypeGame():
            return "game", ""
        case types.InlineButtonTypeBuy():
            return "buy", ""
        case types.InlineButtonTypeSwitchInline():
            return "switch_inline_same" if action.same_peer else "switch_inline", action.query or ""
        case types.InlineButtonTypeUserProfile():
            return "user_profile", str(action.user_id)
        case types.InlineButtonTypeCopy():
            return "copy_text", action.copy_text or ""
        case types.InlineButtonTypeDisabled():
            return "disabled", ""
    return None
