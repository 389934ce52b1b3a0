from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import NoReturn

import pytest

from tgvault_plugins.takeout import looping
from tgvault_plugins.takeout.looping import Loop


def interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


@pytest.fixture(autouse=True)
def interrupting() -> Iterator[None]:
    """Have signals raise, as the program does."""
    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()


async def answer(value: int = 5) -> int:
    await asyncio.sleep(0)
    return value


async def stopped_by(*numbers: int, left: list[str]) -> None:
    """Wait for ever; signals come meanwhile."""
    try:
        for number in numbers:
            signal.raise_signal(number)
        await asyncio.get_running_loop().create_future()
    finally:
        # Leaving takes a moment.
        await asyncio.sleep(0)
        left.append("left")


def test_work_is_done_a_piece_at_a_time(loop: Loop) -> None:
    assert [loop.run(answer(number)) for number in range(3)] == [0, 1, 2]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_work_in_order_and_is_passed_on(loop: Loop, number: int) -> None:
    left: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        loop.run(stopped_by(number, left=left))

    assert left == ["left"]
    assert signal.getsignal(number) is interrupt
    assert loop.run(answer()) == 5


def test_a_second_signal_is_the_same_wish(loop: Loop) -> None:
    left: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        loop.run(stopped_by(signal.SIGINT, signal.SIGINT, left=left))

    assert left == ["left"]


def test_a_third_signal_does_not_wait_for_anything(loop: Loop) -> None:
    left: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        loop.run(stopped_by(signal.SIGINT, signal.SIGINT, signal.SIGINT, left=left))


def test_a_signal_that_comes_as_the_work_ends_is_passed_on_too(loop: Loop) -> None:
    async def ending() -> int:
        signal.raise_signal(signal.SIGINT)
        return 5

    with pytest.raises(KeyboardInterrupt):
        loop.run(ending())
    assert loop.run(answer()) == 5


def test_a_signal_does_not_wait_for_a_person_who_is_asked(loop: Loop) -> None:
    left: list[str] = []

    async def asking() -> None:
        try:
            with loop.asking():
                signal.raise_signal(signal.SIGINT)
                left.append("answered")
        finally:
            await asyncio.sleep(0)
            left.append("left")

    with pytest.raises(KeyboardInterrupt):
        loop.run(asking())

    assert left == ["left"]
    assert loop.run(answer()) == 5


def test_nobody_is_asked_anything_once_a_signal_has_come(loop: Loop) -> None:
    asked: list[str] = []

    async def asking() -> None:
        signal.raise_signal(signal.SIGINT)
        with loop.asking():
            asked.append("asked")

    with pytest.raises(KeyboardInterrupt):
        loop.run(asking())

    assert asked == []
    assert loop.run(answer()) == 5


def test_a_signal_after_an_answer_ends_the_work_in_order(loop: Loop) -> None:
    left: list[str] = []

    async def asking() -> None:
        with loop.asking():
            pass
        await stopped_by(signal.SIGINT, left=left)

    with pytest.raises(KeyboardInterrupt):
        loop.run(asking())

    assert left == ["left"]


def test_nothing_is_let_through_where_nothing_goes_on(loop: Loop) -> None:
    with loop.asking(), pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_what_fails_is_raised(loop: Loop) -> None:
    async def failing() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        loop.run(failing())


def test_what_is_cancelled_from_within_is_no_stop(loop: Loop) -> None:
    async def cancelled() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        loop.run(cancelled())


def test_other_threads_work_without_signals() -> None:
    found: list[int] = []

    def work() -> None:
        loop = Loop()
        found.append(loop.run(answer()))
        loop.close()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert found == [5]


def test_a_farewell_is_said_before_the_end() -> None:
    said: list[int] = []

    async def farewell() -> None:
        said.append(await answer())

    Loop().close(farewell())

    assert said == [5]


def test_a_farewell_that_nobody_answers_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looping, "FAREWELL", 0.01)
    left: list[str] = []

    Loop().close(stopped_by(left=left))

    assert left == ["left"]


def test_a_farewell_that_fails_does_not_keep_anything_open() -> None:
    async def failing() -> None:
        raise ConnectionResetError("gone")

    Loop().close(failing())


def test_what_goes_on_in_the_background_is_ended() -> None:
    loop = Loop()
    left: list[str] = []

    async def begin() -> asyncio.Task[None]:
        task = asyncio.create_task(stopped_by(left=left))
        await asyncio.sleep(0)
        return task

    task = loop.run(begin())
    loop.close()

    assert (task.cancelled(), left) == (True, ["left"])
