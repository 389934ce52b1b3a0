"""A supergroup with every kind of message, media and service action that Telegram Desktop writes."""

from __future__ import annotations

from samples.json.actions import ACTIONS, ACTIONS_WITHOUT_ACTOR
from samples.json.dialect import Pairs
from samples.json.texts import (
    ANA,
    ANON,
    BEN,
    CHANNEL,
    EVERY_ENTITY,
    GONE,
    NOT_INCLUDED,
    T0,
    TOO_BIG,
    UNAVAILABLE,
    file_time,
    local,
    message,
    service,
    start,
    written,
)

__all__ = ["supergroup"]

_BEFORE = T0 - 90000


def supergroup() -> dict[str, object]:
    """The chat."""
    messages = [*_migrated(), *_texts(), *_media(), *_documents(), *_special(), *_services()]
    return {"name": "Field Ops", "type": "private_supergroup", "id": 1234567890, "messages": messages}


def _migrated() -> list[object]:
    return [
        service(-999999995, _BEFORE, ANA, "create_group", title="Field Ops", members=["Ana Kovač", None]),
        message(-999999994, _BEFORE + 10, BEN, "from the old basic group"),
        message(-999999993, _BEFORE + 20, ANA, "reply inside old group", reply_to_message_id=-999999994),
        service(-999999000, T0 - 80000, ANA, "migrate_to_supergroup"),
        service(1, T0 - 79999, ANON, "migrate_from_group", title="Field Ops"),
        service(2, T0, ANA, "topic_created", title="Ремонт 🚲"),
        message(3, T0 + 1, BEN, "in topic, plain", reply_to_message_id=2),
        message(4, T0 + 2, ANA, "in topic, reply to a message", reply_to_message_id=3),
        service(5, T0 + 3, ANA, "topic_edit", new_title="Repairs", new_icon_emoji_id=5368324170671202286),
    ]


def _texts() -> list[object]:
    odd = "ctrl:\x01 backslash:C:\\x41dir tab:\t u2028:\u2028 ZWJ:👨‍👩‍👧 flag:🇦🇹"
    deleted = {"forwarded_from": None, "forwarded_from_id": "user100000009"}
    return [
        message(6, T0 + 4, ANON, "anonymous admin", author="chief"),
        message(7, T0 + 5, GONE, "sender deleted the account"),
        message(8, T0 + 6, BEN, EVERY_ENTITY, edited=T0 + 60),
        message(9, T0 + 7, BEN, [("bold", "весь жирный", {})]),
        message(10, T0 + 8, ANA, odd),
        {"id": 11, "type": "unsupported"},
        {**start(12, "message", 0), **written("")},
        message(13, T0 + 9, BEN, "fwd user", forwarded_from="Cleo Park", forwarded_from_id="user100000003"),
        message(14, T0 + 9, BEN, "fwd hidden", forwarded_from="Hidden Person"),
        message(15, T0 + 9, BEN, "fwd deleted", **deleted),
        message(16, T0 + 10, BEN, "reply elsewhere", reply_to_message_id=77, reply_to_peer_id="channel1987654321"),
        message(17, T0 + 11, BEN, "via", via_bot="@gif"),
    ]


def _media() -> list[object]:
    photo = {"photo": f"photos/photo_1@{file_time(T0 + 12)}.jpg", "photo_file_size": 3, "width": 960, "height": 1280}
    absent = {"photo": NOT_INCLUDED, "photo_file_size": 90210, "width": 960, "height": 1280, "media_spoiler": True}
    expired = {"photo": UNAVAILABLE, "photo_file_size": 0, "self_destruct_period_seconds": 30}
    movie = {
        "file": TOO_BIG,
        "file_name": "movie.mkv",
        "file_size": 4294967296,
        "thumbnail": TOO_BIG,
        "thumbnail_file_size": 9999,
        "media_type": "video_file",
        "mime_type": "video/x-matroska",
        "duration_seconds": 7200,
        "width": 1920,
        "height": 1080,
    }
    return [
        message(18, T0 + 12, BEN, "cap 1", **photo),
        message(19, T0 + 12, BEN, "", **absent),
        message(20, T0 + 13, BEN, "", **expired),
        message(21, T0 + 14, BEN, "", **movie),
    ]


