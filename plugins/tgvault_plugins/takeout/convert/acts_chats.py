"""Service messages about the chat itself: its title, photo, members, topics, settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from telethon.tl import types

from tgvault_plugins.takeout.convert.acts import Act
from tgvault_plugins.takeout.convert.media import photo_fields
from tgvault_plugins.takeout.convert.times import unix_of
from tgvault_plugins.takeout.convert.values import Fields, only

__all__ = ["CHATS"]


def _create_group(action: types.MessageActionChatCreate, act: Act) -> Fields:
    return act.by("create_group", only([("title", action.title)]) | act.members(action.users))


def _titled(word: str) -> Callable[[Any, Act], Fields]:
    return lambda action, act: act.by(word, only([("title", action.title)]))


def _alone(word: str) -> Callable[[Any, Act], Fields]:
    return lambda _, act: act.by(word)


def _photo(word: str) -> Callable[[Any, Act], Fields]:
    return lambda action, act: act.by(word, photo_fields(action.photo, act.making))


def _joined_by_link(action: types.MessageActionChatJoinedByLink, act: Act) -> Fields:
    return act.by("join_group_by_link", {"inviter": act.user(action.inviter_id)})


def _custom(action: types.MessageActionCustomAction, act: Act) -> Fields:
    return act.actor() | only([("information_text", action.message)])


def _group_call(action: types.MessageActionGroupCall, act: Act) -> Fields:
    return act.by("group_call", {"duration": action.duration} if action.duration else {})


def _theme(action: types.MessageActionSetChatTheme, act: Act) -> Fields:
    return act.by("edit_chat_theme", only([("emoticon", getattr(action.theme, "emoticon", None))]))


def _topic_edit(action: types.MessageActionTopicEdit, act: Act) -> Fields:
    return act.by("topic_edit", only([("new_title", action.title), ("new_icon_emoji_id", action.icon_emoji_id)]))


def _wallpaper(action: types.MessageActionSetChatWallPaper, act: Act) -> Fields:
    return act.by("set_same_chat_wallpaper" if action.same else "set_chat_wallpaper", act.message())


def _scheduled_call(action: types.MessageActionGroupCallScheduled, act: Act) -> Fields:
    return act.by("group_call_scheduled", {"schedule_date": unix_of(action.schedule_date)})


def _via_community(action: types.MessageActionChatJoinedViaCommunity, act: Act) -> Fields:
    return act.by("join_group_via_community", {"community_id": action.community_id})


def _prices(action: types.MessageActionPaidMessagesPrice, act: Act) -> Fields:
    allowed = bool(action.broadcast_messages_allowed)
    return act.by("paid_messages_price_change", {"price_stars": action.stars, "is_broadcast_messages_allowed": allowed})


def _forwards_request(action: types.MessageActionNoForwardsRequest, act: Act) -> Fields:
    return act.by("no_forwards_request", {"expired": bool(action.expired), "new_value": bool(action.new_value)})


CHATS: dict[type, Callable[[Any, Act], Fields]] = {
    types.MessageActionChatCreate: _create_group,
    types.MessageActionChatEditTitle: _titled("edit_group_title"),
    types.MessageActionChatEditPhoto: _photo("edit_group_photo"),
    types.MessageActionChatDeletePhoto: _alone("delete_group_photo"),
    types.MessageActionChatAddUser: lambda action, act: act.by("invite_members", act.members(action.users)),
    types.MessageActionChatDeleteUser: lambda action, act: act.by("remove_members", act.members([action.user_id])),
    types.MessageActionChatJoinedByLink: _joined_by_link,
    types.MessageActionChatJoinedByRequest: _alone("join_group_by_request"),
    types.MessageActionChatJoinedViaCommunity: _via_community,
    types.MessageActionChannelCreate: _titled("create_channel"),
    types.MessageActionChatMigrateTo: _alone("migrate_to_supergroup"),
    types.MessageActionChannelMigrateFrom: _titled("migrate_from_group"),
    types.MessageActionPinMessage: lambda _, act: act.by("pin_message", act.message()),
    types.MessageActionHistoryClear: _alone("clear_history"),
    types.MessageActionCustomAction: _custom,
    types.MessageActionGroupCall: _group_call,
    types.MessageActionGroupCallScheduled: _scheduled_call,
    types.MessageActionInviteToGroupCall: lambda action, act: act.by("invite_to_group_call", act.members(action.users)),
    types.MessageActionSetMessagesTTL: lambda action, act: act.by("set_messages_ttl", {"period": action.period}),
    types.MessageActionSetChatTheme: _theme,
    types.MessageActionSetChatWallPaper: _wallpaper,
    types.MessageActionTopicCreate: _titled("topic_created"),
    types.MessageActionTopicEdit: _topic_edit,
    types.MessageActionPaidMessagesPrice: _prices,
    types.MessageActionNoForwardsToggle: lambda action, act: act.by(
        "no_forwards_toggle", {"new_value": bool(action.new_value)}
    ),
    types.MessageActionNoForwardsRequest: _forwards_request,
    types.MessageActionSuggestProfilePhoto: _photo("suggest_profile_photo"),
    types.MessageActionBoostApply: lambda action, act: act.by("boost_apply", {"boosts": action.boosts}),
}
