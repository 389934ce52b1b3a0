"""Spans: ranges of a chat's messages."""

from __future__ import annotations

import pytest

from samples.json.dialect import dump
from samples.json.windows import Bytes
from tgvault.api import Finding, Message
from tgvault_plugins.desktop_export import spans as module
from tgvault_plugins.desktop_export.spans import Token, expanded, windows
from tgvault_plugins.desktop_export.view import View

LEAD = b"\n     "


def _text(*sizes: int) -> bytes:
    messages = [{"id": number, "type": "message", "text": "x" * size} for number, size in enumerate(sizes)]
    return ",\n     ".join(dump(message, 5) for message in messages).encode()


def _expanded(text: bytes, lead: bytes = LEAD) -> tuple[list[int | None], list[Finding]]:
    records = list(expanded(View(Bytes(text)), Token(0, len(text), lead, "", "chat A", b"")))
    return (
        [record.id for record in records if isinstance(record, Message)],
        [record for record in records if isinstance(record, Finding)],
    )


@pytest.mark.parametrize("step", [64, 200, 1 << 16])
def test_all_messages_of_a_span_are_read_whatever_the_step(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_STEP", step)

    assert _expanded(_text(*range(40))) == (list(range(40)), [])


def test_a_message_that_is_too_large_is_lost_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_STEP", 64)
    monkeypatch.setattr(module, "LARGEST", 1 << 12)

    ids, findings = _expanded(_text(1, 10_000, 3, 20_000))

    assert ids == [0, 2]
    assert [found.detail.split(" is ")[0] for found in findings] == ["a message at byte 73", "a message at byte 10220"]


def test_a_span_without_lines_is_read_at_once() -> None:
    assert _expanded(b'{"id":1,"type":"message"} , {"id":2,"type":"message"},  ', b"") == ([1, 2], [])


def test_a_span_without_lines_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST", 8)

    ids, findings = _expanded(b'{"id":1,"type":"message"}', b"")

    assert ids == []
    assert len(findings) == 1


def test_windows_tell_where_they_stand() -> None:
    text = _text(5, 5)

    found = list(windows(View(Bytes(b"ab" + text)), 2, 2 + len(text), LEAD))

    assert found == [(2, text)]
