"""Putting spans together for a task."""

from __future__ import annotations

import pytest

from tgvault.archive.cuts import Cuts
from tgvault.engine import span_queue
from tgvault.engine.span_queue import SpanQueue
from tgvault.model.records import Span
from vault_support import a_bundle

CUTS = Cuts(a_bundle().id_key, per_leaf=4)
STARTS = [number for number in range(1000) if CUTS.before(number)]
OTHERS = [number for number in range(1000) if not CUTS.before(number)]


def span(first: int | None, *, weight: int = 1, ordered: bool = True) -> Span:
    return Span(b"%d" % (first or 0), weight, ordered, first)


def grouped(*spans: Span, is_last: bool = True) -> list[tuple[list[int | None], bool]]:
    queue = SpanQueue(CUTS)
    groups = [group for each in spans for group in queue.add(each)]
    groups += queue.end(is_last=is_last)
    return [([each.first for each in group], whole) for group, whole in groups]


def test_spans_that_begin_with_segments_go_together_up_to_the_chats_end() -> None:
    assert grouped(*map(span, STARTS[:5])) == [(STARTS[:5], True)]


def test_the_first_span_of_a_chat_may_begin_with_any_message() -> None:
    assert grouped(span(OTHERS[0]), span(STARTS[3])) == [([OTHERS[0], STARTS[3]], True)]
    assert grouped(span(None)) == [([None], True)]


def test_a_span_within_a_segment_and_the_one_before_it_come_alone() -> None:
    a, b, c = STARTS[:3]

    groups = grouped(span(a), span(b), span(OTHERS[50]), span(c))

    assert groups == [([a], True), ([b], False), ([OTHERS[50]], False), ([c], True)]


def test_the_last_span_before_single_messages_comes_alone() -> None:
    assert grouped(*map(span, STARTS[:3]), is_last=False) == [(STARTS[:2], True), ([STARTS[2]], False)]


def test_what_follows_single_messages_has_to_begin_with_a_segment() -> None:
    queue = SpanQueue(CUTS)
    list(queue.end(is_last=False))

    groups = [*queue.add(span(OTHERS[0])), *queue.end(is_last=True)]

    assert [whole for _, whole in groups] == [False]


def test_spans_out_of_order_come_alone() -> None:
    assert grouped(span(STARTS[0], ordered=False)) == [([STARTS[0]], False)]


def test_a_task_is_full_at_some_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(span_queue, "TASK", 10)

    groups = grouped(*(span(first, weight=4) for first in STARTS[:7]))

    assert [len(group) for group, _ in groups] == [3, 3, 1]
