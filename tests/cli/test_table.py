"""Tables on terminals and elsewhere."""

from __future__ import annotations

import io
import re

import pytest

from cli.support import Terminal
from tgvault.cli.output import Output
from tgvault.cli.safe import width
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


def test_nothing_is_cut_where_there_is_no_terminal() -> None:
    line = list(aligned(Table((Column("title"),), [("x" * 1000,)])))[1]

    assert line == "x" * 1000


def test_a_terminal_gets_a_rule_under_the_headings() -> None:
    shown = io.StringIO()

    draw(PRICES, shown)

    assert shown.getvalue().splitlines()[:2] == ["what     size", "─────────────"]


COLUMNS = (
    Column("chat", wraps=True),
    Column("key", whole=True),
    Column("type", spare=2),
    Column("messages", right=True, spare=1),
)
ROWS = [
    ("Weekend hikers and their friends", "chat:2000001", "private_group", "1,093"),
    ("你好" * 10, "user:123456789012345678", "personal_chat", "7"),
]
CHATS = Table(COLUMNS, ROWS)


@pytest.mark.parametrize("columns", [20, 40, 60, 80, 120])
def test_ids_are_whole_on_every_terminal(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    shown = Terminal()

    draw(CHATS, shown)

    lines = shown.getvalue().splitlines()
    assert [sum(key in line for line in lines) for _, key, _, _ in ROWS] == [1, 1]
    assert "…" not in shown.getvalue()


@pytest.mark.parametrize("columns", [40, 60, 80, 120])
def test_names_are_folded_and_not_cut(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    shown = Terminal()

    draw(CHATS, shown)

    assert all(width(line.rstrip()) <= columns for line in _plain(shown).splitlines())
    assert _plain(shown).count("你") == 10
    assert all(word in _plain(shown) for word in ROWS[0][0].split())


@pytest.mark.parametrize(
    ("columns", "left_out"), [(40, ["type", "messages"]), (60, ["type"]), (66, []), (80, []), (120, [])]
)
def test_what_matters_least_goes_first(columns: int, left_out: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))

    assert draw(CHATS, Terminal()) == left_out


def test_what_has_no_room_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    out, err = Terminal(), Terminal()

    Output(out, err).table(CHATS)

    assert err.getvalue() == "No room for type, messages: widen the terminal, or use `--json`.\n"


def test_words_are_folded_where_nothing_else_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    shown = Terminal()
    table = Table(
        (Column("snapshot", whole=True), Column("archive", wraps=True), Column("time")),
        [("0123abcd", "the archive of work", "2026-11-23 05:38:11 +01:00")],
    )

    draw(table, shown)

    assert all(len(line.rstrip()) <= 40 for line in _plain(shown).splitlines())
    assert all(word in _plain(shown) for word in ("0123abcd", "2026-11-23", "05:38:11", "+01:00"))


def _plain(shown: io.StringIO) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", shown.getvalue())
