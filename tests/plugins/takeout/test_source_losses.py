"""What the vault has lost of an account is fetched again, and nothing else of it is stored a second time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from account_support import ada
from takeout_accounts import a_channel, a_document, a_photo, talk_with_ben
from takeout_support import LiveVault, losses, serve
from tgvault.testing.telegram import Account

GROUP = -1_000_000_000_009


def with_files() -> Account:
    """A private chat with a photo and a file of three pieces, and a group of 300 messages."""
    account = ada()
    ben = talk_with_ben(account, 3)
    a_channel(account, 9, "Group", count=300)
    account.say(ben, media=a_photo(account, 1, size=300_000))
    account.say(ben, media=a_document(account, 2, size=9_000_000))
    return account


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LiveVault]:
    with serve(with_files(), tmp_path, categories=["chats"]) as live:
        live.back_up()
        yield live


def remove(live: LiveVault, *names: str) -> None:
    for name in names:
        live.vault.path(name).unlink()


def packs(live: LiveVault) -> list[str]:
    """The packs, the smallest first."""
    return sorted(live.vault.objects("packs/"), key=lambda name: live.vault.path(name).stat().st_size)


def has_everything(live: LiveVault) -> bool:
    sizes = sorted(len(data) for name, data in live.files().items() if not name.endswith(".json"))
    return (len(live.texts("user:11")), len(live.texts("channel:9")), sizes) == (5, 300, [300_000, 9_000_000])


@pytest.mark.parametrize("lost", [slice(0, 1), slice(-1, None), slice(None)], ids=["text", "media", "all"])
def test_packs_that_are_gone_are_made_good_by_the_next_run(live: LiveVault, lost: slice) -> None:
    remove(live, *packs(live)[lost])
    outcome = live.back_up()

    # What an older snapshot alone knew, such as earlier texts, is told of.
    assert all("before this run" in each.subject for each in losses(outcome))
    assert (outcome.ended, has_everything(live)) == (None, True)
    assert losses(live.back_up()) == []


def test_messages_of_a_chat_in_which_nothing_happens_are_made_good(live: LiveVault) -> None:
    first = packs(live)
    group: Any = live.account.conversations[GROUP]
    live.account.say(group, "one more")
    live.back_up()
    remove(live, *first)
    live.back_up()

    assert len(live.texts("channel:9")) == 301


def test_only_the_files_that_were_lost_are_fetched_again(live: LiveVault) -> None:
    before = set(packs(live))
    ben: Any = live.account.conversations[11]
    live.account.say(ben, media=a_photo(live.account, 3, size=400_000))
    live.back_up()
    new = [name for name in packs(live) if name not in before]
    remove(live, new[-1])
    live.server.calls.clear()
    live.back_up()

    assert {call.request.location.id for call in live.calls("upload.getFile")} == {3}
    assert sorted(len(data) for name, data in live.files().items() if "photos" in name) == [300_000, 400_000]


def test_what_was_lost_is_made_good_once(live: LiveVault) -> None:
    remove(live, packs(live)[-1])
    live.back_up()
    live.server.calls.clear()
    live.back_up()

    assert live.count("messages.getHistory") == 0
