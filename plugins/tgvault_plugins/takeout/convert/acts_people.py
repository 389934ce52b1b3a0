"""Service messages about people and bots: calls, games, requests, tasks, polls, who owns a chat."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from telethon.tl import types

from tgvault_plugins.takeout.convert.acts import Act
from tgvault_plugins.takeout.convert.peers import peer_id_text, raw_peer_id
from tgvault_plugins.takeout.convert.polls import todo_item
from tgvault_plugins.takeout.convert.values import Fields, encoded, only

__all__ = ["PEOPLE"]

_REASONS: dict[type, str] = {
    types.PhoneCallDiscardReasonBusy: "busy",
    types.PhoneCallDiscardReasonDisconnect: "disconnect",
    types.PhoneCallDiscardReasonHangup: "hangup",
    types.PhoneCallDiscardReasonMissed: "missed",
    types.PhoneCallDiscardReasonMigrateConferenceCall: "migrate_conference_all",
}
_PASSPORT: dict[type, str] = {
    types.SecureValueTypePersonalDetails: "personal_details",
    types.SecureValueTypePassport: "passport",
    types.SecureValueTypeDriverLicense: "driver_license",
    types.SecureValueTypeIdentityCard: "identity_card",
    types.SecureValueTypeInternalPassport: "internal_passport",
    types.SecureValueTypeAddress: "address_information",
    types.SecureValueTypeUtilityBill: "utility_bill",
    types.SecureValueTypeBankStatement: "bank_statement",
    types.SecureValueTypeRentalAgreement: "rental_agreement",
    types.SecureValueTypePassportRegistration: "passport_registration",
    types.SecureValueTypeTemporaryRegistration: "temporary_registration",
    types.SecureValueTypePhone: "phone_number",
    types.SecureValueTypeEmail: "email",
}


def _score(action: types.MessageActionGameScore, act: Act) -> Fields:
    return act.by("score_in_game", act.message("game_message_id") | {"score": action.score})


def _call(action: types.MessageActionPhoneCall, act: Act) -> Fields:
    reason = _REASONS.get(type(action.reason))
    return act.by("phone_call", _lasted(action) | only([("discard_reason", reason)]))


def _conference(action: types.MessageActionConferenceCall, act: Act) -> Fields:
    active = bool(action.active and not action.missed)
    return act.by("conference_call", _lasted(action) | {"is_active": active, "is_missed": bool(action.missed)})


def _lasted(action: Any) -> Fields:
    return {"duration_seconds": action.duration} if action.duration else {}


def _bot_allowed(action: types.MessageActionBotAllowed, _: Act) -> Fields:
    if action.attach_menu:
        return {"action": "attach_menu_bot_allowed"}
    if action.from_request:
        return {"action": "web_app_bot_allowed"}
    if isinstance(action.app, types.BotApp) and action.app.id:
        named = only([("reason_app_name", action.app.title)])
        return {"action": "allow_sending_messages", "reason_app_id": action.app.id, **named}
    return {"action": "allow_sending_messages", **only([("reason_domain", action.domain)])}


def _passport(action: Any, _: Act) -> Fields:
    sorts = action.types if isinstance(action, types.MessageActionSecureValuesSent) else [v.type for v in action.values]
    return {"action": "send_passport_values", "values": [_PASSPORT.get(type(sort), "") for sort in sorts or ()]}


def _near(action: types.MessageActionGeoProximityReached, act: Act) -> Fields:
    found: Fields = {"action": "proximity_reached"}
    for label, peer in (("from", action.from_id), ("to", action.to_id)):
        if (number := peer_id_text(peer)) is not None:
            found |= {label: act.making.around.peers.name(peer), f"{label}_id": number}
    return found | {"distance": action.distance}


def _requested_peer(action: Any, act: Act) -> Fields:
    numbers = [_raw(peer) for peer in action.peers or ()]
    return act.by("requested_peer", {"button_id": action.button_id, "peers": encoded(numbers).decode()})


def _raw(peer: Any) -> int:
    match peer:
        case types.RequestedPeerUser():
            return raw_peer_id(types.PeerUser(peer.user_id))
        case types.RequestedPeerChat():
            return raw_peer_id(types.PeerChat(peer.chat_id))
        case types.RequestedPeerChannel():
            return raw_peer_id(types.PeerChannel(peer.channel_id))
    return raw_peer_id(peer)


def _ticked(action: types.MessageActionTodoCompletions, act: Act) -> Fields:
    done, undone = list(action.completed or ()), list(action.incompleted or ())
    return act.by("todo_completions", {"completed": done, "incompleted": undone})


def _tasks(action: types.MessageActionTodoAppendTasks, act: Act) -> Fields:
    return act.by("todo_append_tasks", {"items": [todo_item(item, act.making) for item in action.list or ()]})


def _option(word: str) -> Callable[[Any, Act], Fields]:
    def told(action: Any, act: Act) -> Fields:
        text = getattr(getattr(action.answer, "text", None), "text", None)
        return act.by(word, only([("option", text)]))

    return told


def _birthday(action: types.MessageActionSuggestBirthday, act: Act) -> Fields:
    day = action.birthday
    return act.by("suggest_birthday", {"day": day.day, "month": day.month} | ({"year": day.year} if day.year else {}))


def _owner(word: str) -> Callable[[Any, Act], Fields]:
    return lambda action, act: act.by(word, {"new_creator": act.user(action.new_creator_id)})


def _web_view(action: Any, act: Act) -> Fields:
    # Telegram Desktop writes the words under the key `text`, and then the empty text of the message under the same
    # key again. Here they stand in the body's `api` only, with the rest of the action.
    return {"action": "send_webview_data"}


PEOPLE: dict[type, Callable[[Any, Act], Fields]] = {
    types.MessageActionGameScore: _score,
    types.MessageActionPhoneCall: _call,
    types.MessageActionConferenceCall: _conference,
    types.MessageActionScreenshotTaken: lambda _, act: act.by("take_screenshot"),
    types.MessageActionBotAllowed: _bot_allowed,
    types.MessageActionSecureValuesSent: _passport,
    types.MessageActionSecureValuesSentMe: _passport,
    types.MessageActionContactSignUp: lambda _, act: act.by("joined_telegram"),
    types.MessageActionGeoProximityReached: _near,
    types.MessageActionWebViewDataSent: _web_view,
    types.MessageActionWebViewDataSentMe: _web_view,
    types.MessageActionRequestedPeer: _requested_peer,
    types.MessageActionRequestedPeerSentMe: _requested_peer,
    types.MessageActionTodoCompletions: _ticked,
    types.MessageActionTodoAppendTasks: _tasks,
    types.MessageActionPollAppendAnswer: _option("poll_append_answer"),
    types.MessageActionPollDeleteAnswer: _option("poll_delete_answer"),
    types.MessageActionSuggestBirthday: _birthday,
    types.MessageActionNewCreatorPending: _owner("new_creator_pending"),
    types.MessageActionChangeCreator: _owner("change_creator"),
    types.MessageActionManagedBotCreated: lambda action, act: act.by(
        "managed_bot_created", {"bot": act.user(action.bot_id)}
    ),
}