def _documents() -> list[object]:
    at = file_time(T0 + 15)
    sticker = {"sticker_emoji": "🐈", "mime_type": "image/webp", "width": 512, "height": 512}
    video_message = {"mime_type": "video/mp4", "duration_seconds": 5, "width": 384, "height": 384}
    voice = {"mime_type": "audio/ogg", "duration_seconds": 7}
    animation = {"mime_type": "video/mp4", "duration_seconds": 2, "width": 320, "height": 266}
    audio = {"performer": "P", "title": "T", "mime_type": "audio/mpeg", "duration_seconds": 200}
    rows: list[tuple[str | None, str, dict[str, object]]] = [
        ("sticker", "stickers/sticker.webp", dict(sticker)),
        ("video_message", f"round_video_messages/file_1@{at}.mp4", dict(video_message)),
        ("voice_message", f"voice_messages/audio_1@{at}.ogg", dict(voice)),
        ("animation", "video_files/mp4.mp4", dict(animation)),
        ("audio_file", "files/Song (1).mp3", dict(audio)),
        (None, "files/report.tar.gz", {"mime_type": "application/gzip"}),
    ]
    found: list[object] = []
    for offset, (kind, path, more) in enumerate(rows):
        named: dict[str, object] = {"media_type": kind} if kind else {}
        file = {"file": path, "file_name": path.rpartition("/")[2], "file_size": 3, **named, **more}
        found.append(message(22 + offset, T0 + 15 + offset, ANA, "", **file))
    again = {
        "file": "files/report.tar.gz",
        "file_name": "report.tar.gz",
        "file_size": 3,
        "mime_type": "application/gzip",
    }
    return [*found, message(28, T0 + 30, ANA, "same file again", **again)]


def _special() -> list[object]:
    person = {"first_name": "Cleo", "last_name": "", "phone_number": "+44 7400 000000"}
    card = {
        "contact_information": person,
        "contact_vcard": "contacts/contact_1.vcard",
        "contact_vcard_file_size": 3,
    }
    live = {"location_information": None, "live_location_period_seconds": 900}
    venue = {"place_name": "Café", "address": "1 Rue", "location_information": {"latitude": 1.5, "longitude": 2.5}}
    game = {"game_title": "G", "game_description": "D", "game_link": "https://t.me/gamebot?game=g"}
    invoice = (
        '{\n    "title": "T",\n    "description": "D",\n    "amount": 150,\n    "currency": "EUR"\n   }'  # quoted twice
    )
    emoji = [{"type": "custom_emoji", "text": "🔥", "document_id": ""}, " b"]
    answers = [{"text": "a", "voters": 2, "chosen": True}, {"text": emoji, "voters": 1, "chosen": False}]
    poll = {"question": "Q?", "closed": False, "total_voters": 3, "answers": answers}
    todo = {"title": "To do", "others_can_append": True, "others_can_complete": False}
    return [
        message(30, T0 + 31, ANA, "", **card),
        message(31, T0 + 32, ANA, "", location_information={"latitude": 48.2082, "longitude": -16.3738}),
        message(32, T0 + 33, ANA, "", **live),
        message(33, T0 + 34, ANA, "", **venue),
        message(34, T0 + 35, ANA, "", **game),
        message(35, T0 + 36, ANA, "", invoice_information=invoice),
        message(36, T0 + 37, ANA, "", poll=poll),
        message(37, T0 + 38, ANA, "", todo_list={**todo, "answers": [{"text": "milk", "id": 1}]}),
        *_channel_posts(),
    ]


