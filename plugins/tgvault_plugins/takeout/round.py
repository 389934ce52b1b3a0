"""One round over an account: what was not fetched yet, chat by chat, then the files; taken up wherever it was left."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC
from typing import Any

import msgspec
from telethon import errors
from telethon.tl.functions.help import GetCountriesListRequest
from telethon.tl.functions.messages import GetDialogFiltersRequest

from tgvault.api import Finding, FindingKind, SourceContext, SourceUnavailableError
from tgvault_plugins.takeout.account import AccountReader
from tgvault_plugins.takeout.again import ask_again
from tgvault_plugins.takeout.bots import BotReader
from tgvault_plugins.takeout.calling import Caller, TakeoutLost
from tgvault_plugins.takeout.choices import Category
from tgvault_plugins.takeout.config import TakeoutConfig
from tgvault_plugins.takeout.convert.documents import around
from tgvault_plugins.takeout.convert.message import MessageConverter
from tgvault_plugins.takeout.convert.peers import Peers
from tgvault_plugins.takeout.convert.phones import PhoneFormat
from tgvault_plugins.takeout.dialogs import CLOSED
from tgvault_plugins.takeout.differences import learn_changes, learn_channel_changes
from tgvault_plugins.takeout.downloading import Downloader
from tgvault_plugins.takeout.emoji import EmojiFinder
from tgvault_plugins.takeout.exporting import begin_takeout, end_takeout, forget_takeout, refuse_bot
from tgvault_plugins.takeout.failures import word_of
from tgvault_plugins.takeout.files import FileKind, RemoteFile
from tgvault_plugins.takeout.ledger.ledger import Ledger
from tgvault_plugins.takeout.listing import ChatLister
from tgvault_plugins.takeout.paging import ChatReader
from tgvault_plugins.takeout.refreshing import Refresher
from tgvault_plugins.takeout.selecting import CHATS, EXCLUDE, choose_again, chooser
from tgvault_plugins.takeout.splitting import split_ranges
from tgvault_plugins.takeout.taking import Taker
from tgvault_plugins.takeout.window import Window

__all__ = ["Round"]

#: A takeout that Telegram forgets is begun anew; so often in one run.
_TAKEOUTS = 3

#: What a finding is told of that concerns all private chats and basic groups.
_CHANGES = "what was edited and deleted since the last run"
#: What no other request depends on, and what may come to pass with one chat while the others can be read.
_REFUSALS = (errors.RPCError, ValueError, errors.TypeNotFoundError)


class Round:
    """Fetches into the ledger. `self_id` is the account's own user id."""

    def __init__(
        self,
        config: TakeoutConfig,
        caller: Caller,
        ledger: Ledger,
        context: SourceContext,
        *,
        self_id: int,
        is_bot: bool,
    ) -> None:
        self._config = config
        self._caller = caller
        self._ledger = ledger
        self._context = context
        self._peers = Peers()
        zone = config.zone or context.now().astimezone().tzinfo or UTC
        self._decide = chooser(config)
        self._phones = PhoneFormat()
        self._emoji = EmojiFinder(caller, wanted=config.fetches(FileKind.EMOJI))
        converter = MessageConverter(
            self._peers,
            zone=zone,
            self_id=self_id,
            decide=self._decide,
            raw=config.raw,
            phone=lambda number: self._phones(number),
            emoji=self._emoji.documents,
        )
        self._taker = Taker(ledger, context, converter)
        self._self_id = self_id
        self._is_bot = is_bot
        self._account = AccountReader(
            caller,
            ledger,
            self._taker,
            config,
            around(
                self._peers,
                zone=zone,
                self_id=self_id,
                decide=self._decide,
                phone=lambda number: self._phones(number),
            ),
        )
        self._reader: ChatReader | BotReader | None = None

    async def messages(self) -> None:
        """Fetch documents and messages: everything but files.

        Raises:
            SourceDelayedError, SourceRefusedError, SourceUnavailableError: it has to end here.
        """
        await self._within_takeout(self._messages)

    async def files(self) -> AsyncIterator[RemoteFile]:
        """Fetch files, and give each as soon as it is whole; then end the takeout, if everything was read."""
        count, size = self._ledger.files.wanted()
        if count:
            self._context.progress.phase("fetching files", size or None)
        self._taker.tries_again = False
        refresh = Refresher(self._ledger, self._account, self._reader, self._emoji)
        downloader = Downloader(self._caller, self._ledger, self._context, refresh=refresh)
        for _ in range(_TAKEOUTS):
            try:
                async for file in downloader.fetch():
                    yield file
            except TakeoutLost:
                await self._renew()
            else:
                if self._has_read_everything():
                    await end_takeout(self._caller, self._ledger)
                return
        raise _forgetful()

    def _has_read_everything(self) -> bool:
        """Tell whether nothing is left to the next run that a new takeout would be needed for.

        Files that Telegram does not give are not counted: it may never give them.
        """
        if self._ledger.chats.failures():
            return False
        findings = self._ledger.documents.findings()
        return not any(each.is_loss and each.subject not in (CHATS, EXCLUDE) for each in findings)

    async def _within_takeout(self, work: Callable[[], Awaitable[None]]) -> None:
        if self._is_bot:
            refuse_bot(self._config)
        await begin_takeout(self._caller, self._ledger, self._config, self._context)
        for _ in range(_TAKEOUTS):
            try:
                await work()
            except TakeoutLost:
                await self._renew()
            else:
                return
        raise _forgetful()

    async def _renew(self) -> None:
        forget_takeout(self._caller, self._ledger)
        await begin_takeout(self._caller, self._ledger, self._config, self._context)

    async def _bot_messages(self) -> None:
        """Fetch what a bot may see."""
        self._reader = BotReader(
            self._caller,
            self._ledger,
            self._taker,
            self._peers,
            self._context,
            config=self._config,
            window=Window.of(self._config),
            emoji=self._emoji,
        )
        self._context.progress.phase("fetching messages")
        await self._learn_changes()
        await self._reader.read()
        choose_again(self._ledger, self._config)
        for number in self._ledger.messages.todo_chats():
            await ask_again(self._reader, self._ledger, number)

    async def _messages(self) -> None:
        if self._is_bot:
            await self._bot_messages()
            return
        progress = self._context.progress
        progress.phase("looking at the account")
        wants_chats = self._config.reads(Category.CHATS)
        await self._learn_phones()
        splits = await split_ranges(self._caller) if wants_chats else []
        if wants_chats:
            await self._learn_changes()
        await self._account.documents()
        if not wants_chats:
            return
        progress.phase("listing chats")
        filters = await self._filters()
        lister = ChatLister(
            self._caller,
            self._ledger,
            self._peers,
            self._config,
            filters=filters,
            self_id=self._self_id,
            now=self._context.now,
        )
        numbers, dialogs = await lister.gather(splits, round_=self._ledger.round)
        self._account.chats(dialogs, filters)
        del dialogs
        reader = self._reader = ChatReader(
            self._caller,
            self._ledger,
            self._taker,
            self._peers,
            self._context,
            splits=splits,
            window=Window.of(self._config),
            emoji=self._emoji,
        )
        await self._chats(numbers, lister, reader)

    async def _learn_changes(self) -> None:
        found: list[Finding] = []
        try:
            await learn_changes(self._caller, self._ledger)
        except errors.RPCError as error:
            reason = f"Telegram does not tell it: {word_of(error)}; it is asked for again by the next run"
            found.append(Finding(FindingKind.LOST, _CHANGES, reason))
        self._ledger.documents.set_findings(_CHANGES, found)

    async def _chats(self, numbers: Sequence[int], lister: ChatLister, reader: ChatReader) -> None:
        self._context.progress.phase("fetching messages")
        choose_again(self._ledger, self._config)
        for place, number in enumerate(numbers, 1):
            self._context.progress.title(f"fetching messages, chat {place:,} of {len(numbers):,}")
            self._ledger.chats.set_failure(number, lister.failure(self._ledger.chats.get(number).chat.key))
            if failure := await self._one(number, reader):
                self._ledger.chats.set_failure(number, failure)

    async def _one(self, number: int, reader: ChatReader) -> str | None:
        """Fetch one chat; gives why it cannot be read to its end, None if it can, or if it is closed to the account."""
        unchanged = await _refusal(self._learn_channel_changes(number))
        refusal = await _refusal(self._read(number, reader))
        closed = next((each for each in (refusal, unchanged) if isinstance(each, CLOSED)), None)
        if isinstance(refusal, CLOSED):
            refusal = await _refusal(self._read_own(number, reader))
        if closed is not None and (refusal is None or isinstance(refusal, CLOSED)):
            self._note_closed(number, refusal)
            return None
        if refusal is not None:
            return f"Telegram does not give it: {word_of(refusal)}"
        if unchanged is not None:
            return f"Telegram does not tell what was edited and deleted: {word_of(unchanged)}"
        return None

    async def _learn_channel_changes(self, number: int) -> None:
        # What changed in a channel is told to its members.
        row = self._ledger.chats.get(number)
        if row.peer.kind == "channel" and not row.left:
            await learn_channel_changes(self._caller, self._ledger, number, told=row.full_pts)

    async def _read(self, number: int, reader: ChatReader) -> None:
        await reader.read(number)
        await ask_again(reader, self._ledger, number)

    async def _read_own(self, number: int, reader: ChatReader) -> None:
        """Fetch the account's own messages of a chat that is closed to it, as Telegram Desktop does."""
        row = self._ledger.chats.get(number)
        self._ledger.chats.replace(number, msgspec.structs.replace(row, own=True))
        await reader.read(number)

    def _note_closed(self, number: int, error: Exception | None) -> None:
        row = self._ledger.chats.get(number)
        note = "it is closed to you; your own messages only were read"
        if error is not None:
            note = f"it is closed to you, and Telegram shows nothing of it: {word_of(error)}"
        found = Finding(FindingKind.NOTE, f"chat {row.chat.title or row.chat.key}", note)
        self._ledger.documents.add_findings([found])

    async def _learn_phones(self) -> None:
        """Learn how telephone numbers are written in each country; Telegram Desktop writes them so."""
        with suppress(errors.RPCError):
            answer = await self._caller.plain(GetCountriesListRequest(lang_code="en", hash=0))
            self._phones = PhoneFormat.of_countries(answer.countries)

    async def _filters(self) -> list[Any]:
        answer = await self._caller(GetDialogFiltersRequest())
        return list(getattr(answer, "filters", answer))


async def _refusal(work: Awaitable[None]) -> Exception | None:
    """Do something; gives what Telegram refused it with."""
    try:
        await work
    except _REFUSALS as error:
        return error
    return None


def _forgetful() -> SourceUnavailableError:
    return SourceUnavailableError("Telegram forgets every takeout that is begun", hint="try again later")
