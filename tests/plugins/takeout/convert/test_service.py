from __future__ import annotations

from typing import Any

import pytest
from telethon.tl import types
from tests.plugins.takeout.convert.support import (
    ANA,
    BEN,
    CHANNEL,
    T0,
    at,
    body,
    convert,
    document,
    photo,
    service,
    told,
)

from tgvault.api import FindingKind
from tgvault_plugins.takeout.convert.service import TELLERS

_REPLY = types.MessageReplyHeader(reply_to_msg_id=18)
_CALL = types.InputGroupCall(5, 6)
_GIFT = types.StarGift(5170233102089322756, document(), 15, 10, limited=True)
_UNIQUE = types.StarGiftUnique(6, 5, "Cap", "cap-1", 1, [], 1, 100)
_BOLD = types.TextWithEntities("for you", [types.MessageEntityBold(0, 3)])
_ANSWER = types.PollAnswer(types.TextWithEntities("c", []), b"1")
_PICTURE = {"photo": "{chat}/photos/photo_77.jpg", "photo_file_size": 120_000, "width": 1280, "height": 960}
_APP = types.BotApp(1 << 62, 0, "app", "App", "", types.PhotoEmpty(1), 0)

#: Each action, the fields behind the actor, and whether there is an actor.
_CASES: list[tuple[Any, dict[str, object], bool]] = [
    (
        types.MessageActionChatCreate("G", [100000001, 1]),
        {"action": "create_group", "title": "G", "members": ["Ana Kovač", None]},
        True,
    ),
    (types.MessageActionChatEditTitle("New"), {"action": "edit_group_title", "title": "New"}, True),
    (types.MessageActionChatEditPhoto(photo()), {"action": "edit_group_photo", **_PICTURE}, True),
    (types.MessageActionChatDeletePhoto(), {"action": "delete_group_photo"}, True),
    (types.MessageActionChatAddUser([7000000002]), {"action": "invite_members", "members": ["Ben 伊藤"]}, True),
    (types.MessageActionChatDeleteUser(100000009), {"action": "remove_members", "members": [None]}, True),
    (types.MessageActionChatJoinedByLink(1), {"action": "join_group_by_link", "inviter": None}, True),
    (types.MessageActionChatJoinedByRequest(), {"action": "join_group_by_request"}, True),
    (
        types.MessageActionChatJoinedViaCommunity(77),
        {"action": "join_group_via_community", "community_id": 77},
        True,
    ),
    (types.MessageActionChannelCreate("C"), {"action": "create_channel", "title": "C"}, True),
    (types.MessageActionChatMigrateTo(4), {"action": "migrate_to_supergroup"}, True),
    (types.MessageActionChannelMigrateFrom("G", 4), {"action": "migrate_from_group", "title": "G"}, True),
    (types.MessageActionPinMessage(), {"action": "pin_message", "message_id": 18}, True),
    (types.MessageActionHistoryClear(), {"action": "clear_history"}, True),
    (
        types.MessageActionGameScore(3, 9),
        {"action": "score_in_game", "game_message_id": 18, "score": 9},
        True,
    ),
    (
        types.MessageActionPaymentSent("EUR", 500),
        {"action": "send_payment", "amount": 500, "currency": "EUR", "invoice_message_id": 18},
        False,
    ),
    (
        types.MessageActionPaymentSent("EUR", 500, recurring_init=True, recurring_used=True),
        {
            "action": "send_payment",
            "amount": 500,
            "currency": "EUR",
            "invoice_message_id": 18,
            "recurring": "used",
        },
        False,
    ),
    (
        types.MessageActionPaymentSentMe("EUR", 500, b"p", types.PaymentCharge("i", "c"), recurring_init=True),
        {
            "action": "send_payment",
            "amount": 500,
            "currency": "EUR",
            "invoice_message_id": 18,
            "recurring": "init",
        },
        False,
    ),
    (
        types.MessageActionPhoneCall(1, reason=types.PhoneCallDiscardReasonHangup(), duration=61),
        {"action": "phone_call", "duration_seconds": 61, "discard_reason": "hangup"},
        True,
    ),
    (
        types.MessageActionPhoneCall(1, reason=types.PhoneCallDiscardReasonMissed()),
        {"action": "phone_call", "discard_reason": "missed"},
        True,
    ),
    (
        types.MessageActionPhoneCall(1, reason=types.PhoneCallDiscardReasonMigrateConferenceCall("s")),
        {"action": "phone_call", "discard_reason": "migrate_conference_all"},
        True,
    ),
    (types.MessageActionPhoneCall(1), {"action": "phone_call"}, True),
    (
        types.MessageActionConferenceCall(1, missed=True),
        {"action": "conference_call", "is_active": False, "is_missed": True},
        True,
    ),
    (
        types.MessageActionConferenceCall(1, active=True, duration=3),
        {"action": "conference_call", "duration_seconds": 3, "is_active": True, "is_missed": False},
        True,
    ),
    (types.MessageActionScreenshotTaken(), {"action": "take_screenshot"}, True),
    (types.MessageActionCustomAction("custom"), {"information_text": "custom"}, True),
    (
        types.MessageActionBotAllowed(domain="e.org"),
        {"action": "allow_sending_messages", "reason_domain": "e.org"},
        False,
    ),
    (types.MessageActionBotAllowed(attach_menu=True), {"action": "attach_menu_bot_allowed"}, False),
    (types.MessageActionBotAllowed(from_request=True), {"action": "web_app_bot_allowed"}, False),
    (
        types.MessageActionBotAllowed(app=_APP),
        {"action": "allow_sending_messages", "reason_app_id": 1 << 62, "reason_app_name": "App"},
        False,
    ),
    (
        types.MessageActionSecureValuesSent([types.SecureValueTypePassport(), types.SecureValueTypeEmail()]),
        {"action": "send_passport_values", "values": ["passport", "email"]},
        False,
    ),
    (
        types.MessageActionSecureValuesSentMe(
            [types.SecureValue(types.SecureValueTypeAddress(), b"h")], types.SecureCredentialsEncrypted(b"", b"", b"")
        ),
        {"action": "send_passport_values", "values": ["address_information"]},
        False,
    ),
    (types.MessageActionContactSignUp(), {"action": "joined_telegram"}, True),
    (
        types.MessageActionGeoProximityReached(ANA, BEN, 20),
        {
            "action": "proximity_reached",
            "from": "Ana Kovač",
            "from_id": "user100000001",
            "to": "Ben 伊藤",
            "to_id": "user7000000002",
            "distance": 20,
        },
        False,
    ),
    (types.MessageActionGroupCall(_CALL, duration=5), {"action": "group_call", "duration": 5}, True),
    (types.MessageActionGroupCall(_CALL), {"action": "group_call"}, True),
    (
        types.MessageActionInviteToGroupCall(_CALL, [100000001]),
        {"action": "invite_to_group_call", "members": ["Ana Kovač"]},
        True,
    ),
    (types.MessageActionSetMessagesTTL(86400), {"action": "set_messages_ttl", "period": 86400}, True),
    (types.MessageActionSetMessagesTTL(0), {"action": "set_messages_ttl", "period": 0}, True),
    (
        types.MessageActionGroupCallScheduled(_CALL, at(T0)),
        {"action": "group_call_scheduled", "schedule_date": T0},
        True,
    ),
    (
        types.MessageActionSetChatTheme(types.ChatTheme("❄")),
        {"action": "edit_chat_theme", "emoticon": "❄"},
        True,
    ),
    (
        types.MessageActionSetChatTheme(types.ChatThemeUniqueGift(_UNIQUE, [])),
        {"action": "edit_chat_theme"},
        True,
    ),
    (types.MessageActionWebViewDataSent("hi"), {"action": "send_webview_data"}, False),
    (types.MessageActionWebViewDataSentMe("hi", "data"), {"action": "send_webview_data"}, False),
    (
        types.MessageActionGiftPremium("EUR", 500, 90),
        {"action": "send_premium_gift", "cost": "€5.00", "days": 90},
        True,
    ),
    (types.MessageActionTopicCreate("T", 1), {"action": "topic_created", "title": "T"}, True),
    (
        types.MessageActionTopicEdit(title="N", icon_emoji_id=5368324170671202286),
        {"action": "topic_edit", "new_title": "N", "new_icon_emoji_id": 5368324170671202286},
        True,
    ),
    (types.MessageActionTopicEdit(closed=True), {"action": "topic_edit"}, True),
    (
        types.MessageActionSuggestProfilePhoto(types.PhotoEmpty(1)),
        {
            "action": "suggest_profile_photo",
            "photo": "(File unavailable, please try again later)",
            "photo_file_size": 0,
        },
        True,
    ),
    (
        types.MessageActionRequestedPeer(1, [types.PeerChat(1), CHANNEL, ANA]),
        {"action": "requested_peer", "button_id": 1, "peers": "[281474976710657,562951941075633,100000001]"},
        True,
    ),
    (
        types.MessageActionRequestedPeerSentMe(
            1, [types.RequestedPeerChat(1), types.RequestedPeerUser(2), types.RequestedPeerChannel(3)]
        ),
        {"action": "requested_peer", "button_id": 1, "peers": "[281474976710657,2,562949953421315]"},
        True,
    ),
    (
        types.MessageActionSetChatWallPaper(types.WallPaperNoFile(1)),
        {"action": "set_chat_wallpaper", "message_id": 18},
        True,
    ),
    (
        types.MessageActionSetChatWallPaper(types.WallPaperNoFile(1), same=True),
        {"action": "set_same_chat_wallpaper", "message_id": 18},
        True,
    ),
    (
        types.MessageActionGiftCode(90, "abc", via_giveaway=True, boost_peer=CHANNEL),
        {
            "action": "gift_code_prize",
            "gift_code": "abc",
            "boost_peer_id": "channel1987654321",
            "days": 90,
            "unclaimed": False,
            "via_giveaway": True,
        },
        False,
    ),
    (types.MessageActionGiveawayLaunch(), {"action": "giveaway_launch"}, False),
    (
        types.MessageActionGiveawayResults(1, 0),
        {"action": "giveaway_results", "winners": 1, "unclaimed": 0, "stars": False},
        False,
    ),
    (types.MessageActionBoostApply(2), {"action": "boost_apply", "boosts": 2}, True),
    (
        types.MessageActionPaymentRefunded(types.PeerUser(100000009), "XTR", 5, types.PaymentCharge("c", "p")),
        {
            "action": "refunded_payment",
            "amount": 5,
            "currency": "XTR",
            "peer_name": None,
            "peer_id": "user100000009",
            "charge_id": "c",
        },
        False,
    ),
    (
        types.MessageActionGiftStars("EUR", 100, 50),
        {"action": "send_stars_gift", "cost": "€1.00", "amount_whole": 50, "amount_nano": 0},
        True,
    ),
    (
        types.MessageActionGiftTon("TON", 1_500_000_000, "TON", 1),
        {
            "action": "send_ton_gift",
            "cost": "TON15,000,000.00",
            "amount_whole": 1,
            "amount_nano": 500_000_000,
        },
        True,
    ),
    (
        types.MessageActionPrizeStars(5, "tx", CHANNEL, 38),
        {
            "action": "stars_prize",
            "boost_peer_id": "channel1987654321",
            "boost_peer_name": "News ✨",
            "stars": 5,
            "is_unclaimed": False,
            "giveaway_msg_id": 38,
            "transaction_id": "tx",
        },
        True,
    ),
    (
        types.MessageActionStarGift(_GIFT, name_hidden=True, message=_BOLD),
        {
            "action": "send_star_gift",
            "gift_id": 5170233102089322756,
            "stars": 15,
            "is_limited": True,
            "is_anonymous": True,
            "gift_text": [{"type": "bold", "text": "for"}, " you"],
        },
        True,
    ),
    *(
        (
            action,
            {
                "action": "send_star_gift",
                "gift_id": 6,
                "stars": 0,
                "is_limited": False,
                "is_anonymous": False,
                "gift_text": "",
            },
            True,
        )
        for action in (
            types.MessageActionStarGiftUnique(_UNIQUE),
            types.MessageActionStarGiftPurchaseOffer(_UNIQUE, types.StarsAmount(5, 0), at(T0)),
            types.MessageActionStarGiftPurchaseOfferDeclined(_UNIQUE, types.StarsAmount(5, 0)),
        )
    ),
    (
        types.MessageActionPaidMessagesRefunded(2, 20),
        {"action": "paid_messages_refund", "messages_count": 2, "stars_count": 20},
        True,
    ),
    (
        types.MessageActionPaidMessagesPrice(1, broadcast_messages_allowed=True),
        {"action": "paid_messages_price_change", "price_stars": 1, "is_broadcast_messages_allowed": True},
        True,
    ),
    (
        types.MessageActionTodoCompletions([1], []),
        {"action": "todo_completions", "completed": [1], "incompleted": []},
        True,
    ),
    (
        types.MessageActionTodoAppendTasks([types.TodoItem(2, types.TextWithEntities("eggs", []))]),
        {"action": "todo_append_tasks", "items": [{"text": "eggs", "id": 2}]},
        True,
    ),
    (
        types.MessageActionSuggestedPostApproval(price=types.StarsAmount(5, 7), schedule_date=at(T0)),
        {
            "action": "process_suggested_post",
            "price_amount_whole": "5",
            "price_amount_nano": "7",
            "price_currency": "Stars",
            "scheduled_date": T0,
        },
        True,
    ),
    (
        types.MessageActionSuggestedPostApproval(),
        {
            "action": "process_suggested_post",
            "price_amount_whole": "0",
            "price_amount_nano": "0",
            "price_currency": "Stars",
            "scheduled_date": 0,
        },
        True,
    ),
    (
        types.MessageActionSuggestedPostApproval(rejected=True, reject_comment="no"),
        {"action": "process_suggested_post", "rejected": True, "comment": "no"},
        True,
    ),
    (
        types.MessageActionSuggestedPostSuccess(types.StarsTonAmount(5_000_000_001)),
        {
            "action": "suggested_post_success",
            "price_amount_whole": "5",
            "price_amount_nano": "1",
            "price_currency": "TON",
        },
        True,
    ),
    (
        types.MessageActionSuggestedPostRefund(payer_initiated=True),
        {"action": "suggested_post_refund", "user_initiated": True},
        True,
    ),
    (
        types.MessageActionSuggestBirthday(types.Birthday(1, 4)),
        {"action": "suggest_birthday", "day": 1, "month": 4},
        True,
    ),
    (
        types.MessageActionSuggestBirthday(types.Birthday(1, 4, 1990)),
        {"action": "suggest_birthday", "day": 1, "month": 4, "year": 1990},
        True,
    ),
    (
        types.MessageActionNoForwardsToggle(False, True),
        {"action": "no_forwards_toggle", "new_value": True},
        True,
    ),
    (
        types.MessageActionNoForwardsRequest(False, True),
        {"action": "no_forwards_request", "expired": False, "new_value": True},
        True,
    ),
    (
        types.MessageActionNewCreatorPending(1),
        {"action": "new_creator_pending", "new_creator": None},
        True,
    ),
    (
        types.MessageActionChangeCreator(7000000002),
        {"action": "change_creator", "new_creator": "Ben 伊藤"},
        True,
    ),
    (types.MessageActionPollAppendAnswer(_ANSWER), {"action": "poll_append_answer", "option": "c"}, True),
    (types.MessageActionPollDeleteAnswer(_ANSWER), {"action": "poll_delete_answer", "option": "c"}, True),
    (types.MessageActionManagedBotCreated(9), {"action": "managed_bot_created", "bot": "Helper"}, True),
]


