"""Fetching what belongs to the account and to no chat: its owner, the people it knows, pictures, stories, sessions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

from telethon import errors
from telethon.tl.functions.account import GetAuthorizationsRequest, GetWebAuthorizationsRequest
from telethon.tl.functions.contacts import GetContactsRequest, GetTopPeersRequest
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
from tgvault_plugins.takeout.convert.making import Around
from tgvault_plugins.takeout.failures import word_of
from tgvault_plugins.takeout.ledger.ledger import Ledger
from tgvault_plugins.takeout.taking import Taker
from tgvault_plugins.takeout.wire import address_book

__all__ = ["AccountReader"]

#: Items in a page, as many as Telegram Desktop asks for.
PAGE = 100
#: Bytes of the account's other data that are asked for at once, and at most in all.
_PART = 1 << 20
_LARGEST = 64 << 20

#: What is told of documents where the settings want no data export.
_EXPORT_ONLY = "Telegram gives it to a data export only: it was not read"
_ON_TELEGRAM_ONLY = "without a data export Telegram tells those only who are on Telegram, and not since when"


class _Place(NamedTuple):
    """Where a list goes on: how many were listed, and the id of the last one."""

    listed: int = 0
    last: int = 0


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
        #: What is to be told of the document that is fetched.
        self._told: dict[str, FindingKind] = {}
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
                self._told = {}
                document = await self._tried(fetch)
                subject = name.replace("_", " ")
                found = [Finding(kind, subject, detail) for detail, kind in self._told.items()]
                with self._ledger.transaction():
                    self._keep(document, position)
                    self._ledger.documents.set_findings(subject, found)

    async def again(self, position: int) -> None:
        """Fetch a document once more, by its position: its files are wanted with new references."""
        self._keep(await self._fetches[position][2](), position)

    def chats(self, dialogs: AccountDocument, filters: Sequence[Any]) -> None:
        """Keep what the lists of chats tell besides messages."""
        if self._config.reads(Category.FOLDERS):
            self._keep(lists.folders(filters, self._context), len(self._fetches))
        self._keep(dialogs, len(self._fetches) + 1)

    async def _tried(self, fetch: _Fetch) -> AccountDocument | None:
        try:
            return await fetch()
        except errors.TakeoutRequiredError as error:
            if self._caller.takeout is None:
                self._told[_EXPORT_ONLY] = FindingKind.NOTE
            else:
                self._told[f"Telegram does not give it: {word_of(error)}"] = FindingKind.LOST
        except errors.RPCError as error:
            self._told[f"Telegram does not give it: {word_of(error)}"] = FindingKind.LOST
        return None

    def _keep(self, document: AccountDocument | None, position: int) -> None:
        if document is not None:
            self._taker.document(document, position)

    async def _personal(self) -> AccountDocument:
        answer = await self._caller(GetFullUserRequest(InputUserSelf()))
        self._peers.learn(answer.users, answer.chats)
        return people.personal_information(answer, self._context)

    async def _pictures(self) -> AccountDocument:
        found = await self._whole(
            lambda place: GetUserPhotosRequest(InputUserSelf(), offset=place.listed, max_id=0, limit=PAGE),
            lambda answer: answer.photos,
        )
        return pictures.profile_pictures(found, self._context)

    async def _stories(self) -> AccountDocument:
        found = await self._whole(
            lambda place: GetStoriesArchiveRequest(InputPeerSelf(), offset_id=place.last, limit=PAGE),
            lambda answer: answer.stories,
        )
        return pictures.stories(found, self._context)

    async def _music(self) -> AccountDocument:
        found = await self._whole(
            lambda place: GetSavedMusicRequest(InputUserSelf(), offset=place.listed, limit=PAGE, hash=0),
            lambda answer: answer.documents,
        )
        return music.profile_music(found, self._context)

    async def _whole(self, request: Callable[[_Place], Any], items: Callable[[Any], Sequence[Any]]) -> list[Any]:
        """Fetch a list page by page, each item once; what Telegram does not list to its end is told."""
        found: dict[int, Any] = {}
        place = _Place()
        while True:
            answer = await self._caller(request(place))
            self._peers.learn(getattr(answer, "users", ()), getattr(answer, "chats", ()))
            fresh = {each.id: each for each in items(answer) if each.id not in found}
            found |= fresh
            count = getattr(answer, "count", 0)
            if not items(answer) or len(found) >= count:
                return list(found.values())
            if not fresh:
                reason = f"Telegram does not tell how it goes on: {len(found):,} of {count:,} were listed"
                self._told[reason] = FindingKind.LOST
                return list(found.values())
            place = _Place(len(found), next(reversed(fresh)))

    async def _contacts(self) -> AccountDocument:
        if self._caller.takeout is None:
            return await self._telegram_contacts()
        rows = people.ContactRows(self._context)
        await self._caller(address_book(rows))
        return rows.document()

    async def _telegram_contacts(self) -> AccountDocument:
        """Fetch those of the contacts who are on Telegram: all that an app is told."""
        answer = await self._caller(GetContactsRequest(hash=0))
        self._peers.learn(answer.users, ())
        self._told[_ON_TELEGRAM_ONLY] = FindingKind.NOTE
        return people.telegram_contacts(answer, self._context)

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
            self._told[_EXPORT_ONLY] = FindingKind.NOTE
            return None
        data = bytearray()
        while len(data) % _PART == 0:
            if len(data) >= _LARGEST:
                self._told[f"it is larger than {_LARGEST >> 20} MiB, and was not read"] = FindingKind.LOST
                return None
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
