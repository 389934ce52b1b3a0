"""What happened in a chat besides messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from telethon.tl import types

from tgvault_plugins.takeout.convert.acts import Act
from tgvault_plugins.takeout.convert.acts_chats import CHATS
from tgvault_plugins.takeout.convert.acts_gifts import GIFTS
from tgvault_plugins.takeout.convert.acts_people import PEOPLE
from tgvault_plugins.takeout.convert.values import Fields, plain

__all__ = ["service_fields"]

Teller = Callable[[Any, Act], Fields]

#: What each of Telegram's actions becomes.
TELLERS: dict[type, Teller] = {**CHATS, **GIFTS, **PEOPLE}

#: Actions of which an export tells all there is.
_TOLD = (
    types.MessageActionBoostApply,
    types.MessageActionChannelCreate,
    types.MessageActionChatDeletePhoto,
    types.MessageActionChatEditPhoto,
    types.MessageActionChatEditTitle,
    types.MessageActionChatJoinedByRequest,
    types.MessageActionContactSignUp,
    types.MessageActionCustomAction,
    types.MessageActionHistoryClear,
    types.MessageActionPinMessage,
    types.MessageActionScreenshotTaken,
    types.MessageActionSuggestProfilePhoto,
)


def service_fields(action: Any, act: Act) -> Fields:
    """Give the fields from `actor` on, up to the text; an action that is new has none but its actor.

    What an export does not tell of the action, such as the ids of members, stands in the body's `api`.
    """
    teller = TELLERS.get(type(action))
    if teller is None:
        act.making.api["action"] = (
            plain(action) if isinstance(action, _UNWRITTEN) else act.making.unknown("action", action)
        )
        return act.actor()
    if not isinstance(action, _TOLD):
        act.making.api["action"] = plain(action)
    return teller(action, act)


#: Known, and an export has no words for them.
_UNWRITTEN = (types.MessageActionEmpty, types.MessageActionChangeCommunity)
