"""The folder of a chat's files."""

from __future__ import annotations

import pytest

from samples.json.windows import Bytes
from tgvault_plugins.desktop_export.folders import folder_of
from tgvault_plugins.desktop_export.parts import Run
from tgvault_plugins.desktop_export.view import View


def _folder(text: str, number: int = 7, section: str = "chats") -> str:
    data = text.encode()
    return folder_of(View(Bytes(data)), Run(0, len(data), None), number=number, section=section)


@pytest.mark.parametrize(
    ("text", "folder"),
    [
        ('"photo": "chats/chat_07/photos/a.jpg"', "chats/chat_07/"),
        ('"file":"chats/chat_7/files/a"', "chats/chat_7/"),
        ('"document_id": "chats/chat_007/stickers/a.tgs"', "chats/chat_007/"),
        ('"photo": "photos/a.jpg"', ""),
        ('"text": "chats/chat_07/photos/a.jpg"', ""),
        ('"photo": "chats/chat_07"', ""),
        ("", ""),
    ],
)
def test_the_paths_of_a_chat_tell_its_folder(text: str, folder: str) -> None:
    assert _folder(text) == folder


def test_a_file_that_another_chat_has_too_does_not_mislead() -> None:
    text = '"photo": "chats/chat_02/photos/a.jpg", "file": "chats/chat_07/files/b"'

    assert _folder(text) == "chats/chat_07/"


def test_a_chat_with_files_of_another_only_takes_that_folder() -> None:
    assert _folder('"photo": "chats/chat_02/photos/a.jpg"') == "chats/chat_02/"


def test_a_topic_has_a_folder_inside_of_its_groups() -> None:
    text = '"photo": "chats/chat_562951187989202/topic_2/photos/a.jpg"'

    assert _folder(text, number=1, section="") == "chats/chat_562951187989202/topic_2/"


def test_a_chat_without_messages_has_no_folder() -> None:
    assert folder_of(View(Bytes(b"")), None, number=1, section="chats") == ""
