"""Files that are not had at once: references that run out, other data centres, those that nobody gets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from account_support import ada
from takeout_accounts import BEN, a_channel, a_document, a_photo, talk_with_ben
from takeout_files import (
    CATEGORIES,
    FILES,
    PART,
    asked,
    at_files,
    contents,
    contents_of,
    missing,
    of,
    restored,
    with_files,
)
from takeout_support import LiveVault, losses, serve
from tgvault.testing.telegram import Account
from tgvault.testing.telegram.account.conversation import Access
from tgvault.testing.telegram.faults import Drop, Fault, Refuse

#: Why a file is missing of which there is no reference that is good.
REFUSED = "what spoke of it is gone, or has another file now, or the reference that was refused"
STALE = ["FILE_REFERENCE_EXPIRED", "FILE_REFERENCE_INVALID", "FILE_REFERENCE_EMPTY"]


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


@pytest.fixture
def changing(tmp_path: Path) -> Iterator[LiveVault]:
    """The same, of an account of the test's own."""
    with serve(with_files(), tmp_path / "vault", categories=CATEGORIES) as live:
        yield live


# References


@pytest.mark.parametrize("word", STALE)
@pytest.mark.parametrize(("kind", "number", "letter"), FILES)
def test_a_reference_that_is_refused_is_asked_for_again_where_the_file_came_from(
    live: LiveVault, word: str, kind: str, number: int, letter: str
) -> None:
    live.server.faults.add(refused := Fault(Refuse(word), "upload.getFile", when=of(number, letter)))
    outcome = live.back_up(progress=at_files(lambda: live.account.age_references([(kind, number)])))

    assert live.server.faults.strikes(refused) == 1
    assert (outcome.ended, losses(outcome), missing(outcome)) == (None, [], {})
    assert restored(live) == contents(live.account)
    assert live.server.calls.parts_fetched_twice() == ()


def test_a_reference_that_runs_out_in_the_middle_of_a_file_has_the_rest_fetched_and_no_more(live: LiveVault) -> None:
    ages = Ageing(live.account, 1)
    live.server.faults.add(Fault(Drop(), "upload.getFile", times=None, when=ages))
    outcome = live.back_up()

    assert (losses(outcome), restored(live)) == ([], contents(live.account))
    assert live.server.calls.parts_fetched_twice() == ()
    # The first part was there; those beside each other may all have found the reference stale.
    assert asked(live, 1)[0] == 1
    assert live.count("messages.getMessages") == 1


class Ageing:
    """Lets the reference of a document run out when its second part is asked for; strikes never."""

    def __init__(self, account: Account, number: int) -> None:
        self._account = account
        self._number = number
        self._is_done = False

    def __call__(self, request: Any) -> bool:
        if not self._is_done and of(self._number, offset=PART)(request):
            self._is_done = True
            self._account.age_references([("document", self._number)])
        return False


def test_references_of_many_files_are_asked_for_at_once(tmp_path: Path) -> None:
    account = ada()
    talk = talk_with_ben(account)
    for number in range(1, 121):
        account.say(talk, media=a_document(account, number, size=100))

    with serve(account, tmp_path, categories=["chats"]) as live:
        outcome = live.back_up(progress=at_files(account.age_references))

        assert (losses(outcome), outcome.report.media.files) == ([], 120)
        assert live.count("messages.getMessages") <= 3
        assert live.server.calls.parts_fetched_twice() == ()


@pytest.mark.parametrize("word", STALE)
def test_a_file_whose_every_reference_is_refused_is_listed_and_tried_again(live: LiveVault, word: str) -> None:
    live.server.faults.add(Fault(Refuse(word), "upload.getFile", times=None, when=of(2)))
    outcome = live.back_up()

    assert missing(outcome) == {"photo_2.jpg": REFUSED}
    assert (outcome.ended, outcome.report.media.missing) == (None, {"unavailable": 1})
    assert restored(live) == contents(live.account, ("photo", 2, "y"))
    assert live.bodies("user:11")[2]["photo"] == "(File unavailable, please try again later)"
    live.server.faults.clear()
    live.server.calls.clear()
    outcome = live.back_up()
    assert (missing(outcome), outcome.report.media.filled) == ({}, 1)
    assert restored(live) == contents(live.account)
    assert [call.part and call.part.id for call in live.calls("upload.getFile")] == [2]
    live.server.calls.clear()
    live.back_up()
    assert (live.count("upload.getFile"), live.count("messages.getMessages")) == (0, 0)


