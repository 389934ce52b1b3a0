"""Records of a chat."""

from __future__ import annotations

import msgspec
import pytest

from samples.json.dialect import dump
from samples.json.windows import Bytes
from tgvault.api import Chat, Coverage, Finding, FindingKind, Span
from tgvault.testing.contracts.source import every_seventh
from tgvault_plugins.desktop_export import cutting
from tgvault_plugins.desktop_export.chat_records import ChatMaker
from tgvault_plugins.desktop_export.identity import Era
from tgvault_plugins.desktop_export.outline import Outline
from tgvault_plugins.desktop_export.parts import ChatPart
from tgvault_plugins.desktop_export.spans import Token
from tgvault_plugins.desktop_export.view import View


def _records(text: str) -> list[object]:
    view = View(Bytes(text.encode()))
    maker = ChatMaker(view, b"stamp", Era.BARE, None, every_seventh)
    return [record for part in Outline(view).parts() if isinstance(part, ChatPart) for record in maker.records(part)]


def _chat(*ids: object) -> str:
    messages = [{"id": number, "type": "message", "text": "x" * 50} for number in ids]
    return dump({"name": "A", "type": "personal_chat", "id": 5, "messages": messages})


def test_a_chat_is_followed_by_its_spans_and_then_by_its_coverage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "LEAST", 130)
    monkeypatch.setattr(cutting, "SPAN", 260)

    records = _records(_chat(1, 2, 3, 4))

    assert [type(record) for record in records] == [Chat, Span, Span, Coverage]
    spans = [record for record in records if isinstance(record, Span)]
    tokens = [msgspec.msgpack.decode(span.token, type=Token) for span in spans]
    assert [token.subject for token in tokens] == ["chat A", "chat A"]
    assert [span.weight for span in spans] == [token.stop - token.start for token in tokens]
    assert all(span.ordered for span in spans)


def test_ids_out_of_order_are_told_with_every_span(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "LEAST", 130)
    monkeypatch.setattr(cutting, "SPAN", 260)

    records = _records(_chat(3, 4, 5, 2))

    assert [record.ordered for record in records if isinstance(record, Span)] == [False, False]
    assert not any(isinstance(record, Coverage) for record in records)


def test_a_cut_chat_tells_after_which_message() -> None:
    text = _chat(1, 2)

    records = _records(text[: text.index('"id": 2')])

    assert records[-1] == Finding(
        FindingKind.TRUNCATED, "chat A", "the file ends after message 1, 9 bytes of the next one are left out"
    )


def test_a_chat_cut_before_its_messages_tells_that() -> None:
    text = _chat(1, 2)

    records = _records(text[: text.index('"id": 1')])

    assert isinstance(records[-1], Finding)
    assert records[-1].detail.startswith("the file ends before its first message")


def test_holes_are_told_and_not_read() -> None:
    text = msgspec.json.format(_chat(1, 2, 3), indent=-1).replace('"id":2', '"id"2')

    records = _records(text)

    assert [record.kind for record in records if isinstance(record, Finding)] == [FindingKind.LOST]
    assert not any(isinstance(record, Coverage) for record in records)
