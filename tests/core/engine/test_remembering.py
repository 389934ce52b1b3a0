"""Not reading again what did not change."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from run_support import NOON, Machine, Script, ScriptedSource, Talk, exact_bodies, said, talk
from tgvault.engine import gathering, reading, remembering
from tgvault.engine.remembering import reading_settings
from tgvault.host.kinds import Kind
from tgvault.host.loading import Candidate
from tgvault.host.spec import PluginSpec
from tgvault.model.findings import Finding, FindingKind
from tgvault.model.records import Chat, MediaRef, Message
from vault_support import a_bundle

KEYS = a_bundle()
LATER = NOON + timedelta(days=1)
TEXTS = {number: f"message {number}" for number in range(1, 13)}


@pytest.fixture(autouse=True)
def every_message_starts_a_segment(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (gathering, reading):
        monkeypatch.setattr(module, "MESSAGES_PER_SEGMENT", 1)


@pytest.fixture
def machine() -> Machine:
    return Machine(KEYS)


def expanded(machine: Machine, *talks: Talk, **more: object) -> int:
    """Back up, and tell how many spans were read."""
    source = ScriptedSource.of(Script(talks, **more))  # type: ignore[arg-type]
    machine.back_up(source)
    return source.expanded


def talk_of(texts: dict[int, str], **more: object) -> Talk:
    return talk(texts, split=3, **more)  # type: ignore[arg-type]


def test_spans_that_did_not_change_are_not_read_again(machine: Machine) -> None:
    first = expanded(machine, talk_of(TEXTS))
    second = expanded(machine, talk_of(TEXTS), at=LATER)

    assert (first, second) == (4, 0)
    assert machine.report is not None
    assert machine.report.messages.seen == 12
    assert machine.report.messages.new == machine.report.messages.edited == machine.report.messages.gone == 0


def test_a_span_that_changed_is_read_again_and_the_others_are_not(machine: Machine) -> None:
    expanded(machine, talk_of(TEXTS))

    second = expanded(machine, talk_of(TEXTS | {5: "another text"}), at=LATER)

    assert second == 1
    assert machine.report is not None
    assert (machine.report.messages.edited, machine.report.messages.gone) == (1, 0)
    bodies = exact_bodies(machine.vault, machine.latest())
    assert sum("another text" in body for body in bodies) == 1
    assert len(bodies) == 12


def test_spans_of_another_chat_are_others_even_if_they_read_alike(machine: Machine) -> None:
    expanded(machine, talk_of(TEXTS, number=5))

    assert expanded(machine, talk_of(TEXTS, number=5), talk_of(TEXTS, number=6), at=LATER) == 4


def test_what_was_taken_for_gone_comes_back_with_a_span_that_is_remembered(machine: Machine) -> None:
    expanded(machine, talk_of(TEXTS))
    expanded(machine, talk_of({number: text for number, text in TEXTS.items() if number != 5}), at=LATER)
    assert machine.report is not None
    assert machine.report.messages.gone == 1

    again = expanded(machine, talk_of(TEXTS), at=LATER + timedelta(days=1))

    assert again == 0
    assert machine.report.messages.back == 1


def test_what_transforms_leave_out_is_remembered_too(machine: Machine) -> None:
    drop = Dropping()
    machine.back_up(Script([talk_of(TEXTS)]), transforms=[drop])
    source = ScriptedSource.of(Script([talk_of(TEXTS)], at=LATER))

    machine.back_up(source, transforms=[drop])

    assert source.expanded == 0
    assert machine.report is not None
    assert machine.report.messages.total == 11
    assert machine.report.messages.gone == 0


def test_other_transforms_read_everything_again(machine: Machine) -> None:
    expanded(machine, talk_of(TEXTS))
    source = ScriptedSource.of(Script([talk_of(TEXTS)], at=LATER))

    machine.back_up(source, transforms=[Dropping()])

    assert source.expanded == 4


def test_a_span_is_read_again_when_a_file_that_it_names_has_another_content(machine: Machine) -> None:
    photo = Talk([said(1, "a"), with_photo(2), said(3, "c"), said(4, "d")], split=2)
    expanded(machine, photo, files={"p.jpg": b"first"})

    same = expanded(machine, photo, files={"p.jpg": b"first"}, at=LATER)
    other = expanded(machine, photo, files={"p.jpg": b"second"}, at=LATER)

    assert (same, other) == (0, 1)


def test_a_file_that_is_not_there_is_looked_for_again(machine: Machine) -> None:
    photo = Talk([said(1, "a"), with_photo(2), said(3, "c"), said(4, "d")], split=2)
    expanded(machine, photo)
    missing = machine.report

    second = expanded(machine, photo, at=LATER)
    third = expanded(machine, photo, files={"p.jpg": b"found"}, at=LATER + timedelta(days=1))

    assert (second, third) == (1, 1)
    assert missing is not None
    assert missing.media.missing == {"not in the source": 1}
    assert machine.report is not None
    assert machine.report.media.filled == 1


def test_the_files_of_remembered_spans_are_used(machine: Machine) -> None:
    photo = Talk([with_photo(1), said(2, "b")], split=1)
    expanded(machine, photo, files={"p.jpg": b"first"})

    expanded(machine, photo, files={"p.jpg": b"first"}, at=LATER)

    assert machine.latest().manifest.files is None


def test_what_there_is_to_tell_of_a_span_is_told_every_time(machine: Machine) -> None:
    strange = Finding(FindingKind.UNKNOWN_FIELD, "message.novel")
    chat = Talk([said(1, "a"), strange, said(2, "b"), said(3, "c")], split=2)
    expanded(machine, chat)

    second = expanded(machine, chat, at=LATER)

    assert second == 1
    assert machine.report is not None
    assert machine.report.findings == [strange]


def test_a_span_whose_segments_the_vault_lost_is_read_again(machine: Machine) -> None:
    expanded(machine, talk_of(TEXTS))
    for pack in list(machine.sink.list("packs/")):
        machine.sink.delete(pack.name)
    source = ScriptedSource.of(Script([talk_of(TEXTS)]))

    machine.back_up(source, archive="other")

    assert source.expanded == 4


def test_ids_that_descend_between_spans_are_noticed_in_remembered_ones_too(machine: Machine) -> None:
    numbers = [1, 2, 3, 7, 8, 9, 4, 5, 6]
    mixed = Talk([said(number, "x") for number in numbers], split=3)
    for at in (NOON, LATER):
        expanded(machine, mixed, at=at)

        bodies = exact_bodies(machine.vault, machine.latest())
        assert [msgspec.json.decode(body)["id"] for body in bodies] == numbers


@pytest.mark.parametrize("number", [2**64, -(2**70)])
def test_a_chat_may_have_an_id_of_any_size(machine: Machine, number: int) -> None:
    first = expanded(machine, talk_of(TEXTS, number=number))

    assert (first, expanded(machine, talk_of(TEXTS, number=number), at=LATER)) == (4, 0)


def test_settings_of_transforms_and_the_type_of_the_source_count_but_not_where_it_lies() -> None:
    def spec(name: str, settings: bytes) -> PluginSpec[object]:
        return PluginSpec(Kind.SOURCE, name, Candidate("a", "b", "c"), settings)

    here = reading_settings(spec("export", b"here"), [spec("filter", b"1")])  # type: ignore[list-item,arg-type]

    assert here == reading_settings(spec("export", b"there"), [spec("filter", b"1")])  # type: ignore[list-item,arg-type]
    assert here != reading_settings(spec("export", b"here"), [spec("filter", b"2")])  # type: ignore[list-item,arg-type]
    assert here != reading_settings(spec("other", b"here"), [spec("filter", b"1")])  # type: ignore[list-item,arg-type]


def test_another_version_of_a_plugin_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = PluginSpec(Kind.TRANSFORM, "filter", Candidate("a", "b", "somebodys-plugin"), b"")
    before = reading_settings(spec, [])  # type: ignore[arg-type]

    monkeypatch.setattr(remembering, "version_of", lambda _: "2.0")

    assert reading_settings(spec, []) != before  # type: ignore[arg-type]


def with_photo(number: int) -> Message:
    body = b'{"id":%d,"type":"message","photo":"p.jpg"}' % number
    return Message(number, body, (MediaRef("photo", "p.jpg"),))


class Dropping:
    """A transform that leaves out message 5."""

    config = None

    def message(self, chat: Chat, message: Message) -> Message | None:
        return None if message.id == 5 else message

    def document(self, document: object) -> object:
        return document
