"""Asking several places at once, and waiting no longer than one is willing to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import TypeVar

from tgvault.errors import TgVaultError

__all__ = ["ask_all"]

_Answer = TypeVar("_Answer")


def ask_all(
    questions: Mapping[str, Callable[[], _Answer]], *, seconds: float, clock: Callable[[], float] = monotonic
) -> dict[str, _Answer | TgVaultError]:
    """Ask all questions at once, and give what was answered in time, by name: an answer, or why there is none.

    Who does not answer is left to itself: its thread keeps no process from ending.
    """
    answers: SimpleQueue[tuple[str, _Answer | Exception]] = SimpleQueue()
    for name, question in questions.items():
        Thread(target=_ask, args=(name, question, answers), name=f"tgvault-ask-{name}", daemon=True).start()
    found: dict[str, _Answer | TgVaultError] = {}
    end = clock() + seconds
    while len(found) < len(questions):
        try:
            name, answer = answers.get(timeout=max(end - clock(), 0))
        except Empty:
            break
        if isinstance(answer, Exception) and not isinstance(answer, TgVaultError):
            raise answer
        found[name] = answer
    return found


def _ask(name: str, question: Callable[[], _Answer], answers: SimpleQueue[tuple[str, _Answer | Exception]]) -> None:
    try:
        answers.put((name, question()))
    except Exception as error:
        # Whoever waits for the answer is told.
        answers.put((name, error))
