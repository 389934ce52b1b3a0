"""The documents hold together: links lead somewhere, every page can be reached, the README begins as promised."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
#: Parts of the next changelog; not read one by one.
FRAGMENTS = ROOT / "docs" / "changelog.d"

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_CODE = re.compile(r"^(`{3,}).*?^\1$", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _prose(page: Path) -> str:
    return _CODE.sub("", page.read_text(encoding="utf-8"))


def _links(page: Path) -> list[tuple[Path, str]]:
    """Files that a page links to, and the headings in them."""
    links = (link.partition("#") for link in _LINK.findall(_prose(page)) if "://" not in link)
    return [((page.parent / file).resolve() if file else page, heading) for file, _, heading in links]


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    for file, heading in _links(page):
        assert file.exists()
        assert not heading or heading in map(_anchor, _HEADING.findall(_prose(file)))


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    ahead = [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        if page not in reached and page.suffix == ".md" and page.is_file():
            reached.add(page)
            ahead += [file for file, _ in _links(page)]

    assert {_name(page) for page in PAGES if page.parent != FRAGMENTS} <= {_name(page) for page in reached}


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_no_word_tells_the_reader_how_hard_it_is(page: Path) -> None:
    assert not re.findall(r"\b(?:simply|just|easy|easily)\b", _prose(page), re.IGNORECASE)


def test_the_first_two_commands_of_the_readme_are_one_line_each() -> None:
    blocks = _BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8"))

    assert blocks[:2] == ["sh scripts/demo\n", "sh scripts/test\n"]


def test_every_public_script_can_be_run() -> None:
    scripts = [ROOT / ".ci" / "run", *(ROOT / "scripts").iterdir()]

    assert all(script.stat().st_mode & 0o111 for script in scripts)
    assert {script.read_text().splitlines()[0] for script in scripts} <= {"#!/bin/sh", "#!/usr/bin/env bash"}
