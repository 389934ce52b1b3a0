"""What gives access to anything is in no text that a person or a log may see."""

from __future__ import annotations

import msgspec
import pytest

from tgvault.api import Chat, ChatKey, ChatKind
from tgvault_plugins.takeout.files import FileKind, RemoteFile
from tgvault_plugins.takeout.ledger.values import ChatRow, FileRow, FileState, Peer
from tgvault_plugins.takeout.session import _Kept

HASH, REFERENCE, KEY = 7_777_777_777, b"reference", b"kkkk"
PEER = Peer("user", 11, HASH)
FILE = RemoteFile(
    field="photo",
    path="photos/photo_1.jpg",
    kind=FileKind.PHOTOS,
    name="1y",
    size=50,
    access_hash=HASH,
    reference=REFERENCE,
    content=KEY,
)
CHAT = ChatRow(chat=Chat(ChatKey("user:11"), ChatKind.USER, 11, None, "Ben"), peer=PEER, full=KEY)
SESSION = _Kept(
    version=1, api_id=5, api_hash="abcdef", dc=2, host="h", port=1, key=KEY, user=7, takeout=9, others={4: KEY}
)


@pytest.mark.parametrize("value", [PEER, FILE, CHAT, FileRow(FILE, FileState.WANTED), SESSION])
def test_a_value_does_not_show_what_gives_access(value: msgspec.Struct) -> None:
    shown = repr(value) + repr(value.__rich_repr__())

    assert type(value).__name__ in shown
    assert not any(secret in shown for secret in (str(HASH), "reference", "kkkk", "abcdef"))


def test_it_shows_all_the_rest() -> None:
    assert repr(PEER) == "Peer(kind='user', id=11)"
    assert "photos/photo_1.jpg" in repr(FILE)
    assert "Ben" in repr(CHAT)


def test_it_is_kept_with_everything() -> None:
    assert msgspec.json.decode(msgspec.json.encode(CHAT), type=ChatRow) == CHAT
    assert msgspec.json.decode(msgspec.json.encode(FILE), type=RemoteFile) == FILE
