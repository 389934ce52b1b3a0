"""Fetching what belongs to the account and to no chat: its owner, the people it knows, pictures, stories, sessions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from telethon import errors
from telethon.tl.functions.account import GetAuthorizationsRequest, GetWebAuthorizationsRequest
from telethon.tl.functions.contacts import GetSavedRequest, GetTopPeersRequest
from telethon.tl.functions.messages import GetAllStickersRequest, GetEmojiStickersRequest, GetStickerSetRequest
from telethon.tl.functions.photos import GetUserPhotosRequest
from telethon.tl.functions.stories import GetStoriesArchiveRequest
from telethon.tl.functions.upload import GetFileRequest
from telethon.tl.functions.users import GetFullUserRequest, GetSavedMusicRequest
from telethon.tl.types import InputPeerSelf, InputStickerSetID, InputTakeoutFileLocation, InputUserSelf

from tgvault.api import Finding, FindingKind
from tgvault_plugins.takeout.calling import Caller
from tgvault_plugins.takeout.choices import Category
from tgvault_plugins.takeout.config import TakeoutConfig
from tgvault_plugins.takeout.convert import lists, music, people, pictures
from tgvault_plugins.takeout.convert.documents import AccountDocument
from tgvault_plugins.takeout.convert.lists import DialogFacts
from tgvault_plugins.takeout.convert.making import Around
from tgvault_plugins.takeout.failures import word_of
from tgvault_plugins.takeout.ledger.ledger import Ledger
from tgvault_plugins.takeout.taking import Taker

__all__ = ["AccountReader"]

#: Items in a page, as many as Telegram Desktop asks for.
PAGE = 100
#: Bytes of the account's other data that are asked for at once, and at most in all.
_PART = 1 << 20
_LARGEST = 256 << 20

_Fetch = Callable[[], Awaitable[AccountDocument | None]]


class AccountReader:
    """Fetches documents, each once in a round."""

    def __init__(
        self,
        caller: Caller,
        ledger: Ledger,
        taker: Taker,
        config: TakeoutConfig,
        context: Around,
    ) -> None:
        self._caller = caller
        self._ledger = ledger
        self._taker = taker
        self._peers = context.peers
        self._config = config
        self._context = context
        self._fetches: Sequence[tuple[Category, str, _Fetch]] = (
            (Category.PERSONAL, "personal_information", self._personal),
            (Category.PROFILE_PHOTOS, "profile_pictures", self._pictures),
            (Category.STORIES, "stories", self._stories),
            (Category.MUSIC, "profile_music", self._music),
            (Category.CONTACTS, "contacts", self._contacts),
            (Category.FREQUENT, "frequent_contacts", self._frequent),
            (Category.SESSIONS, "sessions", self._sessions),
            (Category.WEB_SESSIONS, "web_sessions", self._web_sessions),
            (Category.OTHER, "other_data", self._other),
            (Category.STICKERS, "sticker_sets", self._stickers),
            (Category.STICKERS, "emoji_sets", self._emoji),
        )

    async def documents(self) -> None:
        """Fetch what the settings choose and this round does not have yet.

        A document that Telegram does not give is told and does not keep the others from being fetched.
        """
        for position, (category, name, fetch) in enumerate(self._fetches):
            if self._config.reads(category) and not self._ledger.documents.has(name):
                found: list[Finding] = []
                subject = name.replace("_", " ")
                try:
                    await self._fetch(position, fetch)
                except errors.RPCError as error:
                    found.append(Finding(FindingKind.LOST, subject, f"Telegram does not give it: {word_of(error)}"))
                self._ledger.documents.set_findings(subject, found)

    async def again(self, position: int) -> None:
        """Fetch a document once more, by its position: its files are wanted with new references."""
        await self._fetch(position, self._fetches[position][2])

    def chats(self, described: Sequence[DialogFacts], filters: Sequence[Any]) -> None:
        """Keep what the lists of chats tell besides messages."""
        if self._config.reads(Category.FOLDERS):
            self._keep(lists.folders(filters, self._context), len(self._fetches))
        self._keep(lists.dialogs(described, self._context), len(self._fetches) + 1)

    async def _fetch(self, position: int, fetch: _Fetch) -> None:
        if (document := await fetch()) is not None:
            self._keep(document, position)

    def _keep(self, document: AccountDocument, position: int) -> None:
        self._taker.document(document, position)

    async def _personal(self) -> AccountDocument:
        answer = await self._caller(GetFullUserRequest(InputUserSelf()))
        self._peers.learn(answer.users, answer.chats)
        return people.personal_information(answer, self._context)

    async def _pictures(self) -> AccountDocument:
        found: list[Any] = []
        while True:
            request = GetUserPhotosRequest(InputUserSelf(), offset=len(found), max_id=0, limit=PAGE)
            answer = await self._caller(request)
            found += answer.photos
            if not answer.photos or len(found) >= getattr(answer, "count", 0):
                return pictures.profile_pictures(found, self._context)

    async def _stories(self) -> AccountDocument:
        found: list[Any] = []
        last = 0
        while True:
            request = GetStoriesArchiveRequest(InputPeerSelf(), offset_id=last, limit=PAGE)
            answer = await self._caller(request)
            self._peers.learn(answer.users, answer.chats)
            found += answer.stories
            if not answer.stories or len(found) >= answer.count:
                return pictures.stories(found, self._context)
            last = answer.stories[-1].id

    async def _music(self) -> AccountDocument:
        found: list[Any] = []
        while True:
            request = GetSavedMusicRequest(InputUserSelf(), offset=len(found), limit=PAGE, hash=0)
            answer = await self._caller(request)
            found += answer.documents
            if not answer.documents or len(found) >= answer.count:
                return music.profile_music(found, self._context)

    async def _contacts(self) -> AccountDocument:
        return people.contacts(await self._caller(GetSavedRequest()), self._context)

    async def _frequent(self) -> AccountDocument:
        request = GetTopPeersRequest(
            offset=0, limit=PAGE, hash=0, correspondents=True, bots_inline=True, phone_calls=True
        )
        answer = await self._caller(request)
        self._peers.learn(getattr(answer, "users", ()), getattr(answer, "chats", ()))
        return people.frequent_contacts(answer, self._context)

    async def _sessions(self) -> AccountDocument:
        return people.sessions(await self._caller(GetAuthorizationsRequest()), self._context)

    async def _web_sessions(self) -> AccountDocument:
        answer = await self._caller(GetWebAuthorizationsRequest())
        self._peers.learn(answer.users, ())
        return people.web_sessions(answer, self._context)

    async def _other(self) -> AccountDocument | None:
        """Fetch what Telegram gives of everything else, as JSON; in a takeout only."""
        if self._caller.takeout is None:
            return None
        data = b""
        while len(data) % _PART == 0 and len(data) < _LARGEST:
            request = GetFileRequest(InputTakeoutFileLocation(), offset=len(data), limit=_PART)
            part: bytes = (await self._caller(request)).bytes
            data += part
            if not part:
                break
        return people.other_data(data, self._context)

    async def _stickers(self) -> AccountDocument:
        return lists.sticker_sets(await self._sets(GetAllStickersRequest(hash=0)))

    async def _emoji(self) -> AccountDocument:
        return lists.emoji_sets(await self._sets(GetEmojiStickersRequest(hash=0)))

    async def _sets(self, request: Any) -> list[Any]:
        """Fetch sets of stickers whole; of one that cannot be had what the list tells of it, which is told."""
        found = []
        for each in getattr(await self._caller(request), "sets", ()):
            problems: list[Finding] = []
            subject = f"sticker set {each.title}"
            chosen = InputStickerSetID(each.id, each.access_hash)
            try:
                found.append(await self._caller(GetStickerSetRequest(stickerset=chosen, hash=0)))
            except errors.StickersetInvalidError:
                found.append(each)
                problems.append(Finding(FindingKind.NOTE, subject, "Telegram does not have it any more"))
            except errors.RPCError as error:
                found.append(each)
                problems.append(Finding(FindingKind.LOST, subject, f"Telegram does not give it: {word_of(error)}"))
            self._ledger.documents.set_findings(subject, problems)
        return found
