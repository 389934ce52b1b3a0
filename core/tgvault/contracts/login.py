"""What the engine asks of a source that reads an account, and how such a source talks to its user."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import msgspec

__all__ = ["Conversation", "LoginWay", "SigningIn", "Who"]


class LoginWay(msgspec.Struct, frozen=True):
    """One way to log in: a word for the command line (`qr`), and what it is, a clause for people.

    With `shows_code` it shows QR codes, for which there has to be a terminal.
    """

    name: str
    title: str
    shows_code: bool = False


class Who(msgspec.Struct, frozen=True):
    """Whose account it is: id, name and whatever else tells it from others, such as the user name or the number."""

    id: int
    name: str
    details: tuple[tuple[str, str], ...] = ()


class Conversation(Protocol):
    """Talks to the person at the terminal. Nothing that is typed or shown is logged."""

    def tell(self, text: str) -> None:
        """Say something, one line."""

    def ask(self, question: str) -> str:
        """Ask for something that may be seen; gives it without white space around it.

        Nothing is no answer: somebody at a terminal is asked again. Where nobody is, the answer is the next line of
        standard input.

        Raises:
            UsageError: there is no answer.
        """

    def ask_secret(self, question: str) -> str:
        """Ask for something that may not be seen; raises as `ask` does."""

    def browse(self, address: str) -> None:
        """Have the person open a web page: its address is shown, and opened in a browser where there is one."""

    def show_code(self, text: str) -> None:
        """Show a QR code with that text, in place of the one shown before."""


@runtime_checkable
class SigningIn(Protocol):
    """What a source has besides if it reads an account that one logs in to.

    `attach` is called before any of these; each is called from the main process.
    """

    def ways(self) -> Sequence[LoginWay]:
        """Name the ways to log in, the best one first.

        Raises:
            UsageError: there is a session already.
        """

    def reads(self, way: str) -> Sequence[str]:
        """Say what it will read for who logs in that way, and to whom it sends anything, a line each; told before."""

    def login(self, talk: Conversation, *, way: str) -> Who:
        """Log in by one of the ways and keep the session among the source's secrets.

        Raises:
            UsageError: there is a session already.
            SourceRefusedError: what was given is wrong.
            SourceUnavailableError: the service cannot be reached.
        """

    def logout(self) -> bool:
        """End the session, at the other side too, and forget it here; gives whether the other side was told.

        Raises:
            NotSignedInError: there is none.
        """

    def whoami(self) -> Who:
        """Ask the other side whose session it is.

        Raises:
            NotSignedInError: there is none, or it was ended from outside.
            SourceUnavailableError: the service cannot be reached.
        """