def _channel_posts() -> list[object]:
    until = local(int(T0 + 9e5))
    giveaway = {"quantity": 10, "months": 3, "until_date": until, "channels": [1987654321], "countries": ["AT"]}
    terms = {"additional_prize": "", "stars": 0, "is_only_new_subscribers": False}
    results = {"channel": 1987654321, "winners": [100000003], "additional_prize": "", "until_date": until}
    counts = {"launch_message_id": 38, "additional_peers_count": 0, "winners_count": 1, "unclaimed_count": 0}
    more = {"months": 3, "stars": 0, "is_refunded": False, "is_only_new_subscribers": False}
    buttons = [
        [
            {"type": "callback", "text": "Go", "dataBase64": "-_8B", "data": ""},
            {"type": "url", "text": "Site", "data": "https://e.org"},
        ],
        [{"type": "auth", "text": "In", "data": "https://e.org/a", "forward_text": "fwd", "button_id": 3}],
    ]
    recent = [
        {"from": "Ana Kovač", "from_id": "user100000001", "date": local(T0 + 50)},
        {"from": None, "from_id": "user100000009", "date": local(T0 + 51)},
    ]
    reactions = [
        {"type": "emoji", "count": 12, "emoji": "❤", "recent": recent},
        {"type": "custom_emoji", "count": 1, "document_id": "stickers/AnimatedSticker (1).tgs"},
        {"type": "paid", "count": 500},
    ]
    return [
        message(38, T0 + 39, CHANNEL, "", giveaway_information={**giveaway, **terms}),
        message(39, T0 + 40, CHANNEL, "", giveaway_results={**results, **counts, **more}),
        message(40, T0 + 41, CHANNEL, "", paid_stars_amount=50),
        {**message(41, T0 + 42, CHANNEL, "buttons"), "inline_bot_buttons": buttons},
        {**message(42, T0 + 43, CHANNEL, "reactions"), "reactions": reactions},
        _rich(),
    ]


def _rich() -> dict[str, object]:
    def plain(text: str) -> dict[str, object]:
        return {"type": "plain", "text": text}

    empty = {"type": "empty"}
    photo = {"type": "photo", "photo_id": "5303123456789012345", "photo_skip_reason": "file_type"}
    caption = {"photo_file_size": 10, "spoiler": False, "caption": {"text": empty, "credit": empty}}
    both = {"type": "concat", "text": [plain("a "), {"type": "bold", "text": plain("b")}]}
    blocks = [
        {"type": "heading", "level": 1, "text": plain("Title")},
        {"type": "paragraph", "text": both},
        {"type": "divider"},
        {**photo, **caption},
    ]
    name, sender = CHANNEL
    rich = {"rtl": False, "part": False, "blocks": blocks}
    return {**start(43, "message", T0 + 44), "from": name, "from_id": sender, "rich_message": rich}


def _services() -> list[object]:
    found: list[object] = [
        service(100 + offset, T0 + 100 + offset, ANA, action, **fields)
        for offset, (action, fields) in enumerate(ACTIONS)
    ]
    found += [
        service(200 + offset, T0 + 200 + offset, None, action, **fields)
        for offset, (action, fields) in enumerate(ACTIONS_WITHOUT_ACTOR)
    ]
    found += [
        service(230, T0 + 230, None, "attach_menu_bot_allowed"),
        service(231, T0 + 231, None, "web_app_bot_allowed"),
    ]
    gift = {"action": "send_star_gift", "gift_id": 5170233102089322756, "stars": 15, "is_limited": False}
    actor = {"actor": ANA[0], "actor_id": ANA[1], **gift, "is_anonymous": False}
    return [
        *found,
        _twice(start(232, "service", T0 + 232) | {"action": "send_webview_data"}, "button says hi"),
        _twice(start(233, "service", T0 + 233) | actor, "pre-5.9.2 gift note"),
    ]


def _twice(fields: dict[str, object], text: str) -> Pairs:
    """A message in which `text` stands twice: once with the words, once empty."""
    return Pairs((*fields.items(), ("text", text), *written("").items()))
