"""Makes the sample exports beside it: `PYTHONPATH=tests python tests/samples/json/make.py [FOLDER]`.

Everything in them is made up. They say what the format is understood to be, from reading the exporter.
"""

from __future__ import annotations

import sys
from pathlib import Path

from samples.json.dialect import Raw, dump
from samples.json.kitchen_sink import supergroup
from samples.json.texts import ANA, BEN, CHANNEL, GONE, T0, file_time, local, message, service, start, written

__all__ = ["files"]

_FOLDERS = {
    "photos",
    "files",
    "video_files",
    "stickers",
    "voice_messages",
    "round_video_messages",
    "contacts",
}
_PATHS = ("photo", "file", "thumbnail", "contact_vcard")
_CONTENT = b"x\n\n"


def files() -> dict[str, bytes]:
    """Every file by its path."""
    chat = supergroup()
    return {
        "single/result.json": dump(chat).encode(),
        **_media_of("single", chat),
        **_account(chat),
        **_topic(),
        **_eras(),
        **_broken(dump(chat)),
    }


def _media_of(folder: str, chat: dict[str, object]) -> dict[str, bytes]:
    messages = chat["messages"]
    assert isinstance(messages, list)
    found = [each.get(key) for each in messages if isinstance(each, dict) for key in _PATHS]
    return {f"{folder}/{path}": _CONTENT for path in found if isinstance(path, str) and not path.startswith("(")}


def _moved(value: object, folder: str) -> object:
    """A chat's paths as they are in the export of a whole account."""
    if isinstance(value, Raw):
        return value
    if isinstance(value, dict):
        return {key: _moved(each, folder) for key, each in value.items()}
    if isinstance(value, list):
        return [_moved(each, folder) for each in value]
    return folder + value if isinstance(value, str) and "/" in value and value.split("/")[0] in _FOLDERS else value


def _account(chat: dict[str, object]) -> dict[str, bytes]:
    chats = _chats(chat)
    left = {"name": "Old Club", "type": "public_supergroup", "id": 555}
    own = [message(1, T0 - 9, ANA, "only my messages are here")]
    root = {
        **_documents(),
        "chats": {"about": "ch", "list": chats},
        "left_chats": {"about": "l", "list": [{**left, "messages": own}]},
    }
    return {
        "account/result.json": dump(root).encode(),
        f"account/chats/chat_1/photos/photo_1@{file_time(T0 + 1)}.jpg": _CONTENT,
        f"account/profile_pictures/photo_1@{file_time(T0)}.jpg": _CONTENT,
        **_media_of("account", chats[1]),
    }


def _chats(chat: dict[str, object]) -> list[dict[str, object]]:
    photo = {"photo": f"chats/chat_1/photos/photo_1@{file_time(T0 + 1)}.jpg", "photo_file_size": 3}
    origin = {"forwarded_from": "News ✨", "forwarded_from_id": "channel1987654321", "saved_from": "News ✨"}
    return [
        {
            "name": "Ben 伊藤",
            "type": "personal_chat",
            "id": 7000000002,
            "messages": [message(501, T0, ANA, "hi"), message(502, T0 + 1, BEN, "", **photo, width=1, height=1)],
        },
        {**chat, "messages": _moved(chat["messages"], "chats/chat_2/")},
        {"type": "saved_messages", "id": 100000001, "messages": [message(503, T0, ANA, "note", **origin)]},
        {"type": "replies", "id": 1271266957, "messages": Raw("[\n   ]")},
        {"type": "verification_codes", "id": 489000, "messages": Raw("[\n   ]")},
        {"name": None, "type": "personal_chat", "id": 100000009, "messages": [message(504, T0, GONE, "bye")]},
        {
            "name": "Helper",
            "type": "bot_chat",
            "id": 5555,
            "messages": [message(505, T0, ("Helper", "user5555"), "hello")],
        },
        {
            "name": "News ✨",
            "type": "public_channel",
            "id": 1987654321,
            "messages": [message(1, T0, CHANNEL, "post", author="Ed")],
        },
        {
            "name": "Small",
            "type": "private_group",
            "id": 4696915167,
            "messages": [message(506, T0, ANA, "basic group: ids share the account-wide counter")],
        },
    ]


