"""The event loop in a thread of its own."""

from __future__ import annotations

import asyncio
import threading

import pytest

from tgvault.api import SinkUnavailableError
from tgvault_plugins.sftp.loop import Loop


async def nothing() -> None:
    pass


async def answer() -> int:
    return 42


async def fail() -> None:
    raise ZeroDivisionError


def test_it_gives_what_comes_of_the_work() -> None:
    loop = Loop()

    assert loop.run(answer()) == 42
    with pytest.raises(ZeroDivisionError):
        loop.run(fail())

    loop.close(nothing())


def test_work_that_goes_on_is_cancelled_when_it_is_closed() -> None:
    loop = Loop()
    begun = threading.Event()
    caught: list[Exception] = []

    async def wait() -> None:
        begun.set()
        await asyncio.Event().wait()

    def work() -> None:
        try:
            loop.run(wait())
        except SinkUnavailableError as error:
            caught.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    begun.wait()

    loop.close(nothing())

    thread.join()
    assert len(caught) == 1


def test_work_for_a_loop_that_was_closed_is_refused() -> None:
    loop = Loop()
    loop.close(nothing())

    with pytest.raises(SinkUnavailableError):
        loop.run(answer())


def test_a_farewell_that_takes_too_long_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tgvault_plugins.sftp.loop._FAREWELL", 0.05)
    loop = Loop()

    async def linger() -> None:
        await asyncio.Event().wait()

    loop.close(linger())

    assert not loop._thread.is_alive()
