"""The transform `drop-service`, held to tgvault's own contract for transforms."""

from __future__ import annotations

from functools import partial

import pytest
from tgvault_example.drop_service import DropService, DropServiceConfig

from tgvault.api import Chat, ChatKind, Document, Message, chat_key
from tgvault.testing.contracts import MakeTransform, TransformContract

CHAT = Chat(chat_key(ChatKind.USER, 5), ChatKind.USER, 5, "personal_chat", "Ben")


class TestDropService(TransformContract):
    @pytest.fixture
    def make_transform(self) -> MakeTransform:
        return partial(DropService, DropServiceConfig(actions=("phone_call",)))


@pytest.fixture
def transform() -> DropService:
    return DropService(DropServiceConfig(actions=("phone_call",)))


def test_a_service_message_with_that_action_is_dropped(transform: DropService) -> None:
    assert transform.message(CHAT, Message(1, b'{"id":1,"type":"service","action":"phone_call"}')) is None


@pytest.mark.parametrize(
    "body",
    [
        b'{"id":1,"type":"service","action":"pin_message"}',
        b'{"id":1,"type":"service","action":["phone_call"]}',
        b'{"id":1,"type":"message","text":"the \\"action\\" phone_call"}',
        b'{"id":1,"type":"message","text":"plain"}',
    ],
)
def test_everything_else_passes_as_it_is(transform: DropService, body: bytes) -> None:
    message = Message(1, body)

    assert transform.message(CHAT, message) is message


def test_documents_pass_as_they_are(transform: DropService) -> None:
    document = Document("contacts", b"[]")

    assert transform.document(document) is document
