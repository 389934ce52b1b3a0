"""Asking several places at once."""

from __future__ import annotations

import subprocess
import sys
from threading import Event

import pytest

from tgvault.engine.asking import ask_all
from tgvault.errors import SinkUnavailableError


def test_every_answer_comes_back_under_its_name_and_errors_are_answers() -> None:
    error = SinkUnavailableError("away")

    def fail() -> int:
        raise error

    assert ask_all({"a": lambda: 1, "b": fail}, seconds=60) == {"a": 1, "b": error}


def test_nobody_to_ask_takes_no_time() -> None:
    assert ask_all({}, seconds=60) == {}


def test_who_does_not_answer_is_left_out_and_waited_for_no_longer() -> None:
    never = Event()
    try:
        assert ask_all({"a": lambda: 1, "b": never.wait}, seconds=0.2) == {"a": 1}
    finally:
        never.set()


def test_a_bug_is_not_an_answer() -> None:
    def fail() -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ask_all({"a": fail}, seconds=60)


def test_who_hangs_keeps_no_process_from_ending() -> None:
    program = "from threading import Event; from tgvault.engine.asking import ask_all; "
    program += "print(ask_all({'a': Event().wait}, seconds=0))"

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)

    assert ended.stdout == "{}\n"