def test_a_file_that_stays_unavailable_is_listed_by_every_run(live: LiveVault) -> None:
    live.server.faults.add(Fault(Refuse("LOCATION_INVALID"), "upload.getFile", times=None, when=of(2)))
    first, second, third = (missing(live.back_up()) for _ in range(3))

    assert first == second == third == {"photo_2.jpg": "Telegram does not give it: LOCATION_INVALID"}
    assert len(asked(live, 2, "y")) == 1
    assert asked(live, 2, "y")[0] == 3


def test_a_file_that_is_refused_stays_listed_though_its_message_is_asked_for_again(live: LiveVault) -> None:
    live.server.faults.add(Fault(Refuse("LOCATION_INVALID"), "upload.getFile", when=of(3, "")))
    live.server.faults.add(Fault(Refuse("FILE_REFERENCE_EXPIRED"), "upload.getFile", when=of(3, "m")))
    ageing = at_files(lambda: live.account.age_references([("document", 3)]))
    outcome = live.back_up(progress=ageing)

    assert [reason for name, reason in missing(outcome).items() if not name.endswith("thumb.jpg")] == [
        "Telegram does not give it: LOCATION_INVALID"
    ]
    assert outcome.report.media.missing == {"unavailable": 1}
    assert live.back_up().report.media.filled == 1
    assert restored(live) == contents(live.account)


def test_a_file_whose_message_is_deleted_meanwhile_is_listed_and_the_message_is_gone(changing: LiveVault) -> None:
    account = changing.account

    def delete() -> None:
        account.delete(account.conversations[BEN], 2)
        account.age_references([("photo", 2)])

    outcome = changing.back_up(progress=at_files(delete))

    assert missing(outcome) == {"photo_2.jpg": REFUSED}
    assert outcome.report.media.missing == {"unavailable": 1}
    assert restored(changing) == contents(account, ("photo", 2, "y"))
    outcome = changing.back_up()
    assert (missing(outcome), changing.gone()) == ({}, {"user:11": [2]})


def test_a_file_that_another_message_speaks_of_too_outlives_the_deletion_of_one(tmp_path: Path) -> None:
    account = ada()
    ben, shared = talk_with_ben(account), a_document(account, 1)
    group = a_channel(account, 9, "Group")
    for talk in (ben, group):
        account.say(talk, media=shared)

    def delete() -> None:
        account.delete(ben, 1)
        account.age_references()

    with serve(account, tmp_path, categories=["chats"]) as live:
        outcome = live.back_up(progress=at_files(delete))

        assert (missing(outcome), outcome.report.media.missing) == ({}, {})
        assert live.messages()["channel:9"][1].media["file"].content is not None


def test_a_file_whose_chat_is_closed_meanwhile_is_listed_until_it_is_open_again(changing: LiveVault) -> None:
    account = changing.account
    group = account.conversations[-1_000_000_000_009]

    def close() -> None:
        group.access = Access.CLOSED
        account.age_references([("document", 3)])

    first = changing.back_up(progress=at_files(close))
    second = changing.back_up()
    group.access = Access.OPEN
    third = changing.back_up()

    closed = "what speaks of it cannot be asked for: CHANNEL_PRIVATE"
    assert [set(missing(each).values()) for each in (first, second, third)] == [{closed}, {closed}, set()]
    assert (first.ended, second.ended, third.ended) == (None, None, None)
    assert (first.report.media.missing, third.report.media.filled) == ({"unavailable": 2}, 1)
    assert (restored(changing), changing.gone()) == (contents(account), {})