@pytest.mark.parametrize(("action", "fields", "with_actor"), _CASES, ids=lambda each: type(each).__name__)
def test_every_action_has_its_fields(action: Any, fields: dict[str, object], with_actor: bool) -> None:
    sent = service(action, reply_to=_REPLY)
    made = convert(sent)
    found = body(sent)

    around = {"id", "type", "date", "date_unixtime", "actor", "actor_id", "text", "text_entities", "api"}
    assert list({name: value for name, value in found.items() if name not in around}.items()) == list(fields.items())
    assert ("actor_id" in found) is with_actor
    assert made.findings == ()


def test_every_action_that_telethon_knows_is_told() -> None:
    known = {name for name in vars(types) if name.startswith("MessageAction")}

    unwritten = {"MessageActionEmpty", "MessageActionChangeCommunity"}
    assert {each.__name__ for each in TELLERS} == known - unwritten
    assert {type(action).__name__ for action, _, _ in _CASES} == known - unwritten


def test_who_did_it_comes_first_and_the_empty_text_last() -> None:
    assert list(body(service(types.MessageActionPinMessage()))) == [
        "id",
        "type",
        "date",
        "date_unixtime",
        "actor",
        "actor_id",
        "action",
        "text",
        "text_entities",
    ]


@pytest.mark.parametrize("shift", [0, -1_000_000_000])
def test_a_pin_of_another_chat_names_the_chat(shift: int) -> None:
    elsewhere = types.MessageReplyHeader(reply_to_msg_id=18, reply_to_peer_id=CHANNEL)
    here = types.MessageReplyHeader(reply_to_msg_id=18, reply_to_peer_id=types.PeerChat(55))

    found = told(service(types.MessageActionPinMessage(), reply_to=elsewhere), shift=shift)
    assert found == {"action": "pin_message", "message_id": 18, "reply_to_peer_id": "channel1987654321"}
    assert "reply_to_peer_id" not in told(service(types.MessageActionPinMessage(), reply_to=here))


