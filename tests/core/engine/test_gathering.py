from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import TypeVar

import pytest

from run_support import Machine, Script, ScriptedSource, body, exact_bodies, said, talk
from tgvault.archive.reading import ArchiveReader
from tgvault.engine import chat_work
from tgvault.engine.context import WorkContext
from tgvault.engine.gathering import UNDER_WAY
from tgvault.model.records import Chat, ChatKind, Record
from vault_support import a_bundle

KEYS = a_bundle()
Task = TypeVar("Task")
Done = TypeVar("Done")


class CountingPool:
    """Does tasks when they are asked for, and counts those that are neither done nor taken."""

    def __init__(self, context: WorkContext) -> None:
        self.context = context
        self.held = self.most = 0

    def submit(self, call: Callable[[WorkContext, Task], Done], task: Task) -> Future[Done]:
        pool = self
        pool.held += 1
        pool.most = max(pool.most, pool.held)

        class Later(Future[Done]):
            def result(self, timeout: float | None = None) -> Done:
                pool.held -= 1
                return call(pool.context, task)

        return Later()

    def close(self) -> None:
        assert self.held == 0


@pytest.mark.parametrize("chats", [1, 40])
def test_results_wait_for_no_more_than_a_few_parts_before_them(chats: int) -> None:
    """However long a chat is, and however many there are: memory does not grow with either."""
    machine = Machine(KEYS)
    spans = 200 // chats
    talks = [talk(dict.fromkeys(range(1, 5 * spans + 1), "x"), number=each, split=5) for each in range(1, chats + 1)]
    pools: list[CountingPool] = []

    def pool(context: WorkContext) -> CountingPool:
        pools.append(CountingPool(context))
        return pools[-1]

    machine.back_up(Script(talks), pool=pool)

    assert machine.report is not None
    assert machine.report.messages.new == 1000
    assert UNDER_WAY / 2 < pools[0].most <= UNDER_WAY + 1


@pytest.mark.parametrize("ordered", [True, False])
def test_messages_that_come_one_by_one_are_not_held(monkeypatch: pytest.MonkeyPatch, ordered: bool) -> None:
    """Each batch is taken in as soon as it is cut."""
    monkeypatch.setattr(chat_work, "BATCH", 100)
    machine = Machine(KEYS)
    source = ScriptedSource.of(Script())
    messages = [said(number if ordered else 7000 - number, "x") for number in range(1, 3000)]
    alone = max(sys.getrefcount(each) for each in messages)
    held: list[int] = []

    def records(starts: object) -> Iterator[Record]:
        yield talk({}).chat
        for message in messages:
            held.append(sum(sys.getrefcount(each) > alone for each in messages) if message.id % 500 == 0 else 0)
            yield message

    source.records = records  # type: ignore[method-assign]
    machine.back_up(source)

    assert machine.report is not None
    assert machine.report.messages.new == 2999
    assert max(held) <= 100 + 2


def test_chats_come_in_the_sources_order_whichever_is_read_first() -> None:
    machine = Machine(KEYS)
    talks = [talk({7: f"chat {number}"}, number=number, split=1 + number % 2 or None) for number in range(1, 30)]

    machine.back_up(Script(talks), pool=CountingPool)

    assert exact_bodies(machine.vault, machine.latest()) == [body(7, f"chat {n}").decode() for n in range(1, 30)]


def test_a_chat_without_an_opening_gets_one() -> None:
    machine = Machine(KEYS)
    bare = Chat("user:5", ChatKind.USER, 5, "personal_chat", "Ben")  # type: ignore[arg-type]

    machine.back_up(Script(more=[bare, said(1, "a")]))

    (entry,) = ArchiveReader(machine.latest().manifest, machine.vault.reader).chats()
    assert (entry.opening, entry.closing) == ('{"name":"Ben","type":"personal_chat","id":5,"messages":[', "]}")
