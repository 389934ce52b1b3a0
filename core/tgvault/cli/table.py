"""Tables: with rules and bold headings on a terminal, aligned text elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TextIO

from tgvault.cli.safe import cut, safe_line, width

__all__ = ["Column", "Table", "aligned", "draw"]

#: The widest that a cell gets in aligned text; a terminal has its own limit.
MAX_CELL = 60


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, whether it holds numbers, which stand at its right, and whether its cells may wrap."""

    title: str
    right: bool = False
    wraps: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Columns, and rows of as many cells. Cells may quote hostile text; they are made safe when they are shown."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]


def aligned(table: Table) -> Iterator[str]:
    """Lay the table out as lines of text, two spaces between columns and none at the ends."""
    rows = [[cut(safe_line(cell), columns=MAX_CELL) for cell in row] for row in _with_titles(table)]
    widths = [max(width(row[at]) for row in rows) for at in range(len(table.columns))]
    for row in rows:
        cells = (_padded(*cell) for cell in zip(row, widths, table.columns, strict=True))
        yield "  ".join(cells).rstrip()


def draw(table: Table, stream: TextIO) -> None:
    """Draw the table on a terminal."""
    # rich costs 40 ms to import, and only terminals need it.
    from rich import box
    from rich.console import Console
    from rich.table import Table as RichTable
    from rich.text import Text

    drawn = RichTable(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    for column in table.columns:
        side: Literal["left", "right"] = "right" if column.right else "left"
        drawn.add_column(
            Text(column.title), justify=side, overflow="fold" if column.wraps else "ellipsis", no_wrap=not column.wraps
        )
    for row in table.rows:
        drawn.add_row(*(Text(safe_line(cell)) for cell in row))
    Console(file=stream, markup=False, emoji=False, highlight=False).print(drawn)


def _with_titles(table: Table) -> Iterable[Sequence[str]]:
    yield [column.title for column in table.columns]
    yield from table.rows


def _padded(cell: str, columns: int, column: Column) -> str:
    gap = " " * (columns - width(cell))
    return gap + cell if column.right else cell + gap
