"""Changelog fragments are named and written as their README says."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "docs" / "changelog.d"
README = (FOLDER / "README.md").read_text(encoding="utf-8")


def test_fragments_are_named_by_issue_and_kind() -> None:
    kinds = "|".join(re.findall(r"^\| `(\w+)` \|", README, re.MULTILINE))
    fragments = {path.name for path in FOLDER.iterdir()} - {"README.md"}

    wrong = [name for name in fragments if not re.fullmatch(rf"\d+(\.[a-z-]+)?\.({kinds})\.md", name)]
    assert wrong == []


def test_fragments_are_sentences() -> None:
    texts = {path.name: path.read_text(encoding="utf-8").strip() for path in FOLDER.glob("[0-9]*.md")}

    assert [name for name, text in texts.items() if not re.fullmatch(r"[A-Z`].*[.!]", text, re.DOTALL)] == []