def _documents() -> dict[str, object]:
    now = {"date": local(T0), "date_unixtime": str(T0)}
    song = {"file": "files/Song.mp3", "file_name": "Song.mp3", "file_size": 3, "media_type": "audio_file"}
    sound = {"performer": "P", "title": "T", "mime_type": "audio/mpeg", "duration_seconds": 1}
    name = {"user_id": 100000001, "first_name": "Ana", "last_name": "Kovač"}
    seen = {"last_active": local(T0), "last_active_unixtime": str(T0)}
    device = {"application_name": "Telegram Desktop", "application_version": "6.1.2", "device_model": "PC"}
    site = {"bot_username": "botfather", "domain_name": "e.org", "browser": "Firefox", "platform": "Linux"}
    story = {**now, "expires": local(T0 + 86400), "expires_unixtime": str(T0 + 86400), "pinned": True}
    ben = {"user_id": 7000000002, "first_name": "Ben", "last_name": "伊藤", "phone_number": "+81 90 0000 0000"}
    group = {"id": 1234567890, "category": "people", "type": "private_supergroup", "name": "Field Ops", "rating": 0.4}
    person = {"id": 7000000002, "category": "people", "type": "user", "name": "Ben 伊藤", "rating": 0.83}
    return {
        "about": "Here is the data you requested. (localised text)",
        "personal_information": {
            **name,
            "phone_number": "+386 40 000 000",
            "username": "@ana_k",
            "bio": "line1\nline2",
        },
        "profile_pictures": [
            {**now, "photo": f"profile_pictures/photo_1@{file_time(T0)}.jpg"},
            {"photo": "(Photo unavailable, please try again later)"},
        ],
        "stories": [{**story, "media": f"stories/story_1@{file_time(T0)}.mp4"}],
        "profile_music": [{**start(1, "message", T0), **song, **sound, **written("")}],
        "contacts": {"about": "c", "list": [{**ben, **now}, now]},
        "frequent_contacts": {"about": "f", "list": [person, group]},
        "sessions": {
            "about": "s",
            "list": [
                {
                    **seen,
                    "last_ip": "192.0.2.1",
                    "last_country": "AT",
                    "last_region": "",
                    **device,
                    "platform": "Linux",
                    "system_version": "x",
                    "created": local(T0 - 9),
                    "created_unixtime": str(T0 - 9),
                }
            ],
        },
        "web_sessions": {
            "about": "w",
            "list": [
                {
                    **seen,
                    "last_ip": "192.0.2.2",
                    "last_region": "",
                    **site,
                    "created": local(T0),
                    "created_unixtime": str(T0),
                }
            ],
        },
        "other_data": {"drafts": [{"chat": "Ben", "n": 3.0}], "flag": False},
    }


def _topic() -> dict[str, bytes]:
    path = "chats/chat_562951187989202/topic_2/photos/photo_1@14-11-2024_09-12-45.jpg"
    photo = {"reply_to_message_id": 2, "photo": path, "photo_file_size": 3, "width": 1, "height": 1}
    messages = [
        service(2, T0, ANA, "topic_created", title="Repairs"),
        message(3, T0 + 1, BEN, "in topic", **photo),
        message(4, T0 + 2, ANA, "reply", reply_to_message_id=3),
    ]
    chat = {"name": "Repairs", "type": "public_supergroup", "id": 1234567890, "messages": messages}
    return {"topic/result.json": dump(chat).encode(), f"topic/{path}": _CONTENT}


def _eras() -> dict[str, bytes]:
    return {
        "eras/1.3.8/result.json": _era(None, {}),
        "eras/1.4.8/result.json": _era(100000001, {"edited": "1970-01-01T03:00:00"}),
        "eras/2.4.1/result.json": _era((1 << 32) + 100000001, {}),
    }


def _era(sender: int | None, never_edited: dict[str, object]) -> bytes:
    who: dict[str, object] = {"from": "Ana"} | ({"from_id": sender} if sender else {})
    day: dict[str, object] = {"type": "message", "date": local(T0)}
    link = ["see ", {"type": "link", "text": "https://e.org"}]
    messages = [
        {"id": 1, **day, **never_edited, **who, "text": "old"},
        {"id": 2, **day, "edited": local(T0 + 5), **who, "text": link},
    ]
    number: dict[str, object] = {"id": (1 << 32) + 100000001} if sender else {}
    chat = {"name": "Ben", "type": "personal_chat", **number, "messages": messages}
    return dump({"about": "x", "chats": {"about": "y", "list": [chat]}}).encode()


def _broken(whole: str) -> dict[str, bytes]:
    emoji = {"type": "custom_emoji", "text": "😮", "document_id": Raw("video_files/sticker (2).webm")}
    sender = {"from": "Ana", "from_id": "user100000001"}
    unquoted = [message(1, T0, ANA, "a"), {**start(2, "message", T0), **sender, "text": [emoji, ""]}]
    button = {"type": "callback", "text": "b", "data": "1=412\x012=97180"}
    control = [{**message(1, T0, ANA, "a"), "inline_bot_buttons": [[button]]}]
    chat = {"name": "x", "type": "personal_chat", "id": 5}
    return {
        "broken/unquoted.json": dump({**chat, "messages": unquoted}).encode(),
        "broken/control_characters.json": dump({**chat, "messages": control}).encode(),
        "broken/cut_in_a_message.json": whole[: whole.index('"id": 21,') + 40].encode(),
        "broken/cut_after_a_message.json": whole[: whole.index(',\n  {\n   "id": 21,')].encode(),
    }


def main() -> None:
    """Write them."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for name, content in files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


if __name__ == "__main__":
    main()
