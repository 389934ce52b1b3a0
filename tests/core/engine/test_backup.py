from __future__ import annotations

import random

import msgspec
import pytest

from run_support import (
    Held,
    Machine,
    Script,
    ScriptedSource,
    Talk,
    body,
    objects,
    read,
    said,
    said_exactly,
    shown,
    talk,
)
from tgvault.api import (
    Chat,
    ChatKind,
    Coverage,
    Document,
    Finding,
    FindingKind,
    Literal,
    Message,
)
from tgvault.errors import (
    PluginError,
    SourceError,
)
from tgvault.testing import names
from tgvault.vault.packs import MAX_BLOB
from vault_support import a_bundle

KEYS = a_bundle()


@pytest.fixture
def machine() -> Machine:
    return Machine(KEYS)


@pytest.mark.parametrize("split", [None, 1, 7, 1000])
def test_everything_that_a_source_says_is_in_the_snapshot(machine: Machine, split: int | None) -> None:
    texts = {number: f"text {number}" for number in range(1, 1500)}
    script = Script(
        [talk(texts, split=split), talk({5: "b"}, number=2, kind=ChatKind.CHANNEL, split=split)],
        documents={"contacts": b'{"list":[1]}', "empty": b""},
        files={"c/a.jpg": b"a" * 10, "other/b.bin": b"b" * 10, "none": b""},
    )

    report = machine.back_up(script)

    found = read(machine)
    assert found.texts() == texts
    assert found.texts("channel:2") == {5: "b"}
    assert found.documents == script.documents
    assert found.files == script.files
    assert (report.chats, report.chats_new, report.messages.new, report.messages.total) == (2, 2, 1500, 1500)
    assert (report.media.files, report.documents, report.losses) == (3, 2, 0)
    assert report.bytes_stored == sum(objects(machine.sink, "packs/").values())


def test_a_source_with_nothing_makes_a_snapshot_of_nothing(machine: Machine) -> None:
    report = machine.back_up(Script())

    assert read(machine) == Held({}, {}, {}, {}, {}, {})
    assert (report.sequence, report.chats) == (1, 0)


def test_a_chat_without_messages_is_kept(machine: Machine) -> None:
    machine.back_up(Script([talk({}), talk({}, number=2, split=5), Talk([], number=3, split=5, ordered=False)]))

    assert read(machine).live == {"user:1": {}, "user:2": {}, "user:3": {}}
    machine.back_up(Script([talk({1: "a"}, number=3)]))
    assert read(machine).texts("user:3") == {1: "a"}


def test_the_source_is_given_back_in_its_own_order(machine: Machine) -> None:
    source = ScriptedSource.of(Script(more=[
        Literal(b'{"a":'), Document("first", b"1"), Literal(b',"chats":['),
        talk({}, number=9).chat, Message(7, body(7, "x")), Message(8, body(8, "y")), Coverage(7, 8),
        Literal(b","), talk({}, number=2).chat, Message(3, body(3, "z")), Literal(b"]}"),
    ]))  # fmt: skip

    machine.back_up(source)

    opening, closing = '{"name":"Ben","messages":[', "]}"
    assert said_exactly(machine.vault, machine.latest()) == [
        '{"a":', "first", ',"chats":[', opening, body(7, "x").decode(), body(8, "y").decode(), closing,
        ",", opening, body(3, "z").decode(), closing, "]}",
    ]  # fmt: skip


def test_large_documents_and_files_are_kept_in_pieces(machine: Machine) -> None:
    noise = random.Random(5).randbytes
    script = Script(
        [Talk([shown(1, "c/big.mp4")])],
        documents={"stories": b'"' + b"x" * (2 * MAX_BLOB) + b'"'},
        files={"c/big.mp4": noise(MAX_BLOB + 5), "exact.bin": noise(2 * MAX_BLOB), "zeros": bytes(MAX_BLOB + 1)},
    )

    machine.back_up(script)

    found = read(machine)
    assert found.documents == script.documents
    assert found.files == {name: data for name, data in script.files.items() if name != "c/big.mp4"}
    assert found.media["user:1"][1] == {"photo": script.files["c/big.mp4"]}


def test_equal_contents_are_stored_once(machine: Machine) -> None:
    data = random.Random(5).randbytes(50_000)
    script = Script([Talk([shown(1, "c/a.jpg"), shown(2, "c/b.jpg")])], files={"c/a.jpg": data, "c/b.jpg": data})

    report = machine.back_up(script)

    assert report.bytes_stored < 80_000
    assert read(machine).media["user:1"] == {1: {"photo": data}, 2: {"photo": data}}


def test_files_that_the_source_did_not_list_are_kept_in_one_pack(machine: Machine) -> None:
    unlisted = {f"c/{number}.jpg": b"%d" % number * 100 for number in range(30)}
    messages = [shown(number + 1, name) for number, name in enumerate(unlisted)]

    machine.back_up(Script([Talk([*messages, shown(99, "c/3.jpg")])], unlisted=unlisted))

    found = read(machine).media["user:1"]
    assert {number: each["photo"] for number, each in found.items()} == {
        **{number + 1: data for number, data in enumerate(unlisted.values())}, 99: unlisted["c/3.jpg"],
    }  # fmt: skip
    assert len(names(machine.sink, "packs/")) == 2


def test_findings_of_the_source_are_in_the_report(machine: Machine) -> None:
    found = Finding(FindingKind.UNKNOWN_FIELD, "x", "", 3)
    inside = Finding(FindingKind.LOST, "y")

    machine.back_up(Script([Talk([said(1, "a"), inside], split=1), Talk([inside], number=2)], more=[found]))

    assert {(each.kind, each.subject, each.count) for each in machine.report.findings} == {  # type: ignore[union-attr]
        (found.kind, "x", 3), (inside.kind, "y", 2),
    }  # fmt: skip
    assert machine.report is not None
    assert machine.report.losses == 2


def test_messages_before_their_chat_are_the_plugins_fault(machine: Machine) -> None:
    with pytest.raises(PluginError, match="before their chat"):
        machine.back_up(Script(more=[said(1, "a")]))


@pytest.mark.parametrize("record", [Literal(b"\xff"), msgspec.structs.replace(talk({}).chat, opening=b"\xff")])
def test_text_that_is_not_utf8_is_the_plugins_fault(machine: Machine, record: Literal | Chat) -> None:
    with pytest.raises(PluginError, match="UTF-8"):
        machine.back_up(Script(more=[record]))


def test_a_long_text_of_the_source_is_kept(machine: Machine) -> None:
    text = "é" * (3 * MAX_BLOB)

    machine.back_up(Script(more=[Literal(text.encode())]))

    assert "".join(said_exactly(machine.vault, machine.latest())) == text


def test_what_no_vault_takes_ends_the_run_before_there_is_a_snapshot(machine: Machine) -> None:
    chat = msgspec.structs.replace(talk({}).chat, title="x" * (MAX_BLOB + 1))

    with pytest.raises(SourceError):
        machine.back_up(Script(more=[chat]))
    assert machine.vault.sync() == []
