from __future__ import annotations

import asyncio

from telethon.errors import RpcCallFailError
from telethon.tl.functions.help import GetConfigRequest

from tgvault_plugins.takeout.answers import UnreadableAnswerError
from tgvault_plugins.takeout.attempts import ATTEMPTS, LONGEST_WAIT, WAITS, Attempts


def failing(failure: Exception, *, each: float = 0.0) -> list[tuple[float, str]]:
    """The pauses that are made while a request fails again and again, which takes so many seconds `each` time."""
    slept: list[tuple[float, str]] = []
    now = 0.0

    async def sleep(seconds: float, reason: str) -> None:
        nonlocal now
        now += seconds + each
        slept.append((seconds, reason))

    async def work() -> None:
        attempts = Attempts(sleep, lambda: now)
        while await attempts.again(failure):
            pass

    asyncio.run(work())
    return slept


def test_what_fails_is_tried_again_for_about_four_minutes() -> None:
    slept = [seconds for seconds, _ in failing(ConnectionError())]

    assert len(slept) == ATTEMPTS
    assert slept[:3] == [0.5, 1.0, 2.0]
    assert 4 * 60 < sum(slept) < 5 * 60


def test_an_answer_that_cannot_be_read_is_asked_for_once_more() -> None:
    slept = failing(UnreadableAnswerError(GetConfigRequest()))

    assert [seconds for seconds, _ in slept] == [0.5, 1.0]


def test_where_nobody_answers_at_all_it_is_given_up_after_minutes_too() -> None:
    assert len(failing(ConnectionError(), each=61.0)) == 5


def test_it_is_told_what_is_waited_for() -> None:
    assert failing(ConnectionError())[0][1] == "no connection to Telegram; trying again"
    assert failing(RpcCallFailError(None))[0][1] == "Telegram is having trouble; trying again"


def attempts() -> Attempts:
    return Attempts(no_sleep, lambda: 0.0)


async def no_sleep(seconds: float, reason: str) -> None:
    """Wait for nothing."""


def test_six_hours_are_waited_and_not_a_second_more() -> None:
    assert attempts().may_wait(LONGEST_WAIT)
    assert not attempts().may_wait(LONGEST_WAIT + 1)
    assert not attempts().may_wait(10**400)


def test_waits_in_a_row_have_an_end() -> None:
    tried = attempts()

    assert [tried.may_wait(0) for _ in range(WAITS + 1)] == [True] * WAITS + [False]
