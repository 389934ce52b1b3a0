"""What is no answer to a request: bytes that are none, and objects of other types, however deep they are."""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import Any

import pytest
from telethon.extensions import BinaryReader
from telethon.tl import TLRequest, functions, types
from telethon.tl.alltlobjects import tlobjects

import tgvault_plugins.takeout
from key_support import all_texts
from tgvault.testing.telegram import demo_account
from tgvault.testing.telegram.tl import encode
from tgvault_plugins.takeout.answers import UnreadableAnswerError, reader_for
from tgvault_plugins.takeout.conforming import conforms
from tgvault_plugins.takeout.wire import keep_bytes

SELF = functions.users.GetUsersRequest([types.InputUserSelf()])
COUNTRIES = functions.help.GetCountriesListRequest("en", hash=0)
HISTORY = functions.messages.GetMessagesRequest([types.InputMessageID(1)])
LOGOUT = functions.account.ResetAuthorizationRequest(1)
DIALOGS = functions.messages.GetDialogsRequest(None, 0, types.InputPeerEmpty(), 1, 0)
SECRET = b"0123456789abcdef"


def read(request: Any, data: bytes) -> Any:
    wrapped = functions.InvokeWithTakeoutRequest(7, functions.InvokeWithoutUpdatesRequest(request))
    return reader_for(wrapped)(BinaryReader(data))


def of_messages(*found: Any) -> Any:
    return types.messages.Messages(messages=list(found), topics=[], chats=[], users=[])


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (SELF, [types.User(5)]),
        (SELF.__class__([types.InputUser(1, 2)]), [types.UserEmpty(1)]),
        (functions.contacts.GetSavedRequest(), [types.SavedPhoneContact("1", "A", "B", None)]),
        (functions.contacts.GetSavedRequest(), []),
        (COUNTRIES, types.help.CountriesList([], 1)),
        (COUNTRIES.__class__("en", hash=5), types.help.CountriesListNotModified()),
        (LOGOUT, True),
        (HISTORY, of_messages(types.MessageEmpty(1, None), types.Message(2, types.PeerUser(1), None, "x"))),
    ],
)
def test_what_a_request_may_be_answered_is_read(request_: Any, answer: Any) -> None:
    data = encode(answer)

    assert encode(read(request_, data)) == data


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (SELF, []),
        (SELF, [types.UserEmpty(5)]),
        (SELF, types.User(5)),
        (SELF, [types.Pong(1, 2)]),
        (SELF, True),
        (LOGOUT, types.Pong(1, 2)),
        (COUNTRIES, types.help.CountriesListNotModified()),
        (COUNTRIES, [types.help.CountriesList([], 1)]),
        (COUNTRIES, COUNTRIES),
        (DIALOGS, types.messages.DialogsNotModified(3)),
        (HISTORY, of_messages(types.UserEmpty(5))),
        (HISTORY, of_messages(types.Message(2, types.Pong(1, 2), None, "x"))),
        (HISTORY, of_messages(HISTORY)),
        (functions.auth.SignInRequest("1", "2", "3"), types.auth.Authorization(types.Pong(1, 2))),
    ],
)
def test_an_answer_of_another_type_is_none_however_deep_it_is(request_: Any, answer: Any) -> None:
    with pytest.raises(UnreadableAnswerError):
        read(request_, encode(answer))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        struct.pack("<I", 0xDEADBEEF) + SECRET,
        struct.pack("<IiI", 0x1CB5C415, 1, types.SavedPhoneContact.CONSTRUCTOR_ID) + b"\xfe\x00\x01\x00" + SECRET,
        struct.pack("<II", 0x3072CFA1, 0x10) + SECRET,
        struct.pack("<I", types.TextBold.CONSTRUCTOR_ID) * 5000 + SECRET,
    ],
    ids=["empty", "unknown", "cut off", "not packed", "deep"],
)
def test_what_cannot_be_read_is_told_without_a_byte_of_it(data: bytes) -> None:
    with pytest.raises(UnreadableAnswerError) as caught:
        read(functions.contacts.GetSavedRequest(), data)

    assert SECRET.decode() not in all_texts(caught.value)
    assert caught.value.__context__ is None


def test_messages_keep_their_bytes_where_the_answer_is_checked() -> None:
    request, tl = keep_bytes(HISTORY.__class__([types.InputMessageID(1)]))
    message = types.Message(2, types.PeerUser(1), None, "x")

    answer = read(request, encode(of_messages(message)))

    assert tl(answer.messages[0]) == bytes(message)


def test_every_message_of_an_account_is_what_the_schema_says() -> None:
    messages = [each for talk in demo_account().conversations.values() for each in talk.messages]

    assert conforms(HISTORY, of_messages(*messages))


def test_the_type_of_the_answer_is_known_for_everything_that_is_asked() -> None:
    folder = Path(tgvault_plugins.takeout.__file__).parent
    names = set(re.findall(r"\b\w+Request\b", " ".join(each.read_text("utf-8") for each in folder.rglob("*.py"))))
    asked = [
        kind
        for kind in tlobjects.values()
        if issubclass(kind, TLRequest) and kind.__name__ in names and not kind.__name__.startswith(("Invoke", "Init"))
    ]
    objects = {kind.SUBCLASS_OF_ID for kind in tlobjects.values() if not issubclass(kind, TLRequest)}
    others = [kind for kind in asked if kind.SUBCLASS_OF_ID not in objects]

    # Nothing but the type of its result is asked of a request here.
    unknown = [kind for kind in others if not any(conforms(kind, each) for each in ([], True))]
    assert len(asked) > 40
    assert unknown == []
