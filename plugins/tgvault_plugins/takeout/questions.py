"""Asking somebody something again, where the answer cannot be right."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tgvault.api import Conversation, UsageError

__all__ = ["TRIES", "answer_to", "right_answer_to"]

#: How often an answer may be wrong.
TRIES = 3

_T = TypeVar("_T")


def answer_to(question: Callable[[], str], *, failure: Exception | None) -> str:
    """Ask once more after a failure, or for the first time.

    Raises:
        UsageError: there is no answer, and nothing failed before; otherwise the failure is raised.
    """
    try:
        return question()
    except UsageError:
        if failure is None:
            raise
        raise failure from None


def right_answer_to(
    question: Callable[[], str], read: Callable[[str], _T], *, talk: Conversation, failure: Exception | None = None
) -> _T:
    """Ask until `read` makes something of the answer, which raises `UsageError` where it cannot.

    Raises:
        UsageError: it could not, `TRIES` times, or then there was no answer; `failure` is raised as by `answer_to`.
    """
    for _ in range(TRIES - 1):
        text = answer_to(question, failure=failure)
        try:
            return read(text)
        except UsageError as error:
            talk.tell(_sentences(error))
            failure = error
    return read(answer_to(question, failure=failure))


def _sentences(error: UsageError) -> str:
    said = [str(error), *([error.hint] if error.hint else [])]
    return " ".join(f"{each[:1].upper()}{each[1:]}." for each in said)
