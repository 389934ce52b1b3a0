"""Whoever answers wrongly is asked again, and told what was wrong."""

from __future__ import annotations

import pytest

from account_support import Person
from tgvault.api import SourceRefusedError, UsageError
from tgvault_plugins.takeout.questions import answer_to, right_answer_to


def number(text: str) -> int:
    if not text.isdecimal():
        raise UsageError(f"`{text}` is no number", hint="write digits")
    return int(text)


def asked(person: Person, failure: Exception | None = None) -> int:
    return right_answer_to(lambda: person.ask("How many"), number, talk=person, failure=failure)


def test_the_first_right_answer_counts() -> None:
    person = Person("a", "b", "3", "4")

    assert asked(person) == 3
    assert person.told == ["`a` is no number. Write digits.", "`b` is no number. Write digits."]


def test_the_third_wrong_answer_is_the_last() -> None:
    person = Person("a", "b", "c", "4")

    with pytest.raises(UsageError, match="`c` is no number"):
        asked(person)

    assert person.answers == ["4"]


def test_where_nobody_answers_again_the_last_mistake_is_told() -> None:
    with pytest.raises(UsageError, match="`a` is no number"):
        asked(Person("a"))


def test_where_nobody_answers_at_all_that_is_told_or_what_failed_before() -> None:
    before = SourceRefusedError("not that one", hint="another one")

    with pytest.raises(UsageError, match="there is no answer"):
        asked(Person())
    with pytest.raises(SourceRefusedError, match="not that one"):
        asked(Person(), before)
    assert answer_to(lambda: "3", failure=before) == "3"