def test_files_of_documents_are_asked_for_again_without_any_chat(changing: LiveVault) -> None:
    changing.server.faults.add(Fault(Refuse("LOCATION_INVALID"), "upload.getFile", times=2, when=of(4)))
    choice = {"categories": ["profile photos"]}
    counts = [len(missing(changing.back_up(**choice))) for _ in range(3)]

    assert counts == [1, 1, 0]
    assert restored(changing) == contents_of(changing.account, ("photo", 4, "y"))


# Where it lies


def test_a_file_that_lies_elsewhere_than_its_message_says_is_fetched_there(tmp_path: Path) -> None:
    account = ada()
    moved = a_document(account, 1, size=3 * PART, dc=4)
    moved.document.dc_id = 2
    account.say(talk_with_ben(account), media=moved)

    with serve(account, tmp_path, categories=["chats"]) as live:
        outcome = live.back_up()

        assert next((call.dc, call.request.offset) for call in live.calls("upload.getFile")) == (2, 0)
        assert Counter(call.outcome for call in live.calls("upload.getFile")) == {"FILE_MIGRATE_4": 1, "ok": 3}
        assert (losses(outcome), outcome.report.media.files) == ([], 1)


def test_a_file_that_is_said_to_lie_everywhere_and_nowhere_is_listed(live: LiveVault) -> None:
    live.server.faults.add(Fault(Refuse("FILE_MIGRATE_4"), "upload.getFile", times=None, when=of(1), dc=2))
    live.server.faults.add(Fault(Refuse("FILE_MIGRATE_2"), "upload.getFile", times=None, when=of(1), dc=4))
    outcome = live.back_up()

    assert list(missing(outcome).values()) == [
        "Telegram says again and again that its place or its reference is another one"
    ]
    assert outcome.ended is None
    assert restored(live) == contents(live.account, ("document", 1, ""))


@pytest.mark.parametrize("word", ["LOCATION_INVALID", "FILE_ID_INVALID", "NEVER_HEARD_OF", "FILE_MIGRATE_9"])
def test_one_file_that_telegram_does_not_give_ends_nothing(live: LiveVault, word: str) -> None:
    live.server.faults.add(Fault(Refuse(word), "upload.getFile", times=None, when=of(1)))
    outcome = live.back_up()

    assert (outcome.ended, len(missing(outcome))) == (None, 1)
    assert restored(live) == contents(live.account, ("document", 1, ""))
    live.server.faults.clear()
    assert missing(live.back_up()) == {}
    assert restored(live) == contents(live.account)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Drop(), "data centre 4 cannot be reached"),
        (Refuse("AUTH_KEY_UNREGISTERED"), "data centre 4 does not take the login"),
    ],
)
def test_a_data_centre_that_is_away_keeps_nobody_from_the_files_of_others(
    tmp_path: Path, fault: Drop | Refuse, reason: str
) -> None:
    account = ada()
    ben = talk_with_ben(account)
    for number in range(1, 25):
        account.say(ben, media=a_photo(account, number, dc=4 if number < 12 else 2))

    with serve(account, tmp_path, categories=["chats"]) as live:
        live.server.faults.add(Fault(fault, "upload.getFile", times=None, dc=4))
        outcome = live.back_up()

        assert (outcome.ended, len(missing(outcome)), set(missing(outcome).values())) == (None, 11, {reason})
        assert outcome.report.media.files == 13
        live.server.faults.clear()
        assert missing(live.back_up()) == {}


@pytest.mark.parametrize("size", [-1, -(1 << 63)])
def test_files_of_sizes_that_none_can_have_are_listed_and_counted_nowhere(tmp_path: Path, size: int) -> None:
    account = ada()
    ben = talk_with_ben(account)
    for number in (100, 101):
        media = a_document(account, number)
        media.document.size = size
        account.say(ben, media=media)
    account.say(ben, media=a_photo(account, 1))
    with serve(account, tmp_path, categories=["chats"]) as live:
        for _ in range(2):
            outcome = live.back_up()

            told = {each.subject: each.detail for each in losses(outcome)}
            reason = f"it is said to have {size} bytes, which no file has"
            assert (outcome.ended, told) == (None, {f"{{chat}}/files/{each}_{each}.bin": reason for each in (100, 101)})
            assert live.messages()["user:11"][3].media["photo"].content is not None
