"""Buttons inside rich messages."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any

from telethon.tl import types

from tgvault_plugins.takeout.convert.buttons import button_action
from tgvault_plugins.takeout.convert.values import Fields

__all__ = ["rich_button"]

_PEERS: dict[type, str] = {
    types.InlineQueryPeerTypeSameBotPM: "same_bot_pm",
    types.InlineQueryPeerTypePM: "pm",
    types.InlineQueryPeerTypeChat: "chat",
    types.InlineQueryPeerTypeMegagroup: "megagroup",
    types.InlineQueryPeerTypeBroadcast: "broadcast",
    types.InlineQueryPeerTypeBotPM: "bot_pm",
}


def rich_button(button: Any, *, inline: bool) -> Fields | None:
    """Give `button` and `style` of a button that stands in a text (`inline`) or in a row; None if it does nothing."""
    told = button_action(button.type)
    if told is None:
        return None
    word, data = told
    found: Fields = {"button": {"type": word, **_details(button.type, data)}}
    if button.style is not None:
        may_link = word in {"callback", "callback_with_password", "disabled"}
        found["style"] = _style(button.style, link=inline and may_link)
    return found


def _details(action: Any, data: str | bytes) -> Fields:
    match action:
        case types.InlineButtonTypeUrl() | types.InlineButtonTypeWebView():
            return {"url": data}
        case types.InlineButtonTypeUrlAuth():
            forward = {} if action.fwd_text is None else {"forward_text": action.fwd_text}
            return {"url": data, **forward, "button_id": action.button_id}
        case types.InlineButtonTypeCallback():
            return _callback(action, data)
        case types.InlineButtonTypeSwitchInline():
            return _switch(action, data)
        case types.InlineButtonTypeUserProfile():
            return {"user_id": data}
        case types.InlineButtonTypeCopy():
            return {"copy_text": data}
    return {}


def _callback(action: types.InlineButtonTypeCallback, data: str | bytes) -> Fields:
    coded = urlsafe_b64encode(data).rstrip(b"=").decode() if isinstance(data, bytes) else ""
    return {"requires_password": bool(action.requires_password), "dataBase64": coded, "data": ""}


def _switch(action: types.InlineButtonTypeSwitchInline, data: str | bytes) -> Fields:
    found: Fields = {"query": data, "same_peer": bool(action.same_peer)}
    if action.peer_types is not None:
        found["peer_types"] = [_PEERS.get(type(each), type(each).__name__) for each in action.peer_types]
    return found


def _style(style: types.RichButtonStyle, *, link: bool) -> str:
    if link and style.link:
        return "link"
    if style.bg_danger:
        return "danger"
    if style.bg_primary:
        return "primary"
    return "success" if style.bg_success else "default"
