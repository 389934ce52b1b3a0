from __future__ import annotations

from typing import Any

import pytest

from tgvault.api import Chat, ChatKind, chat_key
from tgvault_plugins.takeout.config import TakeoutConfig
from tgvault_plugins.takeout.files import FileKind, RemoteFile
from tgvault_plugins.takeout.selecting import chooser, is_wanted

BEN = Chat(chat_key(ChatKind.USER, 5), ChatKind.USER, 5, "personal_chat", "Ben", "ben")
GROUP = Chat(chat_key(ChatKind.CHANNEL, 9), ChatKind.CHANNEL, 9, "private_supergroup", "Climbing", None)
SAVED = Chat(chat_key(ChatKind.USER, 1), ChatKind.USER, 1, "saved_messages", None, None)


def wanted(chat: Chat, *, left: bool = False, folders: tuple[str, ...] = (), **settings: Any) -> bool:
    usernames = [chat.username] if chat.username else []
    return is_wanted(chat, TakeoutConfig(**settings), usernames=usernames, folders=folders, left=left)


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({}, [BEN, GROUP, SAVED]),
        ({"chats": ("Ben",)}, [BEN]),
        ({"chats": ("@ben", "9")}, [BEN, GROUP]),
        ({"chats": ("saved",)}, [SAVED]),
        ({"chats": ("folder:Work",)}, []),
        ({"chat_types": ("personal_chat", "saved_messages")}, [BEN, SAVED]),
        ({"exclude": ("Climb*",)}, [BEN, SAVED]),
        ({"chats": ("type:personal_chat",), "exclude": ("Ben",)}, []),
    ],
)
def test_chats_are_chosen_by_title_id_name_type_and_folder(settings: dict[str, Any], found: list[Chat]) -> None:
    assert [chat for chat in (BEN, GROUP, SAVED) if wanted(chat, **settings)] == found


def test_a_chat_is_found_by_a_folder_that_shows_it() -> None:
    assert wanted(GROUP, chats=("folder:work",), folders=("Work",))


def test_chats_that_were_left_can_be_left_out() -> None:
    assert wanted(GROUP, left=True)
    assert not is_wanted(GROUP, TakeoutConfig(left=False), usernames=[], folders=(), left=True)


def a_file(kind: FileKind, size: int) -> RemoteFile:
    return RemoteFile(field="file", path="a", kind=kind, name="a", size=size)


def test_files_are_chosen_by_sort_and_size() -> None:
    decide = chooser(
        TakeoutConfig(media=(FileKind.PHOTOS, FileKind.VIDEOS), max_size="1 MB", max_sizes={"videos": "3 MB"})
    )

    assert decide(a_file(FileKind.PHOTOS, 1_000_000)) is None
    assert decide(a_file(FileKind.PHOTOS, 1_000_001)) == "too big"
    assert decide(a_file(FileKind.VIDEOS, 2_000_000)) is None
    assert decide(a_file(FileKind.VOICE, 5)) == "not included"
