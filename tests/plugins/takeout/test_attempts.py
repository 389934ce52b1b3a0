from __future__ import annotations

import asyncio

from telethon.tl.functions.help import GetConfigRequest

from tgvault_plugins.takeout.answers import UnreadableAnswerError
from tgvault_plugins.takeout.attempts import ATTEMPTS, LONGEST_WAIT, WAITS, Attempts


def failing(failure: Exception, times: int = 100) -> list[float]:
    """The pauses that are made while a request fails again and again."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async def work() -> None:
        attempts = Attempts(sleep)
        for _ in range(times):
            if not await attempts.again(failure):
                return

    asyncio.run(work())
    return slept


def test_what_fails_is_tried_again_for_about_four_minutes() -> None:
    slept = failing(ConnectionError())

    assert len(slept) == ATTEMPTS
    assert slept[:3] == [0.5, 1.0, 2.0]
    assert 4 * 60 < sum(slept) < 5 * 60


def test_an_answer_that_cannot_be_read_is_asked_for_once_more() -> None:
    assert failing(UnreadableAnswerError(GetConfigRequest())) == [0.5, 1.0]


def attempts() -> Attempts:
    return Attempts(asyncio.sleep)


def test_six_hours_are_waited_and_not_a_second_more() -> None:
    assert attempts().may_wait(LONGEST_WAIT)
    assert not attempts().may_wait(LONGEST_WAIT + 1)
    assert not attempts().may_wait(10**400)


def test_waits_in_a_row_have_an_end() -> None:
    tried = attempts()

    assert [tried.may_wait(0) for _ in range(WAITS + 1)] == [True] * WAITS + [False]
