"""Backups where Telegram asks to wait for ever, or has trouble with everything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from telethon.network import MTProtoSender
from telethon.tl.functions.messages import GetSplitRangesRequest

from account_support import ada
from key_support import all_texts
from takeout_accounts import a_channel, a_photo, talk_with_ben
from takeout_support import LiveVault, losses, serve
from tgvault.api import SourceDelayedError, SourceUnavailableError
from tgvault.testing.telegram.faults import Fault, Refuse
from tgvault_plugins.takeout.answers import innermost

HOUR = 3600


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LiveVault]:
    account = ada()
    account.say(talk_with_ben(account, 120), media=a_photo(account, 1))
    for number in range(100, 106):
        a_channel(account, number, f"Group {number}", count=1)
    with serve(account, tmp_path, categories=["chats"]) as live:
        yield live


def goes_on(live: LiveVault) -> bool:
    """Whether the next run, with nothing in its way, gets everything."""
    live.server.faults.clear()
    outcome = live.back_up()
    return outcome.ended is None and not losses(outcome) and len(live.messages()["user:11"]) == 121


def to_ben(request: object) -> bool:
    return getattr(getattr(request, "peer", None), "user_id", 0) == 11


@pytest.mark.parametrize("seconds", [6 * HOUR + 1, 99_999_999_999, 10**30])
def test_a_wait_of_more_than_six_hours_ends_the_run_and_keeps_what_was_fetched(live: LiveVault, seconds: int) -> None:
    live.server.faults.add(Fault(Refuse(f"FLOOD_WAIT_{seconds}"), "messages.getHistory", when=to_ben, after=1))
    outcome = live.back_up()

    assert isinstance(outcome.ended, SourceDelayedError)
    assert "`messages.getHistory` until 2" in str(outcome.ended)
    assert live.time.now < 60
    assert len(live.messages()["user:11"]) == 100
    assert goes_on(live)


def test_six_hours_are_waited(live: LiveVault) -> None:
    live.server.faults.add(Fault(Refuse(f"FLOOD_WAIT_{6 * HOUR}"), "messages.getHistory"))

    assert live.back_up().ended is None
    assert live.time.now >= 6 * HOUR


@pytest.mark.parametrize(
    ("word", "method"), [("FLOOD_WAIT_0", "messages.getHistory"), ("FLOOD_PREMIUM_WAIT_0", "upload.getFile")]
)
def test_waits_without_an_end_end_the_run(live: LiveVault, word: str, method: str) -> None:
    live.server.faults.add(Fault(Refuse(word), method, times=None))
    outcome = live.back_up()

    assert isinstance(outcome.ended, SourceDelayedError)
    assert f"again and again to wait with `{method}`" in str(outcome.ended)
    assert live.count(method) == 21
    assert goes_on(live)


def test_a_dry_run_does_not_wait_without_an_end(live: LiveVault) -> None:
    live.server.faults.add(Fault(Refuse("FLOOD_WAIT_0"), "messages.getDialogs", times=None))

    with pytest.raises(SourceDelayedError):
        live.estimate()


@pytest.mark.parametrize("seconds", [400_000_000_000, 10**30])
def test_a_takeout_may_be_put_off_for_any_time(live: LiveVault, seconds: int) -> None:
    live.server.faults.add(Fault(Refuse(f"TAKEOUT_INIT_DELAY_{seconds}"), "account.initTakeoutSession"))

    with pytest.raises(SourceDelayedError, match="no export before 2"):
        live.back_up()


def test_trouble_with_three_requests_in_a_row_ends_the_run(live: LiveVault) -> None:
    live.server.faults.add(Fault(Refuse("X", 500), "messages.getHistory", times=None))
    outcome = live.back_up()

    assert isinstance(outcome.ended, SourceUnavailableError)
    assert "having trouble (`X`)" in str(outcome.ended)
    assert live.count("messages.getHistory") == 3 * 9
    assert live.time.now < 15 * 60
    assert goes_on(live)


def test_trouble_with_one_chat_now_and_then_does_not(live: LiveVault) -> None:
    odd = Fault(
        Refuse("X", 500),
        "messages.getHistory",
        times=None,
        when=lambda request: getattr(request.peer, "channel_id", 1) % 2 == 0,
    )
    live.server.faults.add(odd)
    outcome = live.back_up()

    assert outcome.ended is None
    assert sorted(each.subject for each in losses(outcome)) == [f"chat Group {number}" for number in (100, 102, 104)]
    assert goes_on(live)


def test_a_word_of_any_length_is_cut(live: LiveVault) -> None:
    live.server.faults.add(Fault(Refuse("X" * 100_000), "messages.getHistory", times=None, when=to_ben))
    (found,) = losses(live.back_up())

    assert "X" * 200 in found.detail
    assert len(found.detail) < 400


@pytest.mark.parametrize("failure", [OSError(""), BufferError("need 5, got 4: b'SECRET'"), ConnectionError("SECRET")])
def test_what_the_network_raises_is_told_without_its_words(
    live: LiveVault, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    sent = MTProtoSender.send

    def send(self: MTProtoSender, request: object, **more: object) -> object:
        if isinstance(innermost(request), GetSplitRangesRequest):
            raise failure
        return sent(self, request, **more)

    monkeypatch.setattr(MTProtoSender, "send", send)

    with pytest.raises(SourceUnavailableError, match="cannot be reached: the connection was lost") as caught:
        live.back_up()

    assert "SECRET" not in all_texts(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.hint
