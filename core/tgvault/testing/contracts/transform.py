"""What every transform has to hold to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeAlias

import msgspec
import pytest

from tgvault.contracts.transform import Transform
from tgvault.model.records import Chat, ChatKind, Document, MediaRef, Message, chat_key

__all__ = ["MakeTransform", "TransformContract"]

#: Makes one more instance of the same configuration.
MakeTransform: TypeAlias = Callable[[], Transform]

_SPAWN = get_context("spawn")

_CHATS = (
    Chat(chat_key(ChatKind.USER, 5), ChatKind.USER, 5, "personal_chat", "Ben"),
    Chat(chat_key(ChatKind.CHANNEL, 7), ChatKind.CHANNEL, 7, "public_channel", "Ёлка 🎄", username="yolka"),
)
_PHOTO = "{chat}/photos/photo_1.jpg"
_MESSAGES = (
    Message(1, b'{"id":1,"type":"message","date":"2024-11-14T11:12:56","from":"Ben","text":"plain"}'),
    Message(2, '{"id":2,"type":"message","text":["a ",{"type":"bold","text":"Ёлка\\n🎄"}]}'.encode()),
    Message(3, b'{"id":3,"type":"service","action":"phone_call","text":""}'),
    Message(4, b'{"id":4,"type":"message","photo":"%s","text":""}' % _PHOTO.encode(), (MediaRef("photo", _PHOTO),)),
    Message(5, b'{"id":5,"type":"message","file":"(File not included.)"}', (MediaRef("file", None, "not included"),)),
    Message(6, b'{"id":6,"type":"a type of the future","new":{"deep":[1,2.50,null]},"text":7}'),
    Message(None, b'{"type":"message","text":"of a source without ids"}'),
)
_DOCUMENTS = (
    Document("contacts", b'{"about":"","list":[{"first_name":"Ben"}]}'),
    Document("a name of the future", b"[1,2.50,null]"),
)


class TransformContract:
    """Subclass it as `Test…` and override the fixture `make_transform`; what that gives must survive pickling.

    Override `messages` and `documents` to add what your transform is about.
    """

    @pytest.fixture
    def messages(self) -> tuple[Message, ...]:
        """Messages to transform; each is put into a private chat and into a channel."""
        return _MESSAGES

    @pytest.fixture
    def documents(self) -> tuple[Document, ...]:
        """Documents to transform."""
        return _DOCUMENTS

    def test_it_names_the_type_of_its_configuration(self, make_transform: MakeTransform) -> None:
        """`config` is a msgspec struct, so that `vault.toml` is checked before anything runs."""
        assert issubclass(type(make_transform()).config, msgspec.Struct)

    def test_a_message_keeps_its_id_and_stays_a_json_object_on_one_line(
        self, make_transform: MakeTransform, messages: tuple[Message, ...]
    ) -> None:
        """Or is dropped."""
        for message, passed in _passed(make_transform, messages):
            assert passed.id == message.id
            assert b"\n" not in passed.body
            assert _fields(passed).get("id") == _fields(message).get("id")

    def test_a_message_gets_no_files_that_it_did_not_have(
        self, make_transform: MakeTransform, messages: tuple[Message, ...]
    ) -> None:
        """A transform can drop a reference, not make one up."""
        for message, passed in _passed(make_transform, messages):
            had = {reference.name for reference in message.media}

            assert {reference.name for reference in passed.media} <= had

    def test_a_document_keeps_its_name_and_stays_json(
        self, make_transform: MakeTransform, documents: tuple[Document, ...]
    ) -> None:
        """Or is dropped."""
        for document in documents:
            passed = make_transform().document(document)
            if passed is None:
                continue

            assert passed.name == document.name
            msgspec.json.decode(passed.body)

    def test_the_order_of_calls_does_not_matter(
        self, make_transform: MakeTransform, messages: tuple[Message, ...]
    ) -> None:
        """Spans of one chat are read in parallel."""
        forwards = transform(make_transform, messages)

        assert transform(make_transform, messages[::-1]) == forwards[::-1]

    def test_another_process_does_the_same(self, make_transform: MakeTransform, messages: tuple[Message, ...]) -> None:
        """A worker makes its own instance."""
        with ProcessPoolExecutor(1, mp_context=_SPAWN) as pool:
            elsewhere = pool.submit(transform, make_transform, messages).result()

        assert elsewhere == transform(make_transform, messages)


def transform(make_transform: MakeTransform, messages: tuple[Message, ...]) -> list[list[Message | None]]:
    """Put each message into each chat, with one instance; also run in a process of its own."""
    instance = make_transform()
    return [[instance.message(chat, message) for chat in _CHATS] for message in messages]


def _passed(make_transform: MakeTransform, messages: tuple[Message, ...]) -> Iterator[tuple[Message, Message]]:
    """Messages as they were and as they came out, without those that were dropped."""
    for message, passed in zip(messages, transform(make_transform, messages), strict=True):
        yield from ((message, each) for each in passed if each is not None)


def _fields(message: Message) -> dict[str, object]:
    return msgspec.json.decode(message.body, type=dict[str, object])
