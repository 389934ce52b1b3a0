"""What tests of the takeout source's files need: an account with files of every origin, and what came of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from telethon.tl import types

from account_support import ada
from takeout_accounts import a_channel, a_document, a_photo, a_story, talk_with_ben
from takeout_support import LiveVault, Telling
from tgvault.api import FindingKind
from tgvault.engine.running import Outcome
from tgvault.testing.telegram import Account

__all__ = [
    "CATEGORIES",
    "FILES",
    "PART",
    "asked",
    "at_files",
    "contents",
    "contents_of",
    "missing",
    "of",
    "restored",
    "with_files",
]

#: Bytes that are asked for at once.
PART = 512 << 10
#: What there is to be read of `with_files`.
CATEGORIES = ("chats", "profile photos", "stories")
FILM = types.DocumentAttributeVideo(1.0, 10, 10)


def with_files() -> Account:
    """A file of each sort of origin: messages, the profile, a story; two files in one message."""
    account = ada()
    ben, group = talk_with_ben(account), a_channel(account, 9, "Group")
    account.say(ben, media=a_document(account, 1, size=3 * PART + 7, dc=4))
    account.say(ben, media=a_photo(account, 2))
    account.say(group, media=a_document(account, 3, FILM, mime="video/mp4", thumb=700))
    account.has.photos[5] = [a_photo(account, 4).photo]
    a_story(account, 1, a_photo(account, 5))
    return account


#: How the files of `with_files` are asked for: kind, id and letter.
FILES = [("document", 1, ""), ("photo", 2, "y"), ("document", 3, ""), ("document", 3, "m"), ("photo", 4, "y"),
         ("photo", 5, "y")]  # fmt: skip


def of(number: int, letter: str | None = None, *, offset: int | None = None) -> Callable[[Any], bool]:
    """Tell which requests are for a part of a file."""

    def is_meant(request: Any) -> bool:
        location = request.location
        is_file = location.id == number and letter in (None, location.thumb_size)
        return is_file and offset in (None, request.offset)

    return is_meant


def missing(outcome: Outcome) -> dict[str, str]:
    """The reasons why files are missing, by the last part of their paths."""
    found = [each for each in outcome.report.findings if each.kind is FindingKind.MISSING_FILE]
    return {each.subject.rpartition("/")[2]: each.detail for each in found}


def contents(account: Account, *without: tuple[str, int, str]) -> set[bytes]:
    """The bytes of all files of `with_files` but some."""
    return contents_of(account, *(key for key in FILES if key not in without))


def contents_of(account: Account, *keys: tuple[str, int, str]) -> set[bytes]:
    """The bytes of files, by kind, id and letter."""
    found = [account.shelf.content(*key) for key in keys]
    return {each.read() for each in found if each is not None}


def restored(live: LiveVault) -> set[bytes]:
    return {data for path, data in live.files().items() if not path.endswith(".json")}


def asked(live: LiveVault, number: int, letter: str = "") -> Counter[int]:
    """How often each part of a file was asked for, by offset."""
    parts = [call.request for call in live.calls("upload.getFile") if of(number, letter)(call.request)]
    return Counter(each.offset for each in parts)


def at_files(do: Callable[[], None]) -> Telling:
    """Do something once messages are there and files are not."""

    class Doing(Telling):
        def phase(self, name: str, total_bytes: int | None = None) -> None:
            if name == "fetching files":
                do()
            super().phase(name, total_bytes)

    return Doing()
