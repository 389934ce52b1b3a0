"""Tables: with rules and bold headings on a terminal, aligned text elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TextIO

from tgvault.cli.safe import safe_line, width

__all__ = ["Column", "Table", "aligned", "draw"]

#: How narrow a column whose cells wrap may get before another column goes.
NARROW = 12

#: Between two columns: a space of the left one, and one in place of a line.
GAP = 2


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    `right` is for numbers, which stand at the right. Cells that `wrap` take several lines where the terminal is narrow.
    Of the columns that are `spare`, those with the greatest number go first where there is no room; 0 always stays.
    What is `whole` is never broken over lines: ids, which people copy.
    """

    title: str
    right: bool = False
    wraps: bool = False
    spare: int = 0
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Columns, and rows of as many cells. Cells may quote hostile text; they are made safe when they are shown."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]


def aligned(table: Table) -> Iterator[str]:
    """Lay the table out as lines of text, two spaces between columns and none at the ends; nothing is left out."""
    widths = _widths(table)
    for row in _with_titles(table):
        cells = (_padded(*cell) for cell in zip(map(safe_line, row), widths, table.columns, strict=True))
        yield "  ".join(cells).rstrip()


def _fitted(table: Table, *, columns: int) -> Table:
    """Leave out what is spare and has no room on a terminal of so many columns."""
    while _least(table) > columns and (spare := max(table.columns, key=lambda each: each.spare)).spare:
        table = _without(table, table.columns.index(spare))
    return table


def draw(table: Table, stream: TextIO) -> Sequence[str]:
    """Draw the table on a terminal; returns the titles of the columns that have no room."""
    # rich costs 40 ms to import, and only terminals need it.
    from rich import box
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    console = Console(file=stream, markup=False, emoji=False, highlight=False)
    shown = _fitted(table, columns=console.width)
    tight = _least(shown) > console.width
    drawn = RichTable(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    for column, least in zip(shown.columns, _leasts(shown, tight=tight), strict=True):
        side: Literal["left", "right"] = "right" if column.right else "left"
        whole = column.whole or not (column.wraps or tight)
        drawn.add_column(Text(column.title), justify=side, overflow="fold", no_wrap=whole, min_width=least)
    for row in shown.rows:
        drawn.add_row(*(Text(safe_line(cell)) for cell in row))
    # A line that is too long is broken by the terminal; rich would cut it.
    console.print(drawn, width=max(console.width, _least(shown, tight=tight)), crop=False)
    return [each.title for each in table.columns if each not in shown.columns]


def _least(table: Table, *, tight: bool = False) -> int:
    """Tell how many columns of a terminal the table needs."""
    return sum(_leasts(table, tight=tight)) + GAP * (len(table.columns) - 1)


def _leasts(table: Table, *, tight: bool) -> Iterator[int]:
    for at, (column, widest) in enumerate(zip(table.columns, _widths(table), strict=True)):
        if tight and not column.whole:
            yield min(widest, max(_longest_word(row[at]) for row in _with_titles(table)), NARROW)
        else:
            yield min(widest, NARROW) if column.wraps else widest


def _longest_word(cell: str) -> int:
    return max(map(width, safe_line(cell).split()), default=0)


def _widths(table: Table) -> list[int]:
    rows = [[width(safe_line(cell)) for cell in row] for row in _with_titles(table)]
    return [max(row[at] for row in rows) for at in range(len(table.columns))]


def _without(table: Table, at: int) -> Table:
    return Table([*table.columns[:at], *table.columns[at + 1 :]], [[*row[:at], *row[at + 1 :]] for row in table.rows])


def _with_titles(table: Table) -> Iterable[Sequence[str]]:
    yield [column.title for column in table.columns]
    yield from table.rows


def _padded(cell: str, columns: int, column: Column) -> str:
    gap = " " * (columns - width(cell))
    return gap + cell if column.right else cell + gap
