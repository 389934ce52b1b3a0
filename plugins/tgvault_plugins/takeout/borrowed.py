"""Functions of Telethon's that find other things than its own in the place of its module-wide names."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

__all__ = ["borrowed"]


def borrowed(function: Any, **names: object) -> Callable[..., Any]:
    """Give a function that does the same, but for these names; the one that everybody else uses stays as it is.

    Raises:
        AttributeError: its module has no such name.
    """
    missing = [name for name in names if name not in function.__globals__]
    if missing:
        raise AttributeError(f"`{function.__module__}` has no {missing}")
    given = {**function.__globals__, **names}
    made = FunctionType(function.__code__, given, function.__name__, function.__defaults__)
    made.__kwdefaults__ = function.__kwdefaults__
    return made
