"""Backups that end anywhere: what was fetched is kept, and nothing is fetched twice."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from telethon.tl import types

from account_support import ada
from takeout_accounts import BEN, a_channel, a_document, a_photo, talk_with_ben
from takeout_support import Killed, LiveVault, Telling, serve
from tgvault.testing.telegram import Account
from tgvault.testing.telegram.faults import Drop, Fault, NewSalt

PART = 512 << 10
#: Parts that may be under way at once, for each data centre.
LANES = 4


def small() -> Account:
    """Two chats, one of them of two pages and in two ranges of ids, and files in both data centres."""
    account = ada()
    ben, group = talk_with_ben(account, 2), a_channel(account, 9, "Group", count=101)
    account.say(ben, media=a_photo(account, 1))
    account.say(ben, media=a_document(account, 2, size=2 * PART + 5, dc=4))
    account.say(group, media=a_document(account, 3, size=10))
    account.has.photos[5] = [a_photo(account, 4, dc=4).photo]
    account.has.split_ranges = [types.MessageRange(1, 2), types.MessageRange(3, 2**31 - 1)]
    return account


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveVault]:
    """An account, and a vault that never saw it."""
    settings = {"categories": ["chats", "profile photos"]}
    with serve(small(), tmp_path_factory.mktemp("base") / "vault", **settings) as live:
        live.visit(4)
        yield live


@pytest.fixture(scope="module")
def whole(base: LiveVault, tmp_path_factory: pytest.TempPathFactory) -> LiveVault:
    """What an undisturbed backup of it makes."""
    live = base.copy(tmp_path_factory.mktemp("whole") / "vault")
    live.back_up()
    return live


@pytest.fixture
def live(base: LiveVault, tmp_path: Path) -> LiveVault:
    base.server.calls.clear()
    base.server.faults.clear()
    return base.copy(tmp_path / "vault")


def pages(live: LiveVault) -> Counter[tuple[Any, ...]]:
    """How often each page of a history was given that had messages."""
    return Counter(
        (call.request.peer.to_json(), call.range, call.request.offset_id)
        for call in live.calls("messages.getHistory")
        if call.outcome == "ok"
    )


def asked_twice(live: LiveVault) -> int:
    return sum(count - 1 for count in pages(live).values())


# Killed


def writes_of(base: LiveVault, folder: Path) -> int:
    """Count the writes of a run to the store."""
    budget = [10**9]
    live = base.copy(folder)
    live.back_up(budget=budget)
    return 10**9 - budget[0]


@pytest.mark.parametrize("rest", range(4))
def test_killed_after_any_write_the_next_run_goes_on(
    base: LiveVault, whole: LiveVault, tmp_path: Path, rest: int
) -> None:
    wanted = whole.everything()
    writes = writes_of(base, tmp_path / "counted")
    assert 50 < writes < 150

    for number in range(rest, writes, 4):
        base.server.calls.clear()
        live = base.copy(tmp_path / f"{number}")
        with pytest.raises(Killed):
            live.back_up(budget=[number])
        outcome = live.back_up()

        assert (outcome.ended, outcome.report.findings) == (None, []), number
        assert live.everything() == wanted, number
        assert asked_twice(live) <= 1, number
        assert len(live.server.calls.parts_fetched_twice()) <= LANES, number


def test_killed_again_and_again_it_comes_to_an_end(live: LiveVault, whole: LiveVault) -> None:
    kills = 0
    # What each run begins with takes some thirty.
    while _is_killed(live, writes=38):
        kills += 1
        assert kills < 30

    assert kills > 3
    assert live.everything() == whole.everything()
    assert asked_twice(live) <= kills
    assert len(live.server.calls.parts_fetched_twice()) <= kills * LANES


def _is_killed(live: LiveVault, *, writes: int) -> bool:
    try:
        live.back_up(budget=[writes])
    except Killed:
        return True
    return False


@pytest.mark.parametrize(
    "phase", ["looking at the account", "listing chats", "fetching files", "merging", "writing the snapshot"]
)
def test_killed_in_any_phase_nothing_that_was_kept_is_asked_for_again(
    live: LiveVault, whole: LiveVault, phase: str
) -> None:
    with pytest.raises(Killed):
        live.back_up(progress=Mortal(phase))
    live.back_up()

    assert live.everything() == whole.everything()
    assert (asked_twice(live), live.server.calls.parts_fetched_twice()) == (0, ())


class Mortal(Telling):
    """Dies as a phase begins."""

    def __init__(self, phase: str) -> None:
        super().__init__()
        self._last = phase

    def phase(self, name: str, total_bytes: int | None = None) -> None:
        if name == self._last:
            raise Killed
        super().phase(name, total_bytes)


def test_what_a_snapshot_holds_is_not_told_again_though_nobody_took_note_of_it(
    live: LiveVault, whole: LiveVault
) -> None:
    budget = [10**9]
    with pytest.raises(Killed):
        live.back_up(budget=budget, progress=Dying(budget))
    assert len(live.vault.snapshots()) == 1
    outcome = live.back_up()

    # It is told once more, and is the same.
    assert (outcome.report.messages.new, outcome.report.messages.edited) == (0, 0)
    assert live.everything() == whole.everything()
    assert (asked_twice(live), live.server.calls.parts_fetched_twice()) == (0, ())


class Dying(Telling):
    """Lets the store write nothing more once the snapshot is being written."""

    def __init__(self, budget: list[int]) -> None:
        super().__init__()
        self._budget = budget

    def phase(self, name: str, total_bytes: int | None = None) -> None:
        if name == "writing the snapshot":
            self._budget[0] = 0


def test_what_happened_in_between_is_told_by_the_run_that_goes_on(tmp_path: Path) -> None:
    account = small()
    ben, group = account.conversations[BEN], account.conversations[-1_000_000_000_009]
    with serve(account, tmp_path) as live:
        with pytest.raises(Killed):
            live.back_up(progress=Mortal("fetching files"))
        account.edit(ben, 1, message="edited meanwhile")
        account.delete(group, 5)
        new = account.say(ben, "new meanwhile")
        live.back_up()
        live.back_up()

        assert live.texts("user:11")[1] == "edited meanwhile"
        assert live.texts("user:11")[new.id] == "new meanwhile"
        assert live.gone() == {"channel:9": [5]}


# Stopped by its user


def test_an_interrupt_while_pages_are_fetched_ends_it_and_the_next_run_goes_on(
    live: LiveVault, whole: LiveVault
) -> None:
    with pytest.raises(KeyboardInterrupt):
        live.back_up(progress=Telling(on_items=_interrupt))
    live.back_up()

    assert asked_twice(live) == 0
    assert live.everything() == whole.everything()


def _interrupt(items: int) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("part", range(1, 5))
def test_an_interrupt_while_files_are_fetched_ends_it_and_the_next_run_goes_on(
    live: LiveVault, whole: LiveVault, part: int
) -> None:
    stop = Fault(Drop(), "upload.getFile", times=None, when=Interrupting(part))
    live.server.faults.add(stop)
    with pytest.raises(KeyboardInterrupt):
        live.back_up()
    live.server.faults.clear()
    live.back_up()

    assert asked_twice(live) == 0
    assert len(live.server.calls.parts_fetched_twice()) <= LANES
    assert live.everything() == whole.everything()


class Interrupting:
    """Presses Ctrl-C when a file is asked for the n-th time."""

    def __init__(self, number: int) -> None:
        self._left = number

    def __call__(self, request: Any) -> bool:
        self._left -= 1
        if not self._left:
            os.kill(os.getpid(), signal.SIGINT)
        return False


# The connection is lost


@pytest.mark.parametrize("rest", range(2))
def test_the_connection_may_be_lost_at_any_request(
    base: LiveVault, tmp_path: Path, whole: LiveVault, rest: int
) -> None:
    wanted = whole.everything()
    base.server.calls.clear()
    base.copy(tmp_path / "counted").back_up()
    requests = len(base.calls())
    assert requests > 10

    for number in range(2 + rest, requests, 2):
        base.server.calls.clear()
        base.server.faults.add(drop := Fault(Drop(7), after=number))
        live = base.copy(tmp_path / f"{number}")
        outcome = live.back_up()
        base.server.faults.clear()

        assert (outcome.ended, outcome.report.findings) == (None, []), (number, drop)
        assert live.everything() == wanted, number
        # Answers that were on their way go down with the connection.
        assert len(live.server.calls.parts_fetched_twice()) <= LANES, number


def test_the_server_may_change_its_salt_at_any_moment(live: LiveVault, whole: LiveVault) -> None:
    for number in range(3, 40, 6):
        live.server.faults.add(Fault(NewSalt(), after=number))
    outcome = live.back_up()
    live.server.faults.clear()

    assert (outcome.ended, outcome.report.findings) == (None, [])
    assert live.server.calls.parts_fetched_twice() == ()
    assert live.everything() == whole.everything()


def test_a_socket_that_is_cut_in_a_part_of_a_file_has_that_part_asked_for_again(live: LiveVault) -> None:
    cut = Fault(Drop(100_000), "upload.getFile", when=lambda request: bool(request.offset == PART))
    live.server.faults.add(cut)
    live.back_up()

    parts = [call.part for call in live.calls("upload.getFile") if call.part is not None and call.part.id == 2]
    asked = Counter(part.offset for part in parts)
    assert (asked[0], asked[PART]) == (1, 2)


# With workers


def test_workers_read_what_was_fetched_out_of_the_store(base: LiveVault, live: LiveVault, whole: LiveVault) -> None:
    live.jobs = 2
    live.back_up()

    assert live.everything() == whole.everything()
