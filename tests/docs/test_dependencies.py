"""Each dependency has its reason."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

PROJECT = Path(__file__).parents[2]
PAGE = (PROJECT / "docs" / "dependencies.md").read_text(encoding="utf-8")
METADATA = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=!~\[; ]", each, maxsplit=1)[0] for each in requirements}


def test_each_package_needed_to_run_has_a_paragraph() -> None:
    needed = names(METADATA["project"]["dependencies"])

    assert set(re.findall(r"^### (.+)$", PAGE, re.MULTILINE)) == needed


def test_each_package_needed_to_develop_has_a_line() -> None:
    needed = names(METADATA["dependency-groups"]["dev"])

    assert needed <= set(re.findall(r"^- \*\*(.+?)\*\* ", PAGE, re.MULTILINE))
