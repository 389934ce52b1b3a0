"""The fields and words that Telegram Desktop is known to write, up to version 7.2.

What is not listed is kept all the same and told at the end of a run. Facts from reading the sources of Telegram Desktop
from 1.3.8 to 6.9, and of a public port of 7.2.
"""

from __future__ import annotations

from tgvault.api import BEYOND

__all__ = [
    "ACTIONS",
    "CHAT_FIELDS",
    "CHAT_SECTIONS",
    "CHAT_TYPES",
    "DOCUMENTS_WITH_FILES",
    "ENTITY_TYPES",
    "MEDIA_TYPES",
    "MESSAGE_FIELDS",
    "MESSAGE_TYPES",
    "PATH_FIELDS",
    "ROOT_FIELDS",
    "SERVICE_FIELDS",
]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


CHAT_SECTIONS = _words("chats left_chats")
ROOT_FIELDS = CHAT_SECTIONS | _words(
    "about personal_information profile_pictures stories profile_music contacts frequent_contacts sessions web_sessions"
    " other_data"
)
DOCUMENTS_WITH_FILES = _words("profile_pictures stories profile_music")
CHAT_FIELDS = _words("name type id messages")
CHAT_TYPES = _words(
    "saved_messages replies verification_codes personal_chat bot_chat private_group private_supergroup"
    " public_supergroup private_channel public_channel"
)
MESSAGE_TYPES = _words("message service unsupported")
MEDIA_TYPES = _words("sticker video_message voice_message animation video_file audio_file")
ENTITY_TYPES = _words(
    "plain unknown mention hashtag bot_command link email bold italic code pre text_link mention_name phone cashtag"
    " underline strikethrough blockquote bank_card spoiler custom_emoji"
)

#: Fields of a message that hold a path, or words that say why there is no file.
PATH_FIELDS = ("photo", "file", "thumbnail", "contact_vcard")

_BASE = _words("id type date date_unixtime edited edited_unixtime text text_entities") | {BEYOND}
_ANY = _words("rich_message inline_bot_buttons reactions reply_to_message_id reply_to_peer_id via_bot")
_PHOTO = _words("photo photo_file_size width height media_spoiler self_destruct_period_seconds")

MESSAGE_FIELDS = (
    _BASE
    | _ANY
    | _PHOTO
    | _words(
        "from from_id author forwarded_from forwarded_from_id saved_from"
        " file file_name file_size thumbnail thumbnail_file_size media_type sticker_emoji performer title mime_type"
        " duration_seconds"
        " contact_information contact_vcard contact_vcard_file_size location_information live_location_period_seconds"
        " place_name address game_title game_description game_link invoice_information poll todo_list"
        " giveaway_information giveaway_results paid_stars_amount"
    )
)

#: Each action with the fields that belong to it besides those of every service message.
ACTIONS = {
    action: _words(fields)
    for action, fields in {
        "create_group": "title members",
        "edit_group_title": "title",
        "edit_group_photo": "",
        "delete_group_photo": "",
        "invite_members": "members",
        "remove_members": "members",
        "join_group_by_link": "inviter",
        "join_group_by_request": "",
        "join_group_via_community": "community_id",
        "create_channel": "title",
        "migrate_to_supergroup": "",
        "migrate_from_group": "title",
        "pin_message": "message_id",
        "clear_history": "",
        "score_in_game": "game_message_id score",
        "send_payment": "amount currency invoice_message_id recurring",
        "phone_call": "duration_seconds discard_reason",
        "conference_call": "duration_seconds is_active is_missed",
        "take_screenshot": "",
        "allow_sending_messages": "reason_domain reason_app_id reason_app_name",
        "attach_menu_bot_allowed": "",
        "web_app_bot_allowed": "",
        "send_passport_values": "values",
        "joined_telegram": "",
        "proximity_reached": "from from_id to to_id distance",
        "requested_phone_number": "",
        "group_call": "duration",
        "invite_to_group_call": "members",
        "set_messages_ttl": "period",
        "group_call_scheduled": "schedule_date",
        "edit_chat_theme": "emoticon",
        "send_webview_data": "",
        "send_premium_gift": "cost months days",
        "topic_created": "title",
        "topic_edit": "new_title new_icon_emoji_id",
        "suggest_profile_photo": "",
        "requested_peer": "button_id peers",
        "set_chat_wallpaper": "message_id",
        "set_same_chat_wallpaper": "message_id",
        "gift_code_prize": "gift_code boost_peer_id months days unclaimed via_giveaway",
        "giveaway_launch": "",
        "giveaway_results": "winners unclaimed stars",
        "boost_apply": "boosts",
        "refunded_payment": "amount currency peer_name peer_id charge_id",
        "send_stars_gift": "cost amount_whole amount_nano",
        "send_ton_gift": "cost amount_whole amount_nano",
        "stars_prize": "boost_peer_id boost_peer_name stars is_unclaimed giveaway_msg_id transaction_id",
        "send_star_gift": "gift_id stars is_limited is_anonymous gift_text",
        "paid_messages_refund": "messages_count stars_count",
        "paid_messages_price_change": "price_stars is_broadcast_messages_allowed",
        "todo_completions": "completed incompleted",
        "todo_append_tasks": "items",
        "process_suggested_post": "rejected comment price_amount_whole price_amount_nano price_currency scheduled_date",
        "suggested_post_success": "price_amount_whole price_amount_nano price_currency",
        "suggested_post_refund": "user_initiated",
        "suggest_birthday": "day month year",
        "no_forwards_toggle": "new_value",
        "no_forwards_request": "expired new_value",
        "new_creator_pending": "new_creator",
        "change_creator": "new_creator",
        "poll_append_answer": "option",
        "poll_delete_answer": "option",
        "managed_bot_created": "bot",
    }.items()
}

SERVICE_FIELDS = (_BASE | _ANY | _PHOTO | _words("actor actor_id action information_text")).union(*ACTIONS.values())
