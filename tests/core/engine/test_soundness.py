from __future__ import annotations

import os
from datetime import timedelta

import pytest

from run_support import (
    NOON,
    Machine,
    Script,
    Talk,
    body,
    findings,
    read,
    said,
    talk,
)
from tgvault.api import (
    FindingKind,
    MediaRef,
    Message,
)
from tgvault.vault.packs import MAX_BLOB
from vault_support import a_bundle

KEYS = a_bundle()


@pytest.fixture
def machine() -> Machine:
    return Machine(KEYS)


@pytest.mark.parametrize(
    "bad",
    [
        Message(1 << 63, body(1 << 63, "x")),
        Message(-(1 << 63) - 1, body(-(1 << 63) - 1, "x")),
        Message(10**30, body(10**30, "x")),
        Message(50, b'{"id":50,\n"text":"x"}'),
        Message(50, b""),
        Message(50, b"[50]"),
        Message(50, b'{"id":50,"text":"' + b"x" * MAX_BLOB + b'"}'),
    ],
)
@pytest.mark.parametrize("split", [None, 2])
def test_a_message_that_cannot_be_kept_is_a_loss_and_costs_no_other(
    machine: Machine, bad: Message, split: int | None
) -> None:
    machine.back_up(Script([Talk([said(1, "a"), bad, said(60, "b")], split=split, covered=[(1, 60)])]))

    assert read(machine).texts() == {1: "a", 60: "b"}
    assert findings(machine) == [(FindingKind.LOST, f"message {bad.id} of chat Ben")]


@pytest.mark.parametrize(
    "text", [b'{"id":51}', b'{"text":"x"}', b'{"id":50', b'{"id":"50"}', b"{" * 5000, b'{"id":5e1}}']
)
def test_a_body_that_is_not_the_messages_is_a_loss(machine: Machine, text: bytes) -> None:
    """Of sources that yield messages one by one: those that yield spans have taken the text apart themselves."""
    machine.back_up(Script([Talk([said(1, "a"), Message(50, text), said(60, "b")])]))

    assert read(machine).texts() == {1: "a", 60: "b"}
    assert findings(machine) == [(FindingKind.LOST, "message 50 of chat Ben")]


def test_a_message_that_could_not_be_kept_is_not_taken_for_deleted(machine: Machine) -> None:
    machine.back_up(Script([talk({1: "a", 2: "b", 3: "c"})]))

    machine.back_up(Script([Talk([said(1, "a"), Message(2, b"rubbish"), said(3, "c")], covered=[(1, 3)])]))

    assert read(machine).texts() == {1: "a", 2: "b", 3: "c"}


def test_a_body_that_is_no_text_is_kept_and_compared(machine: Machine) -> None:
    odd = [Message(1, b'{"id":1,"text":"\xff%d"}' % number) for number in range(2)]

    machine.back_up(Script([Talk([odd[0]])]))
    machine.back_up(Script([Talk([odd[1]])], at=NOON + timedelta(minutes=5)))

    found = read(machine)
    assert (found.live["user:1"], found.earlier["user:1"]) == ({1: odd[1].body}, {1: [odd[0].body]})


def test_a_message_with_more_files_than_can_be_noted_keeps_its_text(machine: Machine) -> None:
    refs = tuple(MediaRef(f"x/{number}/" + "y" * 90, "c/a.jpg") for number in range(30_000))

    machine.back_up(Script([Talk([Message(1, body(1, "a"), refs)])], files={"c/a.jpg": b"a"}))

    assert read(machine).texts() == {1: "a"}
    assert findings(machine) == [(FindingKind.LOST, "message 1 of chat Ben")]


def test_names_that_are_no_text_are_losses(machine: Machine) -> None:
    name = os.fsdecode(b"c/\xff.jpg")
    long = "n" * 4097
    message = Message(1, body(1, "a"), (MediaRef("photo", name),))

    machine.back_up(Script([Talk([message])], files={name: b"x", long: b"z", "good": b"y"}))

    found = read(machine)
    assert (found.texts(), found.files) == ({1: "a"}, {"good": b"y"})
    assert {(FindingKind.LOST, ascii(name)), (FindingKind.LOST, ascii(long[:200]))} <= set(findings(machine))
