"""What goes wrong at Telegram's side, or on the way there, while messages are fetched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from account_support import ada, quickly
from takeout_accounts import BEN, a_channel, a_photo, every_kind, talk_with_ben
from takeout_files import at_files
from takeout_support import FakeTime, LiveVault, Telling, losses, serve
from tgvault.api import FindingKind, NotSignedInError, SourceDelayedError, SourceRefusedError, SourceUnavailableError
from tgvault.errors import TgVaultError
from tgvault.testing.telegram import Account
from tgvault.testing.telegram.account.conversation import Access
from tgvault.testing.telegram.faults import Drop, Fault, ForgetKey, NoAnswer, Refuse
from tgvault_plugins.takeout import connecting

HOUR = 3600


def two_chats() -> Account:
    """Two pages of a private chat and two of a group, and a photo in each."""
    account = ada()
    ben, group = talk_with_ben(account, 120), a_channel(account, 9, "Group", count=120)
    account.say(ben, media=a_photo(account, 1))
    account.say(group, media=a_photo(account, 2, dc=4))
    return account


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LiveVault]:
    with serve(two_chats(), tmp_path, categories=["chats", "contacts", "sessions"]) as live:
        yield live


def is_whole(live: LiveVault) -> bool:
    """Whether the newest snapshot has everything of `two_chats`."""
    messages = live.messages()
    there = [len(messages.get(chat, ())) for chat in ("user:11", "channel:9")]
    files = [media.content for chat in messages.values() for each in chat.values() for media in each.media.values()]
    return there == [121, 121] and len(files) == 2 and all(files)


def to_group(request: Any) -> bool:
    return getattr(request.peer, "channel_id", 0) == 9


# Waiting


def test_an_hour_of_waiting_is_shown_and_waited_for(live: LiveVault) -> None:
    live.server.faults.add(Fault(Refuse(f"FLOOD_WAIT_{HOUR}"), "messages.getHistory", after=1))
    told = Telling()
    outcome = live.back_up(progress=told)

    seconds = [round(left) for left, reason in told.waits]
    assert seconds == [*range(HOUR, -1, -1)]
    assert {reason for _, reason in told.waits[:-1]} == {"Telegram asks to wait (GetHistory)"}
    assert live.time.now >= HOUR
    assert (outcome.ended, is_whole(live)) == (None, True)
    # The page was asked for at the same place again.
    assert [call.request.offset_id for call in live.calls("messages.getHistory")][1:3] == [101, 101]


def test_a_wait_of_one_method_does_not_hold_up_the_others(live: LiveVault) -> None:
    live.server.faults.add(Fault(Refuse(f"FLOOD_WAIT_{HOUR}"), "upload.getFile", dc=4))
    live.back_up()

    flooded, *later = [call for call in live.calls("upload.getFile") if call.dc == 4]
    others = [call for call in live.calls("upload.getFile") if call.dc == 2]
    assert (flooded.outcome, later[0].outcome) == (f"FLOOD_WAIT_{HOUR}", "ok")
    assert all(call.index < later[0].index for call in others)
    assert is_whole(live)


@pytest.mark.parametrize("word", ["FLOOD_WAIT_2", "FLOOD_PREMIUM_WAIT_2", "SLOWMODE_WAIT_2"])
def test_every_sort_of_wait_is_waited_for(live: LiveVault, word: str) -> None:
    live.server.faults.add(Fault(Refuse(word), "upload.getFile"), Fault(Refuse(word), "contacts.getSaved"))
    outcome = live.back_up()

    assert (outcome.ended, losses(outcome), is_whole(live)) == (None, [], True)
    assert sum(live.time.slept) >= 2


def test_after_a_wait_the_pace_is_slower(live: LiveVault) -> None:
    live.server.faults.add(Fault(Refuse("FLOOD_WAIT_2"), "messages.getHistory"))
    live.back_up()

    # Between the pages that came after.
    assert live.time.slept.count(0.25) == 3


# The takeout


def test_that_a_takeout_has_to_be_confirmed_first_is_told_and_changes_nothing(live: LiveVault) -> None:
    live.account.has.takeout_delay = 24 * HOUR
    with pytest.raises(SourceDelayedError) as caught:
        live.back_up()

    assert caught.value.exit_code == 85
    assert "2026-01-02" in str(caught.value)
    assert "confirm" in (caught.value.hint or "")
    assert live.vault.snapshots() == []
    live.account.has.takeout_delay = 0
    assert live.back_up().ended is None
    assert is_whole(live)


def test_what_was_fetched_before_a_takeout_had_to_be_confirmed_is_kept(live: LiveVault) -> None:
    class Hidden(Telling):
        def phase(self, name: str, total_bytes: int | None = None) -> None:
            if name == "fetching files":
                live.account.takeouts.clear()
                live.account.has.takeout_delay = 24 * HOUR

    outcome = live.back_up(progress=Hidden())

    assert isinstance(outcome.ended, SourceDelayedError)
    assert [each.kind for each in losses(outcome)] == [FindingKind.TRUNCATED]
    assert outcome.report.media.missing == {"not fetched yet": 2}
    assert len(live.texts("user:11")) == 121
    live.account.has.takeout_delay = 0
    live.server.calls.clear()
    outcome = live.back_up()
    assert (outcome.ended, outcome.report.media.filled, is_whole(live)) == (None, 2, True)
    # The references to the files are good still.
    assert live.count("messages.getHistory") == 0
    assert live.count("messages.getMessages") == 0


@pytest.mark.parametrize(
    "method", ["contacts.getSaved", "messages.getDialogs", "messages.getHistory", "upload.getFile"]
)
def test_a_takeout_that_telegram_forgets_is_begun_anew(live: LiveVault, method: str) -> None:
    live.server.faults.add(Fault(Refuse("TAKEOUT_INVALID"), method))
    outcome = live.back_up()

    assert (outcome.ended, losses(outcome), is_whole(live)) == (None, [], True)
    assert live.count("account.initTakeoutSession") == 2
    assert live.server.calls.parts_fetched_twice() == ()
    pages = [(call.request.peer.to_json(), call.request.offset_id) for call in live.calls("messages.getHistory")]
    assert len(pages) == len(set(pages)) + (method == "messages.getHistory")


@pytest.mark.parametrize("method", ["messages.getHistory", "upload.getFile"])
def test_a_takeout_that_telegram_forgets_again_and_again_is_given_up(live: LiveVault, method: str) -> None:
    live.server.faults.add(Fault(Refuse("TAKEOUT_INVALID"), method, times=None))
    outcome = live.back_up()

    assert isinstance(outcome.ended, SourceUnavailableError)
    assert "forgets every takeout" in str(outcome.ended)
    live.server.faults.clear()
    assert live.back_up().ended is None
    assert is_whole(live)


def test_that_telegram_allows_no_takeout_is_told_with_the_way_out(live: LiveVault) -> None:
    live.server.faults.add(Fault(Refuse("TAKEOUT_FORBIDDEN"), "account.initTakeoutSession"))
    with pytest.raises(SourceRefusedError) as caught:
        live.back_up()

    assert "TAKEOUT_FORBIDDEN" in str(caught.value)
    assert "takeout = false" in (caught.value.hint or "")
    live.back_up(takeout=False)
    assert is_whole(live)


def test_a_takeout_is_begun_anew_where_the_settings_want_more(live: LiveVault) -> None:
    live.server.faults.add(Fault(Refuse("SESSION_REVOKED"), "upload.getFile", times=None))
    live.back_up(chat_types=["personal_chat"])
    live.server.faults.clear()
    live.server.calls.clear()
    live.log_out()
    live.log_in()
    live.back_up()

    assert [bool(call.request.message_megagroups) for call in live.calls("account.initTakeoutSession")] == [True]


# The session


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("AUTH_KEY_UNREGISTERED", "does not know the session"),
        ("SESSION_REVOKED", "ended from another device"),
        ("SESSION_EXPIRED", "expired"),
        ("USER_DEACTIVATED", "account was deleted"),
        ("AUTH_KEY_DUPLICATED", "used from two places"),
    ],
)
@pytest.mark.parametrize("during", ["messages", "files"])
def test_a_session_that_ends_leaves_a_snapshot_of_what_was_fetched(
    live: LiveVault, during: str, word: str, says: str
) -> None:
    def end(items: int = 0) -> None:
        live.server.faults.add(Fault(Refuse(word), times=None))

    outcome = live.back_up(progress=Telling(on_items=end) if during == "messages" else at_files(end))

    assert isinstance(outcome.ended, NotSignedInError)
    assert says in str(outcome.ended)
    assert [each.kind for each in losses(outcome)] == [FindingKind.TRUNCATED]
    if during == "messages":
        # The chat with the latest message comes first; of it one page was seen.
        assert live.coverage() == {"channel:9": [(1, 100)], "user:11": []}
        assert len(live.messages()["channel:9"]) == 100
    _log_in_and_go_on(live)


def _log_in_and_go_on(live: LiveVault) -> None:
    before = live.calls()
    live.server.faults.clear()
    live.log_out()
    live.log_in()
    outcome = live.back_up()

    assert (outcome.ended, losses(outcome), is_whole(live)) == (None, [], True)
    pages = [
        (call.request.peer.to_json(), call.request.offset_id)
        for call in (*before, *live.calls())
        if call.method == "messages.getHistory" and call.outcome == "ok"
    ]
    assert len(pages) == len(set(pages))


def test_nobody_is_logged_in_and_nothing_was_fetched(live: LiveVault) -> None:
    live.log_out()

    with pytest.raises(NotSignedInError) as caught:
        live.back_up()
    assert "tgvault login" in (caught.value.hint or "")
    assert live.vault.snapshots() == []


def test_a_session_that_ended_while_nothing_ran_is_told_at_once(live: LiveVault) -> None:
    live.server.end_sessions("SESSION_REVOKED")

    with pytest.raises(NotSignedInError):
        live.back_up()
    assert live.vault.snapshots() == []


def test_what_a_killed_run_fetched_is_kept_though_the_session_is_over(live: LiveVault) -> None:
    with pytest.raises(KeyboardInterrupt):
        live.back_up(progress=Telling(on_items=_stop_at(100)))
    live.server.end_sessions("SESSION_REVOKED")
    outcome = live.back_up()

    assert isinstance(outcome.ended, NotSignedInError)
    assert outcome.report.messages.new == 100
    _log_in_and_go_on(live)


def _stop_at(number: int) -> Callable[[int], None]:
    def stop(items: int) -> None:
        if items >= number:
            raise KeyboardInterrupt

    return stop


def test_a_key_that_telegram_lost_ends_the_session(live: LiveVault) -> None:
    live.server.faults.add(Fault(ForgetKey(), "messages.getHistory", after=1))
    outcome = live.back_up()

    assert isinstance(outcome.ended, NotSignedInError)
    _log_in_and_go_on(live)


# The network


class Restarting(FakeTime):
    """Time after some of which the server is there again."""

    def __init__(self, live: LiveVault, *, after: float) -> None:
        super().__init__()
        self._live = live
        self._after: float | None = after

    async def pause(self, seconds: float) -> None:
        await super().pause(seconds)
        if self._after is not None and self.now > self._after:
            self._after = None
            self._live.server.start()


class Stopping(Telling):
    """Stops the server after some messages."""

    def __init__(self, live: LiveVault, *, after: int) -> None:
        super().__init__()
        self._live = live
        self._after = after

    def advance(self, amount: int = 0, *, items: int = 0) -> None:
        super().advance(amount, items=items)
        if 0 < self._after <= self.items:
            self._after = 0
            self._live.server.stop()


@pytest.mark.parametrize("after", [100, 242])
def test_a_network_that_comes_back_within_minutes_is_waited_for(
    live: LiveVault, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    quickly(monkeypatch)
    live.time = Restarting(live, after=60)
    outcome = live.back_up(progress=Stopping(live, after=after))

    assert (outcome.ended, losses(outcome), is_whole(live)) == (None, [], True)
    # At most what was under way when the network went.
    assert len(live.server.calls.parts_fetched_twice()) <= 1


def test_a_network_that_stays_away_leaves_a_snapshot_of_what_was_fetched(
    live: LiveVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    quickly(monkeypatch)
    outcome = live.back_up(progress=Stopping(live, after=100))

    assert isinstance(outcome.ended, SourceUnavailableError)
    assert live.time.now > 4 * 60
    assert (outcome.report.messages.new, live.coverage()) == (
        100,
        {"channel:9": [(1, 100)], "user:11": []},
    )
    live.server.start()
    outcome = live.back_up()
    assert (outcome.ended, losses(outcome), is_whole(live)) == (None, [], True)


def test_a_dry_run_without_a_network_says_so_though_an_earlier_run_was_begun(
    live: LiveVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    quickly(monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        live.back_up(progress=Telling(on_items=_stop_at(100)))
    live.server.stop()

    with pytest.raises(SourceUnavailableError):
        live.estimate()
    live.server.start()


def test_a_network_that_is_away_from_the_start_is_told(live: LiveVault, monkeypatch: pytest.MonkeyPatch) -> None:
    quickly(monkeypatch)
    live.server.stop()
    with pytest.raises(SourceUnavailableError):
        live.back_up()
    live.server.start()

    assert live.vault.snapshots() == []


def test_an_answer_that_does_not_come_is_asked_for_again(live: LiveVault, monkeypatch: pytest.MonkeyPatch) -> None:
    assert connecting.connect.__kwdefaults__ is not None
    monkeypatch.setitem(connecting.connect.__kwdefaults__, "patience", 0.3)
    live.server.faults.add(Fault(NoAnswer(), "messages.getHistory", after=1))
    outcome = live.back_up()

    assert (outcome.ended, losses(outcome), is_whole(live)) == (None, [], True)
    # Once without an answer; what was given up is not sent again beside what replaced it.
    assert live.count("messages.getHistory") == 5


@pytest.mark.parametrize("word", ["TIMEOUT", "RPC_CALL_FAIL", "INTERDC_2_CALL_ERROR", "SOMETHING_INTERNAL"])
def test_trouble_at_telegrams_side_passes(live: LiveVault, word: str) -> None:
    for method in ("messages.getHistory", "upload.getFile", "contacts.getSaved", "messages.getDialogs"):
        live.server.faults.add(Fault(Refuse(word, 500), method, times=3))
    outcome = live.back_up()

    assert (outcome.ended, losses(outcome), is_whole(live)) == (None, [], True)


# One chat, one document


@pytest.mark.parametrize("fault", [Refuse("CHAT_ADMIN_REQUIRED"), Refuse("TIMEOUT", 500), Refuse("NEVER_HEARD_OF")])
def test_a_chat_that_telegram_does_not_give_is_listed_and_the_others_are_read(live: LiveVault, fault: Refuse) -> None:
    live.server.faults.add(Fault(fault, "messages.getHistory", after=1, times=None, when=to_group))
    outcome = live.back_up()

    assert [(each.kind, each.subject) for each in losses(outcome)] == [(FindingKind.LOST, "chat Group")]
    assert fault.name in losses(outcome)[0].detail
    assert (outcome.ended, len(live.texts("user:11"))) == (None, 121)
    assert live.coverage()["channel:9"] == [(1, 100)]
    live.server.faults.clear()
    live.server.calls.clear()
    assert losses(live.back_up()) == []
    assert is_whole(live)
    assert [call.request.offset_id for call in live.calls("messages.getHistory")] == [101]


def test_a_chat_that_is_closed_while_it_is_read_has_ones_own_messages_read_on(live: LiveVault) -> None:
    group = live.account.conversations[-1_000_000_000_009]
    live.account.say(group, "theirs", sender=live.account.directory.users[BEN])

    def close(items: int) -> None:
        group.access = Access.OWN_ONLY

    outcome = live.back_up(progress=Telling(on_items=close))

    assert (outcome.ended, losses(outcome)) == (None, [])
    assert list(live.texts("channel:9")) == list(range(1, 122))
    assert live.coverage()["channel:9"] == [(1, 100)]
    notes = [each.detail for each in outcome.report.findings if each.subject == "chat Group"]
    assert notes == ["it is closed to you; your own messages only were read"]


def test_a_document_that_telegram_does_not_give_is_listed_and_tried_again(live: LiveVault) -> None:
    live.server.faults.add(Fault(Refuse("NEVER_HEARD_OF"), "contacts.getSaved"))
    outcome = live.back_up()

    assert [(each.kind, each.subject) for each in losses(outcome)] == [(FindingKind.LOST, "contacts")]
    assert (outcome.ended, is_whole(live), "contacts" in live.documents()) == (None, True, False)
    assert losses(live.back_up()) == []
    assert "contacts" in live.documents()


@pytest.mark.parametrize("method", ["messages.getDialogs", "messages.getSplitRanges", "messages.getDialogFilters"])
def test_what_nothing_can_be_read_without_ends_the_run_with_telegrams_word(live: LiveVault, method: str) -> None:
    live.server.faults.add(Fault(Refuse("NEVER_HEARD_OF"), method))
    ended: TgVaultError | None = None
    try:
        ended = live.back_up().ended
    except SourceRefusedError as error:
        ended = error

    assert isinstance(ended, SourceRefusedError)
    assert "NEVER_HEARD_OF" in str(ended)
    assert live.back_up().ended is None
    assert is_whole(live)


def test_a_dropped_connection_in_every_phase_of_a_large_account_is_mended(tmp_path: Path) -> None:
    with serve(every_kind(), tmp_path) as live:
        for number in range(5, 45, 8):
            live.server.faults.add(Fault(Drop(), after=number))
        outcome = live.back_up()

        assert (outcome.ended, losses(outcome)) == (None, [])
        assert outcome.report.messages.new == 23
