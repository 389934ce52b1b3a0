"""Asking a person something in the midst of work with the network, so that a stop does not wait for the answer."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from tgvault.api import Conversation

__all__ = ["StoppableTalk"]


class StoppableTalk:
    """A `Conversation` that goes on by way of another one, each question within what `asking` gives."""

    def __init__(self, talk: Conversation, asking: Callable[[], AbstractContextManager[None]]) -> None:
        self._talk = talk
        self._asking = asking

    def tell(self, text: str) -> None:
        """Say something, one line."""
        self._talk.tell(text)

    def ask(self, question: str) -> str:
        """Ask for something that may be seen; see `Conversation.ask`."""
        with self._asking():
            return self._talk.ask(question)

    def ask_secret(self, question: str) -> str:
        """Ask for something that may not be seen; see `Conversation.ask`."""
        with self._asking():
            return self._talk.ask_secret(question)

    def browse(self, address: str) -> None:
        """Have the person open a web page."""
        self._talk.browse(address)

    def show_code(self, text: str) -> None:
        """Show a QR code with that text, in place of the one shown before."""
        self._talk.show_code(text)
