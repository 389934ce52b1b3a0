"""Talking with the person at the terminal."""

from __future__ import annotations

import io
import webbrowser
from pathlib import Path

import pytest

from cli.support import Clock, Terminal
from tgvault.cli.conversation import Talk, has_screen
from tgvault.cli.invocation import Invocation

PAGE = "https://example.com/agree?code=1"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    pages: list[str] = []
    monkeypatch.setattr(webbrowser, "open", pages.append)
    return pages


@pytest.mark.parametrize("variable", ["DISPLAY", "WAYLAND_DISPLAY"])
def test_a_page_is_shown_and_opened_where_there_is_a_screen(opened: list[str], variable: str) -> None:
    shown = Terminal()

    Talk(Invocation(Terminal(), Terminal(), shown, {variable: ":0"}, Path(), Clock())).browse(PAGE)

    assert PAGE in shown.getvalue()
    assert opened == [PAGE]


def test_a_page_is_only_shown_where_there_is_no_screen(opened: list[str]) -> None:
    shown = Terminal()

    Talk(Invocation(Terminal(), Terminal(), shown, {}, Path(), Clock())).browse(PAGE)

    assert PAGE in shown.getvalue()
    assert opened == []


def test_a_page_is_only_shown_where_nobody_sits(opened: list[str]) -> None:
    shown = io.StringIO()

    Talk(Invocation(io.StringIO(), io.StringIO(), shown, {"DISPLAY": ":0"}, Path(), Clock())).browse(PAGE)

    assert PAGE in shown.getvalue()
    assert opened == []


@pytest.mark.parametrize(("platform", "expected"), [("darwin", True), ("win32", True), ("linux", False)])
def test_some_systems_have_a_screen_always(platform: str, expected: bool) -> None:
    assert has_screen({}, platform) is expected
