"""One service message of every action that Telegram Desktop knows, and two that it does not."""

from __future__ import annotations

from samples.json.dialect import Raw
from samples.json.texts import NOT_INCLUDED, T0, UNAVAILABLE

__all__ = ["ACTIONS", "ACTIONS_WITHOUT_ACTOR"]

ACTIONS: list[tuple[str | None, dict[str, object]]] = [
    ("edit_group_title", {"title": "New"}),
    ("edit_group_photo", {"photo": NOT_INCLUDED, "photo_file_size": 1, "width": 640, "height": 640}),
    ("delete_group_photo", {}),
    ("invite_members", {"members": ["Ben 伊藤", None]}),
    ("remove_members", {"members": ["Ben 伊藤"]}),
    ("join_group_by_link", {"inviter": None}),
    ("join_group_by_request", {}),
    ("create_channel", {"title": "C"}),
    ("pin_message", {"message_id": 18}),
    ("pin_message", {}),
    ("clear_history", {}),
    ("score_in_game", {"game_message_id": 34, "score": 9}),
    ("phone_call", {"duration_seconds": 61, "discard_reason": "hangup"}),
    ("phone_call", {"discard_reason": "missed"}),
    ("conference_call", {"is_active": False, "is_missed": True}),
    ("take_screenshot", {}),
    (None, {"information_text": "custom"}),
    ("joined_telegram", {}),
    ("requested_phone_number", {}),
    ("group_call", {"duration": 5}),
    ("invite_to_group_call", {"members": ["Ana Kovač"]}),
    ("set_messages_ttl", {"period": 86400}),
    ("group_call_scheduled", {"schedule_date": T0 + 9999}),
    ("edit_chat_theme", {"emoticon": "❄"}),
    ("send_premium_gift", {"cost": "€5.00", "months": 3}),
    ("suggest_profile_photo", {"photo": UNAVAILABLE, "photo_file_size": 0}),
    ("requested_peer", {"button_id": 1, "peers": "[\n    281476076710657\n   ]"}),
    ("set_chat_wallpaper", {}),
    ("set_same_chat_wallpaper", {"message_id": 8}),
    ("boost_apply", {"boosts": 2}),
    ("send_stars_gift", {"cost": "€1", "amount_whole": 50, "amount_nano": 0}),
    (
        "stars_prize",
        {
            "boost_peer_id": "channel1987654321",
            "boost_peer_name": "News ✨",
            "stars": 5,
            "is_unclaimed": False,
            "giveaway_msg_id": 38,
            "transaction_id": "tx",
        },
    ),
    (
        "send_star_gift",
        {"gift_id": 5170233102089322756, "stars": 15, "is_limited": False, "is_anonymous": True, "gift_text": ""},
    ),
    ("paid_messages_price_change", {"price_stars": 1, "is_broadcast_messages_allowed": True}),
    ("todo_completions", {"completed": Raw("[1]"), "incompleted": Raw("[]")}),
    ("todo_append_tasks", {"items": [{"text": "eggs", "id": 2}]}),
    (
        "process_suggested_post",
        {"price_amount_whole": "5", "price_amount_nano": "0", "price_currency": "Stars", "scheduled_date": 0},
    ),
    ("suggest_birthday", {"day": 1, "month": 4}),
    ("no_forwards_toggle", {"new_value": True}),
    ("change_creator", {"new_creator": "Ben 伊藤"}),
    ("poll_append_answer", {"option": "c"}),
    ("join_group_via_community", {"community_id": 77}),
    ("brand_new_action_from_the_future", {"x": 1}),
    ("paid_messages_refund", {"messages_count": 2, "stars_count": 20}),
    ("suggested_post_success", {"price_amount_whole": "5", "price_amount_nano": "0", "price_currency": "TON"}),
    ("suggested_post_refund", {"user_initiated": False}),
    ("no_forwards_request", {"expired": False, "new_value": True}),
    ("new_creator_pending", {"new_creator": None}),
    ("poll_delete_answer", {"option": "c"}),
    ("managed_bot_created", {"bot": "Helper"}),
    ("send_ton_gift", {"cost": "1 TON", "amount_whole": 1, "amount_nano": 500000000}),
    ("an_action_from_the_future", {"novel": {"deep": [1, 2]}}),
]

ACTIONS_WITHOUT_ACTOR: list[tuple[str | None, dict[str, object]]] = [
    ("send_payment", {"amount": 500, "currency": "EUR", "invoice_message_id": 35}),
    ("allow_sending_messages", {"reason_domain": "e.org"}),
    (
        "proximity_reached",
        {"from": "Ana Kovač", "from_id": "user100000001", "to": "Ben 伊藤", "to_id": "user7000000002", "distance": 20},
    ),
    ("send_passport_values", {"values": ["passport", "email"]}),
    (
        "gift_code_prize",
        {
            "gift_code": "abc",
            "boost_peer_id": "channel1987654321",
            "days": 90,
            "unclaimed": False,
            "via_giveaway": True,
        },
    ),
    ("giveaway_launch", {}),
    ("giveaway_results", {"winners": 1, "unclaimed": 0, "stars": False}),
    (
        "refunded_payment",
        {"amount": 5, "currency": "XTR", "peer_name": None, "peer_id": "user100000009", "charge_id": "c"},
    ),
]
