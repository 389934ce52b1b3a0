"""Getting new references to files: by asking again for what speaks of them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from telethon import errors

from tgvault_plugins.takeout.account import AccountReader
from tgvault_plugins.takeout.asking import PAGE
from tgvault_plugins.takeout.emoji import EmojiFinder
from tgvault_plugins.takeout.files import FileKind, RemoteFile
from tgvault_plugins.takeout.ledger.ledger import Ledger
from tgvault_plugins.takeout.taking import DOCUMENTS

__all__ = ["MessageReader", "Refresher"]


class MessageReader(Protocol):
    """Asks for messages of a chat by their ids, and puts what there is into the ledger."""

    async def again(self, number: int, ids: Sequence[int]) -> None:
        """Ask for messages."""


class Refresher:
    """References are good for some hours. When they run out, they do for many files at once: with one message all are
    asked for, up to a page, whose files are waited for in the same chat.
    """

    def __init__(
        self, ledger: Ledger, account: AccountReader, reader: MessageReader | None, emoji: EmojiFinder
    ) -> None:
        self._ledger = ledger
        self._account = account
        self._reader = reader
        self._emoji = emoji
        self._lock = asyncio.Lock()

    async def __call__(self, file: RemoteFile) -> RemoteFile | None:
        """Give a file as it is spoken of now; None if nothing speaks of it any more.

        Raises:
            telethon.errors.RPCError: what speaks of it cannot be asked for.
            SourceUnavailableError, TakeoutLost: as any request does.
        """
        async with self._lock:
            failure: errors.RPCError | None = None
            if (fresh := self._fresh(file)) is not None:
                return fresh
            for chat, number in self._ledger.files.origins(file.name):
                try:
                    await self._ask(file, chat, number)
                except errors.RPCError as error:
                    failure = error
                if (fresh := self._fresh(file)) is not None:
                    return fresh
            if failure is not None:
                raise failure
            return None

    def _fresh(self, file: RemoteFile) -> RemoteFile | None:
        row = self._ledger.files.get(file.name)
        return row.remote if row is not None and row.remote.reference != file.reference else None

    async def _ask(self, file: RemoteFile, chat: int, number: int) -> None:
        if chat == DOCUMENTS:
            await self._account.again(number)
            return
        if file.kind is FileKind.EMOJI:
            self._emoji.forget()
        if self._reader is not None:
            await self._reader.again(chat, self._ledger.files.waiting(chat, number, limit=PAGE))
