"""The first backup of an account: which chats, messages and files it brings, and what it is asked with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from telethon.tl import types

from account_support import ada
from takeout_accounts import BEN, a_channel, a_document, a_group, a_photo, a_story, every_kind, talk_with_ben
from takeout_support import LiveVault, Telling, losses, serve
from tgvault.testing.telegram import Account

#: What is asked before a takeout is begun, or has no place in one.
_OUTSIDE = {
    "account.initTakeoutSession",
    "auth.exportAuthorization",
    "auth.importAuthorization",
    "help.getConfig",
    "help.getCountriesList",
    "updates.getState",
    "users.getUsers",
}


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveVault]:
    """An account with chats of every kind, after its first backup."""
    account = every_kind()
    account.has.split_ranges = [types.MessageRange(1, 4), types.MessageRange(5, 2**31 - 1)]
    with serve(account, tmp_path_factory.mktemp("everything"), comments=True) as live:
        live.back_up()
        yield live


def types_of(live: LiveVault) -> dict[str, str | None]:
    with live.reader() as reader:
        return {chat.key: chat.type for chat in reader.chats()}


# Chats


def test_chats_of_every_kind_are_read(everything: LiveVault) -> None:
    assert types_of(everything) == {
        "user:5": "saved_messages",
        "user:11": "personal_chat",
        "user:12": "personal_chat",
        "user:700": "bot_chat",
        "user:1271266957": "replies",
        "user:489000": "verification_codes",
        "chat:5001": "private_group",
        "channel:6001": "private_supergroup",
        "channel:6002": "public_supergroup",
        "channel:6003": "private_supergroup",
        "channel:6101": "private_channel",
        "channel:6102": "public_channel",
        "channel:6104": "private_supergroup",
        "channel:6201": "private_supergroup",
        "channel:6203": "private_supergroup",
        "channel:6204": "private_supergroup",
    }


def test_a_group_that_became_a_supergroup_is_its_beginning(everything: LiveVault) -> None:
    bodies = everything.bodies("channel:6001")

    assert {number: body["text"] for number, body in bodies.items()} == {
        -999_999_990: "in the old days",
        -999_999_989: "an answer",
        1: "Club 0",
        2: "Club 1",
    }
    assert bodies[-999_999_989]["reply_to_message_id"] == -999_999_990


def test_of_chats_that_are_closed_ones_own_messages_are_read_and_it_is_told(everything: LiveVault) -> None:
    assert everything.texts("channel:6201") == {1: "mine"}
    assert everything.texts("channel:6203") == {1: "mine"}
    assert everything.texts("channel:6204") == {}


def test_a_chat_that_is_closed_is_a_note_and_no_loss(tmp_path: Path) -> None:
    with serve(every_kind(), tmp_path) as live:
        outcome = live.back_up()

    notes = {each.subject: each.detail for each in outcome.report.findings}
    assert notes == {
        "chat Shut": "it is closed to you, and Telegram shows nothing of it: CHANNEL_PRIVATE",
        "chat Went Dark": "it is closed to you; your own messages only were read",
    }
    assert (losses(outcome), outcome.ended) == ([], None)


def test_the_comments_to_a_channel_are_read_where_asked_for(everything: LiveVault, tmp_path: Path) -> None:
    with serve(every_kind(), tmp_path) as live:
        live.back_up()

        assert "channel:6104" not in types_of(live)
    assert everything.texts("channel:6104") == {1: "City Daily Chat 0", 2: "City Daily Chat 1"}


def test_the_list_of_chats_tells_what_is_archived_pinned_and_left(everything: LiveVault) -> None:
    listed = {each["id"]: each for each in everything.documents()["dialogs"]}

    assert {number for number, each in listed.items() if each.get("archived")} == {12, 6102}
    assert {number for number, each in listed.items() if each.get("pinned")} == {5}
    assert {number for number, each in listed.items() if each.get("left")} == {6201}
    assert [each["title"] for each in listed[6003]["topics"]] == ["Owls", "General"]


def test_ranges_of_ids_are_asked_for_one_by_one_where_ids_are_the_accounts(everything: LiveVault) -> None:
    asked = {
        (type(call.request.peer).__name__, call.range)
        for call in (*everything.calls("messages.getHistory"), *everything.calls("messages.search"))
    }

    ranges = [(1, 4), (5, 2**31 - 1)]
    private = {(peer, each) for peer in ("InputPeerUser", "InputPeerChat") for each in ranges}
    assert asked == {("InputPeerChannel", None), *private}
    assert {call.range for call in everything.calls("messages.getDialogs")} == {(1, 4), (5, 2**31 - 1)}


def test_what_was_seen_is_covered_and_nothing_else(everything: LiveVault) -> None:
    assert everything.coverage() == {
        "user:5": [(1, 4)],
        "user:11": [(1, 3)],
        "user:12": [(1, 5)],
        "user:700": [(1, 6)],
        "user:1271266957": [(1, 7)],
        "user:489000": [(1, 8)],
        "chat:5001": [(1, 9)],
        "channel:6001": [(-999_999_999, -999_999_989), (1, 2)],
        "channel:6002": [(1, 2)],
        "channel:6003": [(1, 2)],
        "channel:6101": [(1, 2)],
        "channel:6102": [(1, 2)],
        "channel:6104": [(1, 2)],
        "channel:6201": [],
        "channel:6203": [],
        "channel:6204": [],
    }


def test_a_list_of_more_chats_than_a_page_is_read_to_its_end(tmp_path: Path) -> None:
    account = ada()
    for number in range(250):
        user = account.user(1000 + number, f"Friend {number}")
        account.say(account.talk(user, pinned=number == 3, folder_id=number % 2), "hi", sender=user)

    with serve(account, tmp_path, categories=["chats"]) as live:
        live.back_up()

        assert len(live.messages()) == 250
        assert live.count("messages.getDialogs") == 4


def test_chats_named_alike_stay_apart(tmp_path: Path) -> None:
    account = ada()
    for number in (1, 2):
        account.say(a_group(account, number, "Twins"), f"of {number}")

    with serve(account, tmp_path) as live:
        live.back_up()

        assert [live.texts(f"chat:{number}") for number in (1, 2)] == [{1: "of 1"}, {2: "of 2"}]


# Messages


def test_a_history_is_read_in_pages_from_its_beginning(tmp_path: Path) -> None:
    account = ada()
    talk_with_ben(account, 250)

    with serve(account, tmp_path) as live:
        outcome = live.back_up()

        assert [call.request.offset_id for call in live.calls("messages.getHistory")] == [1, 101, 201]
        assert live.texts("user:11") == {number + 1: f"hello {number}" for number in range(250)}
    assert outcome.report.messages.new == 250


def test_the_history_of_a_chat_with_long_gaps_is_read_to_its_end(tmp_path: Path) -> None:
    account = ada()
    talk = a_channel(account, 9, "Sparse")
    for number in (1, 5_000, 1_000_000, 2_000_000_000):
        account.say(talk, f"at {number}", id=number)

    with serve(account, tmp_path) as live:
        live.back_up()

        assert live.texts("channel:9") == {number: f"at {number}" for number in (1, 5_000, 1_000_000, 2_000_000_000)}
        assert live.coverage()["channel:9"] == [(1, 2_000_000_000)]


def test_messages_are_in_the_schema_of_an_export_with_what_is_beyond_it_at_the_end(tmp_path: Path) -> None:
    account = ada()
    account.say(a_channel(account, 9, "News", broadcast=True), "read me", views=70, forwards=3)

    with serve(account, tmp_path) as live:
        live.back_up()
        body = live.bodies("channel:9")[1]

    assert list(body)[:6] == ["id", "type", "date", "date_unixtime", "from", "from_id"]
    assert list(body)[-1] == "api"
    assert (body["api"]["views"], body["api"]["forwards"], body["api"]["post"]) == (70, 3, True)
    assert {"raw", "layer"} <= body["api"].keys()


def test_the_raw_form_is_left_out_where_the_settings_say_so(tmp_path: Path) -> None:
    account = ada()
    talk_with_ben(account, 1)

    with serve(account, tmp_path, raw=False) as live:
        live.back_up()

        assert "api" not in live.bodies("user:11")[1]


# How it is asked


def test_everything_is_asked_for_within_the_takeout_which_is_ended_at_the_end(tmp_path: Path) -> None:
    account = every_kind()
    talk = talk_with_ben(account)
    for number, dc in ((1, 2), (2, 4)):
        account.say(talk, media=a_photo(account, number, dc=dc))

    with serve(account, tmp_path) as live:
        live.back_up()
        outside = {call.method for call in live.calls() if call.takeout_id is None}
        parts = live.calls("upload.getFile")

        assert outside == _OUTSIDE
        assert {(call.dc, call.takeout_id is not None) for call in parts} == {(2, True), (4, True)}
        assert live.calls()[-1].method == "account.finishTakeoutSession"
        assert account.takeouts == {}


def test_each_data_centre_is_logged_in_to_once_and_for_good(tmp_path: Path) -> None:
    account = ada()
    talk = talk_with_ben(account)
    for number in range(3):
        account.say(talk, media=a_photo(account, number + 1, dc=4))

    with serve(account, tmp_path) as live:
        live.back_up()
        account.say(talk, media=a_photo(account, 9, dc=4))
        live.back_up()

        assert live.count("auth.exportAuthorization") == live.count("auth.importAuthorization") == 1


def test_without_a_takeout_the_same_is_read_as_an_app_does_and_at_a_pace(everything: LiveVault, tmp_path: Path) -> None:
    with serve(every_kind(), tmp_path, takeout=False) as live:
        live.back_up()
        read = types_of(live)

        assert {call.takeout_id for call in live.calls()} == {None}
        assert "account.initTakeoutSession" not in live.server.calls.counts()
        assert live.time.now > 0
    # Which channels were left is told to takeouts only.
    assert read.keys() == types_of(everything).keys() - {"channel:6201", "channel:6104"}


def test_it_is_told_how_far_it_is(tmp_path: Path) -> None:
    account = ada()
    account.say(talk_with_ben(account, 120), media=a_photo(account, 1, size=3_000))
    told = Telling()

    with serve(account, tmp_path) as live:
        live.back_up(progress=told)

    assert told.phases[1:] == [
        "reading",
        "looking at the account",
        "listing chats",
        "fetching messages",
        "fetching files",
        "adding to the vault",
        "merging",
        "writing the snapshot",
    ]
    assert told.titles == ["fetching messages, chat 1 of 1"]
    assert told.items >= 121
    assert told.bytes >= 3_000


# Documents of the account


def with_possessions() -> Account:
    account = ada()
    talk_with_ben(account, 1)
    has = account.has
    has.about = "counts"
    has.photos[5] = [a_photo(account, 71).photo, a_photo(account, 72, dc=4).photo]
    a_story(account, 1, a_photo(account, 73))
    a_story(account, 2, a_document(account, 74, mime="video/mp4", dc=4))
    has.saved_contacts = [types.SavedPhoneContact("15550199", "Zoe", "", account.now)]
    has.other_data = b'{"drafts": []}'
    has.filters = [types.DialogFilter(3, types.TextWithEntities("Pals", []), [], [], [], contacts=True)]
    song = types.DocumentAttributeAudio(3, title="Song", performer="Ada")
    has.saved_music = [a_document(account, 75, song, mime="audio/mpeg").document]
    return account


#: What each category brings, besides what every backup brings.
_DOCUMENTS = {
    "personal information": {"personal_information"},
    "profile photos": {"profile_pictures"},
    "stories": {"stories"},
    "profile music": {"profile_music"},
    "contacts": {"contacts"},
    "frequent contacts": {"frequent_contacts"},
    "sessions": {"sessions"},
    "web sessions": {"web_sessions"},
    "other data": {"other_data"},
    "sticker sets": {"sticker_sets", "emoji_sets"},
    "folders": set(),
    "chats": {"dialogs"},
}


@pytest.fixture(scope="module")
def possessions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveVault]:
    with serve(with_possessions(), tmp_path_factory.mktemp("possessions")) as live:
        yield live


@pytest.mark.parametrize("category", sorted(_DOCUMENTS))
def test_a_category_alone_brings_its_documents_and_no_others(
    possessions: LiveVault, tmp_path: Path, category: str
) -> None:
    live = possessions.copy(tmp_path / "copy")
    live.back_up(categories=[category])

    assert live.documents().keys() == _DOCUMENTS[category]
    assert bool(live.messages()) == (category == "chats")


def test_all_documents_are_brought_with_their_files(possessions: LiveVault, tmp_path: Path) -> None:
    live = possessions.copy(tmp_path / "copy")
    outcome = live.back_up()

    assert live.documents().keys() == {"folders"}.union(*_DOCUMENTS.values())
    assert outcome.report.media.files == 5
    assert (losses(outcome), outcome.ended) == ([], None)
    assert live.documents()["folders"][0]["title"] == "Pals"
    assert {path for path in live.files() if path.startswith(("profile_", "stories/"))} == {
        "profile_music/files/audio_75.mp3",
        "profile_pictures/photo_71.jpg",
        "profile_pictures/photo_72.jpg",
        "stories/story_1.jpg",
        "stories/story_2.mp4",
    }


def test_a_takeout_is_asked_for_what_the_settings_name(possessions: LiveVault, tmp_path: Path) -> None:
    live = possessions.copy(tmp_path / "copy")
    live.server.calls.clear()
    live.back_up(chat_types=["personal_chat", "public_channel"])
    request = live.calls("account.initTakeoutSession")[0].request

    flags = ("contacts", "message_users", "message_chats", "message_megagroups", "message_channels", "files")
    assert [bool(getattr(request, each)) for each in flags] == [True, True, False, False, True, True]
    assert request.file_max_size == 4000 << 20


# What the settings leave out


def test_ones_own_messages_alone_are_read(tmp_path: Path) -> None:
    account = ada()
    talk_with_ben(account, 5)
    group = a_channel(account, 9, "Group", count=2)
    account.say(group, "theirs", sender=account.directory.users[BEN])

    with serve(account, tmp_path, own_only=True) as live:
        live.back_up()

        assert live.texts("user:11") == {2: "hello 1", 4: "hello 3"}
        assert live.texts("channel:9") == {1: "Group 0", 2: "Group 1"}
        assert live.coverage() == {"user:11": [], "channel:9": []}


@pytest.fixture
def daily(tmp_path: Path) -> Iterator[LiveVault]:
    """A chat and a channel with a message at noon of each of the first ten days of May."""
    account = ada()
    talk, channel = talk_with_ben(account), a_channel(account, 9, "Daily")
    for day in range(1, 11):
        for each in (talk, channel):
            account.say(each, f"day {day}", date=datetime(2024, 5, day, 12, tzinfo=UTC))
    with serve(account, tmp_path, categories=["chats"]) as live:
        yield live


def days(live: LiveVault, chat: str = "channel:9") -> list[int]:
    return [int(text.removeprefix("day ")) for text in live.texts(chat).values()]


@pytest.mark.parametrize(
    ("window", "wanted"),
    [
        ({"since": "2024-05-04"}, range(4, 11)),
        ({"until": "2024-05-04"}, range(1, 5)),
        ({"since": "2024-05-04", "until": "2024-05-06"}, range(4, 7)),
        ({"since": "2024-05-04T12:00:00"}, range(4, 11)),
        ({"until": "2024-05-04T12:00:00"}, range(1, 4)),
        ({"since": "2024-06-01"}, range(0)),
        ({"until": "2023-06-01"}, range(0)),
    ],
)
def test_a_time_range_leaves_out_what_lies_outside(daily: LiveVault, window: dict[str, str], wanted: range) -> None:
    daily.back_up(**window)

    assert (days(daily), days(daily, "user:11")) == (list(wanted), list(wanted))
    # The ids of the channel are the days.
    assert daily.coverage()["channel:9"] == ([(wanted[0], wanted[-1])] if wanted else [])


@pytest.mark.parametrize(
    ("choice", "wanted"),
    [
        ({"chats": ["saved"]}, {"user:5"}),
        ({"chats": ["Club", "@birds"]}, {"channel:6001", "channel:6002"}),
        ({"chats": ["city *", "channel:6101"]}, {"channel:6102", "channel:6101"}),
        ({"chats": ["folder:People"]}, {"user:11", "user:12"}),
        ({"chat_types": ["private_group", "bot_chat"]}, {"chat:5001", "user:700"}),
        ({"chat_types": ["public_channel"], "chats": ["*"]}, {"channel:6102"}),
        ({"chats": ["type:public_supergroup"], "exclude": ["Birds"]}, set()),
        ({"chats": ["*e*"], "exclude": ["type:private_supergroup"], "left": False}, {
            "user:11", "user:700", "channel:6101"
        }),
    ],
)  # fmt: skip
def test_chats_are_chosen_by_name_id_folder_and_type(tmp_path: Path, choice: dict[str, Any], wanted: set[str]) -> None:
    account = every_kind()
    folder = types.DialogFilter(2, types.TextWithEntities("People", []), [], [], [], contacts=True, non_contacts=True)
    folder.exclude_peers = [types.InputPeerUser(each, 0) for each in (5, 489000, 1271266957)]
    account.has.filters = [folder]

    with serve(account, tmp_path, categories=["chats"], **choice) as live:
        live.back_up()

        assert live.messages().keys() == wanted


def test_channels_that_were_left_can_be_left_out(tmp_path: Path) -> None:
    with serve(every_kind(), tmp_path, left=False) as live:
        live.back_up()

        assert "channel:6201" not in live.messages()
        assert live.count("channels.getLeftChannels") == 0


# Files


def with_media() -> Account:
    """One message for each sort of file, in this order, and a big film."""
    account = ada()
    talk = talk_with_ben(account)
    video, audio = types.DocumentAttributeVideo, types.DocumentAttributeAudio
    sticker = types.DocumentAttributeSticker("🥚", types.InputStickerSetEmpty())
    medias = [
        a_photo(account, 1),
        a_document(account, 2, video(1.0, 10, 10), mime="video/mp4", thumb=900),
        a_document(account, 3, audio(1, voice=True), mime="audio/ogg", voice=True),
        a_document(account, 4, video(1.0, 10, 10, round_message=True), mime="video/mp4", round=True),
        a_document(account, 5, audio(1, title="T"), mime="audio/mpeg"),
        a_document(account, 6, types.DocumentAttributeAnimated(), mime="video/mp4"),
        a_document(account, 7, sticker, types.DocumentAttributeImageSize(9, 9), mime="image/webp"),
        a_document(account, 8),
        types.MessageMediaContact("+15550199", "Zoe", "", "BEGIN:VCARD\nFN:Zoe\nEND:VCARD\n", 0),
        a_document(account, 10, video(9.0, 10, 10), mime="video/mp4", size=1_200_000, dc=4),
    ]
    for media in medias:
        account.say(talk, media=media)
    emoji = a_document(account, 11, types.DocumentAttributeCustomEmoji("🦉", types.InputStickerSetEmpty()))
    account.say(talk, "🦉", entities=[types.MessageEntityCustomEmoji(0, 2, emoji.document.id)])
    return account


_EXCLUDED = "(File not included. Change data exporting settings to download.)"
_TOO_BIG = "(File exceeds maximum size. Change data exporting settings to download.)"
#: Ids of the messages that have files of a sort.
_SORTS = {
    "photos": {1},
    "videos": {2, 10},
    "voice messages": {3},
    "video messages": {4},
    "music": {5},
    "animations": {6},
    "stickers": {7},
    "files": {8},
    "thumbnails": {2},
    "custom emoji": {11},
    "contact cards": {9},
}


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveVault]:
    with serve(with_media(), tmp_path_factory.mktemp("media"), categories=["chats"]) as live:
        yield live


def contents(account: Account) -> set[bytes]:
    """The bytes of all files of `with_media` that lie at Telegram."""
    shelf = account.shelf
    kinds = [("document", number, "") for number in (2, 3, 4, 5, 6, 7, 8, 10, 11)]
    found = [shelf.content(*key) for key in (("photo", 1, "y"), ("document", 2, "m"), *kinds)]
    return {each.read() for each in found if each is not None}


def test_files_of_all_sorts_are_fetched_once_and_are_what_telegram_has(media: LiveVault, tmp_path: Path) -> None:
    live = media.copy(tmp_path / "copy")
    live.server.calls.clear()
    outcome = live.back_up()
    restored = {data for path, data in live.files().items() if path != "result.json"}

    assert restored == contents(live.account) | {b"BEGIN:VCARD\nFN:Zoe\nEND:VCARD\n"}
    assert live.server.calls.parts_fetched_twice() == ()
    # The film has two whole parts of 512 KiB, and some bytes.
    assert len(live.calls("upload.getFile")) == 10 + 3
    assert (losses(outcome), outcome.report.media.missing) == ([], {})


@pytest.mark.parametrize("sort", sorted(_SORTS))
def test_files_of_one_sort_alone_are_fetched(media: LiveVault, tmp_path: Path, sort: str) -> None:
    live = media.copy(tmp_path / "copy")
    outcome = live.back_up(media=[sort])
    with live.reader() as reader:
        chat = next(iter(reader.chats()))
        have = {each.id for each in reader.messages(chat) if any(file.content for file in each.media.values())}

    assert have == _SORTS[sort]
    assert set(outcome.report.media.missing) == {"not included"}
    # What was left out on purpose is no loss.
    assert losses(outcome) == []


def test_bodies_say_of_what_is_left_out_what_an_export_says(media: LiveVault, tmp_path: Path) -> None:
    live = media.copy(tmp_path / "copy")
    outcome = live.back_up(media=["photos", "videos"], max_sizes={"videos": "1 MB"})
    bodies = live.bodies("user:11")

    assert bodies[1]["photo"] == "{chat}/photos/photo_1.jpg"
    assert bodies[2]["file"].startswith("{chat}/video_files/")
    assert (bodies[2]["thumbnail"], bodies[8]["file"]) == (_EXCLUDED, _EXCLUDED)
    assert (bodies[10]["file"], bodies[10]["file_size"]) == (_TOO_BIG, 1_200_000)
    assert outcome.report.media.missing == {"not included": 10, "too big": 1}
    assert outcome.report.media.files == 2


def test_one_limit_holds_for_all_sorts_that_have_none_of_their_own(media: LiveVault, tmp_path: Path) -> None:
    live = media.copy(tmp_path / "copy")
    outcome = live.back_up(max_size="1 kB", max_sizes={"photos": "1 MB"})

    # Left are the photo, the thumbnail and the card.
    assert outcome.report.media.files == 3
    assert live.bodies("user:11")[8]["file"] == _TOO_BIG


def test_a_file_in_many_messages_is_fetched_once(tmp_path: Path) -> None:
    account = ada()
    talk, shared = talk_with_ben(account), a_document(account, 1, dc=4)
    for _ in range(5):
        account.say(talk, media=shared)
    account.say(a_channel(account, 9, "Group"), media=shared)

    with serve(account, tmp_path) as live:
        outcome = live.back_up()

        assert live.server.calls.counts()["upload.getFile"] == 2
        assert [call.part and call.part.kind for call in live.calls("upload.getFile")] == ["takeout", "document"]
    assert outcome.report.media.new == 1


def test_a_file_is_fetched_in_parts_of_512_kib_side_by_side(tmp_path: Path) -> None:
    account = ada()
    account.say(talk_with_ben(account), media=a_document(account, 1, size=5 * (512 << 10) + 7, dc=4))

    with serve(account, tmp_path, categories=["chats"]) as live:
        live.back_up()
        asked = [(call.request.offset, call.request.limit) for call in live.calls("upload.getFile")]
        restored = [data for path, data in live.files().items() if path != "result.json"]

    assert sorted(asked) == [(each * (512 << 10), 512 << 10) for each in range(6)]
    assert restored == [account.shelf.content("document", 1).read()]  # type: ignore[union-attr]


def test_a_file_that_came_with_the_message_needs_no_request(tmp_path: Path) -> None:
    account = ada()
    photo = a_photo(account, 1)
    photo.photo.sizes = [types.PhotoCachedSize("m", 9, 9, b"tiny picture")]
    account.say(talk_with_ben(account), media=photo)

    with serve(account, tmp_path, categories=["chats"]) as live:
        live.back_up()

        assert live.count("upload.getFile") == 0
        assert b"tiny picture" in live.files().values()


def test_an_empty_account_makes_an_empty_snapshot(tmp_path: Path) -> None:
    with serve(ada(), tmp_path) as live:
        outcome = live.back_up()

        assert live.messages() == {}
    assert (outcome.ended, losses(outcome)) == (None, [])


def test_dates_are_in_the_time_zone_of_the_settings(tmp_path: Path) -> None:
    account = ada()
    account.say(talk_with_ben(account), "new year", date=datetime(2023, 12, 31, 23, 30, tzinfo=UTC))

    with serve(account, tmp_path, timezone="Europe/Vienna") as live:
        live.back_up()
        body = live.bodies("user:11")[1]

    assert (body["date"], body["date_unixtime"]) == ("2024-01-01T00:30:00", str(1704065400))
