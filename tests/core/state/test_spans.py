"""What spans became when they were last read."""

from __future__ import annotations

from tgvault.state.database import Database
from tgvault.state.spans import KEEP_RUNS, Spans


def test_spans_are_remembered_until_no_run_meets_them_any_more() -> None:
    spans = Spans(Database.in_memory())
    spans.remember([(b"met", b"1"), (b"left", b"2"), (b"changed", b"3")], run=1)
    spans.remember([(b"changed", b"4")], run=2)
    spans.meet([b"met", b"never seen"], run=2)

    spans.forget_old(run=2 + KEEP_RUNS)

    assert [spans.get(name) for name in (b"met", b"left", b"changed", b"never seen")] == [b"1", None, b"4", None]
