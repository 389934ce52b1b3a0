from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tgvault.api import Chat, ChatKind, Message, Span, chat_key
from tgvault.state.database import Database, Form
from tgvault_plugins.takeout.files import FileKind, RemoteFile
from tgvault_plugins.takeout.ledger.ledger import Ledger
from tgvault_plugins.takeout.ledger.schema import SCHEMA, VERSION
from tgvault_plugins.takeout.ledger.values import ChatRow, FileRow, FileState, Peer, Ref, Row
from tgvault_plugins.takeout.records import expand, records

SENTINEL = "(File unavailable, please try again later)"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    database = Database.open(tmp_path / "store.db", key="ab" * 32, form=Form(SCHEMA, VERSION))
    yield Ledger(database)
    database.close()


def told(ledger: Ledger, body: bytes, *fields: str) -> Message:
    """Have a message told whose files could not be had."""
    ben = chat_key(ChatKind.USER, 11)
    chat = Chat(ben, ChatKind.USER, 11, "personal_chat", "Ben")
    number = ledger.chats.put(ChatRow(chat=chat, peer=Peer("user", 11)), position=0, round_=1)
    for each in fields:
        file = RemoteFile(field=each, path="x", kind=FileKind.FILES, name=each.replace("/", "_"), size=5, id=1)
        ledger.files.put(FileRow(file, FileState.MISSING))
    refs = tuple(Ref(each, each.replace("/", "_"), None, "x") for each in fields)
    ledger.messages.add(number, [Row(1, body, refs)], account_wide=True)
    (span,) = (each for each in records(ledger, ended=None) if isinstance(each, Span))
    (message,) = expand(ledger, span)
    assert isinstance(message, Message)
    return message


def test_what_could_not_be_had_is_named_nowhere_and_all_else_stays_byte_for_byte(ledger: Ledger) -> None:
    body = b'{"id":1,"n":1.0,"file":"f.bin","list":[{"file":"a","x":1e5},{"file":"b"},"c"],"z":"\xc3\xa9"}'

    message = told(ledger, body, "file", "list/0/file", "list/2")

    mark = SENTINEL.encode()
    expected = body.replace(b"f.bin", mark).replace(b'"a"', b'"%s"' % mark).replace(b'"c"', b'"%s"' % mark)
    assert message.body == expected


def test_thousands_of_files_that_could_not_be_had_take_no_longer_each(ledger: Ledger) -> None:
    count = 3000
    body = msgspec.json.encode({"list": [{"file": f"{each}.bin", "text": "x" * 100} for each in range(count)]})

    begin = time.process_time()
    message = told(ledger, body, *(f"list/{each}/file" for each in range(count)))

    assert message.body.count(SENTINEL.encode()) == count
    assert time.process_time() - begin < 3
