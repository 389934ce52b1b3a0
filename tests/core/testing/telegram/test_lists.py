"""People, groups, stories, stickers and the account's own things."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from telethon import TelegramClient, errors, utils
from telethon.tl import functions, types

from tgvault.testing.telegram import LoopbackServer
from tgvault.testing.telegram.client import with_login

Ask = Callable[..., Any]
SELF = types.InputPeerSelf()


def channel_of(server: LoopbackServer, title: str) -> Any:
    return utils.get_input_channel(server.account.directory.chats[server.account.named(title).peer])


def test_users_are_told_of(telegram: LoopbackServer, ask: Ask) -> None:
    ann = utils.get_input_user(telegram.account.directory.users[1002])

    users, full = ask(
        functions.users.GetUsersRequest([types.InputUserSelf(), ann, types.InputUser(1002, 1)]),
        functions.users.GetFullUserRequest(types.InputUserSelf()),
    )

    assert [type(each).__name__ for each in users] == ["User", "User", "UserEmpty"]
    assert full.full_user.about == "Poetical science 📐"
    assert full.full_user.profile_photo.id == telegram.account.has.photos[1001][0].id


def test_contacts_are_listed(telegram: LoopbackServer, ask: Ask, ask_in_takeout: Ask) -> None:
    contacts = ask(functions.contacts.GetContactsRequest(0))
    saved = ask_in_takeout(functions.contacts.GetSavedRequest())

    assert {each.user_id for each in contacts.contacts} == {1001, 1002, 7_000_000_002, 1006}
    assert saved == telegram.account.has.saved_contacts


def test_top_peers_come_by_category(ask: Ask) -> None:
    answer = ask(functions.contacts.GetTopPeersRequest(0, 2, 0, correspondents=True, groups=True))

    assert [type(each.category).__name__ for each in answer.categories] == [
        "TopPeerCategoryCorrespondents",
        "TopPeerCategoryGroups",
    ]
    assert [len(each.peers) for each in answer.categories] == [2, 2]
    assert len(answer.users) == 2


def test_names_are_resolved(ask: Ask) -> None:
    user, chat = (
        ask(functions.contacts.ResolveUsernameRequest("Ann_Archer")),
        ask(functions.contacts.ResolveUsernameRequest("city_daily")),
    )

    assert (user.users[0].id, chat.chats[0].id) == (1002, 6102)
    with pytest.raises(errors.UsernameNotOccupiedError):
        ask(functions.contacts.ResolveUsernameRequest("nobody"))


def test_sessions_are_listed(ask: Ask) -> None:
    sessions, sites = ask(functions.account.GetAuthorizationsRequest(), functions.account.GetWebAuthorizationsRequest())

    assert [each.current for each in sessions.authorizations] == [True, False]
    assert [each.id for each in sites.users] == [3003]


def test_profile_photos_come_in_pages(telegram: LoopbackServer, ask: Ask) -> None:
    photos = telegram.account.has.photos[1001]
    me = types.InputUserSelf()

    counted, whole, after = ask(
        functions.photos.GetUserPhotosRequest(me, 0, 0, 0),
        functions.photos.GetUserPhotosRequest(me, 0, 0, 100),
        functions.photos.GetUserPhotosRequest(me, 0, photos[0].id, 100),
    )

    assert (counted.count, counted.photos) == (2, [])
    assert [each.id for each in whole.photos] == [each.id for each in photos]
    assert [each.id for each in after.photos] == [photos[1].id]


def test_stories_come_from_the_archive_and_by_id(ask: Ask) -> None:
    archive, older, active, pinned, by_id = ask(
        functions.stories.GetStoriesArchiveRequest(SELF, 0, 100),
        functions.stories.GetStoriesArchiveRequest(SELF, 3, 1),
        functions.stories.GetPeerStoriesRequest(SELF),
        functions.stories.GetPinnedStoriesRequest(SELF, 0, 100),
        functions.stories.GetStoriesByIDRequest(SELF, [2, 99]),
    )

    assert [each.id for each in archive.stories] == [4, 3, 2, 1]
    assert ([each.id for each in older.stories], older.count) == ([2], 4)
    assert [each.id for each in active.stories.stories] == [4]
    assert [each.id for each in pinned.stories] == [each.id for each in by_id.stories] == [2]


def test_the_archives_of_others_are_closed(telegram: LoopbackServer, ask: Ask) -> None:
    ann = utils.get_input_peer(telegram.account.directory.users[1002])

    with pytest.raises(errors.PeerIdInvalidError):
        ask(functions.stories.GetStoriesArchiveRequest(ann, 0, 100))


def test_stickers_come_by_set(telegram: LoopbackServer, ask: Ask) -> None:
    owls = telegram.account.has.sticker_packages[0]

    listed, emoji, by_name, by_id = ask(
        functions.messages.GetAllStickersRequest(0),
        functions.messages.GetEmojiStickersRequest(0),
        functions.messages.GetStickerSetRequest(types.InputStickerSetShortName("ravens"), 0),
        functions.messages.GetStickerSetRequest(types.InputStickerSetID(owls.set.id, owls.set.access_hash), 0),
    )

    assert [each.title for each in listed.sets] == ["Owls"]
    assert [each.title for each in emoji.sets] == ["Owl emoji"]
    assert (by_name.set.title, len(by_id.documents)) == ("Ravens", 3)
    with pytest.raises(errors.StickersetInvalidError):
        ask(functions.messages.GetStickerSetRequest(types.InputStickerSetID(owls.set.id, 1), 0))


def test_custom_emoji_come_by_their_ids(telegram: LoopbackServer, ask: Ask) -> None:
    known = telegram.account.has.sticker_packages[-1].documents[0].id

    assert [each.id for each in ask(functions.messages.GetCustomEmojiDocumentsRequest([known, 99]))] == [known]


def test_music_and_sounds_are_listed(ask: Ask) -> None:
    music, sounds = ask(
        functions.users.GetSavedMusicRequest(types.InputUserSelf(), 0, 100, 0),
        functions.account.GetSavedRingtonesRequest(0),
    )

    assert (music.count, len(music.documents), len(sounds.ringtones)) == (1, 1, 1)


def test_groups_are_told_of(telegram: LoopbackServer, ask: Ask) -> None:
    lunch, club, daily, chats, channels = ask(
        functions.messages.GetFullChatRequest(5001),
        functions.channels.GetFullChannelRequest(channel_of(telegram, "Club")),
        functions.channels.GetFullChannelRequest(channel_of(telegram, "City Daily")),
        functions.messages.GetChatsRequest([5001, 5002]),
        functions.channels.GetChannelsRequest([channel_of(telegram, "Went Dark")]),
    )

    assert len(lunch.full_chat.participants.participants) == 4
    assert club.full_chat.migrated_from_chat_id == 5002
    assert {each.id for each in club.chats} == {5002, 6001}
    assert daily.full_chat.linked_chat_id == 6004
    assert [each.id for each in chats.chats] == [5001, 5002]
    assert [each.title for each in channels.chats] == ["Went Dark"]
    with pytest.raises(errors.ChannelPrivateError):
        ask(functions.channels.GetFullChannelRequest(channel_of(telegram, "Went Dark")))
    with pytest.raises(errors.ChatIdInvalidError):
        ask(functions.messages.GetChatsRequest([1]))


def test_members_are_listed_where_one_may_see_them(telegram: LoopbackServer, ask: Ask) -> None:
    birds, daily = channel_of(telegram, "Birds 🐦"), channel_of(telegram, "City Daily")
    recent = types.ChannelParticipantsRecent()
    eve = utils.get_input_peer(telegram.account.directory.users[1006])

    listed, one = ask(
        functions.channels.GetParticipantsRequest(birds, recent, 0, 100, 0),
        functions.channels.GetParticipantRequest(birds, SELF),
    )

    assert (listed.count, one.participant.user_id) == (5, 1001)
    with pytest.raises(errors.ChatAdminRequiredError):
        ask(functions.channels.GetParticipantsRequest(daily, recent, 0, 100, 0))
    with pytest.raises(errors.UserNotParticipantError):
        ask(functions.channels.GetParticipantRequest(birds, eve))


def test_topics_come_the_latest_first(telegram: LoopbackServer, ask: Ask) -> None:
    project = utils.get_input_peer(telegram.account.directory.chats[telegram.account.named("Project").peer])
    birds = utils.get_input_peer(telegram.account.directory.chats[telegram.account.named("Birds 🐦").peer])

    def topics(peer: Any = project, **more: Any) -> Any:
        fields = {"offset_date": None, "offset_id": 0, "offset_topic": 0, "limit": 100, **more}
        return functions.messages.GetForumTopicsRequest(peer, **fields)

    whole, first, named = ask(topics(), topics(limit=1), topics(q="plans"))
    rest, older, by_id = ask(
        topics(offset_topic=first.topics[0].id),
        topics(offset_id=whole.topics[1].top_message),
        functions.messages.GetForumTopicsByIDRequest(project, [1, 77]),
    )

    assert [each.title for each in whole.topics] == ["Old stuff", "Plans", "General"]
    assert [each.title for each in rest.topics] == ["Plans", "General"]
    assert [each.title for each in older.topics] == [each.title for each in by_id.topics] == ["General"]
    assert [each.title for each in named.topics] == ["Plans"]
    with pytest.raises(errors.ChannelForumMissingError):
        ask(topics(birds))


def test_left_channels_are_for_takeouts(telegram: LoopbackServer, ask: Ask, ask_in_takeout: Ask) -> None:
    left, none = ask_in_takeout(
        functions.channels.GetLeftChannelsRequest(0), functions.channels.GetLeftChannelsRequest(2)
    )

    assert [each.title for each in left.chats] == ["Left Behind", "Left Channel"]
    assert (none.count, none.chats) == (2, [])
    with pytest.raises(errors.TakeoutRequiredError):
        ask(functions.channels.GetLeftChannelsRequest(0))


def test_a_takeout_is_begun_used_and_finished(telegram: LoopbackServer) -> None:
    async def do(client: TelegramClient) -> None:
        async with client.takeout(contacts=True, files=True, max_file_size=2**31) as takeout:
            await takeout(functions.contacts.GetSavedRequest())
        await client(functions.InvokeWithTakeoutRequest(5, functions.contacts.GetSavedRequest()))

    with pytest.raises(errors.TakeoutInvalidError):
        with_login(telegram, do)

    assert [(call.outcome, call.takeout_id == 5) for call in telegram.calls.all("contacts.getSaved")] == [
        ("ok", False),
        ("TAKEOUT_INVALID", True),
    ]
    assert telegram.account.takeouts == {}


def test_a_first_takeout_may_have_to_wait(telegram: LoopbackServer, ask: Ask) -> None:
    telegram.account.has.takeout_delay = 86_400

    with pytest.raises(errors.TakeoutInitDelayError) as caught:
        ask(functions.account.InitTakeoutSessionRequest())

    assert caught.value.seconds == 86_400


def test_countries_and_settings_of_apps_are_told(telegram: LoopbackServer, ask: Ask) -> None:
    code = types.help.CountryCode("49", patterns=["XX XXXXXXX"])
    telegram.account.has.countries = [types.help.Country("DE", "Germany", [code])]

    countries, app = ask(functions.help.GetCountriesListRequest("en", 0), functions.help.GetAppConfigRequest(0))

    assert countries.countries[0].country_codes[0].patterns == ["XX XXXXXXX"]
    assert isinstance(app, types.help.AppConfig)
