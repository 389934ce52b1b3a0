"""What can be chosen from an account: categories of data, types of chats, and single chats."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from enum import StrEnum
from fnmatch import fnmatchcase

import msgspec

from tgvault.api import ChatKind

__all__ = ["By", "Category", "ChatType", "Selector", "selected"]


class Category(StrEnum):
    """Sorts of data that can be chosen one by one; the words stand in `vault.toml`."""

    PERSONAL = "personal information"
    PROFILE_PHOTOS = "profile photos"
    STORIES = "stories"
    MUSIC = "profile music"
    CONTACTS = "contacts"
    FREQUENT = "frequent contacts"
    SESSIONS = "sessions"
    WEB_SESSIONS = "web sessions"
    OTHER = "other data"
    FOLDERS = "folders"
    STICKERS = "sticker sets"
    CHATS = "chats"


class ChatType(StrEnum):
    """Types of chats, in the words of Telegram Desktop's export."""

    SAVED = "saved_messages"
    REPLIES = "replies"
    CODES = "verification_codes"
    PERSONAL = "personal_chat"
    BOT = "bot_chat"
    GROUP = "private_group"
    PRIVATE_SUPERGROUP = "private_supergroup"
    PUBLIC_SUPERGROUP = "public_supergroup"
    PRIVATE_CHANNEL = "private_channel"
    PUBLIC_CHANNEL = "public_channel"


class By(StrEnum):
    """By what a selector finds its chats."""

    TITLE = "title"
    ID = "id"
    USERNAME = "user name"
    FOLDER = "folder"
    TYPE = "type"


_KEY = re.compile(r"(user|chat|channel):([0-9]{1,18})")
_NUMBER = re.compile(r"(-100|-|)([0-9]{1,18})")
_USERNAME = re.compile(r"@\w{2,64}")

#: The signs that bots see in front of ids.
_SIGNS = {"": None, "-": ChatKind.CHAT, "-100": ChatKind.CHANNEL}


class Selector(msgspec.Struct, frozen=True):
    """A rule that finds chats: by title, id, user name, folder or type.

    An id is found in any number space unless `kind` names one.
    """

    by: By
    text: str = ""
    id: int = 0
    kind: ChatKind | None = None

    @classmethod
    def parse(cls, text: str) -> Selector:
        """Read what stands in `vault.toml`.

        Raises:
            ValueError: it finds nothing for certain; the text says why.
        """
        word = text.strip()
        if word == "saved":
            return cls(By.TYPE, ChatType.SAVED)
        if word.startswith("type:"):
            return cls(By.TYPE, _type(word.removeprefix("type:").strip()))
        if word.startswith("folder:"):
            return cls(By.FOLDER, _some(word.removeprefix("folder:").strip().casefold(), text))
        if word.startswith("@"):
            return cls(By.USERNAME, _username(word))
        return _by_id(word) or cls(By.TITLE, _some(word.casefold(), text))

    def matches(
        self,
        kind: ChatKind,
        chat_id: int,
        *,
        chat_type: str,
        title: str,
        usernames: Collection[str] = (),
        folders: Collection[str] = (),
    ) -> bool:
        """Tell whether it is a chat that is meant. User names come without `@`; `*` in a title stands for anything."""
        match self.by:
            case By.ID:
                return chat_id == self.id and self.kind in (None, kind)
            case By.TYPE:
                return chat_type == self.text
            case By.USERNAME:
                return self.text in {each.casefold() for each in usernames}
            case By.FOLDER:
                return self.text in {each.casefold() for each in folders}
        return _alike(title.casefold(), self.text)


def selected(texts: Sequence[str]) -> tuple[Selector, ...]:
    """Read several selectors; raises as `Selector.parse` does."""
    return tuple(Selector.parse(text) for text in texts)


def _alike(title: str, pattern: str) -> bool:
    # Nothing but `*` has a meaning: titles like `[work] what?` are common.
    return fnmatchcase(title, re.sub(r"[][?]", lambda found: f"[{found[0]}]", pattern))


def _by_id(word: str) -> Selector | None:
    if key := _KEY.fullmatch(word):
        return Selector(By.ID, id=int(key[2]), kind=ChatKind(key[1]))
    if number := _NUMBER.fullmatch(word):
        return Selector(By.ID, id=int(number[2]), kind=_SIGNS[number[1]])
    return None


def _type(word: str) -> str:
    if word in set(ChatType):
        return word
    raise ValueError(f"there is no type of chat `{word}`; there are {', '.join(f'`{each}`' for each in ChatType)}")


def _username(word: str) -> str:
    if _USERNAME.fullmatch(word):
        return word[1:].casefold()
    raise ValueError(f"`{word}` is no user name")


def _some(word: str, text: str) -> str:
    if word:
        return word
    raise ValueError(f"`{text}` names no chat; give a title, an id, `@name`, `folder:NAME`, `type:WORD` or `saved`")
