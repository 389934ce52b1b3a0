"""Parts of files that are lost or wrong, files of odd sizes, and files that the settings leave out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from account_support import ada
from takeout_accounts import a_document, talk_with_ben
from takeout_files import CATEGORIES, FILES, PART, asked, contents, missing, of, restored, with_files
from takeout_support import Killed, LiveVault, Telling, losses, serve
from tgvault.testing.telegram.faults import ChangeFile, Drop, Fault, Refuse

#: Parts that may be under way at once, for each data centre.
LANES = 4


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveVault]:
    """An account with files, and a vault that never saw it."""
    with serve(with_files(), tmp_path_factory.mktemp("base") / "vault", categories=CATEGORIES) as live:
        live.visit(4)
        yield live


@pytest.fixture
def live(base: LiveVault, tmp_path: Path) -> LiveVault:
    base.server.calls.clear()
    base.server.faults.clear()
    return base.copy(tmp_path / "vault")


# Parts


@pytest.mark.parametrize("change", [lambda data: data[:-1], lambda data: data + b"!", lambda data: b""])
@pytest.mark.parametrize("offset", [0, PART, 3 * PART])
def test_a_part_that_is_too_short_or_too_long_is_not_kept_and_the_file_is_listed(
    live: LiveVault, offset: int, change: Callable[[bytes], bytes]
) -> None:
    live.server.faults.add(Fault(ChangeFile(change), "upload.getFile", when=of(1, offset=offset)))
    outcome = live.back_up()

    (reason,) = missing(outcome).values()
    assert f"bytes came of it at {offset}, where there should be" in reason
    assert restored(live) == contents(live.account, ("document", 1, ""))
    assert missing(live.back_up()) == {}
    assert restored(live) == contents(live.account)


@pytest.mark.parametrize("offset", range(0, 4 * PART, PART))
def test_a_connection_that_is_lost_in_the_middle_of_a_file_costs_what_was_under_way(
    live: LiveVault, offset: int
) -> None:
    live.server.faults.add(Fault(Drop(20), "upload.getFile", when=of(1, offset=offset)))
    outcome = live.back_up()
    counts = asked(live, 1)

    assert (losses(outcome), restored(live)) == ([], contents(live.account))
    assert counts[offset] == 2
    assert counts.total() <= 4 + (1 if offset == 0 else LANES)


def test_a_run_that_is_killed_in_the_middle_of_a_file_keeps_its_parts(live: LiveVault) -> None:
    with pytest.raises(Killed):
        live.back_up(progress=Dying(2 * PART))
    before = {part.offset for part in live.server.calls.parts_fetched() if part.file == ("document", 1, "")}
    live.server.calls.clear()
    live.back_up()

    assert before
    assert restored(live) == contents(live.account)
    assert 0 not in asked(live, 1)
    assert asked(live, 1).total() <= 3


class Dying(Telling):
    """Kills the run when so many bytes of files were received."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def advance(self, amount: int = 0, *, items: int = 0) -> None:
        super().advance(amount, items=items)
        if self.bytes >= self._limit:
            raise Killed


# Sizes


def test_an_empty_file_is_a_file(tmp_path: Path) -> None:
    account = ada()
    account.say(talk_with_ben(account), media=a_document(account, 1, size=0))

    with serve(account, tmp_path, categories=["chats"]) as live:
        outcome = live.back_up()

        assert (losses(outcome), outcome.report.media.files) == ([], 1)
        assert restored(live) == {b""}
        live.server.calls.clear()
        live.back_up()
        assert live.count("upload.getFile") == 0


@pytest.mark.parametrize(
    ("size", "reason"),
    [(1 << 50, "too big"), ((4000 << 20) + 1, "too big"), (-5, "unavailable"), (-(1 << 60), "unavailable")],
)
def test_a_file_of_a_size_that_no_file_has_is_left_alone(tmp_path: Path, size: int, reason: str) -> None:
    account = ada()
    absurd = a_document(account, 1)
    absurd.document.size = size
    talk = talk_with_ben(account)
    for media in (absurd, a_document(account, 2)):
        account.say(talk, media=media)

    with serve(account, tmp_path, categories=["chats"]) as live:
        outcome = live.back_up()

        assert (outcome.ended, outcome.report.media.missing) == (None, {reason: 1})
        assert [call.part and call.part.id for call in live.calls("upload.getFile")] == [2]
        live.estimate()


