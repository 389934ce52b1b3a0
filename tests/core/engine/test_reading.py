from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from run_support import (
    Machine,
    Script,
    read,
    talk,
)
from tgvault.api import (
    Chat,
    Document,
    Message,
)
from tgvault.errors import (
    PluginError,
)
from vault_support import a_bundle

KEYS = a_bundle()


@pytest.fixture
def machine() -> Machine:
    return Machine(KEYS)


class Only:
    """Keeps messages whose text holds a word, and no documents."""

    config = msgspec.Struct

    def __init__(self, word: str) -> None:
        self.word = word

    def document(self, document: Document) -> Document | None:
        return None

    def message(self, chat: Chat, message: Message) -> Message | None:
        return message if self.word.encode() in message.body else None


class Rewrite(Only):
    """Puts another body or id in place of a message's."""

    def __init__(self, change: Callable[[Message], Message]) -> None:
        self.change = change

    def document(self, document: Document) -> Document | None:
        return document

    def message(self, chat: Chat, message: Message) -> Message | None:
        return self.change(message)


@pytest.mark.parametrize("split", [None, 2])
def test_what_a_transform_drops_is_not_stored_and_not_taken_for_deleted(machine: Machine, split: int | None) -> None:
    texts = {1: "keep", 2: "drop", 3: "keep", 4: "drop"}
    machine.back_up(Script([talk(texts, split=split)], documents={"contacts": b"1"}))

    report = machine.back_up(
        Script([talk(texts, split=split)], documents={"contacts": b"2"}), transforms=[Only("keep")]
    )

    found = read(machine)
    assert (found.texts(), found.gone["user:1"], found.documents) == (texts, {}, {"contacts": b"1"})
    assert report.messages.seen == 2


def test_a_message_dropped_from_the_start_never_enters(machine: Machine) -> None:
    machine.back_up(Script([talk({1: "keep", 2: "drop"})]), transforms=[Only("keep"), Only("e")])

    assert read(machine).texts() == {1: "keep"}


def test_a_transform_may_change_bodies(machine: Machine) -> None:
    change = Rewrite(lambda message: Message(message.id, message.body.replace(b"secret", b"***")))

    machine.back_up(Script([talk({1: "secret", 2: "open"})]), transforms=[change])

    assert read(machine).texts() == {1: "***", 2: "open"}


@pytest.mark.parametrize(
    "change",
    [
        lambda message: Message(message.id + 1, message.body),
        lambda message: Message(message.id, b"[]"),
        lambda message: Message(message.id, message.body + b"\n"),
        lambda message: Message(message.id, b""),
    ],
)
def test_a_transform_that_breaks_its_contract_is_named(machine: Machine, change: Callable[[Message], Message]) -> None:
    with pytest.raises(PluginError, match="transform"):
        machine.back_up(Script([talk({1: "a"})]), transforms=[Rewrite(change)])
