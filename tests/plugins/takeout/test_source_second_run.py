"""Later backups of an account: only what is new is asked for, and what changed becomes versions and gone marks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from telethon.tl import types

from account_support import ada
from takeout_accounts import BEN, OLD_CLUB, a_channel, a_document, a_photo, every_kind, talk_with_ben
from takeout_support import LiveVault, losses, serve
from tgvault.errors import AccountMismatchError
from tgvault.testing.telegram import Account
from tgvault.testing.telegram.account.conversation import Access
from tgvault.testing.telegram.faults import Fault, Refuse

#: The supergroup that was a basic group, and how its messages of then are numbered.
CLUB = "channel:6001"
SHIFT = -1_000_000_000


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LiveVault]:
    """An account with chats of every kind, after its first backup."""
    with serve(every_kind(), tmp_path) as live:
        live.back_up()
        live.server.calls.clear()
        yield live


def earlier(live: LiveVault, chat: str, number: int) -> list[Any]:
    """The earlier texts of a message."""
    return [json.loads(bytes(each.body))["text"] for each in live.messages()[chat][number].earlier]


def talk(live: LiveVault, peer: int) -> Any:
    return live.account.conversations[peer]


def channel(live: LiveVault, number: int) -> Any:
    return talk(live, -1_000_000_000_000 - number)


# Nothing happened


def test_nothing_that_is_known_is_asked_for_again(live: LiveVault) -> None:
    before = live.messages()
    outcome = live.back_up()

    # Of what is closed it is asked whether it still is, and what others wrote there is not known.
    closed = {"Went Dark", "Shut", "Left Behind"}
    asked = [live.account.directory.chats[_marked(call)].title for call in live.calls("messages.getHistory")]
    assert set(asked) <= closed
    assert live.count("updates.getChannelDifference") == 0
    assert live.count("updates.getDifference") == 1
    assert live.messages() == before
    assert (outcome.report.messages.new, outcome.report.messages.seen) == (0, 0)
    assert (losses(outcome), outcome.ended) == ([], None)


def _marked(call: Any) -> int:
    return -1_000_000_000_000 - int(call.request.peer.channel_id)


def test_a_snapshot_of_an_unchanged_account_holds_all_that_the_one_before_held(live: LiveVault) -> None:
    live.back_up()
    live.back_up()

    assert live.texts("user:11") == {1: "hello 0", 2: "hello 1", 3: "hello 2"}
    assert live.documents()["dialogs"]


# New messages


def test_new_messages_are_asked_for_from_the_last_known_one_on(live: LiveVault) -> None:
    live.account.say(talk(live, BEN), "new")
    live.account.say(channel(live, 6002), "new")
    outcome = live.back_up()

    asked = {type(call.request.peer).__name__: call.request.offset_id for call in live.calls("messages.getHistory")}
    assert (asked["InputPeerUser"], outcome.report.messages.new, outcome.report.messages.seen) == (4, 2, 2)
    assert live.texts("channel:6002") == {1: "Birds 0", 2: "Birds 1", 3: "new"}
    assert list(live.texts("user:11").values())[-1] == "new"


def test_a_chat_that_is_new_is_read_from_its_beginning(live: LiveVault) -> None:
    zoe = live.account.user(77, "Zoe")
    live.account.say(live.account.talk(zoe), "hi", sender=zoe)
    live.back_up()

    assert list(live.texts("user:77").values()) == ["hi"]


def test_a_chat_that_is_in_no_list_any_more_keeps_what_was_read_of_it(live: LiveVault) -> None:
    talk(live, BEN).listed = False
    live.back_up()

    assert live.texts("user:11") == {1: "hello 0", 2: "hello 1", 3: "hello 2"}
    assert live.gone() == {}


def test_a_chat_that_was_renamed_has_its_new_name(live: LiveVault) -> None:
    live.account.directory.chats[channel(live, 6002).peer].title = "Owls"
    live.back_up()

    with live.reader() as reader:
        assert {chat.title for chat in reader.chats() if chat.key == "channel:6002"} == {"Owls"}


def test_comments_are_read_on_in_every_run(tmp_path: Path) -> None:
    with serve(every_kind(), tmp_path, comments=True) as live:
        live.back_up()
        comments = channel(live, 6104)
        live.account.say(comments, "late comment")
        live.account.edit(comments, 1, message="edited")
        live.account.delete(comments, 2)
        live.back_up()

        assert live.texts("channel:6104") == {1: "edited", 3: "late comment"}
        assert live.gone() == {"channel:6104": [2]}


# Edits and deletions


@pytest.mark.parametrize(
    ("chat", "peer", "number", "shift"),
    [
        ("user:11", BEN, 2, 0),
        ("chat:5001", -5001, 9, 0),
        ("channel:6002", -1_000_000_006_002, 1, 0),
        (CLUB, -OLD_CLUB, 10, SHIFT),
    ],
)
def test_an_edit_becomes_a_version(live: LiveVault, chat: str, peer: int, number: int, shift: int) -> None:
    before = live.texts(chat)[number + shift]
    live.account.edit(talk(live, peer), number, message="better")
    outcome = live.back_up()

    assert live.texts(chat)[number + shift] == "better"
    assert earlier(live, chat, number + shift) == [before]
    assert (outcome.report.messages.edited, outcome.report.messages.seen) == (1, 1)


@pytest.mark.parametrize(
    ("chat", "peer", "number", "shift"),
    [
        ("user:11", BEN, 2, 0),
        ("chat:5001", -5001, 9, 0),
        ("channel:6002", -1_000_000_006_002, 1, 0),
        (CLUB, -OLD_CLUB, 10, SHIFT),
    ],
)
def test_a_deletion_becomes_a_gone_mark(live: LiveVault, chat: str, peer: int, number: int, shift: int) -> None:
    live.account.delete(talk(live, peer), number)
    outcome = live.back_up()

    assert live.gone() == {chat: [number + shift]}
    assert (outcome.report.messages.gone, outcome.report.messages.seen) == (1, 0)


def test_a_change_of_reactions_is_no_edit_and_is_seen(live: LiveVault) -> None:
    count = types.ReactionCount(types.ReactionEmoji("🦉"), 3)
    live.account.edit(talk(live, BEN), 1, reactions=types.MessageReactions([count]), edit_date=None)
    outcome = live.back_up()

    assert live.bodies("user:11")[1]["reactions"][0]["count"] == 3
    assert (outcome.report.messages.edited, outcome.report.messages.updated) == (0, 1)


def test_what_was_edited_and_then_deleted_is_gone(live: LiveVault) -> None:
    for each in (talk(live, BEN), channel(live, 6002)):
        live.account.edit(each, 2, message="never seen")
        live.account.delete(each, 2)
    live.back_up()

    assert live.gone() == {"user:11": [2], "channel:6002": [2]}


def test_what_came_and_went_between_two_backups_was_never_there(live: LiveVault) -> None:
    for each in (talk(live, BEN), channel(live, 6002)):
        live.account.delete(each, live.account.say(each, "oops").id)
    outcome = live.back_up()

    assert (live.gone(), outcome.report.messages.new) == ({}, 0)


def test_a_message_that_gets_another_file_keeps_the_first_one_in_its_past(tmp_path: Path) -> None:
    account = ada()
    ben = talk_with_ben(account)
    account.say(ben, media=a_photo(account, 1))

    with serve(account, tmp_path, categories=["chats"]) as live:
        live.back_up()
        account.edit(ben, 1, media=a_photo(account, 2))
        live.back_up()

        message = live.messages()["user:11"][1]
        assert json.loads(message.body)["photo"].endswith("photo_2.jpg")
        assert [json.loads(bytes(each.body))["photo"][-11:] for each in message.earlier] == ["photo_1.jpg"]
        assert live.server.calls.parts_fetched_twice() == ()


def test_many_changes_are_told_in_slices(live: LiveVault) -> None:
    live.account.has.difference_slice = 2
    talks = talk(live, BEN), channel(live, 6002)
    for each in talks:
        for number in (1, 2):
            live.account.edit(each, number, message=f"edited {number}")
        live.account.delete(each, 2)
    live.back_up()

    assert live.texts("user:11") == {1: "edited 1", 3: "hello 2"}
    assert live.texts("channel:6002") == {1: "edited 1"}
    assert (live.count("updates.getDifference"), live.count("updates.getChannelDifference")) == (2, 2)


def test_only_channels_in_which_something_happened_are_asked_what(live: LiveVault) -> None:
    live.account.edit(channel(live, 6002), 1, message="edited")
    live.back_up()

    asked = [call.request.channel.channel_id for call in live.calls("updates.getChannelDifference")]
    assert asked == [6002]


def test_changes_are_learned_of_in_every_run(live: LiveVault) -> None:
    for text in ("second", "third", "fourth"):
        for each in (talk(live, BEN), channel(live, 6002)):
            live.account.edit(each, 1, message=text)
        live.back_up()

    assert earlier(live, "user:11", 1) == ["hello 0", "second", "third"]
    assert earlier(live, "channel:6002", 1) == ["Birds 0", "second", "third"]


# Too much happened


def forget_past(live: LiveVault) -> None:
    live.account.events.forget()


def limit_past(live: LiveVault) -> None:
    live.account.has.difference_limit = 0


def deny_state(live: LiveVault) -> None:
    for method in ("updates.getDifference", "updates.getChannelDifference"):
        live.server.faults.add(Fault(Refuse("PERSISTENT_TIMESTAMP_INVALID"), method, times=None))


def _change_everywhere(live: LiveVault, *talks: Any) -> None:
    for each in talks:
        ids = list(each.messages.ids)
        live.account.edit(each, ids[0], message="edited")
        live.account.delete(each, ids[-1])


@pytest.mark.parametrize("outdate", [forget_past, limit_past, deny_state])
def test_private_chats_are_read_again_where_telegram_has_too_much_to_tell(
    live: LiveVault, outdate: Callable[[LiveVault], None]
) -> None:
    last = live.account.say(talk(live, BEN), "the last one").id
    live.back_up()
    live.server.calls.clear()
    _change_everywhere(live, talk(live, BEN), talk(live, -OLD_CLUB))
    outdate(live)
    outcome = live.back_up()

    assert live.gone() == {"user:11": [last], CLUB: [SHIFT + 11]}
    assert (live.texts("user:11")[1], live.texts(CLUB)[SHIFT + 10]) == ("edited", "edited")
    assert outcome.report.messages.edited == 2
    # What nothing is new of beyond it is read once, and not again by the run after.
    live.server.faults.clear()
    live.account.has.difference_limit = None
    live.server.calls.clear()
    live.back_up()
    assert {type(call.request.peer).__name__ for call in live.calls("messages.getHistory")} == {"InputPeerChannel"}


@pytest.mark.parametrize("outdate", [forget_past, limit_past, deny_state])
def test_a_channel_is_read_again_where_telegram_has_too_much_to_tell(
    live: LiveVault, outdate: Callable[[LiveVault], None]
) -> None:
    birds, project = channel(live, 6002), channel(live, 6003)
    _change_everywhere(live, birds)
    live.account.say(project, "new")
    outdate(live)
    birds.events.forget()
    live.back_up()

    assert (live.texts("channel:6002"), live.gone()) == ({1: "edited"}, {"channel:6002": [2]})
    assert live.texts("channel:6003")[3] == "new"


def test_a_chat_of_which_everything_was_deleted_is_gone_when_it_is_read_again(live: LiveVault) -> None:
    ben = talk(live, BEN)
    ben.draft = types.DraftMessage("keeps it in the list", live.account.now)
    live.account.delete(ben, 1, 2, 3)
    live.account.events.forget()
    live.back_up()

    assert live.gone() == {"user:11": [1, 2, 3]}


def test_files_of_what_is_read_again_are_not_fetched_again(tmp_path: Path) -> None:
    account = ada()
    ben, group = talk_with_ben(account), a_channel(account, 9, "Group")
    for number, each in ((1, ben), (2, group), (3, ben)):
        account.say(each, media=a_photo(account, number))

    with serve(account, tmp_path, categories=["chats"]) as live:
        live.back_up()
        live.server.calls.clear()
        account.edit(group, 1, message="with a text")
        account.edit(ben, 1, message="with a text")
        account.events.forget()
        group.events.forget()  # type: ignore[union-attr]
        outcome = live.back_up()

        assert live.count("upload.getFile") == 0
    assert (outcome.report.messages.edited, outcome.report.media.missing) == (2, {})


def test_that_changes_cannot_be_learned_does_not_keep_new_messages_from_being_read(live: LiveVault) -> None:
    live.server.faults.add(Fault(Refuse("SOMETHING_INVALID"), "updates.getDifference"))
    live.account.edit(talk(live, BEN), 1, message="edited")
    live.account.say(talk(live, BEN), "new")
    outcome = live.back_up()

    assert [each.subject for each in losses(outcome)] == ["what was edited and deleted since the last run"]
    assert "new" in live.texts("user:11").values()
    assert losses(live.back_up()) == []
    assert live.texts("user:11")[1] == "edited"


# The state of this machine is gone


def with_files() -> Account:
    account = ada()
    ben, group = talk_with_ben(account, 3), a_channel(account, 9, "Group", count=2)
    account.say(ben, media=a_photo(account, 1))
    account.say(ben, media=a_document(account, 2, types.DocumentAttributeVideo(1, 9, 9), mime="video/mp4", thumb=700))
    account.say(group, media=a_document(account, 3, dc=4))
    return account


@pytest.mark.parametrize("all_state", [False, True])
def test_without_the_local_state_everything_is_read_again_and_no_file_fetched(tmp_path: Path, all_state: bool) -> None:
    account = with_files()
    with serve(account, tmp_path, categories=["chats"]) as live:
        live.back_up()
        before = live.messages()
        live.forget(all_state=all_state)
        account.delete(account.conversations[BEN], 2)
        live.server.calls.clear()
        outcome = live.back_up()

        assert live.count("upload.getFile") == 0
        assert live.gone() == {"user:11": [2]}
        assert (outcome.report.messages.new, outcome.report.messages.edited) == (0, 0)
        assert outcome.report.media.missing == {}
        assert live.messages()["channel:9"] == before["channel:9"]


def test_what_an_export_brought_is_not_fetched_from_telegram_again(tmp_path: Path) -> None:
    account = with_files()
    with serve(account, tmp_path / "first", categories=["chats"]) as first:
        first.back_up()
        export = tmp_path / "export"
        first.vault.restore(export)
        _strip(export)
        live = LiveVault(tmp_path / "second", first.server, {"categories": ["chats"]})
        live.log_in()
        live.vault.back_up(export)
        outcome = live.back_up()

        assert live.count("upload.getFile") == 0
        assert (outcome.report.messages.new, outcome.report.messages.edited) == (0, 0)
        assert outcome.report.media.missing == {}
        assert live.bodies("user:11")[4]["api"]["media"]["photo"]["id"] == 1
        # It is known by its id from now on, wherever it is met.
        account.say(account.conversations[BEN], media=a_photo(account, 1))
        live.back_up()
        assert live.count("upload.getFile") == 0


def _strip(export: Path) -> None:
    """Take from a restored export what Telegram Desktop does not write."""
    whole = json.loads((export / "result.json").read_bytes())
    for chat in whole["chats"]["list"]:
        for message in chat["messages"]:
            message.pop("api", None)
    (export / "result.json").write_text(json.dumps(whole))


def test_a_file_of_another_size_than_the_exports_is_fetched(tmp_path: Path) -> None:
    account = with_files()
    with serve(account, tmp_path / "first", categories=["chats"]) as first:
        first.back_up()
        export = tmp_path / "export"
        first.vault.restore(export)
        _strip(export)
        photo = next(export.rglob("photo_1.jpg"))
        photo.write_bytes(photo.read_bytes()[:-1])
        live = LiveVault(tmp_path / "second", first.server, {"categories": ["chats"]})
        live.log_in()
        live.vault.back_up(export)
        live.back_up()

        assert [call.part and call.part.id for call in live.calls("upload.getFile")] == [1]


def test_a_snapshot_that_the_archive_lost_has_everything_told_again(live: LiveVault) -> None:
    for name in live.vault.objects("snapshots/"):
        live.vault.path(name).unlink()
    outcome = live.back_up(accept_missing=True)

    assert outcome.report.messages.new == 23
    assert live.texts("user:11") == {1: "hello 0", 2: "hello 1", 3: "hello 2"}


# The settings are others


def test_exactly_the_files_that_are_wanted_now_are_fetched(tmp_path: Path) -> None:
    account = with_files()
    with serve(account, tmp_path, categories=["chats"]) as live:
        live.back_up(media=["photos"])
        live.server.calls.clear()
        outcome = live.back_up(media=["photos", "files"])

        assert [call.part and call.part.id for call in live.calls("upload.getFile")] == [3]
        assert (outcome.report.messages.edited, outcome.report.media.filled) == (0, 1)
        assert outcome.report.messages.seen == 1
        assert live.bodies("channel:9")[3]["file"] == "{chat}/files/3_3.bin"


def test_larger_files_are_fetched_once_they_may_be_larger(tmp_path: Path) -> None:
    account = with_files()
    with serve(account, tmp_path, categories=["chats"]) as live:
        live.back_up(max_size="1 kB")
        live.server.calls.clear()
        live.back_up()

        assert sorted((call.part.id, call.part.letter) for call in live.calls("upload.getFile") if call.part) == [
            (1, "y"), (2, ""), (3, "")
        ]  # fmt: skip
        live.server.calls.clear()
        live.back_up()
        assert (live.count("upload.getFile"), live.count("messages.getMessages")) == (0, 0)


def test_files_that_are_left_out_now_stay(tmp_path: Path) -> None:
    account = with_files()
    with serve(account, tmp_path, categories=["chats"]) as live:
        live.back_up()
        live.account.edit(account.conversations[BEN], 4, message="edited")
        outcome = live.back_up(media=["files"])

        message = live.messages()["user:11"][4]
    assert message.media["photo"].content is not None
    assert outcome.report.messages.edited == 1


@pytest.mark.parametrize(
    "narrow",
    [
        {"since": "2024-05-04"},
        {"until": "2024-05-04"},
        {"since": "2024-05-04", "until": "2024-05-06"},
        {"own_only": True},
    ],
)
def test_what_was_left_out_before_is_read_when_it_is_wanted(tmp_path: Path, narrow: dict[str, Any]) -> None:
    account = ada()
    ben = talk_with_ben(account)
    talks = [ben, a_channel(account, 9, "Daily")]
    for day in range(1, 9):
        for each in talks:
            who = account.directory.users[BEN] if day % 2 else None
            account.say(each, f"day {day}", sender=who, date=datetime(2024, 5, day, 12, tzinfo=UTC))
    everything = [f"day {day}" for day in range(1, 9)]

    with serve(account, tmp_path, categories=["chats"]) as live:
        live.back_up(**narrow)
        fewer = list(live.texts("channel:9").values())
        live.back_up()

        assert fewer != everything
        assert [list(live.texts(chat).values()) for chat in ("user:11", "channel:9")] == [everything, everything]
        assert _joined(live.coverage()["channel:9"]) == [1, 2, 3, 4, 5, 6, 7, 8]
        live.server.calls.clear()
        live.back_up(**narrow)
        live.back_up()
        assert live.count("messages.getHistory") == 0


def _joined(ranges: list[tuple[int, int]]) -> list[int]:
    return sorted({number for first, last in ranges for number in range(first, last + 1)})


def test_edits_outside_of_what_the_settings_want_are_not_read(tmp_path: Path) -> None:
    account = ada()
    talk_with_ben(account)
    group = a_channel(account, 9, "Group", count=2)
    account.say(group, "theirs", sender=account.directory.users[BEN])
    account.say(group, "mine")

    with serve(account, tmp_path, categories=["chats"], own_only=True) as live:
        live.back_up()
        account.edit(group, 3, message="theirs, edited")
        account.edit(group, 1, message="mine, edited")
        live.back_up()

        assert live.texts("channel:9") == {1: "mine, edited", 2: "Group 1", 4: "mine"}


def test_a_chat_that_is_open_again_is_read_whole(live: LiveVault) -> None:
    channel(live, 6203).access = Access.OPEN
    live.back_up()

    assert live.texts("channel:6203") == {1: "mine", 2: "theirs"}
    assert live.coverage()["channel:6203"] == [(1, 2)]


def test_a_chat_that_was_closed_keeps_what_was_read_and_gets_ones_own_messages(live: LiveVault) -> None:
    birds = channel(live, 6002)
    live.account.say(birds, "mine")
    live.account.say(birds, "theirs", sender=live.account.directory.users[BEN])
    birds.access = Access.OWN_ONLY
    live.back_up()

    assert live.texts("channel:6002") == {1: "Birds 0", 2: "Birds 1", 3: "mine"}
    assert (live.coverage()["channel:6002"], live.gone()) == ([(1, 2)], {})


def test_another_account_does_not_get_into_the_archive(live: LiveVault) -> None:
    other = live.account.user(99, "Zoe")
    live.server.end_sessions()
    live.log_out()
    live.account.self_id = other.id
    live.log_in()

    with pytest.raises(AccountMismatchError):
        live.back_up()
