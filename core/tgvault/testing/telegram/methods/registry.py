"""Which function answers which method."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tgvault.testing.telegram.tl import Answer, Tl

if TYPE_CHECKING:
    from tgvault.testing.telegram.world import Invocation

__all__ = ["METHODS", "Method", "answers"]


@dataclass(frozen=True, slots=True)
class Method:
    """How a method is answered, and to whom."""

    carry_out: Callable[[Invocation], Answer]
    #: For logged-in clients only.
    login: bool = True
    #: For bots too; else they are told BOT_METHOD_INVALID.
    bots: bool = False
    #: Of the CDN's data centre.
    cdn: bool = False


METHODS: dict[type[Tl], Method] = {}


def answers(
    *requests: type[Tl], login: bool = True, bots: bool = False, cdn: bool = False
) -> Callable[[Callable[[Invocation], Answer]], Callable[[Invocation], Answer]]:
    """Let a function answer the methods of these request classes."""

    def register(carry_out: Callable[[Invocation], Answer]) -> Callable[[Invocation], Answer]:
        METHODS.update(dict.fromkeys(requests, Method(carry_out, login=login, bots=bots, cdn=cdn)))
        return carry_out

    return register
