"""Asking again for messages by their ids: those that were edited, or whose files are wanted now."""

from __future__ import annotations

from tgvault_plugins.takeout.asking import PAGE
from tgvault_plugins.takeout.ledger.ledger import Ledger
from tgvault_plugins.takeout.refreshing import MessageReader

__all__ = ["ask_again"]


async def ask_again(reader: MessageReader, ledger: Ledger, number: int) -> None:
    """Ask for everything of a chat that is to be asked for again, each message once.

    What has to stay there, whatever for, is for the next run.
    """
    ids = ledger.messages.todo(number, PAGE)
    while ids:
        await reader.again(number, ids)
        ids = ledger.messages.todo(number, PAGE, after=ids[-1])
