"""The reference pages of configuration, plugin API and errors say what the code says, and nothing lacks its words."""

from __future__ import annotations

import importlib.util
import inspect
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

from tgvault import api, errors, hookspecs
from tgvault.config.fields import description
from tgvault.host.kinds import Kind, required_methods

FOLDER = Path(__file__).parents[2] / "docs" / "reference"


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_api", FOLDER / "generate_api.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("page", ["config.md", "hooks.md", "errors.md"])
def test_the_page_is_as_generated(generator: ModuleType, page: str) -> None:
    written = (FOLDER / page).read_text(encoding="utf-8")

    assert written == generator.pages()[page], "run `python docs/reference/generate_api.py`"


def test_every_key_of_the_configuration_is_described(generator: ModuleType) -> None:
    structs = [*generator.TABLES.values(), *(cls.config for _, _, cls in generator.bundled())]

    silent = [
        f"{struct.__name__}.{field.name}"
        for struct in structs
        for field in msgspec.structs.fields(struct)
        if not description(field.type)
    ]
    assert not silent, "give these `Annotated[…, msgspec.Meta(description=…)]`"


def test_every_hook_is_described_and_has_its_heading() -> None:
    page = (FOLDER / "hooks.md").read_text(encoding="utf-8")
    hooks = [name for name in hookspecs.__all__ if name.startswith("tgvault_")]

    assert all(inspect.getdoc(getattr(hookspecs, name)) for name in hooks)
    assert all(f"\n### `{name}`\n" in page for name in hooks)


@pytest.mark.parametrize("kind", Kind)
def test_every_method_of_a_protocol_is_described(kind: Kind) -> None:
    protocol = getattr(api, kind.value.capitalize())

    assert all(inspect.getdoc(getattr(protocol, name)) for name in required_methods(kind))


def test_everything_that_a_plugin_may_import_is_in_the_reference() -> None:
    page = (FOLDER / "hooks.md").read_text(encoding="utf-8")

    assert [name for name in api.__all__ if f" `{name}`\n" not in page] == []


def test_every_error_is_described_and_has_its_heading() -> None:
    page = (FOLDER / "errors.md").read_text(encoding="utf-8")

    assert all(vars(getattr(errors, name)).get("__doc__") for name in errors.__all__)
    assert [name for name in errors.__all__ if f"# `{name}`\n" not in page] == []


def test_every_error_stands_in_the_tree_of_its_module() -> None:
    lines = (errors.__doc__ or "").splitlines()

    missing = [
        name
        for name in errors.__all__
        if not any({name, str(getattr(errors, name).exit_code)} <= set(line.split()) for line in lines)
    ]
    assert missing == []
