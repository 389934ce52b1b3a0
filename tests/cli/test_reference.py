"""The reference pages say what the program does."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from tgvault import errors
from tgvault.cli.documents import DOCUMENTS

FOLDER = Path(__file__).parents[2] / "docs" / "reference"


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_cli", FOLDER / "generate_cli.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["commands.md", "exit-codes.md", "json.md"])
def test_the_page_is_as_generated(generator: ModuleType, page: str) -> None:
    written = (FOLDER / page).read_text(encoding="utf-8")

    assert written == generator.pages()[page], "run `python docs/reference/generate_cli.py`"


def test_every_document_belongs_to_a_command(generator: ModuleType) -> None:
    paths = {path for path, _ in generator.leaves()}

    assert {path.partition(" --")[0] for path in DOCUMENTS} <= paths


def test_every_error_has_its_line_and_codes_are_not_shared() -> None:
    page = (FOLDER / "exit-codes.md").read_text(encoding="utf-8")
    codes = [getattr(errors, name).exit_code for name in errors.__all__]

    assert all(f"`{name}`" in page for name in errors.__all__)
    assert len(set(codes)) == len(codes)
    assert {0, errors.EXIT_WITH_LOSSES, errors.EXIT_DUE, errors.EXIT_STOPPED}.isdisjoint(codes)
