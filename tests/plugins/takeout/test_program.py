"""Which program it is: said, kept or asked for."""

from __future__ import annotations

import pytest

from account_support import API_HASH, Drawer, Person
from key_support import all_texts
from tgvault.api import SecretError, StateError, UsageError
from tgvault_plugins.takeout.config import TakeoutConfig
from tgvault_plugins.takeout.program import (
    API_HASH_VARIABLE,
    API_ID_VARIABLE,
    Program,
    asked_program,
    keep_program,
    said_program,
)

WHOLE = Program(777, API_HASH)
NUMBER, BOTH = TakeoutConfig(api_id=777), {API_ID_VARIABLE: "777", API_HASH_VARIABLE: API_HASH.upper()}


def kept(program: Program = WHOLE) -> Drawer:
    drawer = Drawer()
    keep_program(program, drawer)
    return drawer


@pytest.mark.parametrize(
    ("config", "environment", "drawer", "said"),
    [
        (TakeoutConfig(), {}, Drawer(), Program()),
        (NUMBER, {}, Drawer(), Program(777)),
        (NUMBER, BOTH, Drawer(), WHOLE),
        (TakeoutConfig(), BOTH, Drawer(), WHOLE),
        (NUMBER, {API_HASH_VARIABLE: API_HASH}, Drawer(), WHOLE),
        (TakeoutConfig(), {API_HASH_VARIABLE: API_HASH}, Drawer(), Program(0, API_HASH)),
        (TakeoutConfig(), {}, kept(), WHOLE),
        (NUMBER, {}, kept(), WHOLE),
        (NUMBER, {}, kept(Program(888, API_HASH)), Program(777)),
        (NUMBER, BOTH, kept(Program(888, "f" * 32)), WHOLE),
    ],
)
def test_what_is_said_goes_before_what_was_kept(
    config: TakeoutConfig, environment: dict[str, str], drawer: Drawer, said: Program
) -> None:
    assert said_program(config, drawer, environment) == said


@pytest.mark.parametrize(
    ("said", "questions"),
    [
        (Program(), ["api_id", "(secret) api_hash"]),
        (Program(777), ["(secret) api_hash"]),
        (Program(0, API_HASH), ["api_id"]),
        (WHOLE, []),
    ],
)
def test_no_more_is_asked_than_is_not_known(said: Program, questions: list[str]) -> None:
    person = Person(*[{"api_id": " 777 "}.get(each, API_HASH) for each in questions])

    assert asked_program(said, person) == WHOLE
    assert person.asked == questions
    assert bool(person.told) is bool(questions)


@pytest.mark.parametrize("text", ["x", "0", "-1", "٣", "2147483648", "9" * 5000])
def test_a_number_that_cannot_be_one_is_told(text: str) -> None:
    with pytest.raises(UsageError, match="`api_id` is no number"):
        said_program(TakeoutConfig(), Drawer(), {API_ID_VARIABLE: text})


def test_a_disk_without_room_stops_no_login() -> None:
    class Full(Drawer):
        def set(self, name: str, value: bytes) -> None:
            raise StateError("no room", hint="make room")

    drawer = Full()
    keep_program(WHOLE, drawer)

    assert said_program(NUMBER, drawer, {}) == Program(777)


def test_a_secret_that_is_damaged_is_asked_for_again() -> None:
    class Damaged(Drawer):
        def get(self, name: str) -> bytes | None:
            raise SecretError("damaged", hint="")

    assert said_program(NUMBER, Damaged(), {}) == Program(777)


def test_no_value_shows_it() -> None:
    assert API_HASH not in all_texts(WHOLE)
    assert "777" not in repr(WHOLE)
