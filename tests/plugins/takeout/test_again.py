from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tgvault.state.database import Database, Form
from tgvault_plugins.takeout.again import ask_again
from tgvault_plugins.takeout.asking import PAGE
from tgvault_plugins.takeout.ledger.ledger import Ledger
from tgvault_plugins.takeout.ledger.schema import SCHEMA, VERSION

CHAT = 1


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    database = Database.open(tmp_path / "store.db", key="ab" * 32, form=Form(SCHEMA, VERSION))
    yield Ledger(database)
    database.close()


class Reader:
    """Remembers what is asked for; takes off the list only what `takes` has."""

    def __init__(self, ledger: Ledger, *, takes: Sequence[int]) -> None:
        self._ledger = ledger
        self._takes = takes
        self.asked: list[Sequence[int]] = []

    async def again(self, number: int, ids: Sequence[int]) -> None:
        self.asked.append(ids)
        self._ledger.messages.done_todo(number, [each for each in ids if each in self._takes])


def test_each_message_is_asked_for_once_by_pages_whatever_becomes_of_it(ledger: Ledger) -> None:
    ids = range(-PAGE, PAGE + 7)
    ledger.messages.add_todo((CHAT, each) for each in ids)
    reader = Reader(ledger, takes=range(50))

    asyncio.run(ask_again(reader, ledger, CHAT))

    assert [len(each) for each in reader.asked] == [PAGE, PAGE, 7]
    assert [each for page in reader.asked for each in page] == [*ids]
    assert ledger.messages.todo(CHAT, 1000) == [each for each in ids if each not in range(50)]


def test_where_nothing_is_to_be_asked_for_nothing_is(ledger: Ledger) -> None:
    reader = Reader(ledger, takes=())

    asyncio.run(ask_again(reader, ledger, CHAT))

    assert reader.asked == []
