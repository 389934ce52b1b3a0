"""Dry runs of an account: what a backup would fetch is told about right, and nothing is fetched or changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from telethon.tl import types

from account_support import ada
from takeout_accounts import BEN, a_channel, a_document, a_photo, every_kind, talk_with_ben
from takeout_support import Killed, LiveVault, Telling, serve
from tgvault.api import ChatEstimate, Estimate, NotSignedInError
from tgvault.errors import AccountMismatchError, SourceRefusedError
from tgvault.testing.telegram import Account
from tgvault.testing.telegram.faults import Fault, Refuse

MB = 1_000_000


def with_films(*, films: int = 4) -> Account:
    """A chat with text, photos, films and other files; a group with text and voices."""
    account = ada()
    ben, group = talk_with_ben(account, 10), a_channel(account, 9, "Group", count=5)
    video, voice = types.DocumentAttributeVideo(1.0, 10, 10), types.DocumentAttributeAudio(1, voice=True)
    for number in range(1, 4):
        account.say(ben, media=a_photo(account, number, size=50_000))
    for number in range(10, 10 + films):
        account.say(ben, media=a_document(account, number, video, size=MB, mime="video/mp4", dc=4))
    for number in range(20, 25):
        account.say(group, media=a_document(account, number, voice, size=2_000, mime="audio/ogg", voice=True))
    return account


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LiveVault]:
    with serve(with_films(), tmp_path / "vault", categories=["chats"]) as live:
        yield live


def by_title(estimate: Estimate) -> dict[str, ChatEstimate]:
    return {each.title: each for each in estimate.chats}


def numbers(estimate: Estimate) -> dict[str, tuple[int, int]]:
    """Messages and files by chat."""
    return {each.title: (each.messages, each.files) for each in estimate.chats}


def on_disk(live: LiveVault) -> dict[str, bytes]:
    return {
        path.relative_to(live.root).as_posix(): path.read_bytes() for path in live.root.rglob("*") if path.is_file()
    }


# The numbers


def test_messages_files_and_bytes_are_those_of_the_account(live: LiveVault) -> None:
    estimate = live.estimate()
    ben, group = (by_title(estimate)[title] for title in ("Ben", "Group"))

    assert numbers(estimate) == {"Ben": (17, 7), "Group": (10, 5)}
    assert (ben.type, group.type) == ("personal_chat", "private_supergroup")
    assert ben.bytes == pytest.approx(3 * 50_000 + 4 * MB, rel=0.05)
    assert group.bytes == pytest.approx(5 * 2_000, rel=0.05)


def test_they_are_those_of_the_backup_that_follows(live: LiveVault) -> None:
    estimate = live.estimate()
    outcome = live.back_up()

    assert sum(each.messages for each in estimate.chats) == outcome.report.messages.new
    assert sum(each.files for each in estimate.chats) == outcome.report.media.files
    stored = sum(part.given for part in live.server.calls.parts_fetched())
    assert sum(each.bytes for each in estimate.chats) == pytest.approx(stored, rel=0.05)


def test_disk_time_and_what_is_not_counted_are_told(live: LiveVault) -> None:
    estimate = live.estimate()

    assert estimate.free is not None
    assert estimate.free > 0
    assert 4 * MB < estimate.disk < 10 * MB
    assert estimate.seconds is not None
    assert 1 < estimate.seconds < 60
    assert not estimate.exact
    assert "stickers" in estimate.notes[0]


def test_what_is_larger_than_the_limit_does_not_count(live: LiveVault) -> None:
    limited = by_title(live.estimate(max_size="100 kB"))["Ben"]

    assert limited.bytes == pytest.approx(3 * 50_000, rel=0.05)


def test_sorts_that_are_not_wanted_do_not_count(live: LiveVault) -> None:
    estimate = live.estimate(media=["photos"])

    assert numbers(estimate) == {"Ben": (17, 3), "Group": (10, 0)}


@pytest.mark.parametrize(
    ("choice", "titles"),
    [
        ({"chats": ["Ben"]}, {"Ben"}),
        ({"exclude": ["Ben"]}, {"Group"}),
        ({"chat_types": ["public_channel"]}, set()),
        ({"chats": ["nobody"]}, set()),
        ({"categories": ["contacts"]}, set()),
    ],
)
def test_chats_that_are_not_wanted_do_not_count(live: LiveVault, choice: dict[str, Any], titles: set[str]) -> None:
    assert by_title(live.estimate(**choice)).keys() == titles


def test_where_only_ones_own_messages_are_wanted_no_others_are_counted(live: LiveVault) -> None:
    live.account.say(live.account.conversations[-1_000_000_000_009], sender=live.account.directory.users[BEN])
    estimate = live.estimate(own_only=True)
    outcome = live.back_up(own_only=True)

    assert (numbers(estimate)["Group"][0], len(live.messages()["channel:9"])) == (10, 10)
    # In private chats Telegram tells the number of all only.
    assert numbers(estimate)["Ben"][0] == 17
    assert outcome.report.messages.new == 10 + 12


def test_a_time_range_is_reckoned_with(tmp_path: Path) -> None:
    account = ada()
    for talk in (talk_with_ben(account), a_channel(account, 9, "Daily")):
        for day in range(1, 31):
            account.say(talk, f"day {day}", date=datetime(2024, 5, day, 12, tzinfo=UTC))

    with serve(account, tmp_path, categories=["chats"]) as live:
        assert numbers(live.estimate(since="2024-05-21")) == {"Ben": (10, 0), "Daily": (10, 0)}
        assert numbers(live.estimate(until="2024-05-05")) == {"Ben": (5, 0), "Daily": (5, 0)}
        assert numbers(live.estimate(since="2024-05-21", until="2024-05-25")) == {"Ben": (5, 0), "Daily": (5, 0)}


def test_a_time_range_in_a_long_chat_is_reckoned_by_ids(tmp_path: Path) -> None:
    account = ada()
    talks = talk_with_ben(account), a_channel(account, 9, "Daily")
    for day in range(1, 31):
        for hour in range(20):
            for talk in talks:
                account.say(talk, "a", date=datetime(2024, 5, day, hour, tzinfo=UTC))

    with serve(account, tmp_path, categories=["chats"]) as live:
        for window, wanted in (
            ({"since": "2024-05-11"}, 400),
            ({"until": "2024-05-10"}, 200),
            ({"since": "2024-05-11", "until": "2024-05-20"}, 200),
            ({"since": "2024-06-11"}, 0),
            ({"until": "2023-06-11"}, 0),
        ):
            counted = [each.messages for each in live.estimate(**window).chats]
            assert counted == [pytest.approx(wanted, rel=0.05)] * 2


def test_chats_of_every_kind_are_counted_as_a_backup_reads_them(tmp_path: Path) -> None:
    with serve(every_kind(), tmp_path) as live:
        estimate = live.estimate()
        live.back_up()
        titles = {each.title for each in estimate.chats}

        # What was left is told to a takeout only, and what a supergroup was before to who asks for it.
        assert len(titles) == len(live.messages()) - 1
        counted = numbers(estimate)
        assert (counted["Club"], counted["Birds"], counted["Ben"]) == ((2, 0), (2, 0), (3, 0))
        # Nobody can count in what is closed.
        assert (counted["Shut"], counted["Went Dark"]) == ((0, 0), (0, 0))


@pytest.mark.parametrize("method", ["messages.getHistory", "messages.getSearchCounters", "messages.searchGlobal"])
def test_what_telegram_does_not_count_is_left_out(live: LiveVault, method: str) -> None:
    live.server.faults.add(Fault(Refuse("NEVER_HEARD_OF"), method, times=None))

    assert by_title(live.estimate()).keys() == {"Ben", "Group"}


def test_chats_that_have_no_name_are_called_as_apps_call_them(tmp_path: Path) -> None:
    account = ada()
    account.say(account.talk(account.me), "a note")
    for number, more in ((1271266957, {}), (489000, {}), (12, {"deleted": True})):
        user = account.user(number, None, **more)
        account.say(account.talk(user), "hello", sender=user)

    with serve(account, tmp_path) as live:
        titles = {each.title for each in live.estimate().chats}

    assert titles == {"Saved Messages", "Replies", "Verification Codes", "user:12"}


def test_how_many_chats_have_nothing_new_is_told(live: LiveVault) -> None:
    note = "in {} of the 2 chats there is nothing new"
    before = live.estimate()
    live.back_up()
    live.account.say(live.account.conversations[BEN], "new")
    after = live.estimate()

    assert not any(each.startswith("in ") for each in before.notes)
    assert note.format(1) in after.notes


def test_a_list_of_chats_that_is_cut_off_is_told(tmp_path: Path) -> None:
    account = ada()
    for number in range(105):
        talk = account.talk(account.user(2_000 + number, f"Friend {number}"))
        talk.draft = types.DraftMessage("well", account.now)

    with serve(account, tmp_path) as live:
        notes = live.estimate().notes

    reason = "Telegram does not tell how it goes on: 100 of 105 were listed"
    assert f"the list of chats: {reason}" in notes


def test_chats_with_one_name_are_told_apart(tmp_path: Path) -> None:
    account = ada()
    for number in (1, 2):
        a_channel(account, number, "Twins", count=number)

    with serve(account, tmp_path) as live:
        assert sorted(each.messages for each in live.estimate().chats) == [1, 2]


# What it leaves alone


@pytest.mark.parametrize("is_first", [True, False])
def test_nothing_is_written(live: LiveVault, *, is_first: bool) -> None:
    if not is_first:
        live.back_up()
        live.account.say(live.account.conversations[BEN], "new")
    # Opening a vault and a store writes to them once.
    live.estimate()
    before, known = on_disk(live), live.facts()
    snapshots = live.vault.snapshots()
    live.estimate()

    assert live.vault.snapshots() == snapshots
    assert live.facts() == known
    # The state of the vault on this machine remembers when it was looked at.
    assert {name for name, data in on_disk(live).items() if before.get(name) != data} <= {
        name for name in before if name.endswith((".db-wal", ".db-shm")) or name == "state/state.db"
    }


def test_no_takeout_is_begun_and_no_file_fetched(live: LiveVault) -> None:
    live.estimate()

    methods = set(live.server.calls.counts())
    assert methods.isdisjoint({"account.initTakeoutSession", "upload.getFile", "updates.getDifference"})
    assert {call.takeout_id for call in live.calls()} == {None}


def test_a_backup_after_a_dry_run_is_as_without(live: LiveVault, tmp_path: Path) -> None:
    other = live.copy(tmp_path / "other")
    live.estimate()
    live.back_up()
    other.vault.clock = live.vault.clock
    other.back_up()

    assert live.everything() == other.everything()


def test_a_wait_for_the_takeout_does_not_keep_a_dry_run_from_telling(live: LiveVault) -> None:
    live.account.has.takeout_delay = 86400

    assert numbers(live.estimate()) == {"Ben": (17, 7), "Group": (10, 5)}


# Later


def test_after_a_backup_only_what_is_new_counts(live: LiveVault) -> None:
    live.back_up()
    nothing = live.estimate()
    ben = live.account.conversations[BEN]
    for number in range(3):
        live.account.say(ben, f"new {number}")
    something = live.estimate()

    assert sum(each.messages + each.files + each.bytes for each in nothing.chats) == 0
    assert numbers(something)["Ben"][0] == 3
    assert numbers(something)["Group"] == (0, 0)
    assert (nothing.disk, nothing.seconds) < (something.disk, something.seconds)


def test_what_is_new_in_one_chat_does_not_count_in_another(tmp_path: Path) -> None:
    account = ada()
    ben, zoe = talk_with_ben(account, 150), account.talk(account.user(77, "Zoe"))
    account.say(zoe, "first")

    with serve(account, tmp_path, categories=["chats"]) as live:
        live.back_up()
        for number in range(130):
            account.say(zoe, f"{number}")
        account.say(ben, "new")

        assert numbers(live.estimate()) == {"Ben": (1, 0), "Zoe": (130, 0)}


@pytest.mark.parametrize("window", [{"until": "2023-04-01"}, {"since": "2025-01-01"}])
def test_after_a_backup_of_a_time_range_nothing_is_new_in_it(live: LiveVault, window: dict[str, str]) -> None:
    live.back_up(**window)

    assert sum(each.messages for each in live.estimate(**window).chats) == 0


def test_of_a_bot_it_is_told_that_nobody_can_tell(tmp_path: Path) -> None:
    account = ada()
    talk_with_ben(account, 7)

    with serve(account, tmp_path, bot=True, takeout=False) as live:
        before = live.estimate()
        live.back_up()
        after = live.estimate()

    assert (before.chats, before.exact) == ((), False)
    assert "it would ask for 7 messages by their ids" in before.notes[0]
    assert "it would ask for 0 messages by their ids" in after.notes[0]


def test_a_dry_run_of_a_bot_refuses_what_its_backup_would(tmp_path: Path) -> None:
    with serve(ada(), tmp_path, bot=True) as live, pytest.raises(SourceRefusedError) as caught:
        live.estimate()

    assert "takeout = false" in (caught.value.hint or "")


def test_what_was_left_out_and_is_wanted_now_counts(live: LiveVault) -> None:
    live.back_up(own_only=True)
    estimate = live.estimate()
    outcome = live.back_up()

    assert sum(each.messages for each in estimate.chats) >= outcome.report.messages.new > 0


def test_after_a_run_that_was_killed_what_is_left_counts(live: LiveVault) -> None:
    def kill(items: int) -> None:
        raise Killed

    with pytest.raises(Killed):
        live.back_up(progress=Telling(on_items=kill))
    estimate = live.estimate()

    assert sum(each.messages for each in estimate.chats) < 27


def test_nobody_is_logged_in(live: LiveVault) -> None:
    live.log_out()

    with pytest.raises(NotSignedInError):
        live.estimate()


def test_another_account_than_the_archives_is_refused(live: LiveVault) -> None:
    live.back_up()
    other = live.account.user(99, "Zoe")
    live.server.end_sessions()
    live.log_out()
    live.account.self_id = other.id
    live.log_in()

    with pytest.raises(AccountMismatchError):
        live.estimate()
