"""What the tests of the command line share."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from keyring.backends import SecretService

from cli.support import Clock, Terminal, Tried, attempt
from keyring_support import new_session, unlock_keyring
from tgvault.cli import asking
from tgvault.cli.frame import execute
from tgvault.cli.invocation import Invocation

__all__ = ["new_session", "unlock_keyring"]


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def tgvault(tmp_path: Path) -> Callable[..., Tried]:
    """Run one command line in this process, in a folder of its own."""
    return lambda *arguments, **also: attempt(*arguments, folder=tmp_path, **also)


@pytest.fixture
def keyring(unlock_keyring: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """The real keyring of a session, unlocked, in place of the one that tests have otherwise: none."""
    unlock_keyring("password of the login")
    # The package chooses a back end once in a process.
    monkeypatch.setattr("keyring.get_keyring", SecretService.Keyring)


@pytest.fixture
def person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Tried]:
    """Run one command line at a terminal, where somebody types these lines, and these secrets where they are hidden."""

    def run(*arguments: str, typed: str = "", secrets: Sequence[str] = ()) -> Tried:
        hidden = iter(secrets)
        out, err = io.StringIO(), Terminal()
        monkeypatch.setattr(asking.getpass, "getpass", lambda prompt, stream: stream.write(prompt) and next(hidden))
        invocation = Invocation(Terminal(typed), out, err, {}, tmp_path, Clock())
        with redirect_stdout(out), redirect_stderr(err):
            code = execute(arguments, invocation)
        return Tried(code, out.getvalue(), err.getvalue())

    return run