def test_a_file_that_is_smaller_or_larger_than_its_message_says_is_listed(tmp_path: Path) -> None:
    account = ada()
    talk = talk_with_ben(account)
    for number, said in ((1, 2_001), (2, 1_999), (3, 2_000)):
        document = a_document(account, number, size=2_000)
        document.document.size = said
        account.say(talk, media=document)

    with serve(account, tmp_path, categories=["chats"]) as live:
        outcome = live.back_up()

        assert (outcome.ended, len(missing(outcome)), outcome.report.media.files) == (None, 2, 1)


# Which are wanted


def test_of_files_that_are_not_wanted_it_is_said_why_until_they_are(live: LiveVault) -> None:
    less = {"media": ["photos", "files"], "max_size": "1 MB", "max_sizes": {"photos": "1 kB"}}
    first = live.back_up(**less)
    live.server.calls.clear()
    second = live.back_up(media=["photos", "files"], max_sizes={"photos": "1 kB"})

    assert first.report.media.missing == {"too big": 2, "not included": 4}
    # Of the profile photo and the story nothing is told: they are of other sorts.
    assert (losses(first), missing(second)) == ([], {})
    assert {call.part.id for call in live.calls("upload.getFile") if call.part is not None} == {1}
    live.server.calls.clear()
    live.back_up()
    assert {call.part.file for call in live.calls("upload.getFile") if call.part is not None} == {*FILES[1:]}
    assert restored(live) == contents(live.account)


def test_a_file_that_was_left_out_may_be_unavailable_when_it_is_wanted(live: LiveVault) -> None:
    live.back_up(media=["files"])
    live.server.faults.add(Fault(Refuse("LOCATION_INVALID"), "upload.getFile", when=of(2)))
    outcome = live.back_up()

    assert list(missing(outcome)) == ["photo_2.jpg"]
    assert live.back_up().report.media.filled == 1
    assert restored(live) == contents(live.account)


def test_a_file_that_could_not_be_had_and_is_not_wanted_any_more_is_no_loss(live: LiveVault) -> None:
    live.server.faults.add(Fault(Refuse("LOCATION_INVALID"), "upload.getFile", times=None, when=of(2)))
    assert len(missing(live.back_up())) == 1
    live.server.faults.clear()
    live.server.calls.clear()
    outcome = live.back_up(media=["videos", "files", "thumbnails", "profile photos", "stories"])

    assert (missing(outcome), losses(outcome)) == ({}, [])
    assert live.count("upload.getFile") == 0
    assert missing(live.back_up()) == {}
    assert restored(live) == contents(live.account)


def test_a_file_that_a_run_was_killed_over_is_not_fetched_when_it_is_not_wanted_any_more(live: LiveVault) -> None:
    with pytest.raises(Killed):
        live.back_up(progress=Dying(2 * PART))
    live.server.calls.clear()
    outcome = live.back_up(max_sizes={"files": "1 MB"})

    assert (asked(live, 1).total(), losses(outcome)) == (0, [])
    assert outcome.report.media.missing == {"too big": 1}
    assert restored(live) == contents(live.account, FILES[0])
    assert live.back_up().report.media.filled == 1
    assert restored(live) == contents(live.account)


def test_what_is_left_out_is_fetched_later_though_its_message_was_edited_meanwhile(tmp_path: Path) -> None:
    account = ada()
    talk = talk_with_ben(account)
    account.say(talk, media=a_document(account, 1))

    with serve(account, tmp_path, categories=["chats"]) as live:
        live.back_up(media=["photos"])
        account.edit(talk, 1, message="edited")
        live.back_up(media=["photos"])
        outcome = live.back_up()

        assert (outcome.report.media.filled, outcome.report.media.missing) == (1, {})
        assert live.messages()["user:11"][1].media["file"].content is not None
