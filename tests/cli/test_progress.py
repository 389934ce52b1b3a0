"""Progress on terminals, in logs, and where nobody wants it."""

from __future__ import annotations

import io

import pytest

from cli.support import Clock, Terminal
from tgvault.cli.bar import BarProgress
from tgvault.cli.output import Output
from tgvault.cli.progress import LineProgress, progress_for
from tgvault.engine.progress import NullProgress


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_log_gets_a_line_every_few_seconds_and_one_at_the_end(clock: Clock) -> None:
    log = io.StringIO()
    progress = LineProgress(log, clock)

    progress.phase("packing", 100_000_000)
    for _ in range(12):
        clock.now += 1.0
        progress.advance(5_000_000, items=10)
    progress.done()
    progress.done()

    assert log.getvalue().splitlines() == [
        "packing: 25 %, 25.0 MB of 100 MB, 50 items, 5.00 MB/s, 15 s left",
        "packing: 50 %, 50.0 MB of 100 MB, 100 items, 5.00 MB/s, 10 s left",
        "packing: 60.0 MB, 120 items, 12 s",
    ]


def test_a_phase_of_unknown_length_promises_no_end(clock: Clock) -> None:
    log = io.StringIO()
    progress = LineProgress(log, clock)

    progress.phase("reading")
    clock.now = 6.0
    progress.advance(1_000)

    assert log.getvalue() == "reading: 1.00 kB, 167 B/s\n"


def test_what_is_not_counted_is_not_shown(clock: Clock) -> None:
    log = io.StringIO()
    progress = LineProgress(log, clock)

    progress.phase("merging")
    for items in (0, 44):
        clock.now += 6.0
        progress.advance(items=items)
    progress.done()

    assert log.getvalue() == "merging: 6.0 s\nmerging: 44 items\nmerging: 44 items, 12 s\n"


def test_a_new_phase_ends_the_one_before_and_a_short_one_says_nothing(clock: Clock) -> None:
    log = io.StringIO()
    progress = LineProgress(log, clock)

    progress.phase("reading")
    clock.now = 6.0
    progress.phase("packing")
    clock.now = 7.0
    progress.done()

    assert log.getvalue() == "reading: 6.0 s\n"


def test_progress_outside_a_phase_is_ignored(clock: Clock) -> None:
    log, screen = io.StringIO(), Terminal()

    for progress in (LineProgress(log, clock), BarProgress(screen, clock=clock)):
        progress.advance(10)
        progress.done()

    assert "10" not in log.getvalue() + screen.getvalue()


def test_notes_are_made_safe(clock: Clock) -> None:
    log, screen = io.StringIO(), io.StringIO()

    LineProgress(log, clock).note("\x1b[2Jx")
    BarProgress(screen, clock=clock).note("\x1b[2Jx [bold]")

    assert log.getvalue() == "\\x1b[2Jx\n"
    assert screen.getvalue() == "\\x1b[2Jx [bold]\n"


def test_a_bar_shows_bytes_items_and_time_left(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "xterm")
    screen = Terminal()
    progress = BarProgress(screen, clock=clock)

    progress.phase("packing", 100_000_000)
    for _ in range(4):
        clock.now += 1.0
        progress.advance(10_000_000, items=3)
    progress._bar.refresh()
    shown_on_the_way = screen.getvalue()
    progress.phase("committing")
    progress.done()

    assert "40.0 MB of 100 MB · 12 items · 10.0 MB/s · 6.0 s left" in shown_on_the_way
    assert "40.0 MB · 12 items · 4.0 s" in screen.getvalue()


@pytest.mark.parametrize("columns", [20, 40, 60, 80])
def test_a_phase_takes_one_line_of_a_narrow_terminal(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm")
    screen = Terminal()
    progress = BarProgress(screen, clock=clock)

    progress.phase("fetching messages, chat 3 of 120", 1_000_000_000)
    clock.now += 1.0
    progress.advance(123_000_000, items=3_333)
    progress.done()

    assert screen.getvalue().count("\n") == 1


def test_a_wait_is_told_in_a_log_once_a_minute_and_at_its_end(clock: Clock) -> None:
    log = io.StringIO()
    progress = LineProgress(log, clock)

    progress.phase("fetching")
    for left in range(150, -1, -1):
        progress.waiting(float(left), "Telegram asks to wait (GetHistory\x1b)")
        clock.now += 1.0

    assert log.getvalue().splitlines() == [
        "Telegram asks to wait (GetHistory\\x1b): 2:30 left",
        "Telegram asks to wait (GetHistory\\x1b): 1:30 left",
        "Telegram asks to wait (GetHistory\\x1b): 0:30 left",
        "going on",
    ]


def test_a_wait_is_counted_down_in_the_place_of_the_bar_s_name(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "xterm")
    screen = Terminal()
    progress = BarProgress(screen, clock=clock)
    progress.waiting(5.0, "outside of a phase")

    progress.phase("fetching")
    progress.waiting(3661.0, "Telegram asks to wait")
    progress._bar.refresh()
    waiting = screen.getvalue()
    progress.waiting(0.0, "")
    progress.title("fetching messages, chat 2 of 9")
    progress.done()

    assert "Telegram asks to wait, 1:01:01 left" in waiting
    assert "fetching messages, chat 2 of 9" in screen.getvalue()
    assert "outside" not in screen.getvalue()


def test_a_phase_that_gets_another_name_counts_on(clock: Clock) -> None:
    log = io.StringIO()
    progress = LineProgress(log, clock)

    progress.title("outside of a phase")
    progress.phase("fetching")
    progress.advance(items=5)
    progress.title("fetching, chat 2 of 9")
    clock.now = 6.0
    progress.advance(items=1)

    assert log.getvalue() == "fetching, chat 2 of 9: 6 items\n"


def test_who_is_told_depends_on_the_stream_and_on_what_was_asked(clock: Clock) -> None:
    log, screen = io.StringIO(), Terminal()

    chosen = [
        type(progress_for(output, clock=clock))
        for output in (
            Output(log, screen),
            Output(screen, log),
            Output(screen, screen, quiet=True),
            Output(screen, screen, json=True),
        )
    ]

    assert chosen == [BarProgress, LineProgress, NullProgress, NullProgress]


def test_nobody_is_told_nothing() -> None:
    progress = NullProgress()

    progress.phase("packing", 10)
    progress.advance(10, items=1)
    progress.note("x")
    progress.title("y")
    progress.waiting(5.0, "z")
    progress.done()

    assert vars(progress) == {}
