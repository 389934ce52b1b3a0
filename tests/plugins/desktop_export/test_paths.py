"""Names that may be followed into an export."""

from __future__ import annotations

import pytest

from tgvault.api import HostilePathError
from tgvault_plugins.desktop_export.paths import PAGE, parts, shown


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/etc/passwd",
        "../secret",
        "photos/../../secret",
        "photos/..",
        "photos\\..\\secret",
        "\\\\server\\share",
        "C:/windows",
        "c:secret",
        "photos/a\0.jpg",
        ".",
        "photos/\ud800.jpg",
    ],
)
def test_a_name_that_leads_out_of_the_export_is_refused(name: str) -> None:
    with pytest.raises(HostilePathError) as caught:
        parts(name)

    assert caught.value.hint is not None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("photos/a.jpg", ["photos", "a.jpg"]),
        ("./photos//a.jpg", ["photos", "a.jpg"]),
        ("files/..a..b", ["files", "..a..b"]),
        ("files/a: b.txt", ["files", "a: b.txt"]),
    ],
)
def test_a_name_is_split_into_the_folders_to_walk_through(name: str, expected: list[str]) -> None:
    assert parts(name) == expected


def test_a_hostile_name_is_shown_on_one_line() -> None:
    assert shown("a\nb\x1b[2J\u202e" + "x" * 300) == "a�b�[2J�" + "x" * 192 + "…"


def test_only_telegrams_own_pages_are_pages() -> None:
    names = ["messages.html", "messages12.html", "export_results.html", "bookmarks.html", "messages.html.bak"]

    pages = [name for name in names if PAGE.fullmatch(name)]

    assert pages == ["messages.html", "messages12.html", "export_results.html"]
