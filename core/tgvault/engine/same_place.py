"""Finding out whether two sinks lead to one place, whatever they are and however they get there."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from functools import partial

from tgvault.contracts.sink import ObjectName, Sink
from tgvault.engine.asking import ask_all
from tgvault.engine.trying import trial_place
from tgvault.errors import MissingObjectError

__all__ = ["seen_from"]

#: Seconds that the other places have for an answer together; one that says nothing is taken for another place.
_PATIENCE = 5.0


def seen_from(
    others: Mapping[str, Callable[[], Sink]],
    place: Sink,
    *,
    now: datetime,
    random: Callable[[int], bytes] = os.urandom,
    patience: float = _PATIENCE,
) -> str | None:
    """Put an object at a place, and name the first of the others that has it then; None where none does.

    `others` make the sinks of the other places; `now` is aware. What is put is taken away again, and bears a name that
    no vault uses.

    Raises:
        SinkError: nothing can be put there, or taken away.
    """
    name = ObjectName(f"{trial_place(now.astimezone(UTC), random)}same.age")
    place.put(name, b"is this one place?")
    try:
        answers = ask_all({other: partial(_has, make, name) for other, make in others.items()}, seconds=patience)
    finally:
        place.delete(name)
    return next((other for other in others if answers.get(other) is True), None)


def _has(make: Callable[[], Sink], name: ObjectName) -> bool:
    with closing(make()) as sink:
        try:
            return sink.size(name) > 0
        except MissingObjectError:
            return False
