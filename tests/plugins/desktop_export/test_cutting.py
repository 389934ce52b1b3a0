"""Cutting a chat's messages into spans."""

from __future__ import annotations

import pytest

from samples.json.dialect import dump
from samples.json.windows import Bytes
from tgvault.testing.contracts.source import every_seventh
from tgvault_plugins.desktop_export import cutting as module
from tgvault_plugins.desktop_export.cutting import Cut, Slices, ascending, slices
from tgvault_plugins.desktop_export.parts import Run
from tgvault_plugins.desktop_export.view import View

LEAD = b"\n     "


def _view(*messages: object) -> tuple[View, Run]:
    text = ",\n     ".join(dump(message, 5) for message in messages).encode()
    return View(Bytes(text)), Run(0, len(text), None, LEAD)


def test_cuts_lie_before_messages_with_which_segments_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LEAST", 100)
    view, run = _view(*({"id": number, "text": "x" * 20} for number in range(1, 30)))

    found = slices(view, run, starts=every_seventh)

    assert [cut.first for cut in found.cuts] == [1, 7, 14, 21, 28]
    assert found.last == 29
    assert ascending(found)
    assert all(view.take(cut.start, cut.stop).startswith(b"{\n") for cut in found.cuts)
    assert all(view.take(cut.start, cut.stop).endswith(b"\n     }") for cut in found.cuts)


def test_cuts_soon_lie_where_they_were_behind_a_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LEAST", 1000)
    messages = [{"id": number, "text": "x" * (number % 50)} for number in range(2000)]
    before, run = _view(*messages)
    after, longer = _view(*messages[:400], {"id": 401, "text": "changed" * 30}, *messages[403:])

    old = {before.take(cut.start, cut.stop) for cut in slices(before, run, starts=every_seventh).cuts}
    new = {after.take(cut.start, cut.stop) for cut in slices(after, longer, starts=every_seventh).cuts}

    assert len(old) > 50
    assert len(new - old) <= 3


def test_without_a_start_of_a_segment_cuts_lie_before_any_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LEAST", 50)
    monkeypatch.setattr(module, "SPAN", 140)
    view, run = _view(*({"id": 7 * number + 1, "text": "x" * 20} for number in range(10)))

    found = slices(view, run, starts=every_seventh)

    assert len(found.cuts) > 2
    assert all(view.take(cut.start, cut.stop).startswith(b"{\n") for cut in found.cuts)
    assert b",\n     ".join(view.take(cut.start, cut.stop) for cut in found.cuts) == view.take(0, view.size)


def test_a_start_is_found_wherever_the_pieces_end_in_which_it_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LEAST", 50)
    view, run = _view(*({"id": number, "text": "x" * 40} for number in range(1, 30)))
    for look in range(module._LONGEST + 1, module._LONGEST + 120):
        monkeypatch.setattr(module, "_LOOK", look)

        assert [cut.first for cut in slices(view, run, starts=every_seventh).cuts] == [1, 7, 14, 21, 28]


def test_a_message_larger_than_a_span_is_a_span(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LEAST", 50)
    monkeypatch.setattr(module, "SPAN", 50)
    view, run = _view({"id": 1, "text": "x" * 500}, {"id": 2}, {"id": 3, "text": "x" * 500})

    assert [cut.first for cut in slices(view, run, starts=every_seventh).cuts][:2] == [1, 2]


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ({"id": -7, "text": ""}, -7),
        ({"text": "x" * 400, "id": 5}, 5),
        ({"text": "\x01", "id": 5}, 5),
        ({"text": ""}, None),
        ({"id": "5"}, None),
        ({"id": 2**70}, 2**70),
    ],
)
def test_the_id_of_a_message_is_found_wherever_it_stands(first: dict[str, object], expected: int | None) -> None:
    view, run = _view(first)

    found = slices(view, run, starts=every_seventh)

    assert found.cuts[0].first == expected
    assert found.last == expected


def test_a_damaged_message_has_no_id() -> None:
    text = b"{nothing"

    assert slices(View(Bytes(text)), Run(0, len(text), None, LEAD), starts=every_seventh).cuts == (Cut(0, 8, None),)


def test_no_messages_give_no_cuts() -> None:
    view, _ = _view({"id": 1})

    assert slices(view, Run(0, 0, 0, LEAD), starts=every_seventh) == Slices((), None)


def test_cuts_by_brackets_leave_holes_out() -> None:
    text = b'{"id":1},{"id":2},XXXX,{"id":4},{"id":5}'
    run = Run(0, len(text), None, b"", (0, 23), ((18, 23),))

    found = slices(View(Bytes(text)), run, starts=every_seventh)

    assert found == Slices((Cut(0, 18, 1), Cut(23, len(text), 4)), 5)


def test_the_last_id_is_unknown_where_the_last_messages_are_damaged() -> None:
    text = b'{"id":1},{"id":'

    assert slices(View(Bytes(text)), Run(0, len(text), None, b"", (0,)), starts=every_seventh).last is None


@pytest.mark.parametrize(
    ("firsts", "last", "expected"),
    [
        ([1, 5, 9], 12, True),
        ([1], 1, True),
        ([1, 5, 5], 9, False),
        ([1, 9, 5], 9, False),
        ([1, None, 5], 9, False),
        ([1, 5], 4, False),
        ([1, 5], None, False),
    ],
)
def test_ids_ascend_from_cut_to_cut(firsts: list[int | None], last: int | None, expected: bool) -> None:
    assert ascending(Slices(tuple(Cut(0, 1, first) for first in firsts), last)) is expected