def test_a_pin_of_a_message_that_is_gone_names_none() -> None:
    assert told(service(types.MessageActionPinMessage())) == {"action": "pin_message"}


def test_ids_that_an_export_leaves_out_are_noted() -> None:
    found = told(service(types.MessageActionChatAddUser([7000000002])))

    assert found["api"]["action"] == {"_": "MessageActionChatAddUser", "users": [7000000002]}


def test_the_words_of_a_button_are_noted_beside_the_empty_text() -> None:
    found = body(service(types.MessageActionWebViewDataSent("button says hi")))

    assert (found["text"], found["api"]["action"]["text"]) == ("", "button says hi")


def test_the_message_that_opens_a_topic_is_in_it() -> None:
    assert told(service(types.MessageActionTopicCreate("T", 1), number=7))["api"]["topic_id"] == 7


@pytest.mark.parametrize("action", [types.MessageActionEmpty(), types.MessageActionChangeCommunity(5)])
def test_actions_that_exports_have_no_words_for_are_noted(action: Any) -> None:
    found = body(service(action))

    assert (found["type"], found["actor"], "action" in found) == ("service", "Ana Kovač", False)
    assert found["api"]["action"]["_"] == type(action).__name__
    assert convert(service(action)).findings == ()


def test_an_action_that_is_new_to_us_is_kept_whole_and_told() -> None:
    class MessageActionTeleport(types.MessageActionBoostApply):  # type: ignore[misc]
        """One from a layer to come."""

    made = convert(service(MessageActionTeleport(3)))

    assert body(service(MessageActionTeleport(3)))["api"]["action"]["boosts"] == 3
    assert [(each.kind, each.subject) for each in made.findings] == [
        (FindingKind.UNKNOWN_ACTION, "MessageActionTeleport")
    ]
