from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from account_support import Person
from tgvault_plugins.takeout.talking import StoppableTalk


def test_questions_are_asked_within_what_lets_signals_through_and_nothing_else_is() -> None:
    person, held = Person("5", "secret"), list[str]()

    @contextmanager
    def asking() -> Iterator[None]:
        held.append("begin")
        yield
        held.append("end")

    talk = StoppableTalk(person, asking)
    answers = (talk.ask("api_id"), talk.ask_secret("api_hash"))
    talk.tell("wait")
    talk.browse("https://example.com")
    talk.show_code("tg://login")

    assert (answers, person.told, person.codes) == (("5", "secret"), ["wait", "https://example.com"], ["tg://login"])
    assert held == ["begin", "end"] * 2
