"""Tables on terminals and elsewhere."""

from __future__ import annotations

import io

from cli.support import Terminal
from tgvault.cli.table import Column, Table, aligned, draw

PRICES = Table((Column("what"), Column("size", right=True)), [("你好", "1.00 kB"), ("e\u0301", "12 B")])


def test_columns_line_up_and_lines_have_no_spaces_at_their_ends() -> None:
    lines = list(aligned(PRICES))

    assert lines == ["what     size", "你好  1.00 kB", "e\u0301        12 B"]


def test_a_table_without_rows_is_its_headings() -> None:
    lines = list(aligned(Table(PRICES.columns, [])))

    assert lines == ["what  size"]


def test_hostile_cells_are_made_safe_everywhere() -> None:
    hostile = Table((Column("title"),), [("\x1b[31m\u202eevil\n[bold]x",)])
    shown = Terminal()

    draw(hostile, shown)

    assert list(aligned(hostile))[1] == r"\x1b[31m\u202eevil\n[bold]x"
    assert r"\x1b[31m\u202eevil\n[bold]x" in shown.getvalue()


def test_a_long_cell_is_cut_in_text() -> None:
    line = list(aligned(Table((Column("title"),), [("x" * 100,)])))[1]

    assert line == "x" * 59 + "…"


def test_a_terminal_gets_a_rule_under_the_headings() -> None:
    shown = io.StringIO()

    draw(PRICES, shown)

    assert shown.getvalue().splitlines()[:2] == ["what     size", "─────────────"]
