"""Asking somebody, or reading where nobody can be asked."""

from __future__ import annotations

import io
from pathlib import Path
from secrets import token_hex

import pytest
import typer

from cli.support import Clock, Terminal
from key_support import all_texts
from tgvault.cli import asking
from tgvault.cli.asking import ask, ask_secret, can_ask, confirm
from tgvault.cli.invocation import Invocation
from tgvault.cli.options import GlobalOptions
from tgvault.cli.setup import Wish
from tgvault.errors import UsageError


def somebody(*lines: str) -> Invocation:
    typed = Terminal("".join(f"{line}\n" for line in lines))
    return Invocation(typed, Terminal(), Terminal(), {}, Path(), Clock())


def nobody(text: str) -> Invocation:
    return Invocation(io.StringIO(text), io.StringIO(), io.StringIO(), {}, Path(), Clock())


def test_somebody_at_a_terminal_can_be_asked_and_a_pipe_cannot() -> None:
    answers = (can_ask(somebody()), can_ask(nobody("")))

    assert answers == (True, False)


def test_questions_go_to_standard_error_and_an_empty_answer_is_the_default() -> None:
    person = somebody(" kit.txt ", "")

    answers = [ask(person, "File"), ask(person, "File", default="usual.txt")]

    assert answers == ["kit.txt", "usual.txt"]
    assert person.stderr.getvalue() == "File: File [usual.txt]: "  # type: ignore[attr-defined]


def test_the_end_of_the_input_stops_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(*_: object, **__: object) -> str:
        raise EOFError

    monkeypatch.setattr(asking.getpass, "getpass", ended)

    with pytest.raises(typer.Abort):
        ask(somebody(), "File")
    with pytest.raises(typer.Abort):
        ask_secret(somebody(), "Passphrase")


def test_a_secret_that_is_no_text_is_not_shown() -> None:
    # Made here: a traceback quotes lines of this file as it is by then, which somebody may have changed meanwhile.
    secret = token_hex(8)
    piped = io.TextIOWrapper(io.BytesIO(secret.encode() + b"\xff\n"), encoding="utf-8")
    invocation = Invocation(piped, io.StringIO(), io.StringIO(), {}, Path(), Clock())

    with pytest.raises(UsageError, match="not text") as caught:
        ask_secret(invocation, "Passphrase")

    assert secret not in all_texts(caught.value)


def test_no_value_shows_a_key_command() -> None:
    command = "echo AGE-SECRET-KEY-1"

    shown = all_texts(GlobalOptions(key_command=command))
    shown += all_texts(Wish(Path("v.toml"), "local", {}, Path("KIT.txt"), key_command=command))

    assert "AGE-SECRET-KEY" not in shown


@pytest.mark.parametrize(("answer", "yes"), [("", True), ("y", True), ("N", False), ("no", False)])
def test_yes_is_what_is_not_no(answer: str, yes: bool) -> None:
    assert confirm(somebody(answer), "Sure?") is yes


def test_a_secret_is_a_line_of_a_pipe() -> None:
    secret = ask_secret(nobody(" correct horse \nmore\n"), "Passphrase", twice=True)

    assert secret == " correct horse "


def test_no_secret_is_an_error() -> None:
    with pytest.raises(UsageError, match="nothing was given") as caught:
        ask_secret(nobody(""), "Passphrase")

    assert caught.value.hint == "run the command again, and type it or write it to standard input"


def test_a_secret_is_typed_twice_where_it_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = iter(["one", "one", "one", "two", "three"])
    monkeypatch.setattr(asking.getpass, "getpass", lambda *_, **__: next(typed))

    same = ask_secret(somebody(), "Passphrase", twice=True)
    with pytest.raises(UsageError, match="not the same"):
        ask_secret(somebody(), "Passphrase", twice=True)

    assert same == "one"
    assert ask_secret(somebody(), "Passphrase") == "three"
