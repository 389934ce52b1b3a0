"""Which stream gets what, and that nothing hostile passes."""

from __future__ import annotations

import io
import json

import msgspec

from cli.support import Terminal
from tgvault.cli.output import Output
from tgvault.cli.table import Column, Table


class Titled(msgspec.Struct):
    title: str


class Bodied(msgspec.Struct):
    body: msgspec.Raw


def made(*, json: bool = False, quiet: bool = False, verbose: bool = False) -> tuple[Output, io.StringIO, io.StringIO]:
    out, err = io.StringIO(), io.StringIO()
    return Output(out, err, json=json, quiet=quiet, verbose=verbose), out, err


def test_data_goes_to_standard_output_and_words_to_standard_error() -> None:
    output, out, err = made()

    output.line("data")
    output.table(Table((Column("title"),), [("Ben",)]))
    output.note("note")
    output.warn("warning")

    assert out.getvalue() == "data\ntitle\nBen\n"
    assert err.getvalue() == "note\nwarning\n"


def test_quiet_leaves_warnings() -> None:
    output, _, err = made(quiet=True)

    output.note("note")
    output.warn("warning")

    assert err.getvalue() == "warning\n"


def test_details_are_for_those_who_ask() -> None:
    output, _, err = made()
    chatty, _, more = made(verbose=True)

    output.detail("detail")
    chatty.detail("detail")

    assert (err.getvalue(), more.getvalue()) == ("", "detail\n")


def test_every_way_out_makes_text_safe() -> None:
    output, out, err = made(verbose=True)

    output.line("\x1b[2J")
    output.table(Table((Column("title"),), [("\x9b2J",)]))
    for say in (output.note, output.warn, output.detail):
        say("\x1b]0;x\x07")

    assert "\x1b" not in out.getvalue() + err.getvalue()
    assert "\x9b" not in out.getvalue()


def test_a_value_is_shown_in_words_or_as_json_and_json_escapes_what_acts_on_a_terminal() -> None:
    output, out, _ = made()
    as_json, document, _ = made(json=True)
    value = Titled("Ёлка \x1b\x9b\u202e")

    for each in (output, as_json):
        each.show(value, lambda shown, to: to.line(shown.title))

    assert out.getvalue() == "Ёлка \\x1b\\x9b\\u202e\n"
    assert json.loads(document.getvalue()) == {"title": value.title}
    assert "Ёлка" in document.getvalue()
    assert {"\x1b", "\x9b", "\u202e"}.isdisjoint(document.getvalue())


def test_json_that_msgspec_does_not_read_is_written_as_it_is() -> None:
    output, out, _ = made(json=True)

    output.show(Bodied(msgspec.Raw(b'{"text":"half \\ud83d"}')), lambda shown, to: to.line(""))

    assert json.loads(out.getvalue()) == {"body": {"text": "half \ud83d"}}


def test_tables_on_a_terminal_are_drawn() -> None:
    out = Terminal()

    Output(out, Terminal()).table(Table((Column("title"),), [("Ben",)]))

    assert "─────" in out.getvalue()
